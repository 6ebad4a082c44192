"""Overlays over any screen: help, the explanation of a finding, a piece of text, the audit view. Esc closes them."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button

from screens import words
from screens.bilingual import BilingualScreen
from screens.header import above
from screens.key_row import KeyRow
from screens.text import Text
from screens.widgets import Pane, PushButton, TooSmall
from sriov_tui.language import _
from sriov_tui.message import say
from sriov_tui.model import Explanation, Finding

KEYS = (
    ("Tab, Shift+Tab", say("to the next or previous part; leaves lists")),
    (say("Up, Down"), say("move inside a list")),
    (say("Space, Enter"), say("toggles the marked line, where lines can be marked")),
    ("Enter", say("presses a button; shows what the marked line is about")),
    ("/", say("looks for text in the list; n, N: next, previous")),
    ("F1", say("help on what has the focus, and on the screen")),
    ("?", say("this list")),
    (say("F2 or e"), say("explains the marked finding")),
    (say("F3 or d"), say("shows the whole network card as a drawing")),
    (say("F4 or t"), say("from what you see, or a pasted message, to its cause")),
    (say("F5 or r"), say("reads the machine again")),
    (say("F6 or l"), say("中文, English: the other language")),
    ("F7", say("back; what you typed is kept")),
    ("F8", "next"),
    (say("Ctrl+G or g"), say("the six steps; 1 to 6 go to one. Letters and digits not where there are fields")),
    (say("F9 or a"), say("every finding of every step")),
    (say("F10 or q"), "quit"),
    ("Esc", say("closes an overlay, or ends a search")),
    ("Ctrl+L", say("paints the screen again")),
)


class Overlay(ModalScreen[None], BilingualScreen[None]):
    """A box with text that scrolls. Esc, F10, q and the button close it."""

    AUTO_FOCUS = "Rows, Pane, #close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f10,q,f1,f2,f9,ctrl+q,ctrl+c", "close", "Close"),
        Binding("question_mark", "keys", show=False),
        Binding("f4", "app.troubleshoot", show=False),
    ]

    def __init__(self, title: str) -> None:
        super().__init__()
        self.heading = title

    def text(self) -> Content:
        """What it tells."""
        return Content("")

    def compose(self) -> ComposeResult:
        """The box: text above, button below."""
        yield from above(self)
        with Vertical(classes="box") as box:
            box.border_title = words.content(words.line(self.heading))
            with Pane(classes="text"):
                yield Text(self.text())
            yield PushButton(say("Close"), "close")
        yield KeyRow(((say("Up, Down"), say("Scroll")), ("Esc", say("Close"))))
        yield TooSmall()

    def fill(self) -> None:
        """Whether the text is too long for its box is known once it is laid out; then the keys are to scroll it."""
        self.call_after_refresh(self._focus_long_text)

    def _focus_long_text(self) -> None:
        pane = self.query_one(Pane)
        if pane.max_scroll_y:
            pane.focus()

    @on(Button.Pressed, "#close")
    def action_close(self) -> None:
        """Close the overlay."""
        self.dismiss(None)

    def action_keys(self) -> None:
        """List every key."""
        if not isinstance(self, KeysScreen):
            self.app.push_screen(KeysScreen())


class HelpScreen(Overlay):
    """What has the focus, and what the screen does."""

    def __init__(self, title: str, focus: str, screen: str) -> None:
        super().__init__(say("Help: {title}", title=title))
        self.parts = ((say("Where the cursor is"), focus), (say("This screen"), screen))

    def text(self) -> Content:
        """What has the focus, then what the screen does."""
        told = [
            part
            for heading, text in self.parts
            if text
            for part in (words.content(heading, "bold"), words.content(text), Content(""))
        ]
        keys, guide = (
            say("? lists every key."),
            say("`sriov-tui guide WORDS` searches the documents, without a network."),
        )
        return words.lines([*told, words.content(keys), words.content(guide)])


class KeysScreen(Overlay):
    """Every key."""

    def __init__(self) -> None:
        super().__init__(say("Keys"))

    def text(self) -> Content:
        """A key a line."""
        return words.lines([words.assemble((words.fit(key, 16), "bold"), meaning) for key, meaning in KEYS])


class ExplainScreen(Overlay):
    """A finding in full: what is true, what was read and where, what to do; below that, what its id is about."""

    def __init__(self, finding: Finding, about: Explanation | None) -> None:
        super().__init__(finding.id)
        self.finding = finding
        self.about = about

    def text(self) -> Content:
        """What is so here, then what it is about on any host."""
        return words.lines([explanation(self.finding), *(background(self.about) if self.about else ())])


class TextScreen(Overlay):
    """A piece of text in a box."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title)
        self.told = text

    def text(self) -> Content:
        """The piece of text."""
        return words.content(self.told)


def explanation(finding: Finding) -> Content:
    """A finding as text: title, detail, fix and evidence."""
    parts = [
        words.assemble(words.level(finding.level), "  ", (words.line(finding.title), "bold")),
        words.verbatim(f"{finding.id}  {words.name(finding.subject)}", "dim"),
    ]
    if finding.blocks:
        parts.append(words.content(say("The wizard does not go on while this is so."), "bold $error"))
    if finding.detail:
        parts += [Content(""), words.content(finding.detail)]
    if finding.fix:
        parts += _fix_lines(finding)
    for evidence in finding.evidence:
        parts += [
            Content(""),
            words.verbatim(_(say("Read from {source}:", source=evidence.source)), "$secondary"),
        ]
        parts += [words.verbatim(f"  {text}") for text in _(evidence.text).splitlines() or [_(say("(empty)"))]]
    return words.lines(parts)


def background(about: Explanation) -> list[Content]:
    """What an id is about, on whatever host: the same text as `sriov-tui explain` prints."""
    sections = (
        (say("What it means"), about.means),
        (say("Why it matters"), about.matters),
        (say("How to fix it"), about.fix),
        (say("Source"), about.source),
    )
    parts = [Content(""), words.content(say("About {id}: {title}", id=about.id, title=about.title), "bold underline")]
    for heading, text in sections:
        parts += [Content(""), words.content(heading, "bold"), words.content(text)]
    return parts


def _fix_lines(finding: Finding) -> list[Content]:
    fix = finding.fix
    if fix is None:
        return []
    parts = [Content(""), words.verbatim(_(say("What to do: {title}", title=fix.title)), "bold")]
    parts += [words.content(fix.manual)] if fix.manual else []
    parts += [words.content(say("Done by the plan: {steps}", steps=", ".join(fix.steps)))] if fix.steps else []
    parts += [words.verbatim(_(say("How to see it: {verify}", verify=fix.verify)))] if fix.verify else []
    return parts
