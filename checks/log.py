"""What the kernel log of this boot says of the cards: errors of firmware and driver, resets, AER, link drops."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.messages import MESSAGES
from checks.messages.pattern import KERNEL
from checks.unseen import look_again
from sriov_tui.facts import HostFacts, Pf
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
DOWN = re.compile(r"(?:NIC )?\blink (?:is |status definitely )?down\b", re.IGNORECASE)
FLAPS = 4  # times that a link goes down in a boot, while nobody pulls at its cable: once more than VFs and bonds need
TIME = re.compile(r"^\[\s*(\d+)\.\d+\]")
SHOWN = 6


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
        mine = tuple(_mine(facts, pf))
        yield from _card(pf, mine)
        yield from _link(pf, mine)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """A log cannot be fixed; its causes are those of other checks."""
    yield from ()


def _mine(facts: HostFacts, pf: Pf) -> Iterator[str]:
    """The lines that name the card: by its address, by that of a VF, or by an interface."""
    # A fault of the IOMMU names the device without its domain, in brackets or after "device=".
    short = [address.partition(":")[2] for address in (pf.address, *(vf.address for vf in pf.vfs))]
    names = "|".join(map(re.escape, (*short, *(pf.netdevs or ()))))
    word = re.compile(rf"(?<![\w.-])(?:[0-9a-f]{{4}}:)?(?:{names})(?![\w.-]*\w)")
    return (line for line in facts.kernel.log or () if word.search(line))


def _card(pf: Pf, lines: tuple[str, ...]) -> Iterator[Finding]:
    told = [
        _Told(cause, found)
        for cause in TROUBLES
        if (found := tuple(line for line in lines if any(row.matches(line) for row in ROWS if row.cause == cause)))
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
