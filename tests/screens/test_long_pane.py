"""Screens of hosts with many cards: what is not near is not made, and is there once it is needed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from textual.widgets import Input

from screens.base import StepScreen
from screens.long_pane import AT_ONCE, LongPane, Rest
from sriov_tui.facts import Source
from sriov_tui.message import verbatim
from sriov_tui.model import Finding, Level
from tests.many_cards import many_cards
from tests.screens.driving import Driven, opened
from tests.screens.fakes import Fake, fake

CARDS = 20


def many(count: int = CARDS) -> Fake:
    """A real host with so many cards, all of them chosen, and nothing that blocks."""
    facts, choices = many_cards(count, "plain")
    machine = fake(replace(facts, source=Source(), root=True), choices)
    return replace(machine, find=lambda _: ())


def fields(app: Driven) -> list[str]:
    """The fields that are made, by their ids."""
    return [field.id or "" for field in app.app.screen.query("#body Input")]


async def to_vfs(app: Driven) -> None:
    """Step 4."""
    await app.press("f8", "f8", "f8")
    assert app.name == "VfsScreen"


async def focus_on(app: Driven, id: str, tries: int = 1500) -> None:
    """Wait until this widget has the focus: it may have to be made first."""
    for _ in range(tries):
        if app.app.screen.focused is not None and app.app.screen.focused.id == id:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{app.app.screen.focused} has the focus, not {id}")


async def at_rest(pane: LongPane, tries: int = 1500) -> None:
    """Wait until a scroll has come to its end: it is one of several steps."""
    for _ in range(tries):
        before = pane.scroll_y, len(pane.children)
        await asyncio.sleep(0.05)
        if (pane.scroll_y, len(pane.children)) == before and pane.scroll_y == pane.scroll_target_y:
            return
    raise AssertionError(f"{pane.scroll_y} is not {pane.scroll_target_y}")


async def test_only_what_is_near_is_made() -> None:
    async with opened(many()) as app:
        await to_vfs(app)
        assert len(fields(app)) <= AT_ONCE
        assert app.app.screen.query_one(LongPane).virtual_size.height >= (CARDS - 1) * 3


async def test_tab_goes_through_every_field_in_order() -> None:
    async with opened(many()) as app:
        await to_vfs(app)
        seen = []
        for _ in range(CARDS):
            assert isinstance(app.app.screen.focused, Input)
            seen.append(app.app.screen.focused.id)
            await app.press("tab")
        assert seen == [f"wish-{number}" for number in range(CARDS)]
        assert app.app.screen.focused is not None
        assert app.app.screen.focused.id == "findings"
        assert not app.app.screen.query_one(Rest).display


async def test_from_below_the_focus_comes_to_the_last_card() -> None:
    async with opened(many()) as app:
        await to_vfs(app)
        app.app.screen.query_one("#findings").focus()
        await app.press("shift+tab")
        await focus_on(app, f"wish-{CARDS - 1}")


@pytest.mark.parametrize("key", ["end", "pagedown"])
async def test_what_scrolls_into_sight_is_made(key: str) -> None:
    async with opened(many()) as app:
        await to_vfs(app)
        pane = app.app.screen.query_one(LongPane)
        pane.focus()
        before = len(fields(app))
        for _ in range(3):
            await app.press(key)
            await at_rest(pane)
        assert len(fields(app)) > before
        last = pane.children[-2] if key == "end" else pane
        assert last.region.bottom <= pane.region.bottom


async def test_next_leads_to_a_field_that_was_not_made_yet() -> None:
    machine = many()
    address = machine.state.choices.nics[-1].address
    blocking = Finding(id="vfs.count", level=Level.FAIL, subject=address, title=verbatim("It blocks."), blocks=True)
    async with opened(machine) as app:
        await to_vfs(app)
        screen = app.app.screen
        assert isinstance(screen, StepScreen)
        screen.state = replace(screen.state, findings=(blocking,))
        await app.press("f8")
        await focus_on(app, f"wish-{CARDS - 1}")


async def test_few_cards_leave_nothing_to_come() -> None:
    async with opened(many(2)) as app:
        await to_vfs(app)
        assert fields(app) == ["wish-0", "wish-1"]
        assert not app.app.screen.query_one(Rest).display
