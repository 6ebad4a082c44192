"""What stands first once a run has ended: what to do next, as lines that can be copied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from textual.app import App
from textual.content import Content

from screens import words
from screens.widgets import Rows
from sriov_tui.language.layout import hang
from sriov_tui.message import Message, plural, say, sentences
from sriov_tui.model import Finding, Level, RunView, State, goal
from sriov_tui.model.commands import Command, copied

LARGEST = 8000  # characters: tmux and screen drop a longer sequence unseen


class ToDo(Rows):
    """Sentences, and commands that stay whole words on every width; a key copies the marked one."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.told: Sequence[str] = ()
        self.display = False

    def tell(self, told: Iterable[str]) -> None:
        """Show these lines; nothing where there are none."""
        told = list(told)
        while told and not told[0].strip():
            del told[0]
        self.told = told
        self.display = bool(told)
        self.fill()

    def fill(self) -> None:
        """Lay them out for the width of the window."""
        room = self.app.size.width - 4
        self.show([row(text, room) for text in self.told])

    def on_resize(self) -> None:
        """Break the lines again."""
        super().on_resize()
        self.fill()

    def copied(self) -> str:
        """What a key copies now."""
        return copied(self.told, self.highlighted or 0)


def row(text: str, room: int) -> Content:
    """A line: a command as a shell takes it, broken between its words; a sentence wrapped below itself."""
    if isinstance(text, Command):
        return words.verbatim("\n".join(text.broken(room)), "$success")
    shown = words.shown(text)
    indent = len(shown) - len(shown.lstrip())
    return words.verbatim(hang(shown, room, indent), "" if indent else "bold")


def next_steps(view: RunView, state: State, good: bool) -> Iterator[str]:
    """What is left to do after a verified run: on the cluster and in guests, or what still stands in the way."""
    if good:
        yield from state.commands
        return
    promised = {key for step in view.plan.steps for key in step.resolves}
    unmet = [one for one in state.findings if one.key in promised and one.level is not Level.OK]
    for finding in dict.fromkeys((*unmet, *goal.still_open(view.plan.choices, state.findings))):
        yield from _mended(finding)


def _mended(finding: Finding) -> Iterator[str]:
    """A finding that is left, and its way out."""
    yield sentences(finding.level.name, finding.title)
    if finding.fix:
        yield say("  What to do: {title}", title=finding.fix.title)
        yield from (f"    {line}" for line in words.shown(finding.fix.manual).splitlines())


def copy(app: App[Any], text: str) -> Message:
    """Have the terminal of the operator keep a text, and say what can be said about that.

    By OSC 52, which works through SSH. Whether the terminal obeys is not told: so neither do we.
    """
    if not text:
        return say("There is no command on this line.")
    if app.has_class("-plain"):
        return say("This terminal has no clipboard that can be reached. `sriov-tui agent` prints these commands.")
    if len(text) > LARGEST:
        return say("That is too long to be copied. `sriov-tui agent` prints these commands.")
    app.copy_to_clipboard(text)
    return plural(
        "Sent to the clipboard.",
        "{count} commands sent to the clipboard.",
        text.count("\n") + 1,
    )
