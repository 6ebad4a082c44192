"""A recorded or made machine whose kernel, drivers and boot react to writes.

It stands in a folder, and every change is in the folder before the call returns: another process that has the
same folder open sees it. What it cannot simulate it refuses with an error; it never pretends.
"""

from __future__ import annotations

import datetime
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sriov_tui.facts import Source
from sriov_tui.hosts.host import Changed
from sriov_tui.hosts.machine import Machine, exists, fail, put_file, remove, resolve, split
from sriov_tui.hosts.machine_file import FILE, load, save
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.message import verbatim
from sriov_tui.model import SriovError
from sriov_tui.simulated import boot
from sriov_tui.simulated.attributes import store
from sriov_tui.simulated.commands import run
from sriov_tui.simulated.follow import follow

LOCK = ".lock"
KERNEL_TREES = ("/sys/", "/proc/")


class SimulatedHost(RecordedHost):
    """A `Host` on the machine in a folder; make the folder with `create`."""

    def __init__(self, folder: Path | str) -> None:
        super().__init__(folder)
        self._folder = Path(folder)
        self._file = str(self._folder / FILE)  # looked at before every answer
        self._seen = self._stamp()
        if not self._machine.complete:
            raise SriovError(
                verbatim(f"{folder} is a recording of a real machine and cannot react to changes."),
                verbatim("Look at it with --host, or simulate one of the machines of --demo."),
            )

    @classmethod
    def create(cls, machine: Machine, folder: Path) -> SimulatedHost:
        """Put a complete machine into a folder of its own."""
        save(machine, folder)
        return cls(folder)

    @property
    def machine(self) -> Machine:
        stamp = self._stamp()
        if stamp != self._seen:
            self._machine, self._seen = load(self._folder), stamp
        return self._machine

    @property
    def source(self) -> Source:
        return Source("simulated", self.machine.name)

    def now(self) -> str:
        return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def write(
        self,
        path: str,
        data: bytes,
        mode: int,
        owner: tuple[int, int] | None = None,
        expect: str | None = None,
        xattrs: Mapping[str, bytes] | None = None,
    ) -> None:
        with self._changing() as machine:
            resolved = _writable(machine, path)
            found = machine.files.get(resolved)
            if expect not in (None, "" if found is None else hashlib.sha256(found).hexdigest()):
                raise Changed(path)
            put_file(machine, resolved, data, mode)
            if owner is not None:
                machine.owners[resolved] = list(owner)

    def remove(self, path: str) -> None:
        with self._changing() as machine:
            resolved = resolve(machine, path, last=False)
            if exists(machine, resolved):
                _writable(machine, resolved)
                remove(machine, resolved)

    def write_attribute(self, path: str, value: str, timeout: float) -> None:
        with self._changing() as machine:
            store(machine, path, value)

    def xattrs(self, path: str) -> Mapping[str, bytes]:
        return {}

    def hard_links(self, path: str) -> int:
        return 1

    def sync(self, path: str) -> None:
        """Every change is in the folder before its call returns."""

    def run(self, argv: Sequence[str], timeout: float, output: Callable[[str], None]) -> int:
        if list(argv) == ["systemctl", "reboot"]:
            self.reboot()
            return 0
        with self._changing() as machine:
            return run(machine, argv, output)

    def reboot(self) -> None:
        """Boot anew, as the operator would by hand."""
        with self._changing() as machine:
            self._machine = boot.reboot(machine)

    def change(self, edit: Callable[[Machine], None]) -> None:
        """Change the machine behind the kernel's back, as a test or another administrator does."""
        with self._changing() as machine:
            edit(machine)

    @contextmanager
    def _changing(self) -> Iterator[Machine]:
        """One change at a time, over all processes; kept also where the kernel refused, since it may have logged."""
        with open(self._folder / LOCK, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            machine = self.machine
            if machine.environment.get("euid", "0") != "0":
                raise fail(str(self._folder), "EACCES")
            try:
                yield machine
            finally:
                follow(self._machine)
                save(self._machine, self._folder)
                self._seen = self._stamp()

    def _stamp(self) -> tuple[int, int]:
        status = os.stat(self._file)
        return status.st_mtime_ns, status.st_ino


def _writable(machine: Machine, path: str) -> str:
    resolved = resolve(machine, path, last=False)
    if resolved.startswith(KERNEL_TREES):
        raise fail(path, "EACCES")
    if split(resolved)[0] not in machine.dirs:
        raise fail(path, "ENOENT")
    if resolved in machine.dirs:
        raise fail(path, "EISDIR")
    return resolved
