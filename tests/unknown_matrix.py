"""Unknown is not "no": each fact of every test machine taken away in turn, by a read that fails and as a field that is
None. `python -m tests.unknown_matrix` does it all and prints what breaks the rule, with a word behind it the machines
with this word in their name.

Without a fact no finding becomes OK, none becomes a FAIL that claims more than that something cannot be read, no
evidence says "absent" of what was not read, and no check raises. `tests/unknown_allowed.py` has the exceptions.
"""

from __future__ import annotations

import dataclasses
import errno
import os
import re
import sys
import types
import typing
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import checks
from sriov_tui.facts import HostFacts, Source
from sriov_tui.hosts.host import MAX_FILE, Completed
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.machine_file import load
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices, Finding, Level, NicChoice
from sriov_tui.probe import gather
from sriov_tui.simulated.vfs import store_numvfs
from tests import bond_machines, boot_machines, driver_machines, machines, mellanox_machines
from tests.unknown_allowed import ALLOWED, allowed

T = TypeVar("T")
CARDS = ("/sys/bus/pci/devices/", "/sys/class/net/", "/sys/devices/", "udev ", "query ethtool", "query mstconfig")
TREES = (
    "/boot/", "/etc/default/", "/etc/", "/lib/modules/", "/proc/", "/sys/bus/pci/", "/sys/class/iommu/",
    "/sys/class/net/", "/sys/firmware/", "/sys/kernel/", "/sys/module/", "/usr/", "/run/",
)  # fmt: skip
FOLDERS = (Path(__file__).parent / "hosts", Path(__file__).parent / "data")
WORD = re.compile(r"[\w.+-]*\w")
NUMBERS = re.compile(r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]|\d+")
UNREAD = re.compile(r"cannot be (?:read|seen)|could not be (?:read|seen)|not known|unknown|no VF count can be seen")
ABSENT = re.compile(r"\b(?:absent|empty|no|none|not there|not found|without)\b")


