"""What differs between the generations of ConnectX cards where Open vSwitch is offloaded, by PCI device id."""

from __future__ import annotations

from sriov_tui.facts import Pf

BEFORE_6 = {  # their hardware follows no connections (domain facts 6.3); BlueField has a ConnectX-5 inside
    0x1013: "ConnectX-4",
    0x1015: "ConnectX-4 Lx",
    0x1017: "ConnectX-5",
    0x1019: "ConnectX-5 Ex",
    0xA2D2: "BlueField",
}
INLINE = (0x1013, 0x1015)  # the driver copies packet headers for them: inline-mode transport (peers 1.2)
MODE_FIRST = (0x101F,)  # ConnectX-6 Lx: switchdev is refused while VFs exist (host-agent facts 3.2)


def without_connections(pf: Pf) -> str:
    """The name of a generation that cannot offload security groups; "" for ConnectX-6 and later, or another card."""
    return BEFORE_6.get(pf.device or 0, "") if pf.mellanox else ""


def needs_inline(pf: Pf) -> bool:
    """Whether the eswitch of this card needs inline-mode transport."""
    return pf.mellanox and pf.device in INLINE


def mode_first(pf: Pf) -> bool:
    """Whether switchdev comes before the VFs; every other mlx5 card is given its VFs first."""
    return pf.mellanox and pf.device in MODE_FIRST
