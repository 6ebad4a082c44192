"""The one list of the program: lines, one of them marked by the cursor. Space toggles, Enter explains, Tab leaves."""

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
from textual.widget import Widget
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option


class Rows(OptionList):
    """A list of lines. The terminal's cursor follows the marked one, so that screen readers and braille do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_row", "Toggle", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("j", "cursor_down", show=False),
    ]

    @dataclass
    class Toggled(Message):
        """Space was pressed on the row of this index."""

        rows: Rows
        index: int

        @property
        def control(self) -> Rows:
            return self.rows

    def __init__(self, rows: Sequence[Content] = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(*(Option(row) for row in rows), id=id, classes=classes, markup=False, compact=True)
        self.highlighted = 0 if rows else None

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


def cursor_to_button(widget: Widget) -> None:
    """Bring the terminal's cursor to a button that got the focus, as `Rows` does for its lines."""
    if isinstance(widget, Button):
        widget.app.cursor_position = widget.region.offset


class Pane(VerticalScroll):
    """A column that scrolls; a Tab stop only while there is more than fits."""

    def allow_focus(self) -> bool:
        """Whether Tab stops here: only while there is something to scroll to."""
        return super().allow_focus() and self.max_scroll_y > 0
