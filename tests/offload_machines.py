"""Hosts whose ConnectX shall offload: the wish, and the facts with one thing changed."""

from __future__ import annotations

from dataclasses import replace

from sriov_tui.facts import Feature, HostFacts, Link, Pf
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices, NicChoice
from sriov_tui.probe import gather
from tests.mellanox_machines import NET0, PF0, PF1


def want(numvfs: int | None = None, addresses: tuple[str, ...] = (PF0, PF1), use: str = "offload") -> Choices:
    """Offload on these ports."""
    nics = (
        NicChoice(address=a, use="sriov" if use == "sriov" else "offload", numvfs=numvfs, bridge=f"br{n}", wire="w")
        for n, a in enumerate(addresses, 1)
    )
    return Choices(nics=tuple(nics))


ONE = want(addresses=(PF0,))


def facts_of(machine: Machine) -> HostFacts:
    """What the probes make of it."""
    return gather(RecordedHost(machine))


def pf_of(facts: HostFacts, address: str = PF0) -> Pf:
    """The PF, which is there."""
    pf = facts.pf(address)
    assert pf is not None
    return pf


def with_pf(facts: HostFacts, **changes: object) -> HostFacts:
    """The facts with fields of the first PF replaced."""
    pfs = tuple(replace(pf, **changes) if pf.address == PF0 else pf for pf in facts.pfs or ())  # type: ignore[arg-type]
    return replace(facts, pfs=pfs)


def with_link(facts: HostFacts, name: str = NET0, **changes: object) -> HostFacts:
    """The facts with fields of a link replaced."""
    links = tuple(
        replace(link, **changes) if link.name == name else link  # type: ignore[arg-type]
        for link in facts.links or ()
    )
    return replace(facts, links=links)


def with_ovs(facts: HostFacts, **changes: object) -> HostFacts:
    """The facts with fields of Open vSwitch replaced."""
    return replace(facts, ovs=replace(facts.ovs, **changes))  # type: ignore[arg-type]


def in_place(facts: HostFacts) -> HostFacts:
    """The first PF as it is once it offloads: switchdev, tc, Open vSwitch started; no VF and no representor yet."""
    pf = pf_of(facts)
    assert pf.eswitch is not None
    done = with_pf(facts, eswitch=replace(pf.eswitch, mode="switchdev"), numvfs=0, totalvfs=0)
    done = with_link(done, hw_tc_offload=Feature(on=True))
    return with_ovs(done, hw_offload=True, log=("netdev: Flow API Enabled",), flows=0, offloaded=0)


def subfunction() -> Link:
    """The representor of a subfunction on the first PF."""
    return Link(name="en3f0pf0sf88", index=90, pci=PF0, phys_port_name="pf0sf88")
