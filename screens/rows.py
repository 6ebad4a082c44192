"""The one list of the program, its button and its column: each brings the terminal's cursor to what has the focus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Offset
from textual.message import Message
from textual.style import Style
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

TOO_SMALL = (
    "This window is too small.\n"
    "sriov-tui needs 70 columns and 20 rows; 80 x 24 shows everything.\n"
    "Make it larger, or use `sriov-tui audit`."
)


class Rows(OptionList):
    """A list of lines. The terminal's cursor follows the marked one, so that screen readers and braille do."""

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
        """Keep the marked row in view and bring the terminal's cursor to it."""
        super().watch_highlighted(highlighted)
        self.place_cursor()

    def on_focus(self, event: events.Focus) -> None:
        """Bring the terminal's cursor to the marked row."""
        if self.highlighted is None and self.option_count:
            self.highlighted = 0
        self.place_cursor()

    def place_cursor(self) -> None:
        """Set the terminal's cursor to the marked row, where this list has the focus."""
        if self.has_focus and self.highlighted is not None and self.is_attached:
            row = self._index_to_line.get(self.highlighted, self.highlighted) - self.scroll_offset.y
            x, y = self.content_region.offset
            self.app.cursor_position = Offset(x, y + max(0, min(row, self.content_region.height - 1)))


class PushButton(Button):
    """A button of one row, its brackets readable without colours."""

    def __init__(self, label: str, id: str) -> None:
        super().__init__(Content(f"[ {label} ]"), id=id, compact=True)
        self.active_effect_duration = 0  # a press in this time would be ignored

    def on_focus(self) -> None:
        """Bring the terminal's cursor here, once the button has its place."""
        self.call_after_refresh(self.place_cursor)

    def place_cursor(self) -> None:
        """Set the terminal's cursor to the button, where it has the focus."""
        if self.has_focus:
            self.app.cursor_position = self.region.offset


class Pane(VerticalScroll):
    """A column that scrolls; a Tab stop only while there is more than fits."""

    def allow_focus(self) -> bool:
        """Whether Tab stops here: only while there is something to scroll to."""
        return super().allow_focus() and self.max_scroll_y > 0

    def on_focus(self) -> None:
        """Bring the terminal's cursor to the first line that shows, once the column has its place."""
        self.call_after_refresh(self.place_cursor)

    def place_cursor(self) -> None:
        """Set the terminal's cursor to the first line, where this column has the focus."""
        if self.has_focus:
            self.app.cursor_position = self.content_region.offset


class TooSmall(Static):
    """Stands alone on a screen whose window is too small for anything else."""

    def __init__(self) -> None:
        super().__init__(Content(TOO_SMALL), id="too-small")
