"""`vfs.count` of a chosen port that can create no VFs as it is."""

from __future__ import annotations

from sriov_tui.cards import Obstacle
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import say
from sriov_tui.model import Evidence, Finding, Fix, Level


def blocked(pf: Pf, found: Obstacle) -> Finding:
    """What stands in the way, as `hardware.pf` has it; SKIP where that could not be seen."""
    source, value = found.evidence
    total = f"/sys/bus/pci/devices/{pf.address}/sriov_totalvfs"
    return Finding(
        id="vfs.count",
        level=Level.SKIP if found.kind == "unseen" else Level.FAIL,
        subject=pf.address,
        title=found.title,
        evidence=(Evidence(source, value) if source else Evidence(total, _shown(pf)),),
        fix=Fix(title=found.fix or say("Choose another card."), manual=found.manual),
        blocks=True,
    )


def _shown(pf: Pf) -> str:
    return say("absent") if pf.totalvfs is None else str(pf.totalvfs)


def unknown(facts: HostFacts, address: str) -> Finding:
    """No port at this address, or one whose count cannot be read."""
    at = f"/sys/bus/pci/devices/{address}"
    if facts.pf(address) is not None:
        return Finding(
            id="vfs.count",
            level=Level.SKIP,
            subject=address,
            title=say("How many VFs it has cannot be read."),
            evidence=(Evidence(f"{at}/sriov_numvfs", say("unreadable")),),
            fix=Fix(title=say("Read the kernel log, or choose another card.")),
            blocks=True,
        )
    return Finding(
        id="vfs.count",
        level=Level.FAIL if facts.pfs is not None else Level.SKIP,
        subject=address,
        title=say("No card is at this address.")
        if facts.pfs is not None
        else say("Whether a card is at this address cannot be seen."),
        evidence=(Evidence(at, say("absent") if facts.pfs is not None else say("unreadable")),),
        fix=Fix(title=say("Choose another card.")),
        blocks=True,
    )
