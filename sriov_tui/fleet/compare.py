"""What a fleet has in common, and who differs: findings by number of hosts, and outliers from the majority."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sriov_tui.fleet.hosts import Fleet, FleetHost
from sriov_tui.message import Message, say
from sriov_tui.model import Level

ABSENT = say("absent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A finding by its id over all hosts: its worst level there, the commonest sentence, and who has it."""

    id: str
    level: Level
    title: Message
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlier:
    """Hosts that differ: `what` is `value` there, and `usual` on `share` of the `known` hosts that tell it."""

    kind: str
    what: str
    value: str
    hosts: tuple[str, ...]
    usual: str
    share: int
    known: int


def shared(fleet: Fleet) -> tuple[Shared, ...]:
    """The findings that are WARN or worse, that of most hosts first."""
    levels: dict[str, Level] = {}
    titles: dict[str, Counter[Message]] = defaultdict(Counter)
    hosts: dict[str, dict[str, None]] = defaultdict(dict)
    for host in fleet.hosts:
        for finding in host.open:
            levels[finding.id] = max(finding.level, levels.get(finding.id, Level.WARN))
            titles[finding.id][finding.title] += 1
            hosts[finding.id][host.name] = None
    found = [
        Shared(id=id, level=level, title=titles[id].most_common(1)[0][0], hosts=tuple(hosts[id]))
        for id, level in levels.items()
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.hosts), -one.level, one.id)))


def outliers(fleet: Fleet) -> tuple[Outlier, ...]:
    """Who differs from the majority, by kind, thing and value.

    A majority is more than half of the hosts that tell it: where there is none, nobody differs. Firmware and
    driver are compared between cards of a model, the VF count between those at one address, too. An argument
    that is given twice counts with both values; one that is nowhere the same (root=UUID=...) has no majority.
    """
    found: list[Outlier] = []
    for (kind, what), values in _values(fleet).items():
        counts, known = Counter(values.values()), len(values)
        usual, share = counts.most_common(1)[0]
        if share * 2 <= known:
            continue
        for value in counts.keys() - {usual}:
            hosts = tuple(host for host, own in values.items() if own == value)
            found.append(Outlier(kind=kind, what=what, value=value, hosts=hosts, usual=usual, share=share, known=known))
    return tuple(sorted(found, key=lambda one: (one.kind, one.what, one.value)))


def _values(fleet: Fleet) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """(kind, what) -> host -> value, of every host that knows it; cards that differ in one host give "a, b"."""
    seen: dict[tuple[str, str], dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for host in fleet.hosts:
        for kind, what, value in _of(host):
            seen[kind, what][host.name][value] = None
    values = {key: {host: ", ".join(sorted(of)) for host, of in by_host.items()} for key, by_host in seen.items()}
    arguments = {host.name: _arguments(host.arguments) for host in fleet.hosts if host.arguments is not None}
    for name in {name for given in arguments.values() for name in given}:
        values["kernel argument", name] = {host: given.get(name, ABSENT) for host, given in arguments.items()}
    return values


def _of(host: FleetHost) -> Iterator[tuple[str, str, str]]:
    if host.kernel is not None:
        yield "kernel", "release", host.kernel
    for nic in host.nics:
        what = f"{nic.name} ({nic.model})" if nic.name else nic.model or ""
        if nic.firmware:
            yield say("firmware"), what, nic.firmware
        if nic.driver is not None:
            yield say("driver"), what, " ".join(filter(None, (nic.driver or say("no driver"), nic.driver_version)))
        if nic.numvfs is not None:
            yield say("VF count"), f"{nic.address} {what}", str(nic.numvfs)


def _arguments(line: str) -> dict[str, str]:
    """Kernel arguments by name; BOOT_IMAGE is the boot loader's word for the kernel, and that is compared itself."""
    given: dict[str, list[str]] = defaultdict(list)
    for word in line.split():
        name, equals, value = word.partition("=")
        given[name].append(value if equals else "given")
    return {name: " ".join(values) for name, values in given.items() if name != "BOOT_IMAGE"}
