"""From a symptom to its cause: the symptoms above, the cause with what was read and what mends it below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Paste
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from screens import words
from screens.confirm import ConfirmScreen
from screens.find import FindBar
from screens.help import AssistedScreen
from screens.key_row import KeyRow
from screens.overlays import explanation
from screens.text import Text
from screens.waiting import with_word
from screens.widgets import Field, Pane, PushButton, Rows, TooSmall
from sriov_tui.message import Message, join, lines, plural, say
from sriov_tui.model import Finding, Level, SriovError, State
from sriov_tui.model.advice import Advice, Question

Troubleshoot = Callable[[str, Mapping[str, str]], Advice]
EVERYTHING = ("", say("Look at everything"))
UNSURE = say("I do not know")


class Said(Field):
    """The operator's own words, or a message: of a paste every line counts, although one row shows them."""

    pasted = ""

    def _on_paste(self, event: Paste) -> None:
        """Take all lines; the row has them one after the other."""
        self.pasted = event.text.strip()
        self.value = _in_a_row(self.pasted)
        self.cursor_position = len(self.value)
        event.prevent_default()
        event.stop()

    @property
    def text(self) -> str:
        """What was pasted, with its lines; what was typed, where that was changed since."""
        return self.pasted if self.value == _in_a_row(self.pasted) else self.value


def _in_a_row(text: str) -> str:
    return " ".join(text.split())


