"""What the findings of `checks.ovs` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="ovs.hw-offload",
        title=say("Open vSwitch is set to offload"),
        means=say("other_config:hw-offload is true in its database."),
        matters=say("Without it no flow is given to a card."),
        fix=say("ovs-vsctl set Open_vSwitch . other_config:hw-offload=true, then restart Open vSwitch."),
        source="Open vSwitch: ovs-vswitchd.conf.db(5).",
    ),
    Explanation(
        id="ovs.restarted",
        title=say("Open vSwitch has started since hw-offload was set"),
        means=say("The log of the running daemon says Flow API Enabled, or Flow HW offload is enabled."),
        matters=say(
            "The host-agent sets hw-offload, and never restarts Open vSwitch. Until then flows stay in software."
        ),
        fix=say(
            "Restart it, or reboot. The traffic of the virtual machines stops for a moment. In a "
            "container: delete this node's pod of ovs-vswitchd."
        ),
        source="Open vSwitch: ovs-vswitchd.conf.db(5), lib/netdev-offload.c; Cloudpods host-agent: nic.go.",
    ),
    Explanation(
        id="ovs.tc-policy",
        title=say("Where Open vSwitch may put its rules"),
        means=say("other_config:tc-policy is none, as without the setting; skip_hw keeps every flow from the cards."),
        matters=say("With skip_hw nothing is offloaded, however well all the rest is set."),
        fix=say("ovs-vsctl remove Open_vSwitch . other_config tc-policy, then restart Open vSwitch."),
        source="Open vSwitch: ovs-vswitchd.conf.db(5).",
    ),
    Explanation(
        id="ovs.connections",
        title=say("Open vSwitch can offload security groups"),
        means=say("Security groups are on, the card can follow connections, and Open vSwitch is 2.13 or later."),
        matters=say("Older ones give tc no flow with connection tracking: the traffic of such VFs stays in software."),
        fix=say("Update Open vSwitch (the platform's image), or switch security groups off for this host."),
        source="Open vSwitch lib/netdev-offload-tc.c (ct since 2.13); Cloudpods sdnagent flowsource.go.",
    ),
)
