"""What the findings of `checks.firmware` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="firmware.vfs",
        title=say("The firmware of a ConnectX offers the VFs that are requested"),
        means=say(
            "SRIOV_EN and NUM_OF_VFS (or PF_NUM_OF_VF) in the card's own memory: in force, and from "
            "the next boot on. They are compared with sriov_totalvfs and with what is requested."
        ),
        matters=say(
            "The host-agent always makes sriov_totalvfs VFs, and on these cards that number is the "
            "firmware's. It is one number for all ports of a card, and it takes effect at a reboot."
        ),
        fix=say(
            "Give the number in step 4. By hand: mstconfig -d ADDRESS set SRIOV_EN=1 NUM_OF_VFS=N, "
            "then reboot; where the kernel still sees the old number, power the host off and on."
        ),
        source="NVIDIA: mlxconfig; mstflint; Linux drivers/net/ethernet/mellanox/mlx5/core/sriov.c.",
    ),
    Explanation(
        id="firmware.cost",
        title=say("What a number of VFs takes"),
        means=say(
            "Address room by VF_LOG_BAR_SIZE, interrupt vectors by NUM_VF_MSIX, host memory, and the "
            "limit of 64 VFs for a bond in hardware."
        ),
        matters=say("Too little address room keeps every VF from being made; above 64 VFs the ports form no VF-LAG."),
        fix=say("Request what the virtual machines need, not the maximum."),
        source="Linux drivers/net/ethernet/mellanox/mlx5/core/lag/lag.c; NVIDIA: mlxconfig.",
    ),
)
