"""Boot menus are made again from their settings, not put back, where somebody has changed them since.

An update of the kernel writes the menu again: what was there before names kernels that may be gone by now.
"""

from __future__ import annotations

import base64
import json
import posixpath
import re
from collections.abc import Iterable

from sriov_tui.hosts.host import Host, Reader
from sriov_tui.model import Run, draft_of
from sriov_tui.run.operations import Before, FileState, perform

KERNEL = re.compile(rb"^\s*(?:linux|linux16|linuxefi)\s+(/\S+)", re.MULTILINE)  # GRUB's commands, and a BLS entry's key


def is_made(records: Iterable[Before]) -> bool:
    """Whether an operation made a menu."""
    return any("again" in record for record in records)


def is_to_be_made(host: Reader, record: Before, now: FileState, ours: str | None) -> bool:
    """Whether the menu of this record is to be made again: it is not ours any more, or names a kernel that is gone."""
    if "again" not in record:
        return False
    changed = ours is not None and now.digest != ours
    return changed or bool(missing_kernel(host, base64.b64decode(record.get("content", "")), now.data))


def make(host: Host, record: Before) -> None:
    """Make a menu by the command that made it in the run, and read back that it is there."""
    path = record["path"]
    perform(
        Run(argv=tuple(json.loads(record["again"])), rewrites=(path,), draft=draft_of(path), timeout=300), host, _drop
    )


def missing_kernel(host: Reader, before: bytes, now: bytes | None) -> str:
    """A kernel that the content from before names, the content of now does not, and that is gone; "" without one."""
    named: set[bytes] = {*KERNEL.findall(before)} - {*KERNEL.findall(now or b"")}
    for path in sorted(named):
        name = path.decode("utf-8", "replace")
        if not any(_there(host, where) for where in (name, f"/boot/{posixpath.basename(name)}")):
            return name
    return ""


def _there(host: Reader, path: str) -> bool:
    try:
        host.mode(path)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # it cannot be seen, so it is not known to be gone
    return True


def _drop(line: str) -> None:
    pass
