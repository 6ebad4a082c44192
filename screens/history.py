"""Every run on this host, the newest first: its steps, how it ended, its ticket, and its undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button

from screens import words
from screens.confirm import ROLL_BACK, roll_back_question
from screens.find import FindBar
from screens.help import AssistedScreen
from screens.key_row import KeyRow, Keys
from screens.overlays import TextScreen
from screens.run_lines import step_rows
from screens.text import Text
from screens.widgets import Pane, PushButton, Rows, TooSmall
from sriov_tui.message import say
from sriov_tui.model import RunView, SriovError
from sriov_tui.reports.run_words import OUTCOMES, outcome_word

Undo = Literal["undo"]
KEYS: Keys = (
    ("Enter", say("Ticket")),
    ("u", say("Roll back")),
    ("/", say("Find")),
    ("F1", say("Help")),
    ("Esc", say("Close")),
)


def row(run: RunView) -> Content:
    """A run on one line: when, how it ended, how many steps."""
    done = sum(state == "done" for _, state in run.states)
    when = words.name(run.started_at)[:16].replace("T", " ") or "-"
    steps = say("{done} of {count} steps", done=done, count=len(run.states))
    return words.assemble(words.fit(when, 18), (words.fit(outcome_word(run), 16), "bold"), steps, f"  {run.id}")


class HistoryScreen(ModalScreen[Undo | None], AssistedScreen[Undo | None]):
    """The runs, and the marked one below; hands back "undo" where the newest is to be rolled back."""

    AUTO_FOCUS = ""
    HEADING = say("history")
    HELP_TEXT = say(
        "Every run that this host keeps, the newest first. Below: the steps of the marked one and how it ended. "
        "Enter shows it as Markdown for a ticket. u rolls the newest one back, after a question; an older one is "
        "rolled back by `sriov-tui rollback RUN`."
    )
    ABOUT: ClassVar[dict[str, str]] = {
        "tree": say("The runs, the newest first. Enter shows the ticket of the marked one.")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f10,q,f7,h,ctrl+q,ctrl+c", "close", "Close"),
        Binding("u", "undo", "Roll back", show=False),
    ]

    def __init__(
        self, host: str, runs: tuple[RunView, ...], ticket: Callable[[str], tuple[str, ...]], *, can_undo: bool
    ) -> None:
        super().__init__()
        self.host = host
        self.runs = runs
        self.ticket = ticket
        self.can_undo = can_undo

    def compose(self) -> ComposeResult:
        """The list, the marked run, one button."""
        title = say("History of {host}", host=words.name(self.host) or say("this host"))
        with Vertical(classes="full"):
            yield Text(words.assemble(" ", title), classes="bar crop")
            with Vertical(id="audit"):
                yield Rows([row(run) for run in self.runs], id="tree")
                with Pane(id="detail"):
                    yield Text("", id="detail-text")
            yield Text("", id="said", classes="crop")
            yield PushButton(say("Close"), "close")
            yield KeyRow(KEYS)
            yield FindBar()
        yield TooSmall()

    def fill(self) -> None:
        """Show the first run, or that there is none: then the focus is on the way out."""
        self.show_run(0)
        self.query_one("#tree" if self.runs else "#close").focus()

    @property
    def marked(self) -> RunView | None:
        """The marked run."""
        at = self.query_one("#tree", Rows).highlighted
        return None if at is None or not self.runs else self.runs[at]

    def show_run(self, index: int) -> None:
        """The steps of this run, and how it ended."""
        if not self.runs:
            parts = [words.content(say("No run is kept on this host yet."))]
        else:
            run = self.runs[index]
            error = [words.content(run.error, "bold $error")] if run.error else []
            parts = [words.content(OUTCOMES[run.outcome]), *error, *step_rows(run)]
        self.query_one("#detail-text", Text).update(words.lines(parts))

    @on(Rows.OptionHighlighted, "#tree")
    def follow(self, event: Rows.OptionHighlighted) -> None:
        """Show the marked run."""
        self.show_run(event.option_index)

    @on(Rows.OptionSelected, "#tree")
    def show_ticket(self, event: Rows.OptionSelected) -> None:
        """The run as Markdown, for a ticket."""
        run = self.runs[event.option_index]
        try:
            lines = self.ticket(run.id)
        except SriovError as error:
            self.query_one("#said", Text).update(words.content(error.title))
            return
        self.app.push_screen(TextScreen(say("Ticket of run {name}", name=run.id), "\n".join(lines)))

    @work
    async def action_undo(self) -> None:
        """Roll the newest run back, after a question."""
        run = self.marked
        said = self.query_one("#said", Text)
        if run is None or run.outcome == "rolled-back" or not any(state == "done" for _, state in run.states):
            said.update(words.content(say("Nothing is left to take back.")))
        elif not self.can_undo:
            said.update(words.content(say("This view cannot change the machine.")))
        elif run is not self.runs[0]:
            command = say("Only the newest run is undone here; for this one: `sriov-tui rollback {name}`", name=run.id)
            said.update(words.content(command))
        elif await self.app.push_screen_wait(roll_back_question(run)) == ROLL_BACK:
            self.dismiss("undo")

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Back to where the operator came from."""
        self.dismiss(None)
