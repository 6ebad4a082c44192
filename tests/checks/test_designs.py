"""Arrangements that work on paper: bonds above plain VFs, cards side by side, and bonds as they run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import agent, bond_state
from sriov_tui.facts import Bond, BondPort, HostFacts, Lacp, Link
from sriov_tui.model import Choices, Finding, Level, NicChoice
from tests.samples import CONF, FIRST, SECOND, igb_host, igb_pf

ENTRY = "10.0.2.15\n"
BOTH = Choices(nics=(NicChoice(address=FIRST, use="sriov"), NicChoice(address=SECOND, use="sriov")))


def host(bond: Bond | None, entries: str = "- bond0/br1/bcast1\n", lists: str = "sriov_nics: [bond0]\n") -> HostFacts:
    """Two ports with all their VFs, in this bond."""
    facts = igb_host(
        conf=CONF.replace(ENTRY, ENTRY + entries) + lists,
        pfs=(replace(igb_pf(numvfs=7), compat_devlink=True),
             replace(igb_pf(SECOND, "enp2s0", numvfs=7), compat_devlink=True)),
    )  # fmt: skip
    if bond is None:
        return facts
    ports = tuple(replace(link, master="bond0") if link.name in bond.ports else link for link in facts.links or ())
    return replace(facts, links=(*ports, Link(name="bond0", index=90, kind="bond", bond=bond)))


def bond(mode: str, **changes: object) -> Bond:
    """A bond of both ports whose links are up."""
    states = tuple(BondPort(name=name, mii="up", aggregator=1) for name in ("enp1s0", "enp2s0"))
    return replace(Bond(mode=mode, ports=("enp1s0", "enp2s0"), port_states=states), **changes)  # type: ignore[arg-type]


def of_agent(facts: HostFacts) -> dict[str, Finding]:
    """The findings of the host-agent's rules."""
    return {finding.key: finding for finding in agent.findings(facts, Choices())}


@pytest.mark.parametrize(
    ("mode", "level"),
    [("active-backup", Level.OK), ("802.3ad", Level.WARN), ("balance-xor", Level.WARN), ("balance-rr", Level.WARN),
     ("", Level.SKIP)],
)  # fmt: skip
def test_plain_vfs_below_a_bond(mode: str, level: Level) -> None:
    assert of_agent(host(bond(mode)))["agent.bond-mode bond0"].level is level
    by_port = host(bond(mode), "- bond0/br1/bcast1\n", "sriov_nics: [enp1s0]\n")
    assert of_agent(by_port)["agent.bond-mode bond0"].level is level
    assert "agent.bond-mode bond0" not in of_agent(host(bond(mode), lists="ovs_offload_nics: [bond0]\n"))


def test_cards_that_offload_side_by_side_in_one_bridge() -> None:
    lists = "ovs_offload_nics: [enp1s0, enp2s0]\n"
    one = host(None, "- enp1s0/br1/w\n- enp2s0/br1/w\n", lists)
    assert of_agent(one)["agent.offload-bridge br1"].level is Level.WARN
    unlisted = of_agent(host(None, "", lists))["agent.offload-bridge br0"]
    assert "enp1s0, enp2s0" in unlisted.title
    two = of_agent(host(None, "- enp1s0/br1/w\n- enp2s0/br2/w\n", lists))
    bonded = of_agent(host(bond("802.3ad"), lists="ovs_offload_nics: [bond0]\n"))
    assert not [key for key in (*two, *bonded) if key.startswith("agent.offload-bridge")]


DOWN = (BondPort(name="enp1s0", mii="up", aggregator=1), BondPort(name="enp2s0", mii="down", aggregator=2))
NONE = Lacp(partner="00:00:00:00:00:00", aggregator=1)
PARTNER = Lacp(partner="52:54:00:00:00:01", aggregator=1)


@pytest.mark.parametrize(
    ("runs", "key", "level", "words"),
    [
        (bond("802.3ad"), "links", Level.OK, "Every port"),
        (bond("802.3ad", port_states=DOWN), "links", Level.WARN, "bond0 has no link on enp2s0"),
        (
            bond("802.3ad", port_states=tuple(replace(port, mii="down") for port in DOWN)),
            "links",
            Level.FAIL,
            "No port",
        ),
        (bond("802.3ad", port_states=()), "links", Level.SKIP, "could not be read"),
        (
            bond("802.3ad", port_states=tuple(replace(port, mii=None) for port in DOWN)),
            "links",
            Level.SKIP,
            "not be read",
        ),
        (bond("802.3ad"), "lacp", Level.SKIP, "could not be read"),
        (bond("802.3ad", lacp=NONE), "lacp", Level.WARN, "does not answer"),
        (bond("802.3ad", lacp=PARTNER), "lacp", Level.OK, "speaks LACP"),
        (bond("802.3ad", lacp=PARTNER, port_states=DOWN), "lacp", Level.WARN, "carries nothing on enp2s0"),
        (bond("active-backup"), "active", Level.SKIP, "could not be read"),
        (bond("active-backup", active_port=""), "active", Level.FAIL, "no active port"),
        (bond("active-backup", active_port="enp1s0"), "active", Level.OK, "enp1s0 is the active port"),
    ],
)
def test_a_bond_as_it_runs(runs: Bond, key: str, level: Level, words: str) -> None:
    found = {finding.id: finding for finding in bond_state.findings(host(runs), BOTH)}
    finding = found[f"bond.{key}"]
    assert finding.level is level
    assert words in finding.title
    assert ("bond.active" in found) is (runs.mode == "active-backup")
    assert ("bond.lacp" in found) is (runs.mode == "802.3ad")


def test_nothing_of_bonds_that_no_chosen_card_is_in() -> None:
    assert not list(bond_state.findings(host(bond("802.3ad")), Choices()))
