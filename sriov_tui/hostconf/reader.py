"""host.conf, the ConfigMap over it and host_local.conf after it: the options that the host-agent runs with."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from sriov_tui.hostconf import faults, options
from sriov_tui.hostconf.shapes import LISTS, Fault, Options, Place, Reading
from sriov_tui.hostconf.source import Entry, Source, load

HOST, LOCAL, COMMON = "host.conf", "host_local.conf", "common.conf"


@functools.lru_cache(maxsize=32)
def read(data: bytes, common: bytes | None = None, local: bytes | None = None) -> Reading:
    """Read host.conf as the host-agent does at its start; never raises, whatever the bytes.

    `common` is the ConfigMap's file, which replaces a whole group of options (None = not on
    Kubernetes, or not known); `local` is host_local.conf, whose lists are appended. The last
    few are kept, since several checks ask for the same one.
    """
    host = load(data, HOST)
    parts = [(host, "")]
    if common is not None:
        parts.append((load(common, COMMON), "base"))
    if local is not None:
        parts.append((load(local, LOCAL), ""))
    broken = next((source for source, _ in parts if source.message), None)
    found = tuple(fault for source, _ in parts for fault in faults.of_source(source))
    if broken is not None:
        message = broken.message
        if broken.file == LOCAL:
            message = message.replace("Parse configuration", "Parse local configuration")
        return Reading(loads=False, message=message, faults=_ordered(found))
    result = _options(parts)
    return Reading(
        loads=True,
        options=result,
        unknown_keys=_unknown(host),
        faults=_ordered((*found, *faults.of_whole(host, result), *_replaced(parts))),
        places=tuple(place for source, _ in parts for place in _places(source)),
    )


def _ordered(found: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The worst first, then by line."""
    return tuple(sorted(found, key=lambda fault: (-fault.level, fault.line)))


def _replaced(parts: list[tuple[Source, str]]) -> Iterator[Fault]:
    """Keys of host.conf that a ConfigMap replaces by another value, or by the default where it is silent."""
    host = parts[0][0]
    for source, role in parts:
        if role != "base":
            continue
        theirs = source.effective()
        for name, entry in host.effective().items():
            other = theirs.get(name)
            if name in options.BASE and (other is None or other.strings != entry.strings):
                yield faults.replaced(host, entry, None if other is None else other.strings)


def _unknown(source: Source) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.token for entry in source.entries if entry.strings is None))


def _options(parts: list[tuple[Source, str]]) -> Options:
    merged: dict[str, tuple[str, ...]] = {}
    for source, role in parts:
        effective = source.effective()
        if role == "base":
            merged = {name: strings for name, strings in merged.items() if name not in options.BASE}
            effective = {name: entry for name, entry in effective.items() if name in options.BASE}
        for name, entry in effective.items():
            before = merged.get(name, ()) if options.KINDS[name] == "list" else ()
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
    effective = source.effective()
    for key in LISTS:
        entry = effective.get(options.token(key))
        if entry is not None:
            yield from _item_places(source, key, entry)


def _item_places(source: Source, key: str, entry: Entry) -> Iterator[Place]:
    items = entry.strings or ()
    nodes = faults.item_nodes(entry)
    for number, item in enumerate(items):
        line = source.at(nodes[number].start)[0] if number < len(nodes) else entry.line
        yield Place(key, item, source.file, line)
