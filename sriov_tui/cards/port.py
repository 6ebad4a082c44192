"""Questions about one port, answered by the tables."""

from __future__ import annotations

from functools import cache

from sriov_tui.cards.driver import Driver, driver_named
from sriov_tui.cards.families import FAMILIES
from sriov_tui.cards.family import Family
from sriov_tui.facts import ARPHRD_INFINIBAND, HostFacts, Pf

INFINIBAND_CLASS = 0x0207  # PCI_CLASS_NETWORK_INFINIBAND, include/linux/pci_ids.h


@cache
def _families() -> dict[tuple[int, int], Family]:
    return {(family.vendor, device): family for family in reversed(FAMILIES) for device in family.pfs}


@cache
def _of_vfs() -> dict[tuple[int, int], Family]:
    return {(family.vendor, device): family for family in reversed(FAMILIES) for device in family.vfs}


def family_of(pf: Pf) -> Family | None:
    """The family of a port; None where it is not in the table, or its ids are unknown."""
    return _families().get((pf.vendor or 0, pf.device or 0))


def vf_family(vendor: int, device: int) -> Family | None:
    """The family whose VFs have these ids."""
    return _of_vfs().get((vendor, device))


def devices(*names: str) -> frozenset[int]:
    """The PCI device ids of these families. KeyError where the table has no such family."""
    by_name = {family.name: family for family in FAMILIES}
    return frozenset(device for name in names for device in by_name[name].pfs)


def driver_of(pf: Pf) -> Driver | None:
    """What is known of the driver that is bound to a port; None for any other driver, and for none."""
    return driver_named(pf.driver)


def drops_link(pf: Pf) -> bool | None:
    """Whether the link drops while VFs are created or removed; None where nothing is known of the driver."""
    driver = driver_of(pf)
    return driver.drops_link if driver else None


def mode_first(pf: Pf) -> bool:
    """Whether switchdev comes before the VFs: always with some drivers, with others for some cards."""
    driver, family = driver_of(pf), family_of(pf)
    return bool((driver and driver.mode_first) or (family and family.mode_first))


def infiniband(facts: HostFacts, pf: Pf) -> bool | None:
    """Whether a port speaks InfiniBand: its interface tells, without one its PCI class; None where both are unknown.

    A ConnectX port has this class while its LINK_TYPE is IB.
    """
    link = facts.link(pf.netdev) if pf.netdev else None
    if link is not None:
        return link.arphrd == ARPHRD_INFINIBAND
    return None if pf.class_code is None else pf.class_code >> 8 == INFINIBAND_CLASS