class TroubleScreen(ModalScreen[Advice | None], AssistedScreen[Advice | None]):
    """The symptoms, and the cause of the one that was chosen; hands back the Advice that shall be carried out."""

    AUTO_FOCUS = "#tree"
    HEADING = say("Troubleshooting")
    HELP_TEXT = say(
        "What you see, in your words. Enter looks for its cause on this host: in the facts, the "
        "kernel log, Open vSwitch and the host-agent's log. Where only a person knows, you are "
        "asked. Nothing is changed here."
    )
    ABOUT: ClassVar[dict[str, str]] = {
        "said": say("Words in English or Chinese, or a message of the kernel, QEMU, Open vSwitch or an installer."),
        "tree": say("What you see. Enter looks for its cause on this host."),
        "mend": say("Shows the exact steps that fix the cause; they run only after a yes."),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f10,q,f4,t,ctrl+q,ctrl+c", "close", "Close"),
        Binding("f8", "mend", "Mend it"),
    ]

    def __init__(self, state: State, symptoms: tuple[tuple[str, str], ...], troubleshoot: Troubleshoot) -> None:
        super().__init__()
        self.state = state
        self.symptoms = (EVERYTHING, *symptoms)
        self.troubleshoot = troubleshoot
        self.advice: Advice | None = None

    def compose(self) -> ComposeResult:
        """The symptoms, the cause, the ways on."""
        host = words.name(self.state.facts.hostname) or say("this host")
        with Vertical(classes="full"):
            yield Text(
                words.content(
                    say(" Troubleshooting of {host} ({state})", host=host, state=words.mode_word(self.state))
                ),
                classes="bar",
            )
            yield Said(hint=say("In your own words, or a message that you paste; then Enter"), id="said")
            with Vertical(id="audit"):
                yield Rows([words.content(text) for _, text in self.symptoms], id="tree")
                with Pane(id="detail"):
                    yield Text(
                        words.content(say("What do you see? Enter looks for its cause on this host.")), id="detail-text"
                    )
            with Horizontal(classes="answers"):
                yield PushButton(say("Close"), "close")
                yield PushButton(say("Fix it"), "mend")
            yield KeyRow(())
            yield FindBar()
        yield TooSmall()

    def fill(self) -> None:
        """What was found, if anything was."""
        if self.advice is not None:
            self._tell(found(self.advice))
        self._show_ways()

    @property
    def can_mend(self) -> bool:
        """Whether steps mend the cause, and this view may carry them out."""
        return bool(self.advice and self.advice.plan.steps) and self.state.mode != "read-only"

    @on(Rows.OptionSelected, "#tree")
    def look(self, event: Rows.OptionSelected) -> None:
        """Look for the cause of the marked symptom."""
        self._look(self.symptoms[event.option_index][0])

    @on(Input.Submitted, "#said")
    def look_for(self, event: Input.Submitted) -> None:
        """Look for the cause of what was typed or pasted."""
        event.stop()
        self._look(self.query_one(Said).text)

    @work(exclusive=True)
    async def _look(self, said: str) -> None:
        """Look for the cause, asking what only a person knows."""
        answers = dict[str, str]()
        try:
            advice = await self._judged(said, answers)
            while advice.ask and (answer := await self._asked(advice.ask)):
                answers[advice.ask.key] = answer
                advice = await self._judged(said, answers)
        except SriovError as error:
            self._tell(words.content(lines(error.title, error.hint)))
            return
        self.advice = advice
        self._tell(found(advice))
        self._show_ways()

    async def _judged(self, symptom: str, answers: dict[str, str]) -> Advice:
        return await with_word(self.app, lambda: self.troubleshoot(symptom, answers), say("Looking at this host"))

    async def _asked(self, ask: Question) -> str:
        """The answer of a person, or "" where there is none."""
        if not ask.answers:
            return ""
        text = words.content(ask.text)
        answer = await self.app.push_screen_wait(ConfirmScreen("A question", text, (UNSURE, *ask.answers)))
        return "" if answer == UNSURE else answer

    def _tell(self, text: Content) -> None:
        self.query_one("#detail-text", Text).update(text)
        self.query_one("#detail", Pane).scroll_home(animate=False)

    def _show_ways(self) -> None:
        self.query_one("#mend").display = self.can_mend
        mend = (("F8", say("Fix it")),) if self.can_mend else ()
        keys = (
            ("F1", say("Help")),
            ("Enter", say("Look")),
            *mend,
            ("/", say("Find")),
            ("Tab", say("Details")),
            ("F4 Esc", say("Close")),
        )
        self.query_one("#footer", KeyRow).show(keys)

    @on(Button.Pressed, "#mend")
    def action_mend(self) -> None:
        """To the review of the steps that mend it."""
        if self.can_mend:
            self.dismiss(self.advice)

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Back to where the operator came from."""
        self.dismiss(None)


def found(advice: Advice) -> Content:
    """The cause in full; or that there is none, what is open on this host, and what would show more."""
    rest = [words.content(say("Open: {id} {title}", id=one.id, title=one.title)) for one in advice.elsewhere]
    told = [Content(""), words.content(advice.advice)] if advice.advice else []
    if advice.cause is not None:
        also = [words.content(say("Also so: {id} {title}", id=one.id, title=one.title)) for one in advice.also]
        return words.lines([explanation(advice.cause), *([Content("")] if also or rest else []), *also, *rest, *told])
    parts = [words.content(_nothing(advice), "bold")]
    parts += [words.content(_open(one)) for one in advice.elsewhere]
    parts += told
    if advice.near:
        parts += [Content(""), words.content(say("Nearest to your words:"))]
        parts += [words.content(join(": ", row)) for row in advice.near]
    parts += [words.content(say("Not known: {text}", text=text)) for text in advice.unknown]
    if advice.paste:
        parts += [Content(""), words.content(say("A message that a program printed would show more: paste it above."))]
    return words.lines(parts)


def _open(finding: Finding) -> Message:
    fix = say("Fix: {title}", title=finding.fix.title) if finding.fix else ""
    return lines(say("{level} {id}: {title}", level=finding.level.name, id=finding.id, title=finding.title), fix)


def _nothing(advice: Advice) -> Message:
    if any(one.level is Level.FAIL for one in advice.elsewhere):
        return say("No cause is certain, but something is wrong on this host. Fix it from the top.")
    return plural(
        "No cause was found; 1 was looked at.", "No cause was found; {count} were looked at.", len(advice.looked)
    )
