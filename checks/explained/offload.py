"""What the findings of `checks.offload` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="offload.possible",
        title=say("Whether the card can offload Open vSwitch"),
        means=say(
            "The host-agent offloads only to ConnectX cards whose driver has compat/devlink/mode "
            "below the interface. That file comes with the vendor's driver (MLNX_OFED, DOCA-OFED), "
            "not with the kernel's own."
        ),
        matters=say("For a card in ovs_offload_nics without the file it reports no offload device of any card."),
        fix=say("Install the vendor's driver, or use the card for plain SR-IOV (sriov_nics)."),
        source="Cloudpods host-agent: isolated_device/nic.go, getOvsOffloadNics; NVIDIA's OVS-Kernel hardware "
        "acceleration guide.",
    ),
    Explanation(
        id="offload.subfunctions",
        title=say("No subfunctions on a card that offloads"),
        means=say("No interface of the card is a subfunction (phys_port_name pf0sf8)."),
        matters=say(
            "The host-agent takes every further interface of the card for the representor of a VF. "
            "At another name it gives up, and reports no offload device of any card."
        ),
        fix=say("Remove the subfunctions: devlink port show, then devlink port del PORT."),
        source="Cloudpods host-agent: isolated_device/nic.go (bad portname); Linux net/devlink/port.c.",
    ),
    Explanation(
        id="offload.security-group",
        title=say("Security groups on ConnectX-5 and older"),
        means=say(
            "disable_security_group is true for this host, in host_local.conf. Asked only of ConnectX-5 and older."
        ),
        matters=say(
            "Security groups are flows that follow connections (ct). These cards do not offload "
            "them: the traffic of VFs is then forwarded in software."
        ),
        fix=say(
            "For one host: disable_security_group: true in /etc/yunion/host_local.conf, then delete "
            "its default-host pod. For the whole cluster: the ConfigMap default-host. In host.conf "
            "the line does nothing on Kubernetes. Without security groups, the virtual machines of "
            "the host are protected by none."
        ),
        source="Cloudpods sdnagent: flowsource.go; Cloudpods' guide to SR-IOV.",
    ),
    Explanation(
        id="offload.flows",
        title=say("Flows that the card forwards"),
        means=say(
            "Flows of type offloaded in Open vSwitch's datapath. Without traffic there are none, and "
            "that is no failure; with traffic, none means that something is missing."
        ),
        matters=say("Everything may be set, and the traffic still run through the processor."),
        fix=say(
            "Follow the reason that is named: hw-offload, the restart after it, switchdev mode, "
            "hw-tc-offload, the representor in a bridge, security groups, tc-policy. If none of "
            "them: tc -s filter show dev REPRESENTOR ingress says not_in_hw, and the kernel log why."
        ),
        source="Open vSwitch: ovs-vswitchd.conf.db(5), dpctl(8); NVIDIA's OVS-Kernel hardware acceleration guide.",
    ),
    Explanation(
        id="bond.ports",
        title=say("A bond is chosen as a whole"),
        means=say("Every port of a bond above a chosen card is chosen, too."),
        matters=say("A bond in host.conf means all of its ports: the host-agent makes VFs on each of them."),
        fix=say("Choose every port of the bond, or none."),
        source="Cloudpods host-agent: hostinfo.go, getNicsInterfaces (bonding/slaves).",
    ),
    Explanation(
        id="bond.mode",
        title=say("The mode of an offloaded bond"),
        means=say("The bond is in mode 1 (active-backup), 2 (balance-xor) or 4 (802.3ad)."),
        matters=say("In other modes the card does not join its ports into one switch (TX type isn't supported)."),
        fix=say("Change the bond's mode, on the switch as well."),
        source="Linux drivers/net/ethernet/mellanox/mlx5/core/lag/lag.c; Cloudpods' guide to SR-IOV.",
    ),
)
