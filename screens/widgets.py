"""The one list of the program, its button and its column: each brings the terminal's cursor to what has the focus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Offset
from textual.message import Message
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList
from textual.widgets.option_list import Option

from screens import words
from screens.text import Text
from sriov_tui.language import _
from sriov_tui.message import say

TOO_SMALL = say(
    "This window is too small.\n"
    "sriov-tui needs 70 columns and 20 rows; 80 x 24 shows everything.\n"
    "Make it larger, or use `sriov-tui audit`. No key works here but F10 and Ctrl+C, which quit."
)


class Followed(Widget):
    """A widget to which the terminal's cursor comes with the focus, so that screen readers and braille follow."""

    def place_for_cursor(self) -> Offset | None:
        """Where the cursor belongs on the screen; None where it stays."""
        return self.content_region.offset

    def place_cursor(self) -> None:
        """Bring the terminal's cursor here, where this has the focus."""
        place = self.place_for_cursor() if self.has_focus and self.size and self.is_attached else None
        if place is not None:
            self.app.cursor_position = place
            self.refresh()  # it is sent with the next frame, and what did not change is not sent again

    def on_focus(self) -> None:
        """Bring the cursor here, now and again once everything has its place."""
        self.place_cursor()
        self.call_after_refresh(self.place_cursor)

    def on_resize(self) -> None:
        """Bring the cursor along."""
        self.place_cursor()


class Rows(OptionList, Followed):
    """A list of lines, the marked one in reverse video."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_row", "Toggle", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("j", "cursor_down", show=False),
        Binding("n", "seek(1)", show=False),
        Binding("N", "seek(-1)", show=False),
        Binding("escape", "seek(0)", show=False),
    ]

    @dataclass
    class Toggled(Message):
        """Space was pressed on the row of this index."""

        rows: Rows
        index: int

        @property
        def control(self) -> Rows:
            return self.rows

    @dataclass
    class Seek(Message):
        """Go to the next (1) or the previous (-1) line with the text that is looked for; 0 ends the search."""

        rows: Rows
        by: int

    def __init__(self, rows: Sequence[Content] = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(*(Option(row) for row in rows), id=id, classes=classes, markup=False, compact=True)
        self.highlighted = 0 if rows else None
        self.sought = ""
        self.hidden: Sequence[str] = ()  # for each line, what it stands for beyond its text

    def matches(self) -> list[int]:
        """The lines with every word that is looked for, small and capital letters alike."""
        wanted = self.sought.casefold().split()
        if not wanted:
            return []
        hidden = (*self.hidden, *[""] * (self.option_count - len(self.hidden)))
        texts = (f"{option.prompt} {more}".casefold() for option, more in zip(self.options, hidden, strict=False))
        return [index for index, text in enumerate(texts) if all(word in text for word in wanted)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of a search count only while there is one."""
        return bool(self.sought) if action == "seek" else super().check_action(action, parameters)

    def action_seek(self, by: int) -> None:
        """Have the screen go to another match, or end the search."""
        self.post_message(self.Seek(self, by))

    def show(self, rows: Sequence[Content]) -> None:
        """Replace the lines; the cursor stays where it was, and lines that are the same are not painted again."""
        if len(rows) == self.option_count:
            for index, row in enumerate(rows):
                if self.get_option_at_index(index).prompt != row:
                    self.replace_option_prompt_at_index(index, row)
            return
        at = self.highlighted
        self.set_options([Option(row) for row in rows])
        self.highlighted = min(at or 0, len(rows) - 1) if rows else None

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """The marked line in reverse video while this list has the focus: it has to show without colours too."""
        style = super().get_visual_style(*component_classes, partial=partial)
        if self.has_focus and "option-list--option-highlighted" in component_classes:
            return style + Style(reverse=True)
        return style

    def action_cursor_up(self) -> None:
        """One line up; from the first line to what stands above the list."""
        if self.highlighted in (None, 0):
            self.screen.focus_previous()
        else:
            super().action_cursor_up()

    def action_cursor_down(self) -> None:
        """One line down; from the last line to what stands below the list."""
        if self.highlighted in (None, self.option_count - 1):
            self.screen.focus_next()
        else:
            super().action_cursor_down()

    def action_toggle_row(self) -> None:
        """Tell the screen that Space was pressed on the marked row."""
        if self.highlighted is not None:
            self.post_message(self.Toggled(self, self.highlighted))

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Keep the marked line in view and bring the terminal's cursor to it."""
        super().watch_highlighted(highlighted)
        self.place_cursor()

    def on_focus(self) -> None:
        """Mark the first line where none is."""
        if self.highlighted is None and self.option_count:
            self.highlighted = 0

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Take the cursor along with the marked line."""
        super().watch_scroll_y(old_value, new_value)
        self.place_cursor()

    def place_for_cursor(self) -> Offset | None:
        """The marked line."""
        if self.highlighted is None:
            return None
        row = self._index_to_line.get(self.highlighted, self.highlighted) - self.scroll_offset.y
        x, y = self.content_region.offset
        return Offset(x, y + max(0, min(row, self.content_region.height - 1)))


class Marks(Rows):
    """A list whose lines are marked: by Space, by Enter, and by a click of the mouse."""

    def action_select(self) -> None:
        """Enter and a click do what Space does."""
        self.action_toggle_row()


class Field(Input, Followed):
    """A field of one row, whose cursor does not blink."""

    def __init__(self, value: str = "", *, hint: str = "", most: int = 0, digits: bool = False, id: str) -> None:
        kind: Literal["integer", "text"] = "integer" if digits else "text"
        super().__init__(value, placeholder=_(hint), type=kind, max_length=most, compact=True, id=id)
        self.cursor_blink = False

    def place_for_cursor(self) -> Offset | None:
        """Where the next letter goes."""
        return self.cursor_screen_offset


class PushButton(Button, Followed):
    """A button of one row, its brackets readable without colours."""

    def __init__(self, label: str, id: str) -> None:
        super().__init__(words.content(f"[ {_(label)} ]"), id=id, compact=True)
        self.active_effect_duration = 0  # a press in this time would be ignored


class Pane(VerticalScroll, Followed):
    """A column that scrolls; a Tab stop only while there is more than fits."""

    def allow_focus(self) -> bool:
        """Whether Tab stops here: only while there is something to scroll to."""
        return super().allow_focus() and self.max_scroll_y > 0

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Take the cursor along with what has the focus in here."""
        super().watch_scroll_y(old_value, new_value)
        focused = self.screen.focused if self.is_attached else None
        if isinstance(focused, Followed):
            focused.call_after_refresh(focused.place_cursor)


class TooSmall(Text):
    """Stands alone on a screen whose window is too small for anything else."""

    def __init__(self) -> None:
        super().__init__(words.content(TOO_SMALL), id="too-small")
