"""What a fleet has in common, and who differs: findings by number of hosts, and outliers from the majority."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sriov_tui.fleet.hosts import Fleet, FleetHost
from sriov_tui.message import Message, say
from sriov_tui.model import Level

ABSENT, ARGUMENT = say("absent"), say("kernel argument")


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
    seen = (one for (kind, what), values in _values(fleet).items() for one in _of_values(kind, what, values))
    return tuple(sorted((*seen, *_arguments(fleet)), key=lambda one: (one.kind, one.what, one.value)))


def _of_values(kind: str, what: str, values: Mapping[str, str]) -> Iterator[Outlier]:
    """Who differs in one thing."""
    hosts: dict[str, list[str]] = defaultdict(list)
    for host, value in values.items():
        hosts[value].append(host)
    usual = max(hosts, key=lambda value: len(hosts[value]))
    share, known = len(hosts.pop(usual)), len(values)
    if share * 2 > known:
        for value, names in hosts.items():
            yield Outlier(kind=kind, what=what, value=value, hosts=tuple(names), usual=usual, share=share, known=known)


def _arguments(fleet: Fleet) -> Iterator[Outlier]:
    """Who differs in a kernel argument; of one that the majority does not have, only its hosts are looked at."""
    order: list[str] = []
    given: dict[str, dict[str, str]] = defaultdict(dict)
    for host in fleet.hosts:
        if host.arguments is not None:
            order.append(host.name)
            for name, value in _given(host.arguments).items():
                given[name][host.name] = value
    for name, values in given.items():
        absent = len(order) - len(values)
        if absent * 2 <= len(order):
            yield from _of_values(ARGUMENT, name, {host: values.get(host, ABSENT) for host in order})
            continue
        hosts: dict[str, list[str]] = defaultdict(list)
        for host_name, value in values.items():
            hosts[value].append(host_name)
        for value, names in hosts.items():
            yield Outlier(kind=ARGUMENT, what=name, value=value, hosts=tuple(names), usual=ABSENT,
                          share=absent, known=len(order))  # fmt: skip


def _values(fleet: Fleet) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """(kind, what) -> host -> value, of every host that knows it; cards that differ in one host give "a, b"."""
    seen: dict[tuple[str, str], dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for host in fleet.hosts:
        for kind, what, value in _of(host):
            seen[kind, what][host.name][value] = None
    return {key: {host: ", ".join(sorted(of)) for host, of in by_host.items()} for key, by_host in seen.items()}


def _of(host: FleetHost) -> Iterator[tuple[str, str, str]]:
    if host.kernel is not None:
        yield say("kernel"), say("release"), host.kernel
    for nic in host.nics:
        what = f"{nic.name} ({nic.model})" if nic.name else nic.model or ""
        if nic.firmware:
            yield say("firmware"), what, nic.firmware
        if nic.driver is not None:
            yield say("driver"), what, " ".join(filter(None, (nic.driver or say("no driver"), nic.driver_version)))
        if nic.numvfs is not None:
            yield say("VF count"), f"{nic.address} {what}", str(nic.numvfs)


def _given(line: str) -> dict[str, str]:
    """Kernel arguments by name; BOOT_IMAGE is the boot loader's word for the kernel, and that is compared itself."""
    given: dict[str, list[str]] = defaultdict(list)
    for word in line.split():
        name, equals, value = word.partition("=")
        given[name].append(value if equals else "given")
    return {name: " ".join(values) for name, values in given.items() if name != "BOOT_IMAGE"}
