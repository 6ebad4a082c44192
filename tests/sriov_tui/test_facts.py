"""Facts answer by key, and as a look through all of them would."""

from __future__ import annotations

from dataclasses import replace

from sriov_tui.facts import HostFacts, Link, Pf, ProbeProblem, Vf, once_for_pf
from tests.many_cards import address_of, many_cards
from tests.samples import igb_host, igb_pf


def test_each_card_link_and_vf_is_found_by_its_key() -> None:
    facts, _ = many_cards(5, "used")
    for pf in facts.pfs or ():
        assert facts.pf(pf.address) is pf
        assert facts.ports_of(pf.card) == tuple(one for one in facts.pfs or () if one.card == pf.card)
        assert all(facts.pf_of_netdev(name) is pf for name in pf.netdevs or ())
        assert all(facts.vf(vf.address) is vf for vf in pf.vfs)
    for link in facts.links or ():
        assert facts.link(link.name) is link
        assert facts.links_above(link.name) == tuple(one for one in facts.links or () if one.parent == link.name)
        assert link in facts.links_of(link.pci)


def test_what_is_not_there_is_none() -> None:
    facts = HostFacts()
    assert facts.pf("0000:01:00.0") is None
    assert facts.pf_of_netdev("eth0") is None
    assert facts.vf("0000:01:00.1") is None
    assert facts.link("eth0") is None
    assert facts.file("/x") is None
    assert facts.module("vfio-pci") is None
    assert not facts.ports_of("0000:01:00")
    assert not facts.links_of("")
    assert not facts.links_above("")
    assert not facts.pfs_of_netdevs("x")
    assert facts.reason("/x") == ""


def test_of_two_with_one_key_the_first_counts() -> None:
    first, second = Link(name="eth0", index=1), Link(name="eth0", index=2)
    one, other = igb_pf(), replace(igb_pf(), driver="vfio-pci")
    problems = tuple(ProbeProblem("pci", "/x", reason) for reason in ("absent", "refused"))
    facts = HostFacts(links=(first, second), pfs=(one, other), problems=problems)
    assert (facts.link("eth0"), facts.pf(one.address), facts.reason("/x")) == (first, one, "absent")
    assert facts.pf_of_netdev(one.netdev) is one


def test_cards_of_several_interfaces_come_in_the_order_of_the_facts() -> None:
    facts, _ = many_cards(4)
    names = [pf.netdev for pf in reversed(facts.pfs or ())]
    assert facts.pfs_of_netdevs([*names, *names, "none"]) == facts.pfs


def test_replaced_facts_do_not_answer_from_the_old_ones() -> None:
    facts, _ = many_cards(2)
    assert facts.pf(address_of(0)) is not None
    assert replace(facts, pfs=()).pf(address_of(0)) is None


def test_a_card_is_found_in_a_set_by_its_address_and_equal_by_all_of_it() -> None:
    pf = Pf(address="0000:01:00.0")
    grown = replace(pf, vfs=(Vf(index=0, address="0000:01:10.0"),))
    assert hash(pf) == hash(grown)
    assert len({pf, grown}) == 2


def test_an_answer_about_a_port_is_kept_for_that_very_port_alone() -> None:
    asked: list[tuple[str | None, int]] = []

    @once_for_pf
    def driver(facts: HostFacts, pf: Pf, total: int, ours: bool = False) -> str | None:
        asked.append((pf.driver, total))
        return pf.driver

    facts, pf = igb_host(), igb_pf()
    assert [driver(facts, pf, 7) for _ in range(3)] == ["igb"] * 3
    other = replace(pf, driver="vfio-pci")
    assert driver(facts, other, 7) == "vfio-pci", "another port at the same address"
    assert (driver(facts, pf, 8), driver(facts, pf, 7, ours=True), driver(replace(facts), pf, 7)) == ("igb",) * 3
    assert asked == [("igb", 7), ("vfio-pci", 7), ("igb", 8), ("igb", 7), ("igb", 7)]
