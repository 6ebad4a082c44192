"""Offload: what devlink, TC and Open vSwitch say proves the cause."""

from __future__ import annotations

from checks.troubleshooting.cause import Entry, by_text
from sriov_tui.message import say, verbatim

ENTRIES: tuple[Entry, ...] = (
    by_text(
        "switchdev.traps",
        say("devlink traps or IPsec hold the switch of the card, so its mode cannot change."),
        say("Switch the traps off (devlink trap), then change the mode."),
        verbatim("devlink dev eswitch show pci/ADDRESS"),
    ),
    by_text(
        "switchdev.refused",
        say("The driver refuses this mode of the switch: it does not know it, or not now."),
        say(
            "Read the kernel log for the reason; write the mode as `legacy` or `switchdev`, for the PF and "
            "not for a VF."
        ),
        verbatim("devlink dev eswitch show pci/ADDRESS"),
    ),
    by_text(
        "switchdev.inline",
        say("The inline mode of the switch cannot change now, or the card has none."),
        say("Remove the flows first; ConnectX-5 and newer need no inline mode."),
        verbatim("devlink dev eswitch show pci/ADDRESS"),
    ),
    by_text(
        "switchdev.no-address",
        say("devlink knows no device of this address."),
        say("Write it as pci/ADDRESS with the domain, as `devlink dev` lists it."),
        verbatim("devlink dev"),
    ),
    by_text(
        "switchdev.steering",
        say("The card could not create the tables of its switch."),
        say("Update firmware and driver; fewer VFs, or flow_steering_mode dmfs, need less of the card's memory."),
        verbatim("dmesg"),
    ),
    by_text(
        "flow.table-full",
        say("The card has no room left for more flows."),
        say("Lower other_config:flow-limit of Open vSwitch, or use rules that cover more traffic each."),
        verbatim("ovs-appctl upcall/show"),
    ),
    by_text(
        "flow.device-gone",
        say("A flow names a port that has gone, or that something else holds."),
        say("Take ports out of the bridge that no longer exist: ovs-vsctl --if-exists del-port NAME."),
        verbatim("ovs-vsctl show"),
    ),
    by_text(
        "flow.exists",
        say("TC has a queue discipline or a rule there already, from an earlier or another program."),
        say("tc qdisc del dev INTERFACE ingress, after a look at what it holds; Open vSwitch makes its own again."),
        verbatim("tc qdisc show dev INTERFACE"),
    ),
)
