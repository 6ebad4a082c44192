"""Driving the app in a test: open it, press keys, read what stands on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.widgets import Button

from screens import words
from screens.base import FrameScreen
from screens.home import unfinished
from sriov_tui.model import State
from sriov_tui.tui.app import SriovApp
from tests.screens.fakes import Fake

NAMES = {"/": "slash", "?": "question_mark"}


class Driven:
    """An app under test."""

    def __init__(self, app: SriovApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> Driven:
        """Press keys, each time waiting until the app has dealt with it."""
        for key in keys:
            key, letter = NAMES.get(key, key), {"space": " "}.get(key, key if len(key) == 1 else None)
            self.app.post_message(events.Key(key, letter))
            await self.settle()
        return self

    async def settle(self, tries: int = 5000) -> None:
        """Wait until no message waits anywhere; much quicker than to wait until the processor idles."""
        quiet = 0
        for _ in range(tries):
            await asyncio.sleep(0.001)
            if self.app._exception is not None:
                raise AssertionError("the app ended with an exception") from self.app._exception
            pumps: list[MessagePump] = [self.app, *(w for s in self.app.screen_stack for w in (s, *s.walk_children()))]
            busy = [pump for pump in pumps if pump.message_queue_size]
            quiet = 0 if busy else quiet + 1
            if quiet == 5:
                break
        else:
            raise AssertionError(f"There is no end of the messages to {busy}:\n{self.picture}")
        self.app.screen._on_timer_update()

    @property
    def name(self) -> str:
        """The class of the screen on top."""
        return type(self.app.screen).__name__

    @property
    def picture(self) -> str:
        """What stands on the screen, row by row."""
        width, height = self.app.size
        rows = self.app.screen._compositor.render_strips()[:height]
        return "\n".join(strip.crop(0, width).text.rstrip() for strip in rows)

    @property
    def words(self) -> str:
        """The same on one line, without the lines of boxes: for a sentence that may be wrapped."""
        return " ".join(self.picture.translate(dict.fromkeys(map(ord, "│▂▃▄▅▆▇▁"))).split())

    async def until(self, text: str, tries: int = 1500) -> str:
        """Wait until this text stands on the screen."""
        for _ in range(tries):
            if text in self.picture:
                return self.picture
            await asyncio.sleep(0.02)
        raise AssertionError(f"{text!r} is not on the screen:\n{self.picture}")

    async def cursor_on(self, row: int, tries: int = 1500) -> None:
        """Wait until the terminal's cursor is on this row: it comes once everything has its place."""
        for _ in range(tries):
            if self.app.cursor_position.y == row:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"the cursor is on row {self.app.cursor_position.y}, not {row}:\n{self.picture}")

    async def tab_to(self, id: str, most: int = 25) -> None:
        """Press Tab until this widget has the focus: it must be reachable by keys, and lie in the window."""
        for _ in range(most):
            focused = self.app.screen.focused
            if focused is not None and focused.id == id:
                assert not isinstance(focused, Button) or self.app.screen.region.contains_region(focused.region)
                return
            await self.press("tab")
        raise AssertionError(f"Tab does not reach {id}:\n{self.picture}")

    async def reach_all(self) -> None:
        """Every button that is shown is whole, lies in the window, and Tab reaches it."""
        screen = self.app.screen
        left = {button for button in screen.query(Button) if button.display}
        for button in left:
            assert button.region.width >= cell_len(str(button.label)), f"{button} is cut:\n{self.picture}"
        for _ in range(25):
            focused = screen.focused
            if isinstance(focused, Button):
                assert screen.region.contains_region(focused.region), f"{focused} is outside:\n{self.picture}"
                left.discard(focused)
            if not left:
                return
            await self.press("tab")
        raise AssertionError(f"Tab does not reach {left}:\n{self.picture}")


def at_home(state: State) -> bool:
    """Whether a test of this machine begins on Home."""
    able = any(pf.sriov_capable for pf in state.facts.pfs or ())
    return not able or state.facts.root is not True or not words.acts_here(state) or unfinished(state.run)


@asynccontextmanager
async def opened(machine: Fake, size: tuple[int, int] = (80, 24), **services: Any) -> AsyncIterator[Driven]:
    """The app on a fake machine: its first step shown, or Home where it is no host as the steps want it."""
    app = SriovApp(machine.state, replace(machine.services(), **services))
    app.opens = "home" if at_home(machine.state) else 0
    async with app.run_test(size=size) as pilot:
        driven = Driven(app, pilot)
        while not isinstance(app.screen, FrameScreen):
            await asyncio.sleep(0.005)
        await driven.settle()
        yield driven
