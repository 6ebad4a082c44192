"""The table of drivers: how each makes VFs, what it does to the link meanwhile, and how it refuses.

A driver without a line here is not refused: the checks then say what they do not know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sriov_tui.message import NOTHING, Message, say

Makes = Literal["sysfs", "parameter", "firmware", "nothing"]
"""By what VFs are created: `sriov_numvfs`, a parameter of the module, the card's own setup, or not at all."""
When = Literal["down", "resetting", "safe-mode", "no-resources", "busy", "assigned"]
"""What is so when a driver refuses a count: the port is down, its firmware restarts, it runs in safe mode, the PCI core
cannot enable the VFs, another change is under way, virtual machines hold VFs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """How a driver answers a write to `sriov_numvfs`: the errno ("" = the write succeeds, and nothing happens) and
    the line that it leaves in the kernel log."""

    when: When
    log: str
    errno: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A state, seen in the kernel log, in which a driver makes no VFs; `over` is the line that ends it."""

    log: str
    title: Message
    fix: Message
    over: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """One PF driver of Linux. `source` is below drivers/net/ethernet of the kernel, unless it says otherwise."""

    name: str
    source: str
    makes: Makes = "sysfs"
    instead: Message = NOTHING  # how VFs are created where that is not by sysfs
    most: int | None = None  # VFs of a port, where the driver lowers `sriov_totalvfs` to that
    parameter: str = ""  # of the module, which creates VFs as soon as it is loaded
    drops_link: bool = False  # it closes and reopens the port when VFs are created or removed
    eswitch: bool = False  # it has a switch that devlink can put into switchdev mode
    offloads: bool = False  # the host-agent offloads Open vSwitch to it
    mode_first: bool = False  # switchdev is refused while VFs exist
    vf_msix: bool = False  # it hands out the VFs' interrupt vectors (sriov_vf_total_msix)
    reactions: tuple[Reaction, ...] = ()
    fault: Fault | None = None

    @property
    def needs_link_up(self) -> bool:
        """Whether it refuses to create VFs while the port is down, as it is when udev first sees the port."""
        return any(reaction.when == "down" for reaction in self.reactions)


