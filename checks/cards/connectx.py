"""What differs between the generations of ConnectX cards where Open vSwitch is offloaded."""

from __future__ import annotations

from sriov_tui.cards import family_of
from sriov_tui.facts import Pf


def without_connections(pf: Pf) -> str:
    """The name of a generation that cannot offload security groups; "" for ConnectX-6 and later, or another card."""
    family = family_of(pf)
    return family.name if family and pf.mellanox and not family.connections else ""


def needs_inline(pf: Pf) -> bool:
    """Whether the eswitch of this card needs inline-mode transport."""
    family = family_of(pf)
    return bool(family and family.inline)
