"""Offload of Open vSwitch: switchdev, the bond in hardware, and flows that stay in software."""

from __future__ import annotations

from collections.abc import Callable

from checks.cards import vf_lag
from checks.messages.pattern import VSWITCHD
from checks.troubleshooting import flow_fixes
from checks.troubleshooting.cause import NOT, Case, Entry, Judge, Judgement
from checks.troubleshooting.judges import by_finding, fact, first_of
from sriov_tui.facts import Bond, Link, Pf
from sriov_tui.message import Message, Text, say, verbatim
from sriov_tui.model import Fix
from sriov_tui.model.advice import Question

LX = 0x101F
MAX_LAG_VFS = 64
TRAFFIC = Question("traffic", say("Does TCP traffic flow through such a VM right now?"))
LAG = say("cat /sys/kernel/debug/mlx5/ADDRESS/lag/state shows active.")
FLOWS = say("ovs-appctl dpctl/dump-flows type=offloaded shows flows while TCP traffic runs.")
Said = tuple[Text, Text, Message]


def _each(look: Callable[[Case, Pf], Said | None]) -> Judge:
    """The first card that shall offload of which something can be said."""
    return fact(lambda case: next((said for pf in case.offloading if (said := look(case, pf))), None))


def _lx_with_vfs(case: Case, pf: Pf) -> Said | None:
    if pf.device != LX or not pf.numvfs or pf.eswitch is None or pf.eswitch.mode != "legacy":
        return None
    return (
        "devlink",
        say("legacy, {numvfs} VFs", numvfs=pf.numvfs),
        say("{address} has {numvfs} VFs and is in legacy mode.", address=pf.address, numvfs=pf.numvfs),
    )


def _no_eswitch(case: Case, pf: Pf) -> Said | None:
    if pf.eswitch is None or pf.eswitch.mode or not pf.mellanox:
        return None
    return (
        f"devlink dev eswitch show pci/{pf.address}",
        say("not supported"),
        say("{address} reports no eswitch mode.", address=pf.address),
    )


def _bond(case: Case, pf: Pf) -> tuple[Link, Bond] | None:
    link = case.facts.bond_of(pf)
    return (link, link.bond) if link and link.bond else None


def _bond_mode(case: Case, pf: Pf) -> Said | None:
    found = _bond(case, pf)
    if found is None or not vf_lag.wrong_mode(found[0]):
        return None
    link, bond = found
    return (
        f"/sys/class/net/{link.name}/bonding/mode",
        bond.mode,
        say("{name} is in mode {mode}.", name=link.name, mode=bond.mode),
    )


def _many_vfs(case: Case, pf: Pf) -> Said | None:
    if _bond(case, pf) is None or (pf.numvfs or 0) <= MAX_LAG_VFS:
        return None
    return (
        f"/sys/bus/pci/devices/{pf.address}/sriov_numvfs",
        str(pf.numvfs),
        say("{address} has {numvfs} VFs.", address=pf.address, numvfs=pf.numvfs),
    )


def _lag_off(case: Case, pf: Pf) -> Said | None:
    if _bond(case, pf) is None or pf.lag is None or pf.lag.state == "active":
        return None
    modes = {port.eswitch.mode for port in case.facts.pfs or () if port.card == pf.card and port.eswitch}
    here = (
        say("Its ports are not all in switchdev mode.")
        if modes != {"switchdev"}
        else say("Every port is in switchdev mode: a VF was bound too early, or a foreign port is in the bond.")
    )
    return f"/sys/kernel/debug/mlx5/{pf.address}/lag/state", pf.lag.state, here


def _fixed(case: Case, pf: Pf) -> Said | None:
    link = case.facts.link(pf.netdev)
    feature = link.hw_tc_offload if link else None
    if feature is None or feature.on or not feature.fixed:
        return None
    return (
        f"ethtool -k {pf.netdev}",
        "hw-tc-offload: off [fixed]",
        say("{netdev} cannot take TC rules.", netdev=pf.netdev),
    )


def _ovs_setting(case: Case) -> Said | None:
    ovs = case.facts.ovs
    if not ovs.installed or not case.about_offload:
        return None
    if ovs.hw_offload is False:
        return (
            "ovs-vsctl list Open_vSwitch",
            "other_config without hw-offload=true",
            say("Open vSwitch is not set to offload."),
        )
    if ovs.hw_offload and ovs.flow_api is False:
        return (
            VSWITCHD,
            say("no `Flow API Enabled` since the last start"),
            say("Open vSwitch has not been restarted since that setting."),
        )
    return None


def _legacy(case: Case, pf: Pf) -> Said | None:
    if pf.eswitch is None or pf.eswitch.mode != "legacy":
        return None
    return (
        f"devlink dev eswitch show pci/{pf.address}",
        say("mode legacy"),
        say("{address} is not in switchdev mode.", address=pf.address),
    )


