"""The entries of networks against the machine, rule by rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import hostconf
from sriov_tui.facts import Address, Bond, HostFacts, Link, Route, SshSession
from sriov_tui.model import Choices, Finding, Level
from tests.samples import CONF, FIRST, igb_host

MGMT = "- mgmt0/br0/10.0.2.15\n"


def found(facts: HostFacts) -> dict[str, Finding]:
    """The findings about networks, by key."""
    all_of = list(hostconf.findings(facts, Choices()))
    assert len({finding.key for finding in all_of}) == len(all_of), "two findings share a key"
    return {finding.key: finding for finding in all_of}


def host(entries: str, **changes: object) -> HostFacts:
    """The sample host with these lines as its networks."""
    return igb_host(conf=CONF.replace(MGMT, entries), **changes)


def with_link(facts: HostFacts, link: Link) -> HostFacts:
    """The host with this link in the place of, or besides, its own."""
    return replace(facts, links=(*(old for old in facts.links or () if old.name != link.name), link))


def test_a_healthy_host_has_one_ok_line() -> None:
    assert found(igb_host())["hostconf.networks host"].level is Level.OK


@pytest.mark.parametrize(
    ("entry", "key", "says"),
    [
        ("enp1s0/br1", "hostconf.entry-form host.conf:6", "fewer than three parts"),
        ("enp9/br1/w", "hostconf.entry-form host.conf:6", "no interface enp9"),
        ("enp1s0/a-bridge-name-of-17/w", "hostconf.entry-form host.conf:6", "not a valid bridge name"),
        ("enp1s0//w", "hostconf.entry-form host.conf:6", "not a valid bridge name"),
        ("enp1s0/br1/", "hostconf.entry-form host.conf:6", "not a valid wire name"),
        ("enp1s0/br1/10.9.9.9", "hostconf.entry-ip host.conf:6", "neither enp1s0 nor br1"),
        ("enp1s0/br0/w", "hostconf.entry-bridge host.conf:6", "in two entries"),
        ("enp1s0/lo/w", "hostconf.entry-bridge host.conf:6", "exists and is not a bridge of the driver openvswitch"),
    ],
)
def test_rules_6_7_and_9(entry: str, key: str, says: str) -> None:
    finding = found(host(f"{MGMT}- {entry}\n"))[key]
    assert finding.level is Level.FAIL
    assert finding.blocks
    assert says in finding.title


def test_two_faults_of_one_entry_are_one_finding() -> None:
    finding = found(host(f"{MGMT}- enp9//w x\n"))["hostconf.entry-form host.conf:6"]
    assert "no interface enp9" in finding.title
    assert "not a valid bridge name" in finding.detail
    assert "not a valid wire name" in finding.detail


def test_a_prefix_length_is_ignored() -> None:
    finding = found(host("- mgmt0/br0/10.0.2.15/24\n"))["hostconf.entry-form host.conf:5"]
    assert finding.level is Level.WARN
    assert "ignored" in finding.title


def test_dual_stack_needs_both_addresses() -> None:
    facts = host("- mgmt0/br0/10.0.2.15/fd00::5\n")
    assert "fd00::5" in found(facts)["hostconf.entry-ip host.conf:5"].title
    link = facts.link("mgmt0")
    assert link is not None
    both = with_link(facts, replace(link, addresses=(*link.addresses, Address(ip="fd00:0::5", prefixlen=64))))
    assert found(both)["hostconf.networks host"].level is Level.OK


def test_the_address_may_be_on_the_bridge() -> None:
    facts = igb_host()
    bare = with_link(facts, replace(facts.link("mgmt0") or Link(name="mgmt0", index=2), addresses=()))
    assert found(bare)["hostconf.entry-ip host.conf:5"].level is Level.FAIL
    bridge = Link(name="br0", index=9, kind="openvswitch", addresses=(Address(ip="10.0.2.15", prefixlen=24),))
    assert found(with_link(bare, bridge))["hostconf.networks host"].level is Level.OK


WIRE = f"{MGMT}- enp1s0/br1/bcast1\n"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"addresses": (Address(ip="192.168.7.7", prefixlen=24),)}, "192.168.7.7"),
        ({"addresses": (Address(ip="2001:db8::7", prefixlen=64),)}, "2001:db8::7"),
        ({"routes": (Route(destination="default", link="enp1s0"),)}, "default route"),
        ({"ssh": SshSession(client="10.0.2.2", server="10.0.2.15", links=("enp1s0",))}, "SSH session"),
    ],
)
def test_rule_8_a_wire_entry_never_for_an_interface_that_carries_the_host(change: dict[str, object], says: str) -> None:
    facts = host(WIRE)
    if "addresses" in change:
        facts = with_link(facts, Link(name="enp1s0", index=3, pci=FIRST, **change))  # type: ignore[arg-type]
    else:
        facts = replace(facts, **change)  # type: ignore[arg-type]
    finding = found(facts)["hostconf.entry-wire host.conf:6"]
    assert finding.blocks
    assert says in finding.title


def test_rule_8_the_listen_interface() -> None:
    facts = igb_host(conf=CONF.replace(MGMT, WIRE).replace("listen_interface: br0", "listen_interface: enp1s0"))
    assert "listen_interface" in found(facts)["hostconf.entry-wire host.conf:6"].title


def test_rule_8_a_bridge_with_an_address() -> None:
    bridge = Link(name="br1", index=9, kind="openvswitch", addresses=(Address(ip="10.7.7.7", prefixlen=24),))
    assert "br1 has the address" in found(with_link(host(WIRE), bridge))["hostconf.entry-wire host.conf:6"].title
    own = replace(bridge, addresses=(Address(ip="169.254.3.1", prefixlen=32),))
    assert found(with_link(host(WIRE), own))["hostconf.networks host"].level is Level.OK


def test_rule_8_a_session_over_a_vlan_above_is_no_danger() -> None:
    facts = replace(host(WIRE), ssh=SshSession(client="a", server="b", links=("enp1s0.7", "enp1s0")))
    assert "SSH session" in found(facts)["hostconf.entry-wire host.conf:6"].title
    above = with_link(facts, Link(name="enp1s0.7", index=9, kind="vlan", parent="enp1s0"))
    assert found(above)["hostconf.networks host"].level is Level.OK


def test_a_link_local_address_is_no_danger() -> None:
    link = Link(name="enp1s0", index=3, pci=FIRST, addresses=(Address(ip="fe80::1", prefixlen=64, scope="link"),))
    assert found(with_link(host(WIRE), link))["hostconf.networks host"].level is Level.OK


def test_rule_9_a_port_of_a_bond_or_of_another_bridge() -> None:
    facts = host(WIRE)
    bond = Link(name="bond0", index=9, kind="bond", bond=Bond(mode="802.3ad", ports=("enp1s0",)))
    port = Link(name="enp1s0", index=3, pci=FIRST, master="bond0")
    finding = found(with_link(with_link(facts, bond), port))["hostconf.entry-bridge host.conf:6"]
    assert "port of bond0" in finding.title
    in_ovs = with_link(facts, replace(port, master="ovs-system"))
    assert found(in_ovs)["hostconf.networks host"].level is Level.OK
    other = with_link(with_link(facts, Link(name="virbr0", index=9, kind="bridge")), replace(port, master="virbr0"))
    assert "already a port of virbr0" in found(other)["hostconf.entry-bridge host.conf:6"].title


def test_rule_10_no_address_anywhere() -> None:
    facts = igb_host(conf=CONF.replace(MGMT, "- enp1s0/br1/w\n").replace("listen_interface: br0\n", ""))
    assert found(facts)["hostconf.entry-order /etc/yunion/host.conf"].blocks


def test_rule_10_the_management_entry_comes_first() -> None:
    conf = CONF.replace(MGMT, f"- enp1s0/br1/w\n{MGMT}").replace("listen_interface: br0\n", "")
    assert found(igb_host(conf=conf))["hostconf.entry-order host.conf:5"].level is Level.WARN


def test_unknown_links_are_unknown() -> None:
    finding = found(igb_host(links=None))["hostconf.networks host"]
    assert finding.level is Level.SKIP
