"""Bonds that would not work are refused, each with its reason and a way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from checks import bond
from checks.bonding import wish
from sriov_tui.facts import Address, Bond, Holder, HostFacts, Link, OvsBridge, SshSession, Vf
from sriov_tui.model import Choices, Level
from tests import bond_machines as hosts
from tests import mellanox_machines as cards
from tests.bond_machines import IGB0, IGB1
from tests.checks.common import found, steps
from tests.mellanox_machines import NET0, NET1, PF0
from tests.offload_machines import facts_of, with_link, with_ovs, with_pf

IGB = Choices(bonds=(hosts.bond("active-backup", (IGB0, IGB1)),))


def ready() -> HostFacts:
    """A ConnectX-6 Dx with 8 VFs in its firmware; network-scripts."""
    return facts_of(hosts.configured(cards.connectx(), "network-scripts"))


def two_cards(facts: HostFacts) -> HostFacts:
    pfs = tuple(replace(pf, address="0000:05:00.0") if pf.address == cards.PF1 else pf for pf in facts.pfs or ())
    return replace(facts, pfs=pfs)


def held(facts: HostFacts) -> HostFacts:
    vf = Vf(index=0, address="0000:03:01.0", driver="vfio-pci", holders=(Holder(pid=7, command="qemu", vm="web"),))
    return with_pf(facts, numvfs=1, vfs=(vf,))


def many(facts: HostFacts) -> HostFacts:
    return with_pf(facts, totalvfs=65)


def session(facts: HostFacts) -> HostFacts:
    return replace(facts, ssh=SshSession(client="1", server="2", links=(NET0,), pfs=(PF0,)))


def in_bridge(facts: HostFacts) -> HostFacts:
    return with_ovs(facts, bridges=(OvsBridge(name="br1", ports=(NET0,)),))


def in_bond(facts: HostFacts) -> HostFacts:
    return with_link(facts, NET0, master="bond7")


def with_macvlan(facts: HostFacts) -> HostFacts:
    return replace(facts, links=(*(facts.links or ()), Link(name="mv0", index=99, kind="macvlan", parent=NET0)))


def both_carry(facts: HostFacts) -> HostFacts:
    for name in (NET0, NET1):
        facts = with_link(facts, name, addresses=(Address(ip="10.9.0.1", prefixlen=24),))
    return facts


def by_hand(facts: HostFacts) -> HostFacts:
    return with_link(facts, NET0, addresses=(Address(ip="10.9.0.1", prefixlen=24),))


def no_tool(facts: HostFacts) -> HostFacts:
    return replace(facts, network_managers=None)


def mode_0(facts: HostFacts) -> HostFacts:
    link = Link(name="bond0", index=99, kind="bond", bond=Bond(mode="balance-rr", ports=(NET0, NET1)))
    return replace(facts, links=(*(facts.links or ()), link))


def infiniband(facts: HostFacts) -> HostFacts:
    return with_link(facts, NET1, arphrd=32)


def blind(facts: HostFacts) -> HostFacts:
    return replace(facts, links=None)


REFUSALS = [
    (two_cards, "card", "on two cards"),
    (held, "held", "held by the virtual machine web"),
    (many, "vfs", "65 VFs"),
    (session, "session", "SSH session"),
    (in_bridge, "config", f"What Open vSwitch is told about its port {NET0}"),
    (in_bond, "bridge", "bond7"),
    (with_macvlan, "bridge", "mv0 (macvlan)"),
    (both_carry, "config", "Both"),
    (by_hand, "config", f"No file of /etc/sysconfig/network-scripts configures {NET0}"),
    (no_tool, "config", "could not be read"),
    (mode_0, "wish", "already there: a bond in mode balance-rr"),
    (infiniband, "wish", "InfiniBand"),
    (blind, "wish", "could not be read"),
]


@pytest.mark.parametrize(("change", "topic", "words"), REFUSALS)
def test_what_would_not_work_is_refused_with_a_way_out(
    change: Callable[[HostFacts], HostFacts], topic: str, words: str
) -> None:
    choices = hosts.wish()
    facts = change(ready())
    if change is two_cards:
        choices = replace(choices, nics=tuple(replace(n, address=n.address.replace(cards.PF1, "0000:05:00.0"))
                                              for n in choices.nics),
                          bonds=(hosts.bond(ports=(PF0, "0000:05:00.0")),))  # fmt: skip
    finding = found(bond, facts, choices)[f"bond.{topic} bond0"]
    assert (finding.level, finding.blocks, words in finding.title) == (Level.FAIL, True, True), finding.title
    assert finding.fix
    assert not steps(bond, facts, choices)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"ports": (PF0,)}, "1 of its ports"), ({"ports": (PF0, PF0)}, "1 of its ports"), ({"name": "a b"}, "not a valid"),
     ({"name": "x" * 16}, "not a valid"), ({"name": "mgmt0"}, "already there: a network card")],
)  # fmt: skip
def test_a_bond_that_is_none_is_refused(changes: dict[str, object], words: str) -> None:
    choice = replace(hosts.bond(), **changes)  # type: ignore[arg-type]
    finding = found(bond, ready(), replace(hosts.wish(), bonds=(choice,)))[f"bond.wish {choice.name}"]
    assert finding.blocks
    assert words in finding.title


def test_two_bonds_of_one_port_are_refused() -> None:
    choices = replace(hosts.wish(), bonds=(hosts.bond(), replace(hosts.bond(), name="bond1")))
    assert "in common" in found(bond, ready(), choices)["bond.wish bond1"].title


def test_a_long_vlan_name_is_refused() -> None:
    choices = replace(IGB, bonds=(replace(IGB.bonds[0], name="bond-of-vlan"),))
    assert "too long" in found(bond, facts_of(hosts.carrying("ifupdown")), choices)["bond.config bond-of-vlan"].title


def test_the_session_is_moved_only_with_confirm_or_revert() -> None:
    facts = facts_of(hosts.carrying("ifupdown", session=True))
    assert found(bond, facts, IGB)["bond.session bond0"].blocks
    allowed = Choices(bonds=(replace(IGB.bonds[0], over_session=True),))
    finding = found(bond, facts, allowed)["bond.session bond0"]
    assert (finding.level, finding.blocks) == (Level.WARN, False)
    step = steps(bond, facts, allowed)["bond.make:bond0"]
    assert (step.confirm, step.disrupts) == (90.0, "ssh")
    assert steps(bond, facts_of(hosts.carrying("ifupdown")), IGB)["bond.make:bond0"].confirm == 0


def test_addresses_that_a_router_gives_to_every_port_move_nothing() -> None:
    facts = ready()
    for name in (NET0, NET1):
        facts = with_link(facts, name, addresses=(Address(ip="2001:db8::7", prefixlen=64),))
    assert len(wish.carriers(facts, hosts.bond())) == 2
    facts = with_link(facts, NET1, addresses=(Address(ip="192.0.2.7", prefixlen=24),))
    assert wish.carriers(facts, hosts.bond()) == (NET1,)


def test_one_port_that_offloads_and_one_that_does_not_are_refused() -> None:
    choices = hosts.wish()
    mixed = replace(choices, nics=(choices.nics[0], replace(choices.nics[1], use="sriov")))
    assert "the other is not" in found(bond, ready(), mixed)["bond.card bond0"].title
