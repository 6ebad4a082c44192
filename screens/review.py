"""Step 6: the change of host.conf and the numbered plan, word for word, before anything happens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on, work
from textual.content import Content
from textual.widget import Widget

from screens import words
from screens.base import StepScreen
from screens.confirm import apply_question
from screens.overlays import TextScreen
from screens.services import Nav
from screens.text import Text
from screens.widgets import PushButton, Rows
from sriov_tui.language.layout import hang
from sriov_tui.message import Message, plural, say
from sriov_tui.model import HOST_CONF, Operation, State, WriteFile
from sriov_tui.reports import outlook, plan_text
from sriov_tui.reports.brief import brief, warnings

HANGING: dict[plan_text.Kind, int] = {"title": 4, "why": 0, "effect": 0}  # cells, from the second line on; others: 2
STYLE: dict[plan_text.Kind, str] = {
    "title": "bold",
    "added": "$success",
    "removed": "$error",
    "effect": "$warning",
    "reboot": "bold $warning",
}


def review(state: State, room: int = 1 << 30) -> list[Content]:
    """All that the last screen shows, in `room` cells: the plan, each file's change, the undo, the forecast."""
    plan = state.plan
    parts = card(state, room)
    parts.append(words.content(plural("Plan: 1 step", "Plan: {count} steps", len(plan.steps)), "underline"))
    for line in plan_text.lines(plan, state.facts):
        rest = plan_text.INDENT.get(line.kind, 8) + HANGING.get(line.kind, 2)
        parts.append(words.verbatim(hang(str(line), room, rest), STYLE.get(line.kind, "")))
    if not any(file_of(operation) == HOST_CONF for step in plan.steps for operation in step.operations):
        parts.append(words.content(say("{host_conf} stays as it is.", host_conf=HOST_CONF)))
    for title, findings in outlook.groups(outlook.outlook(state)):
        parts += [Content(""), words.content(title, "underline")]
        parts += [words.verbatim(hang(f"  {words.line(outlook.line(finding))}", room, 7)) for finding in findings]
    if state.forecast:
        parts += [Content(""), words.content(say("What the host-agent will report at its next start"), "underline")]
        told = (words.line(text) for text in state.forecast)
        parts += [words.verbatim(hang(text, room, len(text) - len(text.lstrip()) + 2)) for text in told]
    return parts


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
    AUTO_FOCUS = "#review"
    ABOUT: ClassVar[dict[str, str]] = {
        "review": say(
            "All that will happen, line by line. / looks for text in it, Enter shows the marked line in full."
        ),
        "next": say("Asks once more, in the words of the steps, before anything happens."),
    }
    HELP_TEXT = say(
        "Everything that will happen, in order and word for word: the lines of host.conf that "
        "change, then each step with its operations. The journal keeps what was there before, so "
        "that the whole can be rolled back. The work is done by a process of its own: it goes on "
        "if this session drops. Enter shows a long line in full."
    )

    def excerpt(self) -> Message:
        """What this is about."""
        return say("This is all that will happen, word for word. Nothing has been changed yet.")

    def body(self) -> Iterable[Widget]:
        """The review as lines."""
        yield Rows(self.lines(), id="review")

    def lines(self) -> list[Content]:
        """The review for the width of this window."""
        return review(self.state, self.app.size.width - 3)

    def on_resize(self) -> None:
        """Break its lines again."""
        super().on_resize()
        self.query_one("#review", Rows).show(self.lines())

    def buttons(self) -> Iterable[Widget]:
        """Back and Apply; in a view that cannot write, the sentence why not."""
        yield PushButton(say("F7 Back"), "back")
        if self.state.mode == "read-only":
            yield Text(words.content(words.why_read_only(self.state)), id="message")
            return
        yield Text("", id="message")
        yield PushButton((say("F8 Apply") if self.state.plan.steps else say("F8 Finish")), "next")

    @on(Rows.OptionSelected, "#review")
    def show_line(self, event: Rows.OptionSelected) -> None:
        """Enter shows the marked line in full."""
        self.app.push_screen(TextScreen(say("Line"), review(self.state)[event.option_index].plain))

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
