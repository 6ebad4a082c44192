"""What network cards and their drivers do, as data: one table of drivers, one of families of PCI ids.

Everything that has to know it asks here: the checks and their plans, the causes of troubleshooting, the commands for
guests, and the simulated kernel, which reacts as the table says. So this package stands below all of them.
"""

from __future__ import annotations

from sriov_tui.cards.driver import DRIVERS, Driver, Fault, Reaction, driver_named, log_patterns, reactions
from sriov_tui.cards.families import FAMILIES
from sriov_tui.cards.family import Family
from sriov_tui.cards.obstacle import Obstacle, obstacle
from sriov_tui.cards.port import devices, driver_of, drops_link, family_of, infiniband, mode_first, vf_family

__all__ = [
    "DRIVERS",
    "FAMILIES",
    "Driver",
    "Family",
    "Fault",
    "Obstacle",
    "Reaction",
    "devices",
    "driver_named",
    "driver_of",
    "drops_link",
    "family_of",
    "infiniband",
    "log_patterns",
    "mode_first",
    "obstacle",
    "reactions",
    "vf_family",
]