class Blind:
    """A machine of which one thing cannot be read, with "/" at its end all below it; `asked` has all asked for."""

    def __init__(self, machine: Machine, hidden: str = "", number: int = errno.EIO) -> None:
        self._host = RecordedHost(machine)
        self._hidden, self._number = hidden, number
        self.asked: dict[str, None] = {}

    def _look(self, name: str) -> None:
        self.asked[name] = None
        if name == self._hidden or (self._hidden.endswith("/") and f"{name}/".startswith(self._hidden)):
            raise OSError(self._number, os.strerror(self._number), name)

    def _found(self, name: str, ask: Callable[[], T]) -> T:
        self._look(name)
        return ask()

    @property
    def source(self) -> Source:
        return self._host.source

    def read(self, path: str, limit: int = MAX_FILE, offset: int = 0) -> bytes:
        return self._found(path, lambda: self._host.read(path, limit, offset))

    def listdir(self, path: str) -> tuple[str, ...]:
        return self._found(path, lambda: self._host.listdir(path))

    def readlink(self, path: str) -> str:
        return self._found(path, lambda: self._host.readlink(path))

    def realpath(self, path: str) -> str:
        return self._found(path, lambda: self._host.realpath(path))

    def mode(self, path: str) -> int:
        return self._found(path, lambda: self._host.mode(path))

    def owner(self, path: str) -> tuple[int, int]:
        return self._found(path, lambda: self._host.owner(path))

    def query(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
        return self._found(f"query {' '.join(argv)}", lambda: self._host.query(argv, timeout))

    def netlink(self) -> Mapping[str, list[dict[str, Any]]]:
        return self._found("netlink", self._host.netlink)

    def udev(self, path: str) -> Mapping[str, str]:
        return self._found(f"udev {path}", lambda: self._host.udev(path))

    def vfio_holders(self) -> tuple[tuple[str, int, str], ...]:
        return self._found("vfio holders", self._host.vfio_holders)

    def environment(self) -> Mapping[str, str]:
        return self._host.environment()

    def now(self) -> str:
        return self._host.now()


# -- the machines ------------------------------------------------------------------------------------------------------


def all_machines() -> dict[str, Callable[[], Machine]]:
    """Every recorded and simulated machine, by a name; those with VFs beside those that only could have some."""
    found: dict[str, Callable[[], Machine]] = {}
    for build in machines.ALL[:-1]:
        found[f"machines {build.__name__}"] = build
    found["machines big"] = partial(machines.big, 2, 3)
    for number, make in enumerate(mellanox_machines.ALL):
        found[f"mellanox {number}"] = make
    for name in boot_machines.NAMES:
        found[f"boot {name}"] = partial(boot_machines.named, name)
    for tool in bond_machines.TOOLS:
        found[f"bond {tool}"] = partial(bond_machines.carrying, tool)
    found["driver centos7"] = driver_machines.centos7
    found["ready igb"] = ready
    for folder in sorted(folder for parent in FOLDERS for folder in parent.iterdir() if folder.is_dir()):
        if (folder / "machine.json").exists():
            found[f"recorded {folder.name}"] = partial(load, folder)
    return found


def ready() -> Machine:
    """Two igb with all their VFs."""
    machine = machines.two_igb()
    for address in (machines.FIRST, machines.SECOND):
        store_numvfs(machine, address, "7")
    return machine


def choices_for(facts: HostFacts) -> Choices:
    """The first two cards that can give VFs, chosen."""
    able = [pf for pf in facts.pfs or () if pf.totalvfs or pf.nvconfig][:2]
    nics = (
        NicChoice(address=pf.address, use="offload" if pf.mellanox else "sriov", bridge=f"br{n}", wire=f"wire{n}",
                  numvfs=None if pf.totalvfs else 4)
        for n, pf in enumerate(able, 1)
    )  # fmt: skip
    return Choices(nics=tuple(nics))


# -- what is taken away ------------------------------------------------------------------------------------------------


def reads(machine: Machine) -> tuple[str, ...]:
    """What the probes ask this machine for; of things that differ by numbers alone the first and the last."""
    blind = Blind(machine)
    gather(blind)
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for name in blind.asked:
        kind = NUMBERS.sub("#", name)
        first.setdefault(kind, name)
        last[kind] = name
    return tuple(dict.fromkeys((*first.values(), *last.values(), *TREES)))


def without_fields(facts: HostFacts) -> Iterator[tuple[str, HostFacts]]:
    """The facts with each field that may be unknown set to None, one at a time; in a tuple in its first item."""
    for path, value in _without(facts):
        yield path, typing.cast(HostFacts, value)


def _without(value: Any) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(value):
        held = getattr(value, field.name)
        if held is None:
            continue
        if _may_be_none(type(value), field.name) and (type(value).__name__, field.name) not in NONE_IS_NO:
            yield field.name, dataclasses.replace(value, **{field.name: None})
        if dataclasses.is_dataclass(held):
            for path, part in _without(held):
                yield f"{field.name}.{path}", dataclasses.replace(value, **{field.name: part})
        if isinstance(held, tuple) and held and dataclasses.is_dataclass(held[0]):
            for index, item in enumerate(held[:3]):
                for path, part in _without(item):
                    items = (*held[:index], part, *held[index + 1 :])
                    yield f"{field.name}[{index}].{path}", dataclasses.replace(value, **{field.name: items})


def _may_be_none(kind: type[Any], name: str) -> bool:
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    hint = _HINTS[kind][name]
    return isinstance(hint, types.UnionType) and types.NoneType in typing.get_args(hint)


_HINTS: dict[type[Any], dict[str, Any]] = {}
NONE_IS_NO = {  # where None is an answer, as the docstring of the field says
    ("HostFacts", "ssh"),
    ("Link", "bond"),
    ("Link", "vlan"),
    ("TextFile", "text"),
    ("TextFile", "sha256"),
}

# -- the rule ----------------------------------------------------------------------------------------------------------


def evaluate(facts: HostFacts, choices: Choices) -> tuple[Finding, ...]:
    """All findings."""
    return checks.evaluate(facts, choices)[0]


def wrong(before: Iterable[Finding], after: Iterable[Finding], hidden: str) -> Iterator[tuple[str, Finding]]:
    """What a machine of which `hidden` is not known must not say: the kind of fault, and the finding."""
    said: dict[str, list[tuple[Level, str]]] = defaultdict(list)
    for finding in before:
        said[finding.key].append((finding.level, finding.title))
    for finding in after:
        if finding.id.endswith(".crashed"):
            yield "crash", finding
        for item in finding.evidence:
            if item.source == hidden and ABSENT.search(item.text):
                yield "evidence", finding
        if any(finding.level is level and says_no_more(finding.title, title) for level, title in said[finding.key]):
            continue
        if finding.level is Level.OK:
            yield "new OK", finding
        elif finding.level is Level.FAIL and not UNREAD.search(finding.title):
            yield "new FAIL", finding


def says_no_more(title: str, before: str) -> bool:
    """Whether every word of a title was said before: "Driver igb." beside "Driver igb 6.1, firmware 1.2."."""
    return set(WORD.findall(title)) <= set(WORD.findall(before))


def broken(
    machine: Machine, numbers: Sequence[int] = (errno.EIO,), cards: bool = True
) -> Iterator[tuple[str, str, Finding]]:
    """Everything that breaks the rule on this machine: what was taken away, the kind of fault, the finding.

    Without `cards` nothing is taken away of these: where they are those of another machine.
    """
    facts = dataclasses.replace(gather(Blind(machine)), problems=())
    choices = choices_for(facts)
    before = evaluate(facts, choices)
    for hidden in reads(machine):
        if not cards and hidden.startswith(CARDS):
            continue
        for number in numbers:
            seen = gather(Blind(machine, hidden, number))
            if dataclasses.replace(seen, problems=()) == facts:
                continue
            after = evaluate(seen, choices)
            yield from ((hidden, kind, finding) for kind, finding in wrong(before, after, hidden))
    for hidden, changed in without_fields(facts):
        if not cards and hidden.startswith(("pfs[", "links[")):
            continue
        yield from ((hidden, kind, finding) for kind, finding in wrong(before, evaluate(changed, choices), hidden))


def main() -> None:
    """Print what breaks the rule, and the exceptions."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    seen: dict[tuple[str, str, str, str], list[str]] = {}
    for name, build in all_machines().items():
        if word not in name:
            continue
        for hidden, kind, finding in broken(build(), (errno.EIO, errno.EACCES)):
            if not allowed(finding, hidden):
                detail = finding.detail.splitlines()[-1] if kind == "crash" else ""
                key = (kind, finding.id, NUMBERS.sub("#", finding.title + detail), NUMBERS.sub("#", hidden))
                seen.setdefault(key, []).append(name)
    for (kind, id, title, hidden), names in sorted(seen.items()):
        print(f"{kind}: {id} {title!r} without {hidden} ({len(names)}: {names[0]})")
    for one in ALLOWED:
        print(f"allowed: {one.id} {one.title!r} without {one.without!r}: {one.reason}")
    sys.exit(bool(seen))


if __name__ == "__main__":
    main()