def _tc_off(case: Case, pf: Pf) -> Said | None:
    names = [pf.netdev, *(representor.netdev for representor in pf.representors or ())]
    links = [link for name in names if (link := case.facts.link(name)) and link.hw_tc_offload]
    off = next((link.name for link in links if link.hw_tc_offload and not link.hw_tc_offload.on), "")
    return (
        (f"ethtool -k {off}", "hw-tc-offload: off", say("{off} does not hand rules to the card.", off=off))
        if off
        else None
    )


def _outside(case: Case, pf: Pf) -> Said | None:
    names = [representor.netdev for representor in pf.representors or ()]
    if not names or case.facts.ovs.bridges is None or any(case.facts.ovs.bridge_of(name) for name in names):
        return None
    here = say("No representor is in a bridge: the host-agent adds it when a VM starts.")
    return "ovs-vsctl list-ports", say("none of {names}", names=", ".join(names[:3])), here


def _skipped(case: Case) -> Said | None:
    if case.facts.ovs.tc_policy != "skip_hw" or not case.about_offload:
        return None
    return "ovs-vsctl list Open_vSwitch", "tc-policy=skip_hw", say("Open vSwitch is set to leave the card out.")


def _not_built(case: Case) -> Said | None:
    config, mlx5 = case.facts.kernel.config, case.facts.mlx5
    if not config or not case.offloading or (mlx5 and mlx5.loaded_vendor) or "CONFIG_MLX5_ESWITCH=y" not in config:
        return None
    built = "CONFIG_MLX5_CLS_ACT=y" in config
    return (
        None
        if built
        else (say("the kernel's configuration"), "MLX5_CLS_ACT is off", say("This kernel cannot offload TC rules."))
    )


def _no_card(case: Case) -> Said | None:
    if not case.about_offload or case.offloading or case.facts.pfs is None:
        return None
    drivers = " ".join(sorted({pf.driver for pf in case.facts.pfs if pf.driver})) or say("none")
    return "/sys/bus/pci/devices/*/driver", drivers, say("No card here has a switch of its own (eswitch).")


def _software(case: Case) -> Judgement:
    """Flows there are, and the card has none; an empty table proves nothing without traffic."""
    ovs = case.facts.ovs
    if not case.about_offload or not ovs.hw_offload or ovs.offloaded is None or ovs.offloaded:
        return NOT
    if not ovs.flows and case.answers.get(TRAFFIC.key) != "yes":
        empty = say("There are no flows at all: without traffic nothing can be seen.")
        return NOT if TRAFFIC.key in case.answers else Judgement(found=None, ask=TRAFFIC, tells=empty)
    return fact(
        lambda case: (
            "ovs-appctl dpctl/dump-flows",
            say("{flows} flows, 0 offloaded", flows=ovs.flows),
            say("Every flow stays in software although all is set for offload."),
        )
    )(case)


