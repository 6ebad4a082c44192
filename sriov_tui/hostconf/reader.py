"""host.conf, the ConfigMap over it and host_local.conf after it: the options that the host-agent runs with."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import replace

from sriov_tui.hostconf import faults, options
from sriov_tui.hostconf.item_faults import item_nodes
from sriov_tui.hostconf.shapes import LISTS, Fault, Options, Place, Reading
from sriov_tui.hostconf.source import Entry, Source, load

HOST, LOCAL, COMMON = "host.conf", "host_local.conf", "common.conf"
_MOST = 64  # ways to read the files that are told apart


@functools.lru_cache(maxsize=32)
def read(data: bytes, common: bytes | None = None, local: bytes | None = None) -> Reading:
    """Read host.conf as the host-agent does at its start; never raises, whatever the bytes.

    `common` is the ConfigMap's file, which replaces a whole group of options (None = not on
    Kubernetes, or not known); `local` is host_local.conf, whose lists are appended. The last
    few are kept, since several checks ask for the same one.
    """
    sources = [load(data, HOST)]
    if common is not None:
        sources.append(load(common, COMMON))
    if local is not None:
        sources.append(load(local, LOCAL))
    first, *rest = (_outcome(way) for way in itertools.islice(_ways(sources), _MOST))
    others = {(way.loads, way.options): way for way in rest}
    others.pop((first.loads, first.options), None)
    chance = [fault for way in others.values() for fault in way.faults if fault.id == "key.two-spellings"]
    found = _ordered(tuple(dict.fromkeys((*first.faults, *chance))))
    return replace(first, faults=found, others=tuple(others.values()))


def _ways(sources: list[Source]) -> Iterator[list[Source]]:
    """Every combination of the ways in which chance lets the files be read, the likely worst first."""
    return (list(way) for way in itertools.product(*((source, *source.others) for source in sources)))


def _outcome(sources: list[Source]) -> Reading:
    found = tuple(fault for source in sources for fault in faults.of_source(source))
    broken = next((source for source in sources if source.message), None)
    if broken is not None:
        message = broken.message
        if broken.file == LOCAL:
            message = message.replace("Parse configuration", "Parse local configuration")
        return Reading(loads=False, message=message, faults=_ordered(found))
    host, result = sources[0], _options(sources)
    return Reading(
        loads=True,
        options=result,
        unknown_keys=_unknown(host),
        faults=_ordered((*found, *faults.of_whole(host, result), *_replaced(sources))),
        places=tuple(place for source in sources for place in _places(source)),
    )


def _ordered(found: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The worst first, then by line."""
    return tuple(sorted(found, key=lambda fault: (-fault.level, fault.line)))


def _replaced(sources: list[Source]) -> Iterator[Fault]:
    """Keys of host.conf that a ConfigMap replaces by another value, or by the default where it is silent."""
    host = sources[0]
    for source in sources:
        if source.file != COMMON:
            continue
        for name, entry in host.effective.items():
            other = source.effective.get(name)
            if name in options.BASE and (other is None or other.strings != entry.strings):
                yield faults.replaced(host, entry, None if other is None else other.strings)


def _unknown(source: Source) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.token for entry in source.entries if entry.strings is None))


def _options(sources: list[Source]) -> Options:
    merged: dict[str, tuple[str, ...]] = {}
    for source in sources:
        if source.file == COMMON:
            merged = {name: strings for name, strings in merged.items() if name not in options.BASE}
        for name, entry in source.effective.items():
            before = merged.get(name, ()) if options.is_list(name) else ()
            merged[name] = before + (entry.strings or ())
    return Options(
        networks=merged.get("networks", ()),
        sriov_nics=merged.get("sriov-nics", ()),
        ovs_offload_nics=merged.get("ovs-offload-nics", ()),
        disable_security_group=bool(options.truth(_one(merged, "disable-security-group"))),
        listen_interface=_one(merged, "listen-interface"),
        bridge_driver=_one(merged, "bridge-driver"),
        host_type=_one(merged, "host-type"),
        hugepages_option=_one(merged, "hugepages-option"),
        hugepage_size_mb=int(_one(merged, "hugepage-size-mb")),
        report_interval=int(_one(merged, "report-interval")),
    )


def _one(merged: dict[str, tuple[str, ...]], name: str) -> str:
    return merged.get(name, (options.DEFAULTS.get(name, ""),))[0]


def _places(source: Source) -> Iterator[Place]:
    if source.file == COMMON:
        return
    for key in LISTS:
        entry = source.effective.get(options.token(key))
        if entry is not None:
            yield from _item_places(source, key, entry)


def _item_places(source: Source, key: str, entry: Entry) -> Iterator[Place]:
    items = entry.strings or ()
    nodes = item_nodes(entry)
    for number, item in enumerate(items):
        line = source.at(nodes[number].start)[0] if number < len(nodes) else entry.line
        yield Place(key, item, source.file, line)
