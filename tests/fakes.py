"""A host in memory for engine tests: files, one PF that reacts as the kernel does, commands, and a plug to pull."""

from __future__ import annotations

import errno
import hashlib
import os
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sriov_tui.facts import Source
from sriov_tui.hosts.host import MAX_FILE, Changed, Completed, check_query

Output = Callable[[str], None]
Act = Callable[[], object]
BOOT_ID = "/proc/sys/kernel/random/boot_id"


class Crash(BaseException):
    """The end of the process at this very moment; nothing in the program may catch it."""


@dataclass(slots=True)
class File:
    """A file's content, mode and owner."""

    data: bytes
    mode: int = 0o644
    owner: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class FakeHost:
    """Implements Host. `commands` maps a program to what it does; one that is cut leaves half of what it writes.

    `hook` is called around every change with the phase ("before", "during", "after"): it may raise Crash.
    """

    files: dict[str, File] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    commands: dict[str, Callable[[FakeHost, Output], int]] = field(default_factory=dict)
    holders: tuple[tuple[str, int, str], ...] = ()
    hook: Callable[[str], None] = lambda phase: None
    boots: int = 1
    errors: dict[str, int] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)  # attributes that ignore writes and report success
    acts: list[str] = field(default_factory=list)

    @property
    def source(self) -> Source:
        return Source("report", "fake")

    def snapshot(self) -> dict[str, object]:
        """Everything that a rollback must bring back."""
        files = {path: (file.data, file.mode, file.owner) for path, file in self.files.items()}
        return {**files, **self.attributes, **{f"link {path}": to for path, to in self.links.items()}}

    def reboot(self) -> None:
        """A new boot id; sysfs forgets, as the kernel's VF count does."""
        self.boots += 1
        self.attributes = {path: "0" if path.endswith("numvfs") else value for path, value in self.attributes.items()}

    # Reader

    def read(self, path: str, limit: int = MAX_FILE, offset: int = 0) -> bytes:
        if path == BOOT_ID:
            return f"boot-{self.boots}\n".encode()
        if path in self.attributes:
            return f"{self.attributes[path]}\n".encode()
        return self._file(path).data[offset : offset + limit]

    def listdir(self, path: str) -> tuple[str, ...]:
        everything = (*self.files, *self.links, *self.attributes)
        names = {name[len(path) + 1 :].split("/")[0] for name in everything if name.startswith(f"{path}/")}
        if not names:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return tuple(sorted(names))

    def readlink(self, path: str) -> str:
        if path not in self.links:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
        return self.links[path]

    def realpath(self, path: str) -> str:
        real = posixpath.normpath(posixpath.join(posixpath.dirname(path), self.links.get(path, path)))
        if real not in self.attributes:
            self._file(real)
        return real

    def mode(self, path: str) -> int:
        return self._file(path).mode

    def query(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
        check_query(argv)
        return Completed(127, "", "")

    def netlink(self) -> Mapping[str, list[dict[str, Any]]]:
        return {"links": [], "addresses": [], "routes": []}

    def udev(self, path: str) -> Mapping[str, str]:
        return {}

    def vfio_holders(self) -> tuple[tuple[str, int, str], ...]:
        return self.holders

    def environment(self) -> Mapping[str, str]:
        return {"euid": "0"}

    def now(self) -> str:
        return "2026-01-01T00:00:00Z"

    # Host

    def write(
        self,
        path: str,
        data: bytes,
        mode: int,
        owner: tuple[int, int] | None = None,
        expect: str | None = None,
        xattrs: Mapping[str, bytes] | None = None,
    ) -> None:
        found = self.files.get(path)
        if expect not in (None, "" if found is None else hashlib.sha256(found.data).hexdigest()):
            raise Changed(path)
        temporary = f"{posixpath.dirname(path)}/.{posixpath.basename(path)}.x1y2.sriov-tui"

        def half() -> None:
            self.files[temporary] = File(data[: len(data) // 2], 0o600)

        def whole() -> None:
            self.files.pop(temporary, None)
            self.files[path] = File(data, mode, owner or (0, 0))

        self._act(path, half, whole)

    def xattrs(self, path: str) -> Mapping[str, bytes]:
        return {}

    def hard_links(self, path: str) -> int:
        return 1

    def remove(self, path: str) -> None:
        self._act(path, lambda: None, lambda: self.files.pop(path, None))

    def owner(self, path: str) -> tuple[int, int]:
        return self._file(path).owner

    def write_attribute(self, path: str, value: str, timeout: float) -> None:
        self._refuse(path, value)

        def write() -> None:
            if path not in self.silent:
                self.attributes[path] = value

        self._act(path, write, write)

    def sync(self, path: str) -> None:
        pass

    def run(self, argv: Sequence[str], timeout: float, output: Output) -> int:
        if argv[0] not in self.commands:
            return 127
        status = 0

        def whole() -> None:
            nonlocal status
            status = self.commands[argv[0]](self, output)

        def half() -> None:
            before = {path: file.data for path, file in self.files.items()}
            whole()
            for path, file in self.files.items():
                if before.get(path) != file.data:
                    file.data = file.data[: len(file.data) // 2]

        self._act(argv[0], half, whole)
        return status

    def _act(self, path: str, half: Act, whole: Act) -> None:
        if path in self.errors:
            raise OSError(self.errors[path], os.strerror(self.errors[path]), path)
        self.hook("before")
        try:
            self.hook("during")
        except Crash:
            half()
            raise
        whole()
        self.acts.append(path)
        self.hook("after")

    def _file(self, path: str) -> File:
        if path not in self.files:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return self.files[path]

    def _refuse(self, path: str, value: str) -> None:
        """Linux drivers/pci/iov.c, sriov_numvfs_store."""
        if not path.endswith("sriov_numvfs"):
            return
        now = int(self.attributes[path])
        if int(value) > int(self.attributes[path.replace("numvfs", "totalvfs")]):
            raise OSError(errno.ERANGE, os.strerror(errno.ERANGE), path)
        if now and int(value):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), path)


class Plug:
    """A hook that pulls the plug at the n-th time that something happens in a phase; counts where it never does."""

    def __init__(self, at: int = -1, phase: str = "before") -> None:
        self.at, self.phase, self.count = at, phase, 0

    def __call__(self, phase: str) -> None:
        if phase == self.phase:
            self.count += 1
            if self.count == self.at + 1:
                raise Crash
