"""What the findings of `checks.bond` and `checks.lag` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

LAG = "Linux drivers/net/ethernet/mellanox/mlx5/core/lag/lag.c."

EXPLAINED = (
    Explanation(
        id="bond.wish",
        title=say("A requested bond"),
        means=say(
            "Two ports are requested as a bond, in mode 1 (active-backup), 2 (balance-xor) or 4 "
            "(802.3ad). It is OK when the kernel has that bond with those two ports."
        ),
        matters=say("The host-agent makes no bond. It takes the ports of one that is there, by the bond's name."),
        fix=say(
            "Apply the plan: the tool that configures the network of this host makes it, and makes it again at boot."
        ),
        source="Linux Documentation/networking/bonding.rst; Cloudpods host-agent: hostinfo.go, getNicsInterfaces.",
    ),
    Explanation(
        id="bond.card",
        title=say("The ports of an offloaded bond"),
        means=say("A bond that a card forwards in hardware has both ports of that card and no other."),
        matters=say(
            "The card joins its own ports into one switch (VF-LAG), and only if all of them and "
            "nobody else are in one bond. Otherwise the traffic of VFs leaves by one port alone, or "
            "by none."
        ),
        fix=say("Make the bond of both ports of one card; or use the cards for plain SR-IOV."),
        source=LAG,
    ),
    Explanation(
        id="bond.vfs",
        title=say("At most 64 VFs below a bond"),
        means=say("No port of a bond that a card forwards in hardware has more than 64 VFs."),
        matters=say("The driver then does not join the ports (PF is configured with more than 64 VFs)."),
        fix=say("Request 64 VFs or fewer: NUM_OF_VFS in the firmware, then a reboot."),
        source=LAG,
    ),
    Explanation(
        id="bond.held",
        title=say("VFs in use below a bond to be created"),
        means=say("No virtual machine holds a VF of the ports."),
        matters=say("Every VF must be unbound while the card joins its ports; taking one from a machine breaks it."),
        fix=say("Stop the machine or detach the VF, then read the host again."),
        source=LAG,
    ),
    Explanation(
        id="bond.bridge",
        title=say("Bridges that hold a port of a bond"),
        means=say("A port of a bond is in no bridge and in no other bond, and only VLANs are on top of it."),
        matters=say(
            "A link has one master. A bridge of Open vSwitch that still has the port takes its "
            "packets, or after a reboot has the port before the bond does: the host is then without "
            "network."
        ),
        fix=say("ovs-vsctl del-port BRIDGE PORT, and take the port out of what puts it there at boot."),
        source="Cloudpods issue 22210; Linux net/core/dev.c.",
    ),
    Explanation(
        id="bond.config",
        title=say("The configuration that moves over to a bond"),
        means=say(
            "At most one of the ports carries addresses, routes, VLANs or a bridge of Open vSwitch, and the files of "
            "the tool in use say so."
        ),
        matters=say(
            "What those files say about the port is written for the bond. What is in no file, or in "
            "a form that is not understood, would be lost, and with it the host."
        ),
        fix=say("Follow the sentence of the finding; or make the bond by hand and read the host again."),
        source="interfaces(5), nm-settings-keyfile(5), systemd.network(5), netplan(5), initscripts' sysconfig.txt.",
    ),
    Explanation(
        id="bond.session",
        title=say("A bond over the link of your SSH session"),
        means=say("One of the ports carries the session that you work in."),
        matters=say(
            "If the switch is not ready for the bond, the host is cut off. So the bond is rolled "
            "back automatically unless somebody confirms it from a new login."
        ),
        fix=say("Allow it (over_session = true in the answers file), have the console at hand, and confirm in time."),
        source="sriov-tui itself: confirm or revert.",
    ),
    Explanation(
        id="bond.lag",
        title=say("Whether the card forwards the bond"),
        means=say("lag/state in debugfs reads active for both ports."),
        matters=say(
            "Without it the traffic of a VF leaves by its own port alone: when that link fails, the VF is cut off."
        ),
        fix=say(
            "In this order: VFs on both ports, none of them bound; both in switchdev mode; the bond "
            "of the two; wait for active; bind the VFs. At boot the units keep that order."
        ),
        source=f"{LAG} netplan LP 1988018.",
    ),
    Explanation(
        id="bond.at-boot",
        title=say("The order at boot below a bond"),
        means=say("A systemd unit lets Kubernetes wait until the card forwards the bond."),
        matters=say(
            "The host-agent binds VFs as soon as it starts. Bound too early, they keep the ports "
            "from being joined, and nothing says so."
        ),
        fix=say("Apply the plan, which writes the unit."),
        source=f"{LAG} netplan LP 1988018.",
    ),
    Explanation(
        id="bond.links",
        title=say("Every port of the bond has a link"),
        means=say("The bond sees the link of each of its ports as up (MII status)."),
        matters=say("A bond with one link carries traffic, and stops when that one fails."),
        fix=say("Check cable, transceiver and switch port of the port that is down."),
        source="Linux Documentation/networking/bonding.rst, MII Status.",
    ),
    Explanation(
        id="bond.active",
        title=say("One port of the bond is active"),
        means=say("A bond in mode active-backup has an active port."),
        matters=say("Without one it carries nothing."),
        fix=say("Bring a port's link up; see bond.links."),
        source="Linux Documentation/networking/bonding.rst, active_slave.",
    ),
    Explanation(
        id="bond.lacp",
        title=say("The switch speaks LACP"),
        means=say(
            "A bond in mode 802.3ad has a partner, and all of its ports are in the aggregator that carries traffic."
        ),
        matters=say(
            "Without a partner only one port is used, and the switch takes its ports for separate ones. A port in "
            "another aggregator carries nothing."
        ),
        fix=say("Configure both ports as one LACP channel on the switch (both switches of a pair need MLAG)."),
        source="Linux Documentation/networking/bonding.rst, 802.3ad; drivers/net/bonding/bond_sysfs.c.",
    ),
)
