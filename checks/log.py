"""What the kernel log of this boot says of the cards: errors of firmware and driver, resets, AER, link drops."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.messages import MESSAGES
from checks.messages.pattern import KERNEL
from checks.unseen import look_again
from sriov_tui.facts import HostFacts, Pf, once_for_facts
from sriov_tui.late import regex
from sriov_tui.message import Message, join, plural, say
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step

ORDER = 82
TROUBLES: dict[str, Message] = {
    "card.fault": say("its firmware is in an error state"),
    "card.firmware-silent": say("its firmware does not answer"),
    "card.firmware-refused": say("its firmware refuses commands"),
    "card.command-refused": say("its firmware refuses commands"),
    "card.memory": say("its firmware gets no memory"),
    "card.safe-mode": say("it runs in safe mode"),
    "card.power": say("its slot gives too little power"),
    "card.gone": say("it left the PCIe bus"),
    "card.aer": say("PCIe errors (AER)"),
    "card.tx-hang": say("it stopped sending"),
    "card.reset": say("it resets itself"),
    "card.nvm-newer": say("its firmware does not fit the driver"),
    "card.no-module": say("it refuses the optical module"),
    "bios.enable-hca": say("its firmware does not enable the VFs"),
    "bios.no-room": say("no address room for its VFs"),
    "bios.no-bars": say("no addresses for its VFs"),
    "bios.no-buses": say("no bus numbers for its VFs"),
    "vf.no-vectors": say("no interrupt vectors for its VFs"),
    "vf.no-resources": say("the driver could not create the VFs"),
    "vf.malicious": say("it stopped a VF (malicious driver detection)"),
    "vf.spoofed": say("it drops packets of VFs (spoof check)"),
    "vf.untrusted": say("it refuses what an untrusted VF asks for"),
    "vf.mac-set": say("a guest asks for another MAC address or VLAN"),
    "vf.mailbox": say("the driver of a VF does not reach it"),
    "vfio.rmrr": say("the BIOS reserves memory for it (RMRR)"),
    "vfio.reset": say("a VF does not come back from a reset"),
    "dma.fault": say("the IOMMU blocked its accesses to memory"),
}
"""Causes of troubleshooting that a line of the kernel log shows of a card, in words that follow its name."""
LESSER = frozenset({"vf.spoofed", "vf.untrusted", "vf.mac-set", "vf.mailbox"})  # of guests, not of this host
ROWS = tuple(row for row in MESSAGES if row.where == KERNEL and row.cause in TROUBLES)
DOWN = regex(r"(?:NIC )?\blink (?:is |status definitely )?down\b", re.IGNORECASE)
FLAPS = 4  # times that a link goes down in a boot, while nobody pulls at its cable: once more than VFs and bonds need
TIME = regex(r"^\[\s*(\d+)\.\d+\]")
SHOWN = 6
_END = r"(?![\w.-]*\w)"
_RUN = regex(r"[\w.-]+")
_ADDRESS = regex(rf"(?<![\w.-])(?:[0-9a-f]{{4}}:)?([0-9a-f]{{2}}:[0-9a-f]{{2}}\.[0-7]){_END}")
_Owners = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Told:
    """Lines of the log about one cause."""

    cause: str
    lines: tuple[str, ...]


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """For each chosen card, what the log has against it; where none is chosen, for each that can do SR-IOV."""
    pfs = [pf for pf in facts.pfs or () if choices.nic(pf.address).use != "leave"]
    for pf in pfs or [pf for pf in facts.pfs or () if pf.sriov_capable]:
        if facts.kernel.log is None:
            yield Finding(
                id="log.card",
                level=Level.SKIP,
                subject=pf.address,
                title=say("The kernel log cannot be read."),
                fix=look_again(facts, "dmesg", "journalctl"),
            )
            continue
        mine = tuple(by_card(facts).get(pf.address, ()))
        yield from _card(pf, mine)
        yield from _link(pf, mine)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """A log cannot be fixed; its causes are those of other checks."""
    yield from ()


@once_for_facts
def by_card(facts: HostFacts) -> dict[str, list[str]]:
    """The lines that name each PF: by its address, by that of a VF, or by an interface; in one walk through the log."""
    addresses, words, odd = _names(facts)
    found: dict[str, list[str]] = {}
    for line in facts.kernel.log or ():
        named = [address for short in _ADDRESS.findall(line) for address in addresses.get(short, ())]
        for run in words.keys() & {run.rstrip(".-") for run in _RUN.findall(line)}:
            named += words[run]
        named += [address for pattern, address in odd if pattern.search(line)]
        for address in dict.fromkeys(named):
            found.setdefault(address, []).append(line)
    return found


def _names(facts: HostFacts) -> tuple[_Owners, _Owners, list[tuple[re.Pattern[str], str]]]:
    """Addresses, interfaces, and interfaces whose names are not made of letters, each with the PFs that have it.

    A fault of the IOMMU names the device without its domain, in brackets or after "device=".
    """
    addresses: _Owners = {}
    words: _Owners = {}
    odd = []
    for pf in facts.pfs or ():
        for address in (pf.address, *(vf.address for vf in pf.vfs)):
            addresses.setdefault(address.partition(":")[2], []).append(pf.address)
        for name in pf.netdevs or ():
            if _RUN.fullmatch(name) and name[-1] not in ".-":
                words.setdefault(name, []).append(pf.address)
            else:
                odd.append((re.compile(rf"(?<![\w.-]){re.escape(name)}{_END}"), pf.address))
    return addresses, words, odd


def _card(pf: Pf, lines: tuple[str, ...]) -> Iterator[Finding]:
    told = [
        _Told(cause, found)
        for cause in TROUBLES
        if lines
        and (found := tuple(line for line in lines if any(row.matches(line) for row in ROWS if row.cause == cause)))
    ]
    if not told:
        yield Finding(
            id="log.card", level=Level.OK, subject=pf.address, title=say("The kernel log has no error of this card.")
        )
        return
    lesser = all(one.cause in LESSER for one in told)
    yield Finding(
        id="log.card",
        level=Level.INFO if lesser else Level.WARN,
        subject=pf.address,
        title=say("The kernel log of this boot tells of this card: {what}.", what=tuple(map(_what, told))),
        evidence=(Evidence("dmesg", "\n".join(line for one in told for line in one.lines[-2:])),),
        fix=Fix(
            title=say("See the cause: {commands}.", commands=tuple(f"sriov-tui explain {one.cause}" for one in told)),
        ),
        topic=told[0].cause,
    )


def _what(told: _Told) -> Message:
    count = plural("once", "{count} times", len(told.lines))
    last = _time(told.lines[-1])
    if not last:
        return say("{trouble} ({count})", trouble=TROUBLES[told.cause], count=count)
    return say("{trouble} ({count}, last {last} after the boot)", trouble=TROUBLES[told.cause], count=count, last=last)


def _time(line: str) -> str:
    """How long after the boot a line was printed, as h:mm:ss; "" where it does not say."""
    found = TIME.match(line)
    if found is None:
        return ""
    minutes, seconds = divmod(int(found[1]), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _link(pf: Pf, lines: tuple[str, ...]) -> Iterator[Finding]:
    drops = tuple(line for line in lines if DOWN.search(line))
    if len(drops) < FLAPS:
        return
    times = [time for line in (drops[0], drops[-1]) if (time := _time(line))]
    yield Finding(
        id="log.link",
        level=Level.WARN,
        subject=pf.address,
        title=say("Its link went down {count} times in this boot.", count=len(drops)),
        detail=say("From {first} to {last} after the boot.", first=times[0], last=times[-1]) if times else join("", ()),
        evidence=(Evidence("dmesg", "\n".join(drops[-SHOWN:])),),
        fix=Fix(
            title=say("Look at the cable, the optical module and the switch port."),
            manual=say("A change of the number of VFs drops the link too, on some drivers."),
        ),
        topic="flaps",
    )
