"""The first row of a screen: the step, the rail of steps, the host, and whether this is real; on boxes it stays.

Where the window is narrow, the other language gives way first, then the host's name, then the rail:
the step and REAL, SIMULATED or READ-ONLY are always there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from screens import words
from screens.text import Text
from sriov_tui import language
from sriov_tui.language import _
from sriov_tui.message import say

LEAST = 8  # cells of a host's name that are still of use


@dataclass(frozen=True, slots=True)
class Headline:
    """What the first row shows; `rail` has a mark for each step, `mode` is REAL or another word."""

    where: str
    host: str
    mode: str
    rail: Sequence[str] = ()


@runtime_checkable
class Headed(Protocol):
    """A screen with a first row that boxes over it repeat; an app, for the boxes between two screens."""

    def headline(self) -> Headline:
        """What its first row shows."""


class Header(Text):
    """The first row. A click on a step of the rail goes there, one on the language speaks it."""

    def __init__(self, headline: Headline) -> None:
        super().__init__("", id="header")
        self.headline = headline
        self.targets: list[tuple[range, str]] = []

    def on_mount(self) -> None:
        """Fill it for the room that there is."""
        self.fill()

    def on_resize(self) -> None:
        """Fill it again."""
        self.fill()

    def take(self, headline: Headline) -> None:
        """Show something else, where it is something else."""
        if headline != self.headline:
            self.headline = headline
            self.fill()

    def fill(self) -> None:
        """Put the parts together for the width of the window."""
        self.update(self.row(self.app.size.width))

    def row(self, width: int) -> Content:
        """The row, with exactly so many cells where that is enough for step and mode."""
        line = self.headline
        where = f" {words.line(line.where)} "
        mode = Content.styled(f" {words.line(line.mode)} ", "" if line.mode == "REAL" else "black on ansi_yellow")
        left = width - cell_len(where) - mode.cell_length
        rail = f" {' '.join(line.rail)} " if line.rail else ""
        rail = rail if cell_len(rail) <= left else ""
        left -= cell_len(rail)
        host = words.name(line.host) or _(say("this host"))
        other = "" if self.app.has_class("-plain") else f" F6 {language.NAMES[language.other()]} "
        need = min(LEAST, cell_len(host)) + 2
        other = other if cell_len(other) + need <= left else ""
        left -= cell_len(other)
        host = f" {words.fit(host, left - 2)} " if left >= need else " " * max(0, left)
        at = cell_len(where) + 1
        self.targets = []
        for number, mark in enumerate(line.rail if rail else (), 1):
            self.targets.append((range(at, at + len(mark)), f"screen.go({number})"))
            at += len(mark) + 1
        begin = width - mode.cell_length - cell_len(other)
        self.targets.append((range(begin, begin + cell_len(other)), "screen.language"))
        return Content.assemble(
            words.fit(where, width - mode.cell_length) if left < 0 else where, rail, host, other, mode
        )

    async def on_click(self, event: events.Click) -> None:
        """Do what the part under the mouse stands for."""
        action = next((action for cells, action in self.targets if event.x in cells), "")
        if action:
            await self.app.run_action(action, self)


def above(screen: Screen[Any]) -> Iterable[Widget]:
    """For a box: the first row of the screen below it, so that it shows still whether this is real."""
    for below in (*reversed(screen.app.screen_stack), screen.app):
        if below is not screen and isinstance(below, Headed):
            yield Header(below.headline())
            return
