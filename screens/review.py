"""Step 6: the change of host.conf and the numbered plan, word for word, before anything happens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on, work
from textual.content import Content
from textual.widget import Widget

from screens import words
from screens.base import Nav, StepScreen
from screens.confirm import apply_question
from screens.overlays import TextScreen
from screens.text import Text
from screens.widgets import PushButton, Rows
from sriov_tui.model import HOST_CONF, State, Step

_DIFF_STYLE = {"+": "$success", "-": "$error", "@": "$secondary"}


def diff_lines(diff: str) -> list[Content]:
    """A unified diff, added and removed lines in colour."""
    found = diff.splitlines()
    if not found:
        return [words.content(f"{HOST_CONF} stays as it is.")]
    return [
        words.verbatim(text, _DIFF_STYLE.get(text[:1], "") if not text.startswith(("+++", "---")) else "bold")
        for text in found
    ]


def step_text(number: int, step: Step) -> list[Content]:
    """A step: title, reason, what it interrupts, every operation."""
    parts = [words.assemble((f"{number}. {words.line(step.title)}", "bold"))]
    parts.append(words.content(f"   {words.line(step.why)}"))
    if step.disrupts != "no":
        parts.append(words.content(f"   {words.DISRUPTS[step.disrupts]}", "$warning"))
    return parts + [
        words.verbatim(f"     {text}") for operation in step.operations for text in words.operation_lines(operation)
    ]


def review(state: State) -> list[Content]:
    """All that the last screen shows: diff, plan, forecast."""
    parts = [words.content(f"Change of {HOST_CONF}", "underline"), *diff_lines(state.diff), Content("")]
    plan = state.plan
    parts.append(
        words.content(f"Plan: {len(plan.steps)} steps" if len(plan.steps) != 1 else "Plan: 1 step", "underline")
    )
    for number, step in enumerate(plan.steps, 1):
        parts += step_text(number, step)
        if number == plan.reboot_after:
            parts.append(words.content("--- reboot: the steps below wait for it ---", "bold $warning"))
    if not plan.steps:
        parts.append(words.content("There is nothing to do: the host is as you chose."))
    if state.forecast:
        parts += [Content(""), words.content("What the host-agent will report at its next start", "underline")]
        parts += [words.content(text) for text in state.forecast]
    return parts


class DiffScreen(StepScreen):
    """The review. Apply asks once more, in the words of the steps."""

    STEP = 6
    TITLE_TEXT = "Review and apply"
    PREFIXES = ("",)
    AUTO_FOCUS = "#review"
    ABOUT: ClassVar[dict[str, str]] = {
        "review": "All that will happen, line by line. / looks for text in it, Enter shows the marked line in full.",
        "next": "Asks once more, in the words of the steps, before anything happens.",
    }
    HELP_TEXT = (
        "Everything that will happen, in order and word for word: the lines of host.conf that change, then each step "
        "with its operations. The journal keeps what was there before, so that the whole can be rolled back. "
        "The work is done by a process of its own: it goes on if this session drops. Enter shows a long line in full."
    )

    def excerpt(self) -> str:
        """What this is about."""
        return "This is all that will happen, word for word. Nothing has been changed yet."

    def body(self) -> Iterable[Widget]:
        """The review as lines."""
        yield Rows(review(self.state), id="review")

    def buttons(self) -> Iterable[Widget]:
        """Back and Apply; in a view that cannot write, the sentence why not."""
        yield PushButton("F7 Back", "back")
        if self.state.mode == "read-only":
            yield Text(words.content(words.why_read_only(self.state)), id="message")
            return
        yield Text("", id="message")
        yield PushButton("F8 Apply" if self.state.plan.steps else "F8 Finish", "next")

    @on(Rows.OptionSelected, "#review")
    def show_line(self, event: Rows.OptionSelected) -> None:
        """Enter shows the marked line in full."""
        self.app.push_screen(TextScreen("Line", review(self.state)[event.option_index].plain))

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
        if await self.app.push_screen_wait(apply_question(self.state)) == "Apply":
            super().leave(Nav.APPLY)
