"""What the findings of `checks.network` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="network.mac",
        title=say("Each VF in use has a MAC address of its own"),
        means=say("The MAC addresses that the port has set for its VFs, as `ip link` shows them, are compared."),
        matters=say(
            "A virtual machine whose VF has no address, or that of another one, has no network, or takes the other's."
        ),
        fix=say(
            "Stop the virtual machine and start it on the platform: the host-agent then sets its MAC address again."
        ),
        source="Linux net/core/rtnetlink.c, rtnl_fill_vfinfo; Cloudpods qemu-kvm.go.",
    ),
    Explanation(
        id="network.vf-link",
        title=say("The link of no VF is switched off"),
        means=say("The link-state that the port has set for each VF: auto, enable or disable."),
        matters=say("With `disable` the guest sees no carrier, whatever the port has."),
        fix=say("ip link set dev INTERFACE vf NUMBER state auto."),
        source="man ip-link, state; Linux include/uapi/linux/if_link.h.",
    ),
    Explanation(
        id="network.mtu",
        title=say("The MTU of the card is that of what is above it"),
        means=say("The MTU of the port is compared with that of its bond or bridge."),
        matters=say("Larger packets are dropped on the port, and a VF can never have a larger MTU than its port."),
        fix=say("ip link set dev INTERFACE mtu NUMBER, and the same in the network configuration, for the next boot."),
        source="Linux net/core/dev.c; the VF drivers take the MTU of their port as the limit.",
    ),
)
