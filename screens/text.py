"""The one text of the program: as Textual's, and Chinese on every line as far as it reaches.

Textual breaks a line at spaces alone: a Chinese sentence, which has none, leaves half of the line before it empty.
"""

from __future__ import annotations

from typing import cast

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual, VisualType
from textual.widgets import Static

from sriov_tui.language.layout import breaks


class Text(Static):
    """Some lines of text."""

    @property
    def visual(self) -> Visual:
        """The text, in lines that are made when the room is known."""
        visual = super().visual
        return Lines(visual) if isinstance(visual, Content) and not visual.plain.isascii() else visual

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show another text; the screen is laid out again only where that takes more rows, or fewer.

        On a screen of 64 cards a layout takes longer than all else that follows from a key.
        """
        if content == self.content:
            return
        width, before = self.content_size.width, self.content_size.height
        super().update(content, layout=False)
        rules = cast(RulesMap, self.styles)  # as Textual does
        sized = self.styles.width is not None and self.styles.width.is_auto
        if layout and (sized or not width or self.visual.get_height(rules, width) != before):
            self.refresh(layout=True)


class Lines(Visual):
    """Content that is broken between any two Chinese signs, but for those that must not begin or end a line."""

    def __init__(self, content: Content) -> None:
        self.content = content

    def broken(self, rules: RulesMap, width: int) -> Content:
        """The content with its lines at most so wide; as it is where it shall not be wrapped."""
        if not width or rules.get("text_wrap") == "nowrap":
            return self.content
        lines = self.content.split("\n", allow_blank=True)
        parts = [part.rstrip() for line in lines for part in line.divide(breaks(line.plain, width))]
        return Content("\n").join(parts)

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """As Content's."""
        return self.broken(options.rules, width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """As Content's."""
        return self.content.get_optimal_width(rules, container_width)

    def get_minimal_width(self, rules: RulesMap) -> int:
        """As Content's."""
        return self.content.get_minimal_width(rules)

    def get_height(self, rules: RulesMap, width: int) -> int:
        """The number of lines."""
        return self.broken(rules, width).get_height(rules, width)
