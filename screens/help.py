"""What helps on every screen: F1 tells what has the focus, ? every key, and / looks for text in the long list."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.events import DescendantFocus
from textual.screen import ScreenResultType
from textual.widget import Widget
from textual.widgets import Button, Input

from screens.bilingual import BilingualScreen
from screens.find import FindBar
from screens.overlays import HelpScreen, KeysScreen
from screens.widgets import Pane, Rows
from sriov_tui.message import say

FINDINGS = say(
    "What the checks found that belongs on this screen, the worst first. Next does not continue "
    "while a line with ! is here. Enter or F2 explains the marked line: what was read, why it "
    "matters, what to do."
)
ABOUT: dict[str, str] = {
    "findings": FINDINGS,
    "back": say("Goes to the screen before. What you typed is kept."),
    "next": say("Continues; if a finding blocks, goes to that finding."),
    "close": say("Closes this and goes back to where you came from."),
    "quit": say("Leaves the program. Where choices are not saved yet, you are asked."),
    "sought": say(
        "The text to look for. The list follows while you type; Enter goes into the list, Esc ends the search."
    ),
}
KINDS: tuple[tuple[type[Widget], str], ...] = (
    (Rows, say("A list. Up and Down move, / looks for text in it, Tab leaves it.")),
    (Input, say("A field. What you type is taken at once; Tab leaves it.")),
    (Button, say("A button. Enter presses it.")),
    (Pane, say("A text that is longer than its room. Up, Down, Page Up and Page Down scroll it.")),
)


class AssistedScreen(BilingualScreen[ScreenResultType]):
    """A screen with help on what has the focus, the list of keys, and search.

    `ABOUT` tells of its widgets by their id (a number behind a dash left out); `HELP_TEXT` of the whole.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help"),
        Binding("question_mark", "keys", "Keys"),
        Binding("slash", "find", "Find"),
    ]
    HEADING: ClassVar[str] = ""
    HELP_TEXT: ClassVar[str] = ""
    ABOUT: ClassVar[dict[str, str]] = {}

    def about_focus(self) -> str:
        """What has the focus, and what its keys do."""
        widget = self.focused
        if widget is None:
            return ""
        name = (widget.id or "").rstrip("0123456789").rstrip("-")
        told = self.ABOUT.get(name) or ABOUT.get(name)
        return told or next((text for kind, text in KINDS if isinstance(widget, kind)), "")

    def action_help(self) -> None:
        """Tell what has the focus, then what this screen does."""
        self.app.push_screen(HelpScreen(self.HEADING, self.about_focus(), self.HELP_TEXT))

    def action_keys(self) -> None:
        """List every key."""
        self.app.push_screen(KeysScreen())

    def long_list(self) -> Rows | None:
        """The list that "/" looks in: the one that has the focus, else the first one that shows something."""
        shown = [rows for rows in self.query(Rows) if rows.option_count and rows.display]
        focused = self.focused
        return focused if isinstance(focused, Rows) and focused in shown else next(iter(shown), None)

    def action_find(self) -> None:
        """Look for text in the long list."""
        rows = self.long_list()
        if rows is not None:
            self.query_one(FindBar).open(rows)

    @on(Rows.Seek)
    def seek(self, event: Rows.Seek) -> None:
        """A key of the list: to another match, or the end of the search."""
        bar = self.query_one(FindBar)
        if event.by:
            bar.action_step(event.by)
        else:
            bar.action_end()

    @on(DescendantFocus)
    def end_search_elsewhere(self, event: DescendantFocus) -> None:
        """Looking for text ends where neither the list nor the field has the focus."""
        for bar in self.query(FindBar):
            if bar.rows is None:
                continue
            if event.widget in (bar.rows, bar.query_one("#sought")):
                bar.tell()
            else:
                bar.action_end()
