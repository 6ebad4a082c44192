"""Playbooks against simulated machines: each inventory host is one, with the program behind a script of its own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sriov_tui.hosts.machine import Machine, put_file
from sriov_tui.services.demos import demo_machine
from sriov_tui.simulated import SimulatedHost
from tests.samples import FIRST

TOP = Path(__file__).parents[2]
BIN = Path(os.environ.get("SRIOV_TUI_ANSIBLE", TOP / ".venv" / "ansible")) / "bin"
PROGRAM = Path(sys.executable).parent / "sriov-tui"
COLLECTION = TOP / "ansible" / "sriov_tui" / "host"
NUMVFS = f"/sys/bus/pci/devices/{FIRST}/sriov_numvfs"


@dataclass
class Played:
    """What a playbook did: its exit status, its result per host and task, and the counts of the recap."""

    status: int
    text: str
    results: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    stats: dict[str, dict[str, int]] = field(default_factory=dict)

    def of(self, task: str, host: str = "kvm1") -> dict[str, Any]:
        """The last result of this task on this host."""
        return self.results[host, task]


def run(folder: Path, playbook: str, *options: str, through: Sequence[str] = ()) -> Played:
    """ansible-playbook with the inventory and the collections of this folder; `through` is what it is started by."""
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
        "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback"),
        "ANSIBLE_CONNECTION_PLUGINS": str(Path(__file__).parent / "connection"),
        "ANSIBLE_CALLBACKS_ENABLED": "record",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_RECORD": str(folder / "record.json"),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_HOME": str(folder / "home"),
        "HOME": str(folder / "home"),
        "LC_ALL": "C.UTF-8",
    }
    argv = [*through, str(BIN / "ansible-playbook"), "-i", str(folder / "inventory"), playbook, *options]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    played = Played(done.returncode, f"$ {shlex.join(argv)}\n{done.stdout}{done.stderr}")
    record = folder / "record.json"
    if record.exists():
        told = json.loads(record.read_text())
        played.results = {(one["host"], one["task"]): one["result"] for one in told["results"]}
        played.stats = told["stats"]
        record.unlink()
    return played


class Site:
    """An inventory of simulated machines below a folder, and the answers for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hosts: dict[str, SimulatedHost] = {}
        self.domains: dict[str, str] = {}
        self.variables: dict[str, str] = {}  # more of them, by host, as an inventory has them
        self.through: list[str] = []  # what ansible-playbook is started by
        above = folder / "collections" / "ansible_collections" / "sriov_tui"
        above.mkdir(parents=True)
        (above / "host").symlink_to(COLLECTION)

    def add(self, name: str, demo: str, domain: str = "", device: int = 0) -> SimulatedHost:
        """A host on this demo machine; `device` puts a card of another model at the first address."""
        machine = demo_machine(demo)
        put_file(machine, "/proc/sys/kernel/hostname", f"{name}\n")
        if device:
            _other_card(machine, device)
        host = SimulatedHost.create(machine, self.folder / name)
        self.hosts[name], self.domains[name] = host, domain
        self.script(self.program(name), f'command=$1\nshift\nexec {PROGRAM} "$command" --host {self.spec(name)} "$@"')
        boot = f"from sriov_tui.simulated import SimulatedHost\nSimulatedHost({str(self.folder / name)!r}).reboot()\n"
        (self.folder / name / "boot.py").write_text(boot)
        self.on_reboot(name)
        return host

    def spec(self, name: str) -> str:
        """What --host of the program is for this host."""
        return f"simulated:{self.folder / name}"

    def script(self, path: Path, text: str) -> None:
        """An executable of the shell."""
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def on_reboot(self, name: str, last: str = "") -> None:
        """What a reboot of this host does: it boots, then `last`."""
        folder = self.folder / name
        boot = f"{sys.executable} {folder}/boot.py\ncat /proc/sys/kernel/random/uuid >{folder}/boot_id"
        self.script(folder / "reboot", f"{boot}\n{last}")
        (folder / "boot_id").write_text("first\n")

    def gone(self, name: str) -> Path:
        """The file that puts this host out of reach."""
        return self.folder / name / "gone"

    def after(self, name: str, command: str, then: str) -> None:
        """Have the program on this host do something of the shell at the end of one of its commands."""
        own = f'command=$1\nshift\n{PROGRAM} "$command" --host {self.spec(name)} "$@"\nstatus=$?'
        self.script(self.program(name), f'{own}\nif [ "$command" = {command} ]; then {then}; fi\nexit $status')

    def program(self, name: str) -> Path:
        """The script that stands for the program on this host."""
        return self.folder / f"{name}-sriov-tui"

    def answers(self, name: str, numbers: int = 1) -> Path:
        """What the wizard would save on this host."""
        from sriov_tui.model import Choices, NicChoice
        from sriov_tui.probe import gather
        from sriov_tui.services.answers import encode_answers

        nics = (NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"),)
        file = self.folder / "answers.toml"
        file.write_text(encode_answers(Choices(nics=nics), gather(self.hosts[name])))
        file.chmod(0o600)
        return file

    def numvfs(self, name: str) -> bytes:
        """sriov_numvfs of the first card."""
        return self.hosts[name].read(NUMVFS)

    def play(self, playbook: str | list[dict[str, Any]], *options: str) -> Played:
        """Run a playbook: its name in a collection, or its plays."""
        lines = []
        for name in self.hosts:
            rack = f" failure_domain={self.domains[name]}" if self.domains[name] else ""
            own = f"lab_folder={self.folder / name} host_reboot_command={self.folder / name / 'reboot'}"
            lines.append(f"{name} host_program={self.program(name)} {own}{rack} {self.variables.get(name, '')}\n")
        (self.folder / "inventory").write_text(
            f"[all:vars]\nansible_connection=lab\nansible_python_interpreter={BIN / 'python'}\n[kvm]\n" + "".join(lines)
        )
        if not isinstance(playbook, str):
            (self.folder / "play.json").write_text(json.dumps(playbook))
            playbook = str(self.folder / "play.json")
        return run(self.folder, playbook, *options, through=self.through)

    def task(self, module: str, name: str, *options: str, **arguments: Any) -> Played:
        """Run one module of the collection on one host."""
        given = {"program": str(self.program(name)), **arguments}
        task = {"name": module, f"sriov_tui.host.{module}": given}
        return self.play([{"hosts": name, "gather_facts": False, "tasks": [task]}], *options)


def _other_card(machine: Machine, device: int) -> None:
    """Another device id at the first address, in config space, too."""
    at = f"/sys/devices/pci0000:00/0000:00:04.0/{FIRST}"
    put_file(machine, f"{at}/device", f"0x{device:04x}\n")
