"""Looking for text in a long list: the line in which it is typed, and the keys that go from match to match.

One grammar everywhere: "/" asks, the list follows what is typed, Enter goes into the list, n and N to the
next and the previous match, Esc ends it where it began to be typed. Leaving the list ends it, too.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from screens import words
from screens.text import Text
from screens.widgets import Field, Rows
from sriov_tui.message import say

TYPING = ((say("Up Down"), say("Match")), ("Enter", say("List")), ("Esc", say("End")))
STANDING = (("n N", say("Next, previous")), ("/", say("Change")), ("Esc", say("End")))


class FindBar(Horizontal):
    """Stands in the place of the keys while something is looked for in `rows`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "end", show=False),
        Binding("down", "step(1)", show=False),
        Binding("up", "step(-1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="find-bar")
        self.rows: Rows | None = None
        self.origin = 0

    def compose(self) -> ComposeResult:
        """The text, the number of the match, the keys."""
        yield Text(words.content("/"), classes="cells")
        yield Field(id="sought")
        yield Text("", id="matches", classes="cells")

    def open(self, rows: Rows) -> None:
        """Ask for the text to look for in this list; what was looked for there last is offered again."""
        if self.rows is not rows:
            self.rows, self.origin = rows, rows.highlighted or 0
        self.screen.add_class("-finding")
        field = self.query_one("#sought", Input)
        field.focus()
        field.action_select_all()

    @on(Input.Changed, "#sought")
    def follow(self, event: Input.Changed) -> None:
        """Go to the first match at or below where the search began."""
        event.stop()
        if self.rows is None:
            return
        self.rows.sought = event.value
        found = self.rows.matches()
        if found:
            self.rows.highlighted = next((index for index in found if index >= self.origin), found[0])
        self.tell()

    @on(Input.Submitted, "#sought")
    def to_list(self, event: Input.Submitted) -> None:
        """Go into the list; without a text there is nothing to look for."""
        event.stop()
        if self.rows is None or not event.value:
            self.action_end()
            return
        self.rows.focus()

    def action_step(self, by: int) -> None:
        """Go to the next (1) or the previous (-1) match, from the end on to the beginning."""
        rows = self.rows
        found = rows.matches() if rows else []
        if rows is None or not found:
            return
        at = rows.highlighted or 0
        ahead = [index for index in found if index > at] if by > 0 else [index for index in found[::-1] if index < at]
        rows.highlighted = ahead[0] if ahead else found[0 if by > 0 else -1]
        self.tell()

    def action_end(self) -> None:
        """End the search; the marked line stays marked."""
        rows, self.rows = self.rows, None
        self.screen.remove_class("-finding")
        field = self.query_one("#sought", Input)
        with field.prevent(Input.Changed):
            field.value = ""
        if rows is None:
            return
        rows.sought = ""
        if field.has_focus:
            rows.focus()

    def tell(self) -> None:
        """Say which of how many matches is marked, and the keys."""
        rows = self.rows
        if rows is None:
            return
        found, at = rows.matches(), rows.highlighted
        number = (
            say("{at} of {count_of_found}", at=found.index(at) + 1, count_of_found=len(found))
            if at in found
            else say("{count_of_found} matches", count_of_found=len(found))
        )
        keys = STANDING if rows.has_focus else TYPING
        told = words.assemble(" ", number if found else say("not found") if rows.sought else "", "  ")
        self.query_one("#matches", Text).update(words.assemble(told, words.keys(*keys)))
