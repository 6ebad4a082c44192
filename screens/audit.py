"""Every finding of every step, by subject: read-only, over any screen or on its own."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button

from screens import words
from screens.device import DeviceScreen
from screens.find import FindBar
from screens.help import AssistedScreen
from screens.key_row import KeyRow
from screens.overlays import ExplainScreen, explanation
from screens.text import Text
from screens.widgets import Pane, PushButton, Rows, TooSmall
from sriov_tui.language import _
from sriov_tui.message import say
from sriov_tui.model import Evaluate, Finding, Level, SriovError, State

Follow = Callable[[Callable[[], object]], Callable[[], None]]
"""As `Services.follow`: what to call after a change, to what ends the following."""

KEYS = (
    ("F1", say("Help")),
    ("F2", say("Explain")),
    ("F3", say("Device")),
    ("F4", say("Trouble")),
    ("/", say("Find")),
    ("Tab", say("Details")),
    ("F9 Esc", say("Close")),
)


def by_subject(findings: Sequence[Finding]) -> list[Finding | str]:
    """Findings below a heading for each subject; the subject with the worst finding first."""
    groups: dict[str, list[Finding]] = {}
    for finding in words.worst_first(findings):
        groups.setdefault(finding.subject, []).append(finding)
    items: list[Finding | str] = []
    for subject, group in groups.items():
        items += [subject, *group]
    return items


def _key(item: Finding | str) -> str:
    return item if isinstance(item, str) else item.key


class AuditScreen(ModalScreen[None], AssistedScreen[None]):
    """Every finding by subject, with what was read and what to do beside it."""

    AUTO_FOCUS = "#tree"
    HEADING = say("audit")
    HELP_TEXT = say(
        "Every finding of every step, below what it is about; the worst first. OK means looked "
        "at, and as it should be. `sriov-tui audit` prints the same, also as Markdown for a "
        "ticket."
    )
    ABOUT: ClassVar[dict[str, str]] = {
        "tree": say("The findings. Enter or F2 explains the marked one, F3 shows its card, / looks for text.")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f10,q,f7,f9,b,a,ctrl+q,ctrl+c", "close", "Close"),
        Binding("f2,e", "explain", "Explain"),
        Binding("f3,d", "device", "Device"),
        Binding("f4,t", "app.troubleshoot", "Trouble"),
    ]

    class Changed(Message):
        """The machine was read again, since something changed on it."""

    def __init__(self, state: State, evaluate: Evaluate | None = None, follow: Follow | None = None) -> None:
        super().__init__()
        self.state = state
        self.items = by_subject(state.findings)
        self._evaluate = evaluate
        self._follow = follow
        self._unfollow: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        """The tree, the details, one button."""
        with Vertical(classes="full"):
            yield Text(id="audit-title", classes="bar")
            with Vertical(id="audit"):
                yield Rows([self._row(item) for item in self.items], id="tree")
                with Pane(id="detail"):
                    yield Text("", id="detail-text")
            yield PushButton(say("Close"), "close")
            yield KeyRow(KEYS)
            yield FindBar()
        yield TooSmall()

    def on_mount(self) -> None:
        """Open on the worst finding, and follow what changes on the machine, where this view can."""
        tree = self.query_one("#tree", Rows)
        tree.highlighted = min(1, len(self.items) - 1) if self.items else None  # below the heading of its subject
        if self._follow is not None and self._evaluate is not None:
            with contextlib.suppress(SriovError):  # then it is a picture of one moment, and says so
                self._unfollow = self._follow(lambda: self.post_message(self.Changed()))

    def fill(self) -> None:
        """Tell what this is."""
        self._show_title()

    def on_unmount(self) -> None:
        """Follow no longer."""
        if self._unfollow is not None:
            self._unfollow()

    @on(Changed)
    def show_change(self) -> None:
        """Show what the checks say now; the cursor stays on its finding."""
        if self._evaluate is None:
            return
        tree = self.query_one("#tree", Rows)
        marked = _key(self.items[tree.highlighted]) if tree.highlighted is not None else ""
        self.state = self._evaluate(self.state.choices)
        self.items = by_subject(self.state.findings)
        tree.show([self._row(item) for item in self.items])
        at = next((index for index, item in enumerate(self.items) if _key(item) == marked), tree.highlighted)
        tree.highlighted = at
        self._show_title()
        self._show_item(self.items[at] if at is not None else "")

    def _show_title(self) -> None:
        found = Counter(finding.level for finding in self.state.findings)
        counts = [f"{found[level]} {level.name}" for level in reversed(Level) if found[level] or level is Level.FAIL]
        host, mode = words.name(self.state.facts.hostname) or say("this host"), words.mode_word(self.state)
        live = ", live" if self._unfollow else ""
        self.query_one("#audit-title", Text).update(
            words.content(
                say(
                    " Audit of {host} ({mode}{live}): {counts}",
                    host=host,
                    mode=mode,
                    live=live,
                    counts=", ".join(counts),
                )
            )
        )

    def _row(self, item: Finding | str) -> Content:
        if isinstance(item, str):
            pf = self.state.facts.pf(item)
            return words.verbatim(words.pf_label(pf) if pf else _(item), "bold underline")
        return words.assemble("  ", words.level(item.level), "  ", words.line(item.title))

    @on(Rows.OptionHighlighted, "#tree")
    def show_detail(self, event: Rows.OptionHighlighted) -> None:
        """Show the marked finding beside the tree."""
        if event.option_index < len(self.items):
            self._show_item(self.items[event.option_index])

    def _show_item(self, item: Finding | str) -> None:
        text = words.content(say("Move to a finding below."), "dim") if isinstance(item, str) else explanation(item)
        self.query_one("#detail-text", Text).update(text)

    @property
    def marked(self) -> Finding | str:
        """The marked finding or subject."""
        at = self.query_one("#tree", Rows).highlighted
        return self.items[at] if at is not None else ""

    @on(Rows.OptionSelected, "#tree")
    def action_explain(self) -> None:
        """Show the marked finding, or the marked card, in full."""
        item = self.marked
        if isinstance(item, Finding):
            self.app.push_screen(ExplainScreen(item, self.state.explain(item.id)))
        else:
            self.action_device()

    def action_device(self) -> None:
        """Show the whole of the card that the marked line is about."""
        subject = self.marked.subject if isinstance(self.marked, Finding) else self.marked
        if self.state.facts.pf(subject) is not None:
            self.app.push_screen(DeviceScreen(self.state.facts, subject))
        else:
            told = words.content(say("This line is about no network card: there is nothing to draw."))
            self.query_one("#detail-text", Text).update(told)

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Back to where the operator came from."""
        self.dismiss(None)
