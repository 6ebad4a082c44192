"""The box with the simulated machines: Enter opens the marked one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from screens import words
from screens.header import above
from screens.key_row import KeyRow
from screens.text import Text
from screens.widgets import Rows, TooSmall
from sriov_tui.message import say


class DemosScreen(ModalScreen[str]):
    """Hands back the name of a simulated machine; "" for none."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f10,q,ctrl+q,ctrl+c", "stay", "Stay")]

    def __init__(self, demos: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.demos = demos

    def compose(self) -> ComposeResult:
        """A line for each, and the sentence about the marked one in full."""
        longest = max(len(name) for name, _ in self.demos)
        yield from above(self)
        with Vertical(classes="box") as box:
            box.border_title = words.content(say("Simulated machines"))
            yield Rows(
                [words.assemble((f"{name:<{longest}}  ", "bold"), words.line(text)) for name, text in self.demos],
                id="demos",
            )
            yield Text("", id="demo")
        yield KeyRow((("Enter", say("Open")), ("Esc", say("Close"))))
        yield TooSmall()

    def on_mount(self) -> None:
        """Begin with the first."""
        self.query_one("#demos").focus()

    @on(Rows.OptionHighlighted, "#demos")
    def describe(self, event: Rows.OptionHighlighted) -> None:
        """The sentence about the marked machine in full."""
        self.query_one("#demo", Text).update(words.content(self.demos[event.option_index][1]))

    @on(Rows.OptionSelected, "#demos")
    def take(self, event: Rows.OptionSelected) -> None:
        """Open the marked machine."""
        self.dismiss(self.demos[event.option_index][0])

    def action_stay(self) -> None:
        """Open none."""
        self.dismiss("")
