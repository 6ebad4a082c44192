"""Whether a card can forward a bond of its ports as one switch (VF-LAG): the bond's mode, and which ports it has."""

from __future__ import annotations

from sriov_tui.facts import HostFacts, Link, Pf
from sriov_tui.message import NOTHING, Message, say

MODES = ("active-backup", "balance-xor", "802.3ad")
"""Modes 1, 2 and 4: the only ones that a card forwards (drivers/net/ethernet/mellanox/mlx5/core/lag/lag.c)."""


def wrong_mode(bond: Link) -> bool | None:
    """Whether a card cannot forward the bond in its mode; None where that could not be read."""
    return bond.bond.mode not in MODES if bond.bond and bond.bond.mode else None


def ports_of(bond: Link) -> tuple[str, ...]:
    """The names of its ports."""
    return bond.bond.ports if bond.bond else ()


def wrong_ports(facts: HostFacts, bond: Link, pfs: tuple[Pf, ...]) -> Message:
    """Why the bond of these PFs is not what mlx5 asks for, every port of one card and nobody else; or NOTHING."""
    if not ports_of(bond):
        return say("has no ports")
    if len(cards := sorted({pf.card for pf in pfs})) > 1:
        return say("has its ports on different cards ({cards})", cards=", ".join(cards))
    if strangers := sorted(set(ports_of(bond)) - {name for pf in pfs for name in pf.netdevs or ()}):
        return say("has ports that are on no such card ({strangers})", strangers=", ".join(strangers))
    if left_out := [pf.address for pf in facts.ports_of(pfs[0].card) if pf not in pfs]:
        return say("is not of every port of the card ({left_out} is missing)", left_out=", ".join(left_out))
    return say("has one port only") if len(pfs) < 2 else NOTHING
