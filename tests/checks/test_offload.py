"""What offload and bonds ask of a card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import offload
from sriov_tui.facts import Bond, HostFacts, Link, Pf
from sriov_tui.model import (
    Choices,
    Level,
    NicChoice,
)
from tests.checks.common import WANT, found, with_pf
from tests.samples import FIRST, SECOND, igb_host


def card(driver: str, compat: bool = False) -> tuple[HostFacts, Pf]:
    facts = with_pf(igb_host(), driver=driver, compat_devlink=compat)
    pf = facts.pf(FIRST)
    assert pf is not None
    return facts, pf


@pytest.mark.parametrize(
    ("facts_and_pf", "words"),
    [(card("igb"), "no switch"), (card("bnxt_en"), "only to ConnectX"), (card("mlx5_core"), "vendor driver")],
)
def test_why_no_offload(facts_and_pf: tuple[HostFacts, Pf], words: str) -> None:
    facts, pf = facts_and_pf
    assert words in offload.why_not(facts, pf)
    want = Choices(nics=(NicChoice(address=FIRST, use="offload"),))
    assert found(offload, facts, want)[f"offload.possible {FIRST}"].blocks
    assert found(offload, facts)[f"offload.possible {FIRST}"].level is Level.INFO


def test_vendor_driver_makes_offload_possible() -> None:
    facts, pf = card("mlx5_core", compat=True)
    assert offload.why_not(facts, pf) == ""


def bonded(mode: str = "802.3ad") -> HostFacts:
    facts = igb_host()
    ports = tuple(replace(link, master="bond0") for link in facts.links or () if link.name.startswith("enp"))
    bond = Link(name="bond0", index=9, kind="bond", bond=Bond(mode=mode, ports=("enp1s0", "enp2s0")))
    return replace(facts, links=(*ports, bond))


def test_a_bond_is_taken_whole() -> None:
    assert found(offload, bonded())[f"bond.ports {FIRST}"].blocks
    both = WANT.with_nic(NicChoice(address=SECOND, use="sriov"))
    assert found(offload, bonded(), both)[f"bond.ports {FIRST}"].level is Level.OK


def test_bond_mode_matters_for_offload_only() -> None:
    both = Choices(nics=tuple(NicChoice(address=a, use="offload") for a in (FIRST, SECOND)))
    assert found(offload, bonded("balance-rr"), both)[f"bond.mode {FIRST}"].blocks
    plain = WANT.with_nic(NicChoice(address=SECOND, use="sriov"))
    assert f"bond.mode {FIRST}" not in found(offload, bonded("balance-rr"), plain)
