"""A machine as data: what a recording holds, or what a made machine consists of.

A *recording* holds the paths that were asked for, literally. A *complete* machine is a
whole tree: what is not in it is absent, and symbolic links are followed as a file system does.
"""

from __future__ import annotations

import bisect
import errno
import os
from dataclasses import dataclass, field
from typing import Any

from sriov_tui.hosts.host import Completed, NotRecorded
from sriov_tui.message import say

MAX_LINKS = 40  # as the kernel's MAXSYMLINKS
MAX_PATH = 4096  # as the kernel's PATH_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Everything that a `Reader` may be asked, by path; the mappings change only below a SimulatedHost.

    `errors` holds errno names by path; "netlink", "vfio_holders" and "query ARGV" stand in for calls without a path.
    `holders` None and an empty `netlink` mean that nobody asked. `rebooted_for` is that of HostFacts: our own runs are
    not recorded. `simulation` belongs to the simulated kernel.
    """

    name: str
    about: str = ""
    made_at: str = ""
    complete: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    dirs: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    real: dict[str, str] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)
    owners: dict[str, list[int]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    queries: dict[str, Completed] = field(default_factory=dict)
    netlink: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    udev: dict[str, dict[str, str]] = field(default_factory=dict)
    holders: list[tuple[str, int, str]] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    rebooted_for: list[str] = field(default_factory=list)
    simulation: dict[str, Any] = field(default_factory=dict)


def split(path: str) -> tuple[str, str]:
    """The directory and the name of an absolute path."""
    parent, _, name = path.rpartition("/")
    return parent or "/", name


def fail(path: str, name: str) -> OSError:
    """The OSError for an errno name such as "EACCES", with the kernel's own words."""
    number = getattr(errno, name, errno.EIO)
    return OSError(number, os.strerror(number), path)


def resolve(machine: Machine, path: str, last: bool = True) -> str:
    """Follow the links of a complete machine, of the last component too unless `last` is False."""
    for _ in range(MAX_LINKS):
        if len(path) > MAX_PATH:
            raise fail(path[:80], "ENAMETOOLONG")
        hop = _first_link(machine, path, last)
        if hop is None:
            return path
        path = hop
    raise fail(path, "ELOOP")


def _first_link(machine: Machine, path: str, last: bool) -> str | None:
    cut = path.find("/", 1)
    while True:
        prefix = path if cut < 0 else path[:cut]
        target = machine.links.get(prefix) if last or cut >= 0 else None
        if target is not None:
            return os.path.normpath(os.path.join(split(prefix)[0], target)) + path[len(prefix) :]
        if cut < 0:
            return None
        cut = path.find("/", cut + 1)


def exists(machine: Machine, path: str) -> bool:
    """Whether this path, taken literally, is a file, a directory or a link."""
    return path in machine.files or path in machine.dirs or path in machine.links


def absence(machine: Machine, path: str) -> OSError:
    """The error for a path that is not in the machine: ENOENT where its absence is known, else NotRecorded."""
    if path in machine.errors:
        return fail(path, machine.errors[path])
    if machine.complete:
        return fail(path, "ENOENT")
    child = path
    while child != "/":
        parent, name = split(child)
        if name not in machine.dirs.get(parent, (name,)) or machine.errors.get(parent) == "ENOENT":
            return fail(path, "ENOENT")
        child = parent
    return NotRecorded(say("not in the recording: {path}", path=path))


# -- changing a complete machine ---------------------------------------------------------------------------------------


def put_dir(machine: Machine, path: str) -> None:
    """Make a directory and those above it."""
    if path in machine.dirs:
        return
    if path != "/":
        put_dir(machine, split(path)[0])
        _enter(machine, path)
    machine.dirs[path] = []


def put_file(machine: Machine, path: str, data: bytes | str, mode: int | None = None) -> None:
    """Make or replace a file, with the directories above it."""
    machine.links.pop(path, None)
    machine.files[path] = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    if mode is not None:
        machine.modes[path] = mode
    put_dir(machine, split(path)[0])
    _enter(machine, path)


def put_link(machine: Machine, path: str, target: str) -> None:
    """Make a symbolic link to an absolute path; it is stored relative and ends in the target's name, as in sysfs."""
    above, name = split(target)
    machine.links[path] = os.path.normpath(os.path.join(os.path.relpath(above, split(path)[0]), name))
    put_dir(machine, split(path)[0])
    _enter(machine, path)


def _enter(machine: Machine, path: str) -> None:
    parent, name = split(path)
    names = machine.dirs[parent]
    at = bisect.bisect_left(names, name)
    if names[at : at + 1] != [name]:
        names.insert(at, name)


def remove(machine: Machine, path: str) -> None:
    """Remove a file, a link or a directory with all that is in it; nothing where it is absent."""
    for name in tuple(machine.dirs.get(path, ())):
        remove(machine, f"{path.rstrip('/')}/{name}")
    tables: tuple[dict[str, Any], ...] = (
        machine.files,
        machine.dirs,
        machine.links,
        machine.modes,
        machine.owners,
        machine.errors,
    )
    for table in tables:
        table.pop(path, None)
    parent, name = split(path)
    if name in machine.dirs.get(parent, ()):
        machine.dirs[parent].remove(name)


def text(machine: Machine, path: str, default: str = "") -> str:
    """The text of a file without the white space around it; `default` where it is absent."""
    data = machine.files.get(resolve(machine, path))
    return default if data is None else data.decode("utf-8", "surrogateescape").strip()


def names(machine: Machine, path: str) -> tuple[str, ...]:
    """The names in a directory; empty where it is absent."""
    return tuple(machine.dirs.get(resolve(machine, path), ()))
