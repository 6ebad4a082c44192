"""udev rules of others that write sriov_numvfs, by an assignment or by a program that they start (man udev)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sriov_tui.facts import ALL, HostFacts, Pf, VfMaker
from sriov_tui.late import regex
from sriov_tui.model import UDEV_RULES_FILE
from sriov_tui.probe.makers import scripts
from sriov_tui.probe.makers.cards import Known, both, chosen, either, globbed, mac
from sriov_tui.probe.makers.places import WRITES, drop_ins, logical_lines, script_of
from sriov_tui.probe.source import Source

FOLDERS = (
    "/etc/udev/rules.d",
    "/run/udev/rules.d",
    "/usr/local/lib/udev/rules.d",
    "/usr/lib/udev/rules.d",
    "/lib/udev/rules.d",
)
_PART = regex(r'(?P<key>[A-Z_]+(?:\{[^}]*\})?)\s*(?P<op>==|!=|\+=|:=|=)\s*"(?P<value>(?:[^"\\]|\\.)*)"')
_PROGRAM = regex(r"/[\w./+-]+")


def read(source: Source, facts: HostFacts, unread: list[str]) -> Iterator[VfMaker]:
    """Each rule that writes, in udev's order; ours are not among them."""
    for path, text in drop_ins(source, FOLDERS, ".rules", unread):
        for number, line in logical_lines(text):
            parts = list(_PART.finditer(line)) if "RUN" in line or WRITES.search(line) else []
            found = _rule(source, facts, path, number, line, parts, unread)
            yield from (maker for maker in found if path != UDEV_RULES_FILE or maker.count != ALL)


def _rule(
    source: Source,
    facts: HostFacts,
    path: str,
    number: int,
    line: str,
    parts: list[re.Match[str]],
    unread: list[str],
) -> Iterator[VfMaker]:
    tests = [(part["key"], part["op"], part["value"]) for part in parts if part["op"] in ("==", "!=")]
    for part in parts:
        if part["op"] in ("==", "!="):
            continue
        if part["key"].startswith("ATTR{") and WRITES.search(part["key"]):
            value = part["value"]
            number_there = value.isdecimal()
            yield VfMaker(
                kind="rule",
                path=path,
                line=number,
                text=line,
                count=value if number_there else ALL if "sriov_totalvfs" in value else "",
                start=part.start("value") if number_there else None,
                pfs=_cards(facts, tests),
            )
        elif part["key"].startswith(("RUN", "PROGRAM")):
            yield from _started(source, facts, path, number, line, part, tests, unread)


def _started(
    source: Source,
    facts: HostFacts,
    path: str,
    number: int,
    line: str,
    part: re.Match[str],
    tests: list[tuple[str, str, str]],
    unread: list[str],
) -> Iterator[VfMaker]:
    cards = _cards(facts, tests)
    if cards == ():
        return
    command = part["value"]
    if WRITES.search(command):
        for maker in scripts.line_makers(facts, "rule", path, number, command):
            start = None if maker.start is None else maker.start + part.start("value")
            yield scripts.changed(maker, text=line, start=start, pfs=cards)
        return
    for program in _PROGRAM.findall(command)[:2]:
        if scripts.may_be_own(program) and (text := script_of(source, program, unread)):
            for maker in scripts.makers(facts, "rule", program, text, runs=path):
                yield scripts.changed(maker, pfs=cards if maker.pfs is None else maker.pfs)


def _cards(facts: HostFacts, tests: list[tuple[str, str, str]]) -> tuple[str, ...] | None:
    return chosen(facts, lambda pf: both(_fits(facts, pf, *test) for test in tests))


def _fits(facts: HostFacts, pf: Pf, key: str, op: str, value: str) -> Known:
    values = _values(facts, pf, key)
    fit = either(globbed(one, value.split("|")) for one in values) if values else None
    return None if fit is None else fit is (op == "==")


def _values(facts: HostFacts, pf: Pf, key: str) -> tuple[str | None, ...]:
    """What udev finds under a key for this card as it appears; () where we do not know the key."""
    net = pf.netdevs or (None,)
    table: dict[str, tuple[str | None, ...]] = {
        "ACTION": ("add",),
        "SUBSYSTEM": ("net", "pci"),
        "SUBSYSTEMS": ("net", "pci"),
        "KERNEL": (*net, pf.address),
        "NAME": net,
        "ENV{INTERFACE}": net,
        "KERNELS": (*net, pf.address),
        "DRIVER": (pf.driver,),
        "DRIVERS": (pf.driver,),
        "ENV{ID_NET_DRIVER}": (pf.driver,),
        "ENV{ID_PATH}": (f"pci-{pf.address}",),
        "ENV{PCI_SLOT_NAME}": (pf.address,),
        "ENV{DEVTYPE}": ("",),
        "ATTR{address}": (mac(facts, pf),),
        "ATTRS{address}": (mac(facts, pf),),
    }
    for name, number in (("vendor", pf.vendor), ("device", pf.device)):
        word = None if number is None else f"0x{number:04x}"
        table |= {f"{attribute}{name}}}": (word,) for attribute in ("ATTR{", "ATTRS{", "ATTR{device/")}
    for attribute in ("sriov_numvfs", "device/sriov_numvfs"):
        table[f"ATTR{{{attribute}}}"] = ("0",)
    for attribute in ("sriov_totalvfs", "device/sriov_totalvfs"):
        table[f"ATTR{{{attribute}}}"] = (None if pf.totalvfs is None else str(pf.totalvfs),)
    return table.get(key, ())
