"""What the host-agent gives guests of each port: for which use, on which wires, and how many VFs a process holds.

`Reading.options.entries` decides as Cloudpods does: pkg/hostman/hostinfo/hostinfo.go, getNicsInterfaces. An item that
no entry names gets the first entry; a bond that none names is passed over.
"""

from __future__ import annotations

from sriov_tui.facts import HostFacts, Pf
from sriov_tui.hostconf import reading_of

USES = {"sriov_nics": "sriov", "ovs_offload_nics": "offload"}


def listed(facts: HostFacts) -> dict[str, str] | None:
    """For each port that host.conf names for VFs, itself or by its bond, which list; None where that is unknown."""
    reading = reading_of(facts)
    if reading is None or not reading.loads:
        return None
    lists = (("sriov_nics", reading.options.sriov_nics), ("ovs_offload_nics", reading.options.ovs_offload_nics))
    return {pf.address: key for pf in facts.pfs or () for key, items in lists if names(facts, pf).intersection(items)}


def names(facts: HostFacts, pf: Pf) -> set[str]:
    """The names under which host.conf can mean a port: its interfaces, and the bond that it is part of."""
    bond = facts.bond_of(pf)
    return {*(pf.netdevs or ()), *([bond.name] if bond else [])}


def wires(facts: HostFacts, pf: Pf) -> tuple[str, ...] | None:
    """The wires that the VFs of a listed port are on; "" = that of the entry's address. None = unknown."""
    reading = reading_of(facts)
    if reading is None or not reading.loads:
        return None
    options, bond = reading.options, facts.bond_of(pf)
    found: dict[str, None] = {}
    for item in (*options.sriov_nics, *options.ovs_offload_nics):
        if item in names(facts, pf):
            is_bond = bond is not None and item == bond.name
            entries = options.entries_of(item) or (() if is_bond else options.entries[:1])
            found |= dict.fromkeys(entry.wire for entry in entries)
    return tuple(found)


def held(pf: Pf) -> int | None:
    """How many of its VFs a process of this host holds; None where that could not be seen of every VF."""
    if pf.numvfs is None or len(pf.vfs) != pf.numvfs or any(vf.holders is None for vf in pf.vfs):
        return None
    return sum(bool(vf.holders) for vf in pf.vfs)
