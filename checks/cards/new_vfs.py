"""VFs that are not there yet: where they will stand, and the host once they are created or removed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from sriov_tui.facts import HostFacts, Pf, Vf

KEPT = 1024  # cards whose new VFs are kept: each key of the wizard asks for those of the same cards


def planned(pf: Pf) -> tuple[Vf, ...]:
    """The VFs that the card will have, without driver: by First VF Offset and VF Stride (PCIe SR-IOV, 2.1.2)."""
    return _planned(_addresses(pf, pf.totalvfs or 0))


@lru_cache(maxsize=KEPT)
def _planned(where: tuple[str, ...]) -> tuple[Vf, ...]:
    return tuple(Vf(index=index, address=address, driver="") for index, address in enumerate(where))


@lru_cache(maxsize=KEPT)
def _created(where: tuple[str, ...], driver: str | None, members: tuple[str, ...] | None) -> tuple[Vf, ...]:
    return tuple(
        Vf(index=index, address=address, driver=driver, holders=(), group_members=members, foreseen=True)
        for index, address in enumerate(where)
    )


def _addresses(pf: Pf, count: int) -> tuple[str, ...]:
    """Where the VFs stand; "" for each where the card does not tell."""
    return _places(pf.address, pf.sriov.offset, pf.sriov.stride, count) if pf.sriov else ("",) * count


@lru_cache(maxsize=KEPT)
def _places(pf: str, offset: int, stride: int, count: int) -> tuple[str, ...]:
    domain, bus, slot = pf.split(":")
    device, function = slot.split(".")
    first = (int(bus, 16) << 8 | int(device, 16) << 3 | int(function, 16)) + offset
    numbers = (first + index * stride for index in range(count))
    return tuple(f"{domain}:{rid >> 8:02x}:{rid >> 3 & 31:02x}.{rid & 7}" for rid in numbers)


def with_vfs(facts: HostFacts, counts: Mapping[str, int | None], driver: str | None = None) -> HostFacts:
    """The host after so many VFs of each of these PFs were created, all of them new; None where that cannot be told.

    Nobody holds a new VF. Which driver takes it, unless that is known, and in which IOMMU group it is, shows only then.
    """
    before = [pf for pf in facts.pfs or () if pf.address in counts]
    after = {pf.address: _with_vfs(pf, counts[pf.address], driver) for pf in before}
    gone = {name for pf in before for vf in pf.vfs for name in vf.netdevs or ()}
    gone |= {rep.netdev for pf in before for rep in pf.representors or ()}
    pfs = tuple(after.get(pf.address, pf) for pf in facts.pfs or ())
    for pf in after.values():
        if pf.vfs and (members := pf.vfs[0].group_members):
            pfs = tuple(
                replace(one, group_members=members) if pf.address in (one.group_members or ()) else one for one in pfs
            )
    regroups = any(pf.vfs for pf in (*before, *after.values()))
    return replace(
        facts,
        pfs=facts.pfs and pfs,
        iommu=replace(facts.iommu, groups=None, foreseen=facts.iommu.active) if regroups else facts.iommu,
        links=facts.links and tuple(link for link in facts.links if link.name not in gone),
    )


def _with_vfs(pf: Pf, count: int | None, driver: str | None) -> Pf:
    if count == pf.numvfs == len(pf.vfs) and all(vf.foreseen and vf.driver == driver for vf in pf.vfs):
        return pf  # they are new already
    where = _addresses(pf, count or 0)
    vfs = _created(where, driver, _members(pf, where))
    sriov = replace(pf.sriov, numvfs=count, enabled=count > 0) if pf.sriov and count is not None else None
    return replace(pf, numvfs=count, vfs=vfs, sriov=sriov, representors=None if pf.representors else pf.representors)


def _members(pf: Pf, where: Iterable[str]) -> tuple[str, ...] | None:
    """The IOMMU group that new VFs share with the port above, where that keeps nothing apart; else None: not known."""
    now, old = set(pf.group_members or ()), {vf.address for vf in pf.vfs}
    shared = now & {port.address for port in pf.bridges or ()}
    return tuple(sorted((now - old).union(where))) if shared and all(where) else None


def with_links_up(facts: HostFacts, names: Collection[str]) -> HostFacts:
    """The host with these links up; whether they have a carrier shows only then."""
    links = (
        replace(one, up=True, carrier=None) if one.name in names and not one.up else one for one in facts.links or ()
    )
    return replace(facts, links=facts.links and tuple(links)) if names else facts


def with_pfs(facts: HostFacts, *pfs: Pf) -> HostFacts:
    """The host with these PFs in place of those at their addresses."""
    new = {pf.address: pf for pf in pfs}
    return replace(facts, pfs=facts.pfs and tuple(new.get(one.address, one) for one in facts.pfs)) if new else facts
