"""The box of the bond: ports, mode and name beside what is there; nothing taken without the button."""

from __future__ import annotations

from dataclasses import replace

from sriov_tui.facts import Address, Bond, Link, Source, SshSession
from sriov_tui.model import BondChoice, Choices, NicChoice
from tests.samples import FIRST, SECOND, igb_host, igb_pf
from tests.screens.driving import Driven, opened
from tests.screens.fakes import fake

CHOSEN = Choices(nics=tuple(NicChoice(address=a, use="sriov", bridge="br1", wire="w") for a in (FIRST, SECOND)))
HOST = igb_host(source=Source(), pfs=(igb_pf(), igb_pf(SECOND, "enp2s0")))


def bonds(app: Driven) -> tuple[BondChoice, ...]:
    """The wish as step 5 has it."""
    found: tuple[BondChoice, ...] = app.app.screen.state.choices.bonds  # type: ignore[attr-defined]
    return found


async def to_box(app: Driven) -> None:
    await app.press("f8", "f8", "f8", "f8")
    await app.tab_to("bond")
    await app.press("enter")
    assert app.name == "BondScreen"


async def test_a_bond_is_wished_with_ports_mode_and_name() -> None:
    async with opened(fake(HOST, CHOSEN)) as app:
        await app.press("f8", "f8", "f8", "f8")
        await app.tab_to("bond")
        assert "New bond    leave as it is (now: no bond). Enter changes it." in app.picture
        await app.press("enter")
        assert f"[x]  {FIRST}  enp1s0" in app.picture
        assert "(o) 802.3ad: mode 4, LACP" in app.picture
        await app.tab_to("bond-modes")
        await app.press("down", "space")
        assert "(o) active-backup" in app.picture
        await app.tab_to("bond-name")
        await app.press(*"bond7")
        await app.tab_to("bond-take")
        await app.press("enter")
        assert bonds(app) == (BondChoice(name="bond7", mode="active-backup", ports=(FIRST, SECOND)),)
        assert f"New bond    bond7, active-backup, of {FIRST} and {SECOND}" in app.picture
        assert f"that of bond7: see {FIRST}" in app.picture


async def to_box_from_five(app: Driven) -> None:
    await app.tab_to("bond")
    await app.press("enter")


async def test_leaving_it_as_it_is_takes_a_wish_back_and_escape_keeps_it() -> None:
    wish = BondChoice(ports=(FIRST, SECOND))
    async with opened(fake(HOST, replace(CHOSEN, bonds=(wish,)))) as app:
        await to_box(app)
        await app.press("space", "escape")
        assert bonds(app) == (wish,)
        await to_box_from_five(app)
        await app.tab_to("bond-leave")
        await app.press("enter")
        assert bonds(app) == ()


async def test_one_port_is_no_bond() -> None:
    async with opened(fake(HOST, CHOSEN)) as app:
        await to_box(app)
        await app.press("space")
        await app.tab_to("bond-take")
        await app.press("enter")
        assert app.name == "BondScreen"
        assert "A bond has two ports; 1 are marked." in app.picture


async def test_what_is_there_now_and_the_link_of_the_session() -> None:
    ssh = SshSession(client="10.0.0.1", server="10.0.0.2", links=("enp1s0",), pfs=(FIRST,))
    link = Link(name="enp2s0", index=8, addresses=(Address(ip="192.0.2.7", prefixlen=24),))
    there = Link(name="bond3", index=9, kind="bond", bond=Bond(mode="balance-rr", ports=("a", "b")))
    facts = replace(HOST, ssh=ssh, links=(link, there))
    async with opened(fake(facts, CHOSEN)) as app:
        await to_box(app)
        assert "bond3: balance-rr of a, b" in app.picture
        assert "YOUR SSH" in app.picture
        assert "192.0.2.7" in app.picture
        await app.tab_to("bond-session")
        await app.press("space")
        await app.tab_to("bond-take")
        await app.press("enter")
        assert bonds(app)[0].over_session
