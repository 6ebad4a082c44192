"""Step 6: the change of host.conf and the numbered plan, word for word, before anything happens."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from screens import words
from screens.base import STEP_KEYS, StepScreen
from screens.confirm import apply_question
from screens.overlays import TextScreen
from screens.services import Nav
from screens.text import Text
from screens.widgets import PushButton, Rows
from sriov_tui.language.layout import hang
from sriov_tui.message import Message, plural, say, sentences
from sriov_tui.model import HOST_CONF, Operation, SriovError, State, WriteFile
from sriov_tui.reports import outlook, plan_text
from sriov_tui.reports.brief import brief, warnings

HANGING: dict[plan_text.Kind, int] = {"title": 4, "why": 0, "effect": 0}  # cells, from the second line on; others: 2
STAYS: tuple[plan_text.Kind, ...] = ("title", "effect", "reboot")  # what is seen of a folded step
STYLE: dict[plan_text.Kind, str] = {
    "title": "bold",
    "added": "$success",
    "removed": "$error",
    "effect": "$warning",
    "reboot": "bold $warning",
}


def review(state: State, room: int = 1 << 30) -> list[Content]:
    """All that the last screen shows, in `room` cells: the plan, each file's change, the undo, the forecast."""
    return [row.content for row in rows_of(state, room)]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the review; `step` is the number of the step that it belongs to, `hidden` what is folded into it."""

    content: Content
    step: int = 0
    hidden: str = ""


def rows_of(state: State, room: int, folded: Collection[int] = ()) -> list[Row]:
    """The rows of the review; of a folded step only its title and what it interrupts."""
    steps = list[Row]()
    number = 0
    for line in plan_text.lines(state.plan, state.facts):
        number += line.kind == "title"
        rest = plan_text.INDENT.get(line.kind, 8) + HANGING.get(line.kind, 2)
        text = str(line)
        if number in folded and line.kind == "title":
            inside = folded_lines(state, number)
            text = f"{text}  {words.shown(plural('[+ 1 line]', '[+ {count} lines]', len(inside)))}"
            steps.append(Row(words.verbatim(hang(text, room, rest), STYLE["title"]), number, "\n".join(inside)))
        elif number not in folded or line.kind in STAYS:
            shown = words.verbatim(hang(text, room, rest), STYLE.get(line.kind, ""))
            steps.append(Row(shown, number if line.kind != "reboot" and state.plan.steps else 0))
    above, below = around(state, room)
    return [*map(Row, above), *steps, *map(Row, below)]


def folded_lines(state: State, number: int) -> list[str]:
    """What a folded step does not show."""
    lines = plan_text.of_step(state.plan.steps[number - 1], state.facts, number)
    return [str(line) for line in lines if line.kind not in STAYS]


def around(state: State, room: int) -> tuple[list[Content], list[Content]]:
    """What stands above the steps of the plan, and below them."""
    plan = state.plan
    above = card(state, room)
    above.append(words.content(plural("Plan: 1 step", "Plan: {count} steps", len(plan.steps)), "underline"))
    parts = list[Content]()
    if not any(file_of(operation) == HOST_CONF for step in plan.steps for operation in step.operations):
        parts.append(words.content(say("{host_conf} stays as it is.", host_conf=HOST_CONF)))
    for title, findings in outlook.groups(outlook.outlook(state)):
        parts += [Content(""), words.content(title, "underline")]
        parts += [words.verbatim(hang(f"  {words.line(outlook.line(finding))}", room, 7)) for finding in findings]
    if state.forecast:
        parts += [Content(""), words.content(say("What the host-agent will report at its next start"), "underline")]
        told = (words.line(text) for text in state.forecast)
        parts += [words.verbatim(hang(text, room, len(text) - len(text.lstrip()) + 2)) for text in told]
    return above, parts


def card(state: State, room: int) -> list[Content]:
    """The plan at a glance, and the warnings that matter; nothing where there is nothing to do."""
    plan, facts = state.plan, state.facts
    if not plan.steps:
        return []
    parts = [words.verbatim(hang(words.line(brief(plan, facts)), room, 2), "bold")]
    told = (hang(f"! {words.line(text)}", room, 2) for text in warnings(plan, facts))
    return [*parts, *(words.verbatim(text, "bold $warning") for text in told), Content("")]


def file_of(operation: Operation) -> str:
    """The file that an operation writes; "" for one that writes none."""
    return operation.path if isinstance(operation, WriteFile) else ""


class DiffScreen(StepScreen):
    """The review. Apply asks once more, in the words of the steps."""

    STEP = 6
    KEYS = (("x", say("Fold")), ("s", say("Save")), *STEP_KEYS)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "fold_all", "Fold all steps, or none"),
        Binding("s", "save_plan", "Save the plan"),
    ]
    folded: frozenset[int] = frozenset()
    save_plan: Callable[[State], tuple[str, ...]] | None = None
    AUTO_FOCUS = "#review"
    ABOUT: ClassVar[dict[str, str]] = {
        "review": say(
            "All that will happen, line by line. Enter folds the marked step to its title and out again, x all of "
            "them. / looks for text, also in what is folded. s saves the plan."
        ),
        "next": say("Asks once more, in the words of the steps, before anything happens."),
    }
    HELP_TEXT = say(
        "Everything that will happen, in order and word for word: the lines of host.conf that "
        "change, then each step with its operations. The journal keeps what was there before, so "
        "that the whole can be rolled back. The work is done by a process of its own: it goes on "
        "if this session drops. Enter folds the marked step to its title and out again, x folds all of "
        "them. s saves the plan as Markdown, for a ticket, and as JSON, for `sriov-tui apply`."
    )

    def excerpt(self) -> Message:
        """What this is about."""
        return say("This is all that will happen, word for word. Nothing has been changed yet.")

    def body(self) -> Iterable[Widget]:
        """The review as lines."""
        self.rows = rows_of(self.state, self.app.size.width - 3, self.folded)
        yield Rows([row.content for row in self.rows], id="review")

    def show_rows(self) -> None:
        """The review for the width of this window, and with what is folded now."""
        self.rows = rows_of(self.state, self.app.size.width - 3, self.folded)
        review = self.query_one("#review", Rows)
        review.show([row.content for row in self.rows])
        review.hidden = [row.hidden for row in self.rows]

    def on_resize(self) -> None:
        """Break its lines again."""
        super().on_resize()
        self.show_rows()

    def fold(self, folded: Collection[int], step: int) -> None:
        """Fold these steps and no others; the cursor goes to the title of the step where it was."""
        opens = len(folded) < len(self.folded)
        self.folded = frozenset(folded)
        self.show_rows()
        review = self.query_one("#review", Rows)
        review.highlighted = next((index for index, row in enumerate(self.rows) if step and row.step == step), 0)
        if opens and step:
            self.call_after_refresh(review.scroll_to_highlight, top=True)  # so that what it folds out is seen

    def action_fold_all(self) -> None:
        """All steps to their titles; all of them out where that is so already."""
        every = frozenset(range(1, len(self.state.plan.steps) + 1))
        marked = self.rows[self.query_one("#review", Rows).highlighted or 0]
        self.fold(frozenset() if self.folded == every else every, marked.step)

    def action_save_plan(self) -> None:
        """Save the plan in both forms, and say where."""
        if self.save_plan is None:
            self.say(words.why_read_only(self.state))
            return
        try:
            paths = self.save_plan(self.state)
        except SriovError as error:
            self.say(sentences(error.title, error.hint))
            return
        told = [say("The plan is saved, for a ticket and for `sriov-tui apply`:"), *paths]
        self.app.push_screen(TextScreen(say("Save"), "\n".join(words.shown(line) for line in told)))

    def buttons(self) -> Iterable[Widget]:
        """Back and Apply; in a view that cannot write, the sentence why not."""
        yield PushButton(say("F7 Back"), "back")
        if self.state.mode == "read-only":
            yield Text(words.content(words.why_read_only(self.state)), id="message")
            return
        yield Text("", id="message")
        yield PushButton((say("F8 Apply") if self.state.plan.steps else say("F8 Finish")), "next")

    @on(Rows.OptionSelected, "#review")
    def fold_marked(self, event: Rows.OptionSelected) -> None:
        """Enter folds the marked step, or folds it out."""
        if step := self.rows[event.option_index].step:
            self.fold(self.folded ^ {step}, step)

    def leave(self, nav: Nav, name: str = "") -> None:
        """Next means apply here: asked for in a box, refused in a view that cannot write."""
        if nav is not Nav.NEXT:
            super().leave(nav, name)
        elif self.state.mode == "read-only":
            self.say(words.why_read_only(self.state))
        elif not self.state.plan.steps:
            super().leave(Nav.NEXT)
        else:
            self.ask()

    @work
    async def ask(self) -> None:
        """Ask, and leave with APPLY only on a clear yes."""
        if await self.app.push_screen_wait(apply_question(self.state, self.app.size.width)) == "Apply":
            super().leave(Nav.APPLY)
