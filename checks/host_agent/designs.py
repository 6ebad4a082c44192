"""Arrangements that the host-agent takes without a word, and that do not carry traffic as they are meant to."""

from __future__ import annotations

from collections.abc import Iterator

from checks.host_agent.nics import HostNic, host_nics
from sriov_tui.facts import HostFacts, Link, Pf, grouped
from sriov_tui.hostconf import Reading
from sriov_tui.message import say
from sriov_tui.model import Evidence, Finding, Fix, Level

PLAIN_MODE = "active-backup"


def findings(facts: HostFacts, reading: Reading) -> Iterator[Finding]:
    """Plain VFs below a bond, and cards that offload side by side in one bridge."""
    for bond in _bonds(facts, [nic.pf for nic in host_nics(facts, reading, reading.options.sriov_nics) if nic.pf]):
        yield _plain_bond(bond)
    offload = [nic for nic in host_nics(facts, reading, reading.options.ovs_offload_nics) if nic.pf]
    for bridge, nics in grouped((nic for nic in offload if nic.bridge), lambda nic: nic.bridge).items():
        yield from _side_by_side(facts, bridge, list(nics))


def _bonds(facts: HostFacts, pfs: list[Pf]) -> list[Link]:
    return list(dict.fromkeys(bond for pf in pfs if (bond := facts.bond_of(pf))))


def _plain_bond(bond: Link) -> Finding:
    """A switch sends a frame to any port of its own bond, but a VF is reached through its own port alone."""
    assert bond.bond is not None
    mode, works = bond.bond.mode, bond.bond.mode == PLAIN_MODE
    return Finding(
        id="agent.bond-mode",
        level=Level.OK if works else Level.WARN if mode else Level.SKIP,
        subject=bond.name,
        title=say("{bond} is in mode active-backup, which plain VFs work with.", bond=bond.name)
        if works
        else say("{bond} is in mode {mode}: the switch may send a plain VF's frames to the other port, where they are "
                 "lost.", bond=bond.name, mode=mode)
        if mode
        else say("The mode of {bond} could not be read: plain VFs work with active-backup only.", bond=bond.name),
        evidence=(Evidence(f"/sys/class/net/{bond.name}/bonding/mode", mode or "not read"),),
        fix=None
        if works
        else Fix(title=say("Use the mode active-backup; or offload the bond (VF-LAG in switchdev mode); or list a card "
                           "that is not in a bond.")),
    )  # fmt: skip


def _side_by_side(facts: HostFacts, bridge: str, nics: list[HostNic]) -> Iterator[Finding]:
    """Two uplinks without a bond make a loop, and a flow from a VF to the other card's uplink is not offloaded."""
    alone = {nic.pf.address: nic for nic in nics if nic.pf is not None and facts.bond_of(nic.pf) is None}
    if len(alone) < 2:
        return
    names = tuple(nic.netdev for nic in alone.values())
    yield Finding(
        id="agent.offload-bridge",
        level=Level.WARN,
        subject=bridge,
        title=say("{names} offload side by side in the bridge {bridge} without a bond: two uplinks of one bridge make "
                  "a loop, and a VF's flow over the other card is not offloaded.", names=names, bridge=bridge),
        evidence=(Evidence("/etc/yunion/host.conf", f"ovs_offload_nics: {', '.join(names)}"),),
        fix=Fix(title=say("Make a bond of two ports of one card and name it in networks and ovs_offload_nics, or give "
                          "each card an entry with a bridge of its own.")),
    )  # fmt: skip
