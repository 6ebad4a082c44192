"""Driver parameters that create VFs as the driver starts: max_vfs and num_vfs in modprobe.d (man modprobe.d)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sriov_tui.facts import HostFacts, VfMaker
from sriov_tui.late import regex
from sriov_tui.probe.makers.places import drop_ins, logical_lines
from sriov_tui.probe.source import Source

FOLDERS = ("/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d")
_LINE = regex(r"\s*(?:options|install)\s+(?P<module>\S+)\s")
_COUNT = regex(r"(?<=\s)(?:max_vfs|num_vfs)=(?P<count>\S+)")


def read(source: Source, facts: HostFacts, unread: list[str]) -> Iterator[VfMaker]:
    """The lines that give a driver of a card a number of VFs, in the order in which modprobe reads them."""
    for path, text in drop_ins(source, FOLDERS, ".conf", unread):
        for number, line in logical_lines(text):
            named = _LINE.match(line)
            cards = _cards(facts, named["module"]) if named else ()
            for found in _COUNT.finditer(line) if cards else ():
                plain = re.fullmatch(r"\d+(?:,\d+)*", found["count"])
                yield VfMaker(
                    kind="parameter",
                    path=path,
                    line=number,
                    text=line,
                    count=found["count"] if plain else "",
                    start=found.start("count") if plain else None,
                    pfs=cards,
                )


def _cards(facts: HostFacts, module: str) -> tuple[str, ...]:
    name = module.replace("-", "_")
    return tuple(pf.address for pf in facts.pfs or () if pf.driver and pf.driver.replace("-", "_") == name)
