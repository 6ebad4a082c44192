"""The column of a screen whose widgets are made as they come near: a host of 64 cards would need a thousand at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from textual.events import DescendantFocus
from textual.widget import Widget

from screens.widgets import Pane

AHEAD = 8  # rows, and widgets, that are there beyond those that are seen or have the focus
AT_ONCE = 12


class Rest(Widget, can_focus=True):
    """Stands for what is not made yet, about as high as that will be; the focus comes here only from below."""


class LongPane(Pane):
    """Takes its widgets one by one; `rows_left` tells how many rows those will have that it has not asked for yet."""

    def __init__(self, widgets: Iterable[Widget], rows_left: Callable[[], int], id: str) -> None:
        self._coming, self._rows_left, self._rest = iter(widgets), rows_left, Rest()
        self._peeked: list[Widget] = []
        super().__init__(*self._take(AT_ONCE), self._rest, id=id)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Have the next ones ready before Tab asks for them."""
        if event.widget is self._rest:
            self.call_next(self._enter_from_below)
            return
        child = next((one for one in event.widget.ancestors_with_self if one.parent is self), None)
        if child is not None and len(self.children) - self.children.index(child) <= AHEAD:
            self._make_more()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Have those ready that come into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._come_near()

    def on_resize(self) -> None:
        """A larger window shows more."""
        self._come_near()

    async def make_all(self) -> None:
        """Have every widget there: one of them is looked for."""
        if new := self._take():
            await self.mount(*new, before=self._rest)

    async def show_anew(self, widgets: Iterable[Widget]) -> None:
        """Other widgets in the place of these, all of them."""
        self._coming, self._peeked = iter(widgets), []
        await self.remove_children([one for one in self.children if one is not self._rest])
        await self.make_all()

    def _come_near(self) -> None:
        seen = self.scroll_y + self.size.height + AHEAD
        if self._rest.display and self._rest.is_attached and self._rest.virtual_region.y < seen:
            self._make_more()
            self.call_after_refresh(self._come_near)

    def _make_more(self) -> None:
        if new := self._take(AT_ONCE):
            self.mount(*new, before=self._rest)

    def _take(self, count: int | None = None) -> list[Widget]:
        """So many of the widgets to come, or all; what stands for the others becomes about as high as they will be."""
        taken = [*self._peeked, *islice(self._coming, count)]
        self._peeked = list(islice(self._coming, 1)) if count is not None else []
        if not self._rest.has_focus:  # hidden, it would hand the focus to whatever is there by now
            self._rest.display = bool(self._peeked)
        self._rest.styles.height = max(1, self._rows_left())
        return taken

    async def _enter_from_below(self) -> None:
        await self.make_all()
        # Not by the screen's focus_chain: that sorts by place, and what was just made has none yet.
        inside = [one for one in self.query("*").results(Widget) if one.focusable and one is not self._rest]
        self.screen.set_focus(inside[-1] if inside else None)
        self._rest.display = bool(self._peeked)
