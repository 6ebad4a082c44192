"""The whole picture of one network card, as a drawing: bus, ports, links above them, host.conf, and every VF."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button

from screens import words
from screens.find import FindBar
from screens.help import AssistedScreen
from screens.key_row import KeyRow
from screens.overlays import TextScreen
from screens.text import Text
from screens.widgets import PushButton, Rows, TooSmall
from sriov_tui.facts import HostFacts
from sriov_tui.language import _
from sriov_tui.message import say
from sriov_tui.reports.card import draw

KEYS = (
    (say("Space"), say("Unfold VFs")),
    ("/", say("Find")),
    ("Enter", say("Whole line")),
    ("F1", say("Help")),
    ("F3 Esc", say("Close")),
)
LOUD = (say("YOUR SSH SESSION"), say("HELD by"), say("none is bound"), say("shared by"), say("does not load"))


class DeviceScreen(ModalScreen[None], AssistedScreen[None]):
    """One card over the screen that was shown; the port that it was opened for is marked."""

    HEADING = say("network card")
    AUTO_FOCUS = "#drawing"
    HELP_TEXT = say(
        "Everything that was read of one network card: the bridges above it, its link to the board, "
        "then each port with its driver, what it is part of, the lines of host.conf about it, and "
        "its virtual functions (VFs). VFs that do not differ share one line; a VF that a virtual "
        "machine holds always has a line of its own. `sriov-tui device` prints the same."
    )
    ABOUT: ClassVar[dict[str, str]] = {
        "drawing": say(
            "The card as a tree. Space on a line with several VFs shows each of them, and folds them "
            "again. / finds a VF by its address also where it is folded. Enter shows a long line in "
            "full."
        )
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f3,d,f7,b,f10,q,ctrl+q,ctrl+c", "close", "Close"),
        Binding("f4,t", "app.troubleshoot", show=False),
    ]

    def __init__(self, facts: HostFacts, address: str) -> None:
        super().__init__()
        self.facts = facts
        self.address = address
        self.unfolded: frozenset[str] = frozenset()
        self.drawn = draw(facts, address)

    def compose(self) -> ComposeResult:
        """The drawing, one button, the keys."""
        with Vertical(classes="full"):
            host = words.name(self.facts.hostname) or say("this host")
            yield Text(
                words.content(say(" Network card of {host} · {address}", host=host, address=words.name(self.address))),
                classes="bar crop",
            )
            yield Rows([row(line.text) for line in self.drawn], id="drawing")
            yield PushButton(say("Close"), "close")
            yield KeyRow(KEYS)
            yield FindBar()
        yield TooSmall()

    def on_mount(self) -> None:
        """Mark the port."""
        rows = self.query_one("#drawing", Rows)
        at = next((n for n, line in enumerate(self.drawn) if line.port == self.address), 0)
        rows.highlighted = at
        self.call_after_refresh(rows.scroll_to, y=max(0, at - 5), animate=False)

    def fill(self) -> None:
        """Draw."""
        self.show_drawing()

    def show_drawing(self) -> None:
        """Draw the card as far as it is unfolded."""
        self.drawn = draw(self.facts, self.address, self.unfolded)
        rows = self.query_one("#drawing", Rows)
        rows.hidden = [line.find for line in self.drawn]
        rows.show([row(line.text) for line in self.drawn])

    @on(Rows.Toggled, "#drawing")
    def unfold(self, event: Rows.Toggled) -> None:
        """Show each VF of a range, or fold them again."""
        key = self.drawn[event.index].fold
        if not key:
            return
        self.unfolded ^= {key}
        self.show_drawing()
        event.rows.highlighted = next(n for n, line in enumerate(self.drawn) if line.fold == key)

    @on(Rows.OptionSelected, "#drawing")
    def show_line(self, event: Rows.OptionSelected) -> None:
        """Enter shows the marked line in full."""
        self.app.push_screen(TextScreen(say("Line"), self.drawn[event.option_index].text.lstrip("│├└─ ")))

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Back to where the operator came from."""
        self.dismiss(None)


def row(text: str) -> Content:
    """A line of the drawing, with what must not be overlooked in the colour of a warning."""
    shown = words.verbatim(text)
    for word in map(_, LOUD):
        at = text.find(word)
        if at >= 0:
            shown = shown.stylize("bold $warning", at, at + len(word))
    return shown
