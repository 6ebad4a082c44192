"""Recordings: a `Reader` that keeps what it passes through, and one that plays it back."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sriov_tui.facts import Source
from sriov_tui.hosts.host import MAX_FILE, Completed, NotRecorded, Reader, check_query
from sriov_tui.hosts.machine import Machine, absence, exists, fail, resolve
from sriov_tui.hosts.machine_file import load, save
from sriov_tui.message import say

T = TypeVar("T")
NETLINK, HOLDERS = "netlink", "vfio_holders"  # keys in `Machine.errors` of calls that have no path


class RecordedHost:
    """Plays back a machine: a recording, a folder with a machine.json, or a `Machine`."""

    def __init__(self, machine: Machine | Path | str) -> None:
        self._machine = machine if isinstance(machine, Machine) else load(Path(machine))

    @property
    def machine(self) -> Machine:
        """The machine that answers now."""
        return self._machine

    @property
    def source(self) -> Source:
        return Source("recording", self.machine.name)

    def read(self, path: str, limit: int = MAX_FILE, offset: int = 0) -> bytes:
        return self._find(self.machine.files, path, "EISDIR")[offset : offset + limit]

    def listdir(self, path: str) -> tuple[str, ...]:
        return tuple(sorted(self._find(self.machine.dirs, path, "ENOTDIR")))

    def readlink(self, path: str) -> str:
        return self._find(self.machine.links, path, "EINVAL", follow=False)

    def realpath(self, path: str) -> str:
        machine = self.machine
        if not machine.complete:
            return self._find(machine.real, path)
        resolved = resolve(machine, path)
        if not exists(machine, resolved) and resolved not in machine.errors:
            raise absence(machine, resolved)
        return resolved

    def mode(self, path: str) -> int:
        machine = self.machine
        resolved = self._resolve(path)
        if resolved not in machine.modes and machine.complete and exists(machine, resolved):
            return 0o755 if resolved in machine.dirs else 0o644
        return self._find(machine.modes, path)

    def owner(self, path: str) -> tuple[int, int]:
        machine = self.machine
        resolved = self._resolve(path)
        if not exists(machine, resolved):
            raise absence(machine, resolved)
        if not machine.complete:
            raise NotRecorded(say("not in the recording: the owner of {path}", path=path))
        user, group = machine.owners.get(resolved, (0, 0))
        return user, group

    def query(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
        check_query(argv)
        machine, line = self.machine, " ".join(argv)
        if line in machine.queries:
            return machine.queries[line]
        self._raise_recorded(say("query {line}", line=line))
        return Completed(
            127,
            "",
            (say("{argv}: command not found\n", argv=argv[0]) if machine.complete else say("not in the recording\n")),
        )

    def netlink(self) -> Mapping[str, list[dict[str, Any]]]:
        self._raise_recorded(NETLINK)
        if not self.machine.netlink and not self.machine.complete:
            raise NotRecorded(say("not in the recording: netlink"))
        return {"links": [], "addresses": [], "routes": []} | self.machine.netlink

    def udev(self, path: str) -> Mapping[str, str]:
        machine = self.machine
        if machine.complete and exists(machine, self._resolve(path)):
            return machine.udev.get(self._resolve(path), {})
        return self._find(machine.udev, path)

    def vfio_holders(self) -> tuple[tuple[str, int, str], ...]:
        self._raise_recorded(HOLDERS)
        if self.machine.holders is None and not self.machine.complete:
            raise NotRecorded(say("not in the recording: who holds the VFIO groups"))
        return tuple(self.machine.holders or ())

    def environment(self) -> Mapping[str, str]:
        return self.machine.environment

    def now(self) -> str:
        return self.machine.made_at

    def _resolve(self, path: str, follow: bool = True) -> str:
        return resolve(self.machine, path, follow) if self.machine.complete else path

    def _find(self, table: Mapping[str, T], path: str, wrong_kind: str = "", follow: bool = True) -> T:
        machine, resolved = self.machine, self._resolve(path, follow)
        if resolved in table:
            return table[resolved]
        if wrong_kind and machine.complete and resolved not in machine.errors and exists(machine, resolved):
            raise fail(path, wrong_kind)
        raise absence(machine, resolved)

    def _raise_recorded(self, key: str) -> None:
        if key in self.machine.errors:
            raise fail(key, self.machine.errors[key])


class RecordingHost:
    """A `Reader` that passes every question to another one and keeps the answers, the errors included."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._machine = Machine(name="")

    @property
    def source(self) -> Source:
        return self._reader.source

    def read(self, path: str, limit: int = MAX_FILE, offset: int = 0) -> bytes:
        if offset:
            return self._reader.read(path, limit, offset)  # of something large, which is not recorded
        data = self._keep(path, lambda: self._reader.read(path, limit))
        if len(data) >= len(self._machine.files.get(path, b"")):
            self._machine.files[path] = data
        return data

    def listdir(self, path: str) -> tuple[str, ...]:
        names = self._keep(path, lambda: self._reader.listdir(path))
        self._machine.dirs[path] = list(names)
        return names

    def readlink(self, path: str) -> str:
        target = self._keep(path, lambda: self._reader.readlink(path))
        self._machine.links[path] = target
        return target

    def realpath(self, path: str) -> str:
        resolved = self._keep(path, lambda: self._reader.realpath(path))
        self._machine.real[path] = resolved
        return resolved

    def mode(self, path: str) -> int:
        mode = self._keep(path, lambda: self._reader.mode(path))
        self._machine.modes[path] = mode
        return mode

    def owner(self, path: str) -> tuple[int, int]:
        return self._reader.owner(path)

    def query(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
        line = " ".join(argv)
        answer = self._keep(say("query {line}", line=line), lambda: self._reader.query(argv, timeout))
        self._machine.queries[line] = answer
        return answer

    def netlink(self) -> Mapping[str, list[dict[str, Any]]]:
        dumps = self._keep(NETLINK, self._reader.netlink)
        self._machine.netlink.update(dumps)
        return dumps

    def udev(self, path: str) -> Mapping[str, str]:
        properties = self._keep(path, lambda: self._reader.udev(path))
        self._machine.udev[path] = dict(properties)
        return properties

    def vfio_holders(self) -> tuple[tuple[str, int, str], ...]:
        holders = self._keep(HOLDERS, self._reader.vfio_holders)
        self._machine = replace(self._machine, holders=list(holders))
        return holders

    def environment(self) -> Mapping[str, str]:
        environment = self._reader.environment()
        self._machine.environment.update(environment)
        return environment

    def now(self) -> str:
        now = self._reader.now()
        if not self._machine.made_at:
            self._machine = replace(self._machine, made_at=now)
        return now

    def machine(self, name: str = "", rebooted_for: Sequence[str] = ()) -> Machine:
        """What was read so far; named after the host unless `name` says otherwise."""
        hostname = self._machine.files.get("/proc/sys/kernel/hostname", b"").decode("utf-8", "replace").strip()
        self.now()
        return replace(self._machine, name=name or hostname or "unnamed", rebooted_for=list(rebooted_for))

    def save(self, folder: Path, name: str = "") -> None:
        """Write the recording to FOLDER/machine.json, see `machine`."""
        save(self.machine(name), folder)

    def _keep(self, key: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except NotRecorded:
            raise
        except OSError as error:
            self._machine.errors[key] = errno.errorcode.get(error.errno or errno.EIO, "EIO")
            raise