ENTRIES = (
    Entry(
        id="switchdev.lx-order",
        cause=say("A ConnectX-6 Lx does not go to switchdev while it has VFs, and the host-agent makes them first."),
        looks_at=say("the model, its VFs, its eswitch mode"),
        line="or",
        judge=_each(_lx_with_vfs),
        fix=Fix(
            title=say("numvfs 0, then switchdev, then all VFs, before the host-agent starts."),
            verify=verbatim("devlink dev eswitch show pci/ADDRESS"),
        ),
        source="sriov-network-operator #1015, #1017, #1019.",
    ),
    Entry(
        id="switchdev.busy",
        cause=say("Open vSwitch or TC holds rules on the card, so its mode cannot change."),
        looks_at=say("the text that was pasted"),
        fix=Fix(
            title=say("Take the representors out of their bridge, and the rules of TC off the card, then try again."),
            manual=say(
                "ovs-vsctl --if-exists del-port REPRESENTOR; tc qdisc del dev INTERFACE ingress. Only on a card "
                "that your session does not run over, and while no virtual machine uses its VFs."
            ),
            verify=verbatim("devlink dev eswitch show pci/ADDRESS"),
        ),
        source="Linux mlx5/core/eswitch_offloads.c.",
    ),
    Entry(
        id="switchdev.ice-order",
        cause=say("An E810 changes its mode only while it has no VFs."),
        looks_at=say("the text that was pasted"),
        fix=Fix(
            title=say("numvfs 0, then switchdev, then the VFs."),
            verify=verbatim("devlink dev eswitch show pci/ADDRESS"),
        ),
        source="Linux drivers/net/ethernet/intel/ice/ice_eswitch.c.",
    ),
    Entry(
        id="switchdev.unsupported",
        cause=say("This function has no eswitch: it is a VF, or its driver was built without one."),
        looks_at=verbatim("devlink dev eswitch show"),
        line="or",
        judge=_each(_no_eswitch),
        fix=Fix(
            title=say("Use the PF's address; else the vendor's driver, or a kernel with CONFIG_MLX5_ESWITCH."),
            verify=verbatim("devlink dev eswitch show pci/ADDRESS"),
        ),
        source="Linux net/devlink; mlx5/core/Kconfig.",
    ),
    Entry(
        id="lag.mode",
        cause=say("The bond's mode cannot be offloaded: only 1 (active-backup), 2 (balance-xor) and 4 (802.3ad) can."),
        looks_at=say("the mode of the bond"),
        line="facts",
        judge=first_of(
            by_finding("bond.mode"),
            by_finding("agent.bond", topic="mode"),
            _each(_bond_mode),
        ),
        fix=Fix(title=say("Set the bond up again in mode 1, 2 or 4."), verify=LAG),
        source="Linux mlx5/core/lag/lag.c.",
    ),
    Entry(
        id="lag.too-many-vfs",
        cause=say("A port of the bond has more than 64 VFs."),
        looks_at=say("the VF count of the ports"),
        line="or",
        judge=_each(_many_vfs),
        fix=Fix(title=say("NUM_OF_VFS 64 or less in the firmware, then reboot."), verify=LAG),
        source="Linux mlx5/core/lag/lag.c.",
    ),
    Entry(
        id="lag.vfs-bound",
        cause=say("VFs were bound when the bond was to become active in hardware."),
        looks_at=say("the kernel log"),
        judge=_each(_lag_off),
        fix=Fix(
            title=say("Unbind all VFs, take the ports out of the bond and in again, then bind the VFs."), verify=LAG
        ),
        source="Linux mlx5/core/lag/lag.c; netplan LP 1988018.",
    ),
    Entry(
        id="lag.inactive",
        cause=say("The bond is not offloaded: VF-LAG is not active."),
        looks_at=say("debugfs mlx5/ADDRESS/lag, the mode of every port"),
        line="or",
        judge=_each(_lag_off),
        fix=Fix(
            title=say("VFs on both ports, all unbound; switchdev on both; then the bond of these two ports alone."),
            verify=LAG,
        ),
        source="Linux mlx5/core/lag/lag.c.",
    ),
    Entry(
        id="flow.tc-fixed",
        cause=say("The kernel cannot offload TC rules (hw-tc-offload is fixed to off)."),
        looks_at=verbatim("ethtool -k of the card"),
        line="or",
        judge=first_of(_each(_fixed), fact(_not_built)),
        fix=Fix(
            title=say("Use the vendor's driver, or a kernel with CONFIG_MLX5_CLS_ACT."),
            verify=verbatim("ethtool -k INTERFACE | grep hw-tc-offload"),
        ),
        source="Debian's kernel 6.12: NET_TC_SKB_EXT=n, so MLX5_CLS_ACT is off.",
    ),
    Entry(
        id="flow.setting",
        cause=say("Flows are not offloaded: one of the settings they need is missing."),
        looks_at=say("hw-offload, the daemon's log, eswitch mode, hw-tc-offload, bridges, tc-policy"),
        judge=first_of(
            flow_fixes.fixed_by(fact(_ovs_setting), flow_fixes.told),
            flow_fixes.fixed_by(_each(_legacy), flow_fixes.switched),
            flow_fixes.fixed_by(_each(_tc_off), flow_fixes.given),
            flow_fixes.fixed_by(fact(_skipped), flow_fixes.used),
            flow_fixes.fixed_by(_each(_outside), flow_fixes.started),
        ),
        fix=Fix(
            title=say("Set what is missing."),
            verify=FLOWS,
        ),
        source="Open vSwitch vswitch.xml; the guide's FAQ on offload.",
    ),
    Entry(
        id="flow.no-card",
        cause=say("No card of this host can offload Open vSwitch."),
        looks_at=say("the eswitch of every card"),
        judge=fact(_no_card),
        fix=Fix(
            title=say("Offload needs a ConnectX-5 or newer with the vendor's driver."),
            verify=verbatim("devlink dev eswitch show pci/ADDRESS"),
        ),
        source="Cloudpods isolated_device/nic.go; the guide.",
    ),
    Entry(
        id="flow.rejected",
        cause=say("The card does not take these flows: their match or action, or the security group, is beyond it."),
        looks_at=say("the flows, ovs-vswitchd.log"),
        line="or",
        judge=_software,
        fix=Fix(
            title=say("ConnectX-4 and -5: disable_security_group (in host_local.conf); else simpler rules."),
            manual=say("tc -s filter show dev REPRESENTOR ingress shows not_in_hw; dmesg has mlx5_core's reason."),
            verify=FLOWS,
        ),
        source="ovn-kubernetes #839, #3861; OVS tc-offload.rst.",
    ),
)
