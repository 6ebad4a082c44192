"""The question before something happens. Its text is made from the steps, so that it says what will happen."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from screens import words
from screens.header import above
from screens.key_row import KeyRow
from screens.text import Text
from screens.widgets import Field, Pane, PushButton, TooSmall
from sriov_tui.language.layout import hang
from sriov_tui.message import say
from sriov_tui.model import Run, RunView, State, Step, cuts_session
from sriov_tui.reports import plan_text
from sriov_tui.reports.brief import brief, warnings

ROLL_BACK = say("Roll back")
BOX, FRAME = 76, 5  # cells of a box, and of its border, its padding and its scroll bar


class ConfirmScreen(ModalScreen[str]):
    """A question with named answers; the first is the safe one, has the focus, and Esc gives it.

    Where `typed` is given, every other answer asks for that word to be typed first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f10,ctrl+q,ctrl+c", "safe", "Cancel")]

    def __init__(self, title: str, text: Content, answers: tuple[str, ...], typed: str = "") -> None:
        super().__init__()
        self.heading = title
        self.text = text
        self.answers = answers
        self.typed = typed

    def compose(self) -> ComposeResult:
        """The text, the word to type if any, the answers."""
        yield from above(self)
        with Vertical(classes="box") as box:
            box.border_title = words.content(words.line(self.heading))
            with Pane(classes="text"):
                yield Text(self.text)
            if self.typed:
                yield Text(
                    words.content(say("To go on, type {typed} and press Enter:", typed=words.name(self.typed))),
                    id="ask",
                    classes="crop",
                )
                yield Field(id="typed")
            with Horizontal(classes="answers"):
                for index, answer in enumerate(self.answers):
                    yield PushButton(answer, f"answer-{index}")
        yield KeyRow((("Tab", say("Next part")), ("Enter", say("Press")), ("Esc", self.answers[0])))
        yield TooSmall()

    def on_mount(self) -> None:
        """Focus the word to type, else the safe answer."""
        self.query_one("#typed" if self.typed else "#answer-0").focus()

    @on(Input.Submitted, "#typed")
    def submit(self) -> None:
        """Enter in the field gives the second answer, if the word is right."""
        self.answer(1)

    @on(Button.Pressed)
    def press(self, event: Button.Pressed) -> None:
        """A button gives its answer."""
        self.answer(int((event.button.id or "answer-0").removeprefix("answer-")))

    def answer(self, index: int) -> None:
        """Give an answer; any but the safe one only when the word is typed."""
        if index and self.typed and self.query_one("#typed", Input).value.strip() != self.typed:
            self.query_one("#ask", Text).update(
                words.content(say("That is not it. Type {typed}, or Esc to go back:", typed=words.name(self.typed)))
            )
            self.query_one("#typed").focus()
            return
        self.dismiss(self.answers[index])

    def action_safe(self) -> None:
        """Nothing happens."""
        self.dismiss(self.answers[0])


def step_lines(steps: tuple[Step, ...], room: int) -> list[Content]:
    """Each step as its number, title, reason, and what it interrupts."""
    parts = []
    for number, step in enumerate(steps, 1):
        mark = f"{number}. "
        title = hang(f"{mark}{words.line(step.title)}", room, len(mark))
        parts.append(words.verbatim(title, "bold"))
        told = [(reason, "") for reason in words.shown(step.why).splitlines()]
        told += [(words.line(text), "$warning") for text in plan_text.effects(step)]
        for operation in step.operations:
            if isinstance(operation, Run) and operation.no_way_back:
                undo = say("Cannot be undone: {reason}", reason=operation.no_way_back)
                told.append((words.line(undo), "bold $error"))
        parts += [words.verbatim(hang(f"   {text}", room, 3), style) for text, style in told]
    return parts


def apply_question(state: State, width: int) -> ConfirmScreen:
    """The question before an apply, in a window so wide; the host's name is typed where a step cuts the SSH session."""
    plan, facts = state.plan, state.facts
    host = words.name(facts.hostname)
    cuts = [step for step in plan.steps if cuts_session(facts, step)]
    count = say("1 step") if len(plan.steps) == 1 else say("{count_of_steps} steps", count_of_steps=len(plan.steps))
    parts = [
        words.content(
            say(
                "{count} on {host} ({state}):", count=count, host=host or say("this host"), state=words.mode_word(state)
            )
        ),
        Content(""),
    ]
    room = min(BOX, width) - FRAME
    parts += [words.verbatim(hang(words.line(brief(plan, facts)), room, 2), "bold")]
    parts += [words.verbatim(hang(f"! {words.line(text)}", room, 2), "bold $warning") for text in warnings(plan, facts)]
    parts += [Content(""), *step_lines(plan.steps, room)]
    if plan.reboot_after is not None:
        parts += [
            Content(""),
            words.content(
                say(
                    "After step {reboot_after} a reboot is needed. You are asked before it happens.",
                    reboot_after=plan.reboot_after,
                )
            ),
        ]
    return ConfirmScreen(
        say("Apply this plan?"), words.lines(parts), (say("Do not apply"), say("Apply")), host if cuts else ""
    )


def roll_back_question(run: RunView) -> ConfirmScreen:
    """The question before a rollback of what this run did."""
    done = [step for step in run.plan.steps if dict(run.states).get(step.id) == "done"]
    parts = [words.content(say("These steps are undone, the last one first:"))]
    parts += [words.assemble("  ", step.title) for step in reversed(done)]
    return ConfirmScreen(say("Roll back?"), words.lines(parts), (say("Leave it"), ROLL_BACK))
