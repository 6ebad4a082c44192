"""Every finding of every step, by subject: read-only, over any screen or on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from screens import words
from screens.overlays import ExplainScreen, explanation
from screens.rows import Pane, Rows
from sriov_tui.model import Finding, Level, State


def by_subject(findings: Sequence[Finding]) -> list[Finding | str]:
    """Findings below a heading for each subject; the subject with the worst finding first."""
    groups: dict[str, list[Finding]] = {}
    for finding in words.worst_first(findings):
        groups.setdefault(finding.subject, []).append(finding)
    items: list[Finding | str] = []
    for subject, group in groups.items():
        items += [subject, *group]
    return items


class AuditScreen(ModalScreen[None]):
    """Every finding by subject, with what was read and what to do beside it."""

    AUTO_FOCUS = "#tree"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f10,q,f7,f9,b,a,ctrl+q,ctrl+c", "close", "Close"),
        Binding("f2,e", "explain", "Explain"),
    ]

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state
        self.items = by_subject(state.findings)

    def compose(self) -> ComposeResult:
        """The tree, the details, one button."""
        counts = [f"{sum(f.level is level for f in self.state.findings)} {level.name}" for level in reversed(Level)]
        host = words.line(self.state.facts.hostname) or "this host"
        with Vertical(classes="full"):
            yield Static(
                Content(f" Audit of {host} ({words.mode_word(self.state)}): {', '.join(counts)}"), classes="bar"
            )
            with Vertical(id="audit"):
                yield Rows([self._row(item) for item in self.items], id="tree")
                with Pane(id="detail"):
                    yield Static("", id="detail-text")
            yield Button(Content("[ Close ]"), id="close", compact=True)
            keys = (("Up Down", "Move"), ("F2", "Explain in full"), ("Tab", "Details"), ("F9 Esc", "Close"))
            yield Static(words.keys(*keys), id="footer")

    def _row(self, item: Finding | str) -> Content:
        if isinstance(item, str):
            pf = self.state.facts.pf(item)
            return Content.styled(words.plain(words.pf_label(pf) if pf else item), "bold underline")
        return Content.assemble("  ", words.level(item.level), "  ", words.line(item.title))

    @on(Rows.OptionHighlighted, "#tree")
    def show_detail(self, event: Rows.OptionHighlighted) -> None:
        """Show the marked finding beside the tree."""
        item = self.items[event.option_index]
        text = Content.styled("Move to a finding below.", "dim") if isinstance(item, str) else explanation(item)
        self.query_one("#detail-text", Static).update(text)

    @on(Rows.OptionSelected, "#tree")
    def action_explain(self) -> None:
        """Show the marked finding in a box of its own."""
        at = self.query_one("#tree", Rows).highlighted
        item = self.items[at] if at is not None else ""
        if isinstance(item, Finding):
            self.app.push_screen(ExplainScreen(item, self.state.explain(item.id)))

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Back to where the operator came from."""
        self.dismiss(None)
