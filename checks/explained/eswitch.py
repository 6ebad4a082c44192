"""What the findings of `checks.eswitch` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="eswitch.mode",
        title=say("The switch in the card is in switchdev mode"),
        means=say("devlink, or compat/devlink/mode, says switchdev. In legacy mode it forwards by MAC and VLAN alone."),
        matters=say(
            "Only in switchdev mode have VFs representors, which Open vSwitch can put into a bridge and offload."
        ),
        fix=say(
            "The plan sets it: at once where nothing uses the port, else at the reboot. By hand: "
            "make the VFs, unbind them, then devlink dev eswitch set pci/ADDRESS mode switchdev; on "
            "a ConnectX-6 Lx the mode first."
        ),
        source="Linux Documentation/networking/switchdev.rst, mlx5/core/eswitch_offloads.c.",
    ),
    Explanation(
        id="eswitch.inline",
        title=say("The inline mode of a ConnectX-4"),
        means=say("inline-mode is transport. Asked only of ConnectX-4 and ConnectX-4 Lx."),
        matters=say("These cards see only as many headers as the driver copies for them, and do not match the others."),
        fix=say("devlink dev eswitch set pci/ADDRESS inline-mode transport, before switchdev."),
        source="Linux devlink-dev(8); os-net-config, sriov_config.py.",
    ),
    Explanation(
        id="eswitch.steering",
        title=say("Who inserts the rules into the card"),
        means=say("steering_mode: dmfs is the firmware, smfs and hmfs the driver or the card itself."),
        matters=say("With many short connections dmfs inserts rules slowly. Everything works with it."),
        fix=say("In legacy mode: devlink dev param set pci/ADDRESS name flow_steering_mode value smfs cmode runtime."),
        source="Linux Documentation/networking/devlink/mlx5.rst.",
    ),
    Explanation(
        id="eswitch.tc-offload",
        title=say("The card takes rules of tc"),
        means=say("ethtool -k shows hw-tc-offload on for the port."),
        matters=say(
            "Open vSwitch gives flows to the card as rules of tc. With hw-tc-offload off none of them gets there."
        ),
        fix=say(
            "ethtool -K PORT hw-tc-offload on; the unit does so at every boot. Off and fixed: the "
            "driver was built without CONFIG_MLX5_CLS_ACT, as on stock Debian; install the vendor's."
        ),
        source="Linux mlx5/core/Kconfig; NVIDIA's OVS-Kernel hardware acceleration guide.",
    ),
    Explanation(
        id="eswitch.representors",
        title=say("Each VF has its representor"),
        means=say("For each VF there is an interface with phys_port_name pf0vf3 or the like."),
        matters=say(
            "The host-agent treats a VF without representor as plain SR-IOV, and says nothing: it "
            "bypasses Open vSwitch and its security groups."
        ),
        fix=say("Reboot: this recreates the VFs and sets the mode again."),
        source="Cloudpods host-agent: isolated_device/nic.go; Linux net/devlink/port.c.",
    ),
    Explanation(
        id="eswitch.at-boot",
        title=say("VFs and switchdev mode at every boot"),
        means=say(
            "The systemd unit for the card is there as sriov-tui writes it, and enabled. A card that "
            "no longer offloads has none."
        ),
        matters=say(
            "Both are lost at a reboot. The host-agent sets them too, but late, without "
            "hw-tc-offload, with a bond already up, and in an order that a ConnectX-6 Lx refuses."
        ),
        fix=say(
            "The plan writes the unit. To end it: systemctl disable sriov-tui-offload-ADDRESS.service, then reboot."
        ),
        source="systemd.service(5), systemd.special(7); sriov-network-operator's units; Cloudpods host-agent: nic.go.",
    ),
)