ASSIGNED = "can't free VFs because some are assigned to VMs."
DRIVERS = (
    Driver(
        name="igb",
        source="intel/igb/igb_main.c: igb_enable_sriov and igb_probe_vfs; measured in a virtual machine",
        most=7,
        parameter="max_vfs",
        drops_link=True,
    ),
    Driver(
        name="ixgbe",
        source="intel/ixgbe/ixgbe_sriov.c: IXGBE_MAX_VFS_DRV_LIMIT, ixgbe_sriov_reinit",
        most=63,
        parameter="max_vfs",
        drops_link=True,
    ),
    Driver(
        name="i40e",
        source="intel/i40e/i40e_virtchnl_pf.c: i40e_pci_sriov_configure resets the PF before its first VF",
        drops_link=True,
        reactions=(
            Reaction(when="assigned", errno="EINVAL", log="Unable to free VFs because some are assigned to VMs."),
        ),
    ),
    Driver(
        name="ice",
        source="intel/ice/ice_sriov.c: ice_check_sriov_allowed; ice_eswitch.c: ice_eswitch_mode_set",
        eswitch=True,
        mode_first=True,
        reactions=(
            Reaction(when="safe-mode", errno="EOPNOTSUPP", log="SR-IOV cannot be configured - Device is in Safe Mode"),
            Reaction(when="assigned", errno="EBUSY", log=ASSIGNED),
        ),
        fault=Fault(
            log=r"Safe Mode",
            over=r"DDP package (?:was )?(?:successfully loaded|already present)",
            title=say("It runs in safe mode, without its DDP package, and creates no VFs."),
            fix=say("Install the DDP package in /lib/firmware/intel/ice/ddp, then reload ice or reboot."),
        ),
    ),
    Driver(
        name="mlx5_core",
        source="mellanox/mlx5/core/sriov.c, health.c, eswitch_offloads.c",
        eswitch=True,
        offloads=True,
        vf_msix=True,
        fault=Fault(
            log=r"health recovery (?:flow aborted|failed)|handling bad device here",
            over=r"health recovery succeeded",
            title=say("Its firmware is in an error state, from which the driver has not recovered."),
            fix=say("Switch the host off and on again; if the error returns, update the card's firmware."),
        ),
    ),
    Driver(
        name="mlx4_core",
        source="mellanox/mlx4/main.c: num_vfs; its pci_driver has no sriov_configure",
        makes="parameter",
        instead=say("ConnectX-3: the parameters num_vfs and probe_vf of mlx4_core, and SRIOV_EN in the firmware."),
        parameter="num_vfs",
    ),
    Driver(
        name="enic",
        source="cisco/enic/enic_main.c: enic_probe enables what config space has as TotalVFs",
        makes="firmware",
        instead=say("Cisco VIC: the vNIC's SR-IOV policy in the UCS manager; the VFs are there once enic is loaded."),
    ),
    Driver(
        name="bnxt_en",
        source="broadcom/bnxt/bnxt_sriov.c: bnxt_sriov_configure",
        eswitch=True,
        reactions=(
            Reaction(when="down", log="Reject SRIOV config request since if is down!"),
            Reaction(when="resetting", log="Reject SRIOV config request when FW reset is in progress"),
            Reaction(when="assigned", log="Unable to configure SRIOV since some VFs are assigned to VMs."),
        ),
    ),
    Driver(
        name="bnx2x",
        source="broadcom/bnx2x/bnx2x_sriov.c: bnx2x_sriov_configure",
        reactions=(
            Reaction(when="down", errno="EINVAL", log="VF num configuration via sysfs not supported while PF is down"),
        ),
    ),
    Driver(
        name="ionic",
        source="pensando/ionic/ionic_bus_pci.c: ionic_sriov_configure",
        reactions=(Reaction(when="no-resources", errno="ENOMEM", log="Cannot enable SRIOV"),),
    ),
    Driver(name="qede", source="qlogic/qede/qede_main.c: qede_sriov_configure"),
    Driver(name="nfp", source="netronome/nfp/nfp_main.c: nfp_pcie_sriov_enable", eswitch=True),
    Driver(
        name="hinic",
        source="huawei/hinic/hinic_sriov.c: hinic_pci_sriov_configure",
        reactions=(Reaction(when="busy", errno="EPERM", log="SR-IOV enable in process, please wait"),),
    ),
    Driver(
        name="hinic3",
        source="openEuler's and the maker's hinic3 (hinic3_sriov.c); that of Linux drives VFs only (hinic3_lld.c)",
        reactions=(Reaction(when="busy", errno="EPERM", log="SR-IOV enable in process, please wait"),),
    ),
    Driver(
        name="hns3",
        source="hisilicon/hns3/hns3_enet.c: hns3_pci_sriov_configure returns 0 where pci_enable_sriov fails",
        reactions=(
            Reaction(when="no-resources", log="SRIOV enable failed"),
            Reaction(when="assigned", log="Unable to free VFs because some are assigned to VMs."),
        ),
    ),
    Driver(
        name="ngbe",
        source="wangxun/libwx/wx_sriov.c: wx_sriov_reinit; ngbe/ngbe_type.h: NGBE_MAX_VFS_DRV_LIMIT",
        most=7,
        drops_link=True,
        reactions=(Reaction(when="assigned", errno="EBUSY", log=ASSIGNED),),
    ),
    Driver(
        name="txgbe",
        source="wangxun/libwx/wx_sriov.c: wx_sriov_reinit; txgbe/txgbe_type.h: TXGBE_MAX_VFS_DRV_LIMIT",
        most=63,
        drops_link=True,
        reactions=(Reaction(when="assigned", errno="EBUSY", log=ASSIGNED),),
    ),
    Driver(
        name="rnpgbe",
        source="mucse/rnpgbe/rnpgbe_main.c: no sriov_configure",
        makes="nothing",
        instead=say("In Linux this driver creates no VFs; the maker's own driver may."),
    ),
    Driver(name="r8169", source="realtek/r8169_main.c: no sriov_configure", makes="nothing"),
    Driver(name="tg3", source="broadcom/tg3.c: no sriov_configure", makes="nothing"),
    Driver(name="e1000e", source="intel/e1000e/netdev.c: no sriov_configure", makes="nothing"),
    Driver(name="virtio-pci", source="drivers/virtio/virtio_pci_common.c: VFs only where the device offers SR-IOV"),
)
_BY_NAME = {driver.name: driver for driver in DRIVERS}


def driver_named(name: str | None) -> Driver | None:
    """What is known of the driver of this name; None where it is not in the table."""
    return _BY_NAME.get(name or "")


def reactions(when: When) -> tuple[tuple[Driver, Reaction], ...]:
    """Every driver that refuses in this situation, and how."""
    return tuple((driver, one) for driver in DRIVERS for one in driver.reactions if one.when == when)


def log_patterns() -> tuple[str, ...]:
    """What these drivers write into the kernel log when they refuse, fail and recover, as regular expressions."""
    refusals = (re.escape(one.log) for driver in DRIVERS for one in driver.reactions)
    faults = (text for driver in DRIVERS if driver.fault for text in (driver.fault.log, driver.fault.over) if text)
    return tuple(dict.fromkeys((*refusals, *faults)))
