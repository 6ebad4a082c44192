"""What the findings of `checks.offload` are about."""

from __future__ import annotations

from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="offload.possible",
        title="Whether the card can offload Open vSwitch",
        means="The host-agent offloads only to ConnectX cards whose driver has compat/devlink/mode below the "
        "interface. That file comes with the vendor's driver (MLNX_OFED, DOCA-OFED), not with the kernel's own.",
        matters="For a card in ovs_offload_nics without the file it reports no offload device of any card.",
        mend="Install the vendor's driver, or use the card for plain SR-IOV (sriov_nics).",
        source="Cloudpods host-agent: isolated_device/nic.go, getOvsOffloadNics; NVIDIA's OVS-Kernel hardware "
        "acceleration guide.",
    ),
    Explanation(
        id="bond.ports",
        title="A bond is chosen as a whole",
        means="Every port of a bond above a chosen card is chosen, too.",
        matters="A bond in host.conf stands for all of its ports: the host-agent makes VFs on each of them.",
        mend="Choose every port of the bond, or none.",
        source="Cloudpods host-agent: hostinfo.go, getNicsInterfaces (bonding/slaves).",
    ),
    Explanation(
        id="bond.mode",
        title="The mode of an offloaded bond",
        means="The bond is in mode 1 (active-backup), 2 (balance-xor) or 4 (802.3ad).",
        matters="In other modes the card does not join its ports into one switch (TX type isn't supported).",
        mend="Change the bond's mode, on the switch as well.",
        source="Linux drivers/net/ethernet/mellanox/mlx5/core/lag/lag.c; Cloudpods' guide to SR-IOV.",
    ),
)
