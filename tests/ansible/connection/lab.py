"""An Ansible connection for the tests: this machine, which may be out of reach, and is another after each "reboot"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = """
name: lab
short_description: A simulated host
description: Runs on this machine. The host is out of reach while the file C(gone) is in its folder.
version_added: "0.1.0"
author: The sriov-tui authors
options:
  folder:
    description: The folder of the host; C(gone) in it, its C(boot_id), and C(prefix), what stands before each command.
    type: str
    required: true
    vars:
      - name: lab_folder
"""
BOOT_ID = "/proc/sys/kernel/random/boot_id"


class Connection(Local):  # type: ignore[misc]
    """Local but for its name: the module reboot refuses to reboot where it runs itself."""

    transport = "lab"

    def exec_command(self, cmd: str, in_data: Any = None, sudoable: bool = True) -> Any:
        folder = Path(self.get_option("folder"))
        if (folder / "gone").exists():
            raise AnsibleConnectionFailure("ssh: connect to host: No route to host")
        prefix = folder / "prefix"
        before = prefix.read_text() if prefix.exists() else ""
        return super().exec_command(before + cmd.replace(BOOT_ID, str(folder / "boot_id")), in_data, sudoable)

    def reset(self) -> None:
        """A new connection is as good."""
