"""The box with the six steps: which are done, which block and why. Enter goes to the marked one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from screens import words
from screens.header import above
from screens.key_row import KeyRow
from screens.steps import LAST, STEPS
from screens.widgets import Rows, TooSmall
from sriov_tui.message import Message, say
from sriov_tui.model import Finding


class StepsScreen(ModalScreen[int | None]):
    """Hands back the number of the step to go to; None where the operator stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f10,q,g,ctrl+g,ctrl+q,ctrl+c", "stay", "Stay"),
        *(Binding(str(number), f"pick({number})", show=False) for number in range(1, LAST + 1)),
    ]

    def __init__(self, here: int, blocked: Mapping[int, Finding]) -> None:
        super().__init__()
        self.here = here
        self.blocked = blocked

    def compose(self) -> ComposeResult:
        """One line for each step."""
        yield from above(self)
        with Vertical(classes="box") as box:
            box.border_title = words.content(say("Steps"))
            yield Rows([self.line(number) for number in range(1, LAST + 1)], id="all-steps")
        yield KeyRow((("Enter", say("Go there")), ("Esc", say("Stay"))))
        yield TooSmall()

    def on_mount(self) -> None:
        """Begin at the step where the operator is."""
        rows = self.query_one("#all-steps", Rows)
        rows.highlighted = self.here - 1
        rows.focus()

    def line(self, number: int) -> Content:
        """A step's number and title, and how it is."""
        state: Message | str
        style = ""
        if finding := self.blocked.get(number):
            state, style = say("blocks: {title}", title=finding.title), "bold $error"
        elif number == self.here:
            state = say("you are here")
        else:
            state = say("done") if number < self.here else say("still to come")
        return words.assemble(f"{number}  ", (words.fit(STEPS[number - 1].title, 20), "bold"), "  ", (state, style))

    @on(Rows.OptionSelected, "#all-steps")
    def take(self, event: Rows.OptionSelected) -> None:
        """Go to the marked step."""
        self.dismiss(event.option_index + 1)

    def action_pick(self, number: int) -> None:
        """Go to the step of this number."""
        self.dismiss(number)

    def action_stay(self) -> None:
        """Stay on this step."""
        self.dismiss(None)
