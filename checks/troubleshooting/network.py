"""The network of the host and of its VMs, where VFs or their card are on the way."""

from __future__ import annotations

from checks.troubleshooting.cause import Case, Entry
from checks.troubleshooting.judges import by_card, by_finding
from sriov_tui.cards import DRIVERS
from sriov_tui.facts import Pf
from sriov_tui.message import NOTHING, Message, say, verbatim
from sriov_tui.model import Fix, Level


def _port_down(case: Case, pf: Pf) -> Message | None:
    link = case.facts.link(pf.netdev)
    if case.wanted(pf) == "leave" or not pf.numvfs or link is None or link.carrier:
        return NOTHING
    return say("the interface has no carrier") if link.up else say("the interface is down")


ENTRIES = (
    Entry(
        id="net.link-drops",
        cause=say(
            "Making or removing VFs drops the link of this card for some seconds, and your session runs over it."
        ),
        looks_at=say("the card that carries the SSH session, its driver"),
        judge=by_finding("vfs.session", topic="drops", levels=(Level.INFO, Level.WARN)),
        fix=Fix(
            title=say("Wait ten seconds; or log in over another card, or let the VFs be made at the next boot."),
            verify=verbatim("cat /sys/class/net/INTERFACE/carrier_changes"),
        ),
        source=f"Linux drivers {', '.join(driver.name for driver in DRIVERS if driver.drops_link)}.",
    ),
    Entry(
        id="net.port-down",
        cause=say("The port of the card is down: its VFs have no network."),
        looks_at=say("the link of the card"),
        judge=by_card(_port_down),
        fix=Fix(
            title=say("ip link set dev INTERFACE up; look at cable and switch where it has no carrier."),
            verify=verbatim("ip -br link show dev INTERFACE"),
        ),
        source="sriov-network-operator #45.",
    ),
)
