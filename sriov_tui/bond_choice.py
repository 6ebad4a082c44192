"""The wish for a bond, as the answers file and the screens have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BondMode = Literal["802.3ad", "active-backup", "balance-xor"]
BOND_MODES: tuple[BondMode, ...] = ("802.3ad", "active-backup", "balance-xor")
"""Modes 4, 1 and 2: the only ones that a card forwards (mlx5/core/lag), the one that asks for LACP first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BondChoice:
    """A bond that the operator wants of two ports, named by their PCI addresses.

    What one of the ports carries (addresses, routes, VLANs) moves over to the bond. `over_session` counts only
    where that port carries the SSH session: the bond is then undone by itself unless a new connection confirms.
    """

    name: str = "bond0"
    mode: BondMode = "802.3ad"
    ports: tuple[str, ...] = ()
    over_session: bool = False
