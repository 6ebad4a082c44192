"""The network of the host and of its VMs, where VFs or their card are on the way."""

from __future__ import annotations

from checks.troubleshooting.cause import NOT, Case, Entry, Judgement
from checks.troubleshooting.judges import by_card, by_finding
from sriov_tui.cards import DRIVERS
from sriov_tui.facts import Pf
from sriov_tui.message import NOTHING, Message, say, verbatim
from sriov_tui.model import Evidence, Fix, Level

THROUGH_OVS = ("vm-network", "vm-start", "offload-flows", "host-offline")
SETTINGS = verbatim("ip link show dev INTERFACE")


def _port_down(case: Case, pf: Pf) -> Message | None:
    link = case.facts.link(pf.netdev)
    if case.wanted(pf) == "leave" or not pf.numvfs or link is None or link.carrier:
        return NOTHING
    return say("the interface has no carrier") if link.up else say("the interface is down")


def _ovs_down(case: Case) -> Judgement:
    """Stopped is no trouble by itself: the host-agent starts it. It is one for who asks of what goes through it."""
    ovs = case.facts.ovs
    if not ovs.installed or ovs.running or case.symptom not in THROUGH_OVS:
        return NOT
    if ovs.running is None:
        return Judgement(found=None, tells=say("Whether Open vSwitch runs is not known."))
    unit = verbatim(f"systemctl start {ovs.unit}") if ovs.unit else NOTHING
    return Judgement(
        found=True,
        evidence=(Evidence("ovs-vswitchd", "no process"),),
        fix=Fix(title=say("Start it; on a host whose session goes through it only from the console."), manual=unit),
    )


ENTRIES = (
    Entry(
        id="ovs.down",
        cause=say("Open vSwitch does not run, or cannot be reached."),
        looks_at=say("whether Open vSwitch runs, the messages of its programs"),
        judge=_ovs_down,
        line="or",
        fix=Fix(
            title=say("Start it; on a host whose session goes through it only from the console."),
            verify=verbatim("ovs-vsctl show"),
        ),
        source="Open vSwitch utilities/ovs-vsctl.c.",
    ),
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
        line="facts",
        fix=Fix(
            title=say("ip link set dev INTERFACE up; look at cable and switch where it has no carrier."),
            verify=verbatim("ip -br link show dev INTERFACE"),
        ),
        source="sriov-network-operator #45.",
    ),
    Entry(
        id="vf.mac-twice",
        cause=say("Two VFs have the same MAC address."),
        looks_at=say("what the port has set for each VF"),
        judge=by_finding("network.mac", topic="twice"),
        fix=Fix(title=say("Stop one of the virtual machines and start it again on the platform."), verify=SETTINGS),
        source="Linux net/core/rtnetlink.c, rtnl_fill_vfinfo.",
    ),
    Entry(
        id="vf.mac-zero",
        cause=say("The VF of a virtual machine has no MAC address (all zero)."),
        looks_at=say("what the port has set for each VF"),
        judge=by_finding("network.mac", topic="zero"),
        fix=Fix(title=say("Stop the virtual machine and start it again on the platform."), verify=SETTINGS),
        source="Linux net/core/rtnetlink.c, rtnl_fill_vfinfo; Cloudpods qemu-kvm.go.",
    ),
    Entry(
        id="vf.link-off",
        cause=say("The link of the VF is switched off on its port (link-state disable)."),
        looks_at=say("what the port has set for each VF"),
        judge=by_finding("network.vf-link"),
        fix=Fix(title=say("Set it to auto, so that it follows the port."), verify=SETTINGS),
        source="man ip-link, state.",
    ),
    Entry(
        id="net.mtu",
        cause=say("A packet is larger than the MTU on its way."),
        looks_at=say("the MTU of the port and of what is above it, the messages of the programs"),
        judge=by_finding("network.mtu"),
        line="or",
        fix=Fix(
            title=say(
                "Set the MTU of the port, then of the VF in the guest, and of every switch port between, to the same "
                "number."
            ),
            verify=SETTINGS,
        ),
        source="Linux net/core/dev.c, dev_validate_mtu.",
    ),
)
