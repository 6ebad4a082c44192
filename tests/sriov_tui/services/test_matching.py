"""An answers file made on one host finds the same cards on its like, and is refused by a host that differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sriov_tui.facts import Bridge, HostFacts, Pf
from sriov_tui.facts.pci import place
from sriov_tui.model import BondChoice, Choices, NicChoice, SriovError
from sriov_tui.services.answers import encode_answers, load_answers
from sriov_tui.services.matching import identified, matched
from tests.samples import FIRST, SECOND, igb_host, igb_pf

BOTH = Choices(nics=(NicChoice(address=FIRST, use="sriov", bridge="br1"), NicChoice(address=SECOND, use="sriov")))


def card(address: str, slot: int | None, netdev: str = "eth9", *above: str) -> Pf:
    """An igb port below these ports, the nearest first; the farthest leads to this slot."""
    ports = (*above, "0000:00:04.0")
    bridges = tuple(Bridge(address=port, slot=slot if port == ports[-1] else 0) for port in ports)
    return replace(igb_pf(address, netdev), bridges=bridges)


def host(*pfs: Pf, name: str = "kvm08") -> HostFacts:
    """A host with these ports and no others."""
    return igb_host(hostname=name, pfs=pfs)


def saved(choices: Choices, facts: HostFacts, tmp_path: Path) -> Choices:
    """The choices as the answers file of that host tells them."""
    file = tmp_path / "answers.toml"
    file.write_text(encode_answers(choices, facts))
    return load_answers(file)


def test_the_place_is_the_slot_and_the_way_from_it() -> None:
    assert place(card("0000:3b:00.1", 4)) == "4/00.1"
    assert place(card("0000:3d:00.1", 4, "eth0", "0000:3c:01.0", "0000:3b:00.0")) == "4/00.0/01.0/00.1"
    assert place(card(FIRST, 0)) == place(card(FIRST, None)) == place(igb_pf()) == ""


def test_addresses_that_moved_are_found_by_their_slot(tmp_path: Path) -> None:
    answers = saved(BOTH, host(card(FIRST, 1), card(SECOND, 2)), tmp_path)
    moved = host(card("0000:82:00.0", 1, "ens1"), card(FIRST, 2, "ens2"))  # the first address is now the other card
    found = matched(answers, moved)
    assert [(nic.address, nic.bridge) for nic in found.nics] == [(FIRST, ""), ("0000:82:00.0", "br1")]
    assert {nic.model + nic.slot for nic in found.nics} == {""}


def test_the_same_host_gives_back_what_was_chosen(tmp_path: Path) -> None:
    here = host(card(FIRST, 1), card(SECOND, 2))
    assert matched(saved(BOTH, here, tmp_path), here) == BOTH


def test_names_of_interfaces_count_for_nothing(tmp_path: Path) -> None:
    answers = saved(BOTH, host(igb_pf(FIRST, "enp1s0"), igb_pf(SECOND, "enp2s0")), tmp_path)
    assert matched(answers, host(igb_pf(FIRST, "enp2s0"), igb_pf(SECOND, "enp1s0"))) == BOTH


def test_a_slot_that_stands_there_twice_tells_nothing() -> None:
    twice = host(card(FIRST, 1), card(SECOND, 1))
    assert [nic.slot for nic in identified(BOTH, twice).nics] == ["", ""]
    assert matched(identified(BOTH, twice), twice) == BOTH


def test_another_model_is_refused_with_the_difference(tmp_path: Path) -> None:
    answers = saved(BOTH, host(card(FIRST, 1), card(SECOND, 2)), tmp_path)
    other = host(
        replace(card(FIRST, 1), device=0x1521, name="Intel I350"), card(SECOND, 2), card("0000:09:00.0", 7, "eth5")
    )
    with pytest.raises(SriovError) as error:
        matched(answers, other)
    assert error.value.title == "0000:01:00.0 is Intel I350 (8086:1521) here, the answers expect 8086:10c9."
    assert "8086:10c9 is here at 0000:02:00.0 (slot 2/00.0), 0000:09:00.0 (slot 7/00.0)." in error.value.hint


def test_a_model_that_cannot_be_read_is_no_match() -> None:
    with pytest.raises(SriovError, match=r"whose model cannot be read here, the answers expect 8086:10c9"):
        matched(identified(BOTH, igb_host()), host(replace(igb_pf(), vendor=None), igb_pf(SECOND)))


def test_another_slot_at_the_same_address_is_refused() -> None:
    answers = identified(BOTH, host(card(FIRST, 1), card(SECOND, 2)))
    with pytest.raises(SriovError, match=r"0000:01:00\.0 is in slot 3/00\.0 here, the answers expect slot 1/00\.0"):
        matched(answers, host(card(FIRST, 3), card(SECOND, 2)))


def test_a_card_that_is_gone_is_named() -> None:
    answers = identified(BOTH, host(card(FIRST, 1), card(SECOND, 2)))
    with pytest.raises(SriovError, match=r"No network card at 0000:02:00\.0 \(slot 2/00\.0\) on kvm08; .* 8086:10c9"):
        matched(answers, host(card(FIRST, 1)))
    with pytest.raises(SriovError, match="No network card at") as error:
        matched(answers, host())
    assert "This host has no 8086:10c9." in error.value.hint


def test_two_cards_of_the_answers_are_never_one_here() -> None:
    one = NicChoice(address=FIRST, use="sriov", model="8086:10c9", slot="1/00.0")
    with pytest.raises(SriovError, match=r"Two cards of the answers are 0000:01:00\.0 here"):
        matched(Choices(nics=(one, replace(one, address=SECOND))), host(card(FIRST, 1)))


def test_choices_without_an_identity_go_by_the_address() -> None:
    assert matched(BOTH, igb_host()) == BOTH
    with pytest.raises(SriovError, match=r"No network card at 0000:09:00\.0 on kvm07\.$"):
        matched(Choices(nics=(NicChoice(address="0000:09:00.0", use="sriov"),)), igb_host())


def test_a_card_that_is_left_alone_may_be_missing() -> None:
    leave = Choices(nics=(NicChoice(address="0000:09:00.0", model="8086:10c9"), *BOTH.nics))
    assert matched(leave, igb_host()) == BOTH


def test_a_host_that_could_not_be_read_decides_nothing() -> None:
    assert matched(BOTH, igb_host(pfs=None)) == BOTH


def test_a_bond_follows_its_ports_to_their_addresses_here(tmp_path: Path) -> None:
    there = host(card("0000:3b:00.0", 4, "a"), card("0000:3b:00.1", 4, "b"))
    nics = tuple(NicChoice(address=address, use="sriov") for address in ("0000:3b:00.0", "0000:3b:00.1"))
    choices = Choices(nics=nics, bonds=(BondChoice(ports=("0000:3b:00.0", "0000:3b:00.1")),))
    here = host(card("0000:5e:00.0", 4, "a"), card("0000:5e:00.1", 4, "b"))
    assert matched(saved(choices, there, tmp_path), here).bonds[0].ports == ("0000:5e:00.0", "0000:5e:00.1")
