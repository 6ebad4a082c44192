"""The last row: the keys that work now and what they do. With the mouse, a click on one presses it."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events

from screens import words
from screens.text import Text
from sriov_tui.language import _

NAMED = {"/": "slash", "Esc": "escape", "?": "question_mark"}
Keys = tuple[tuple[str, str], ...]


class KeyRow(Text):
    """Keys and their meanings."""

    def __init__(self, keys: Keys, *, id: str = "footer") -> None:
        super().__init__(words.keys(*keys), id=id)
        self.shown = keys

    def show(self, keys: Keys) -> None:
        """Show other keys, where they are others."""
        if keys != self.shown:
            self.shown = keys
            self.update(words.keys(*keys))

    def key_at(self, x: int) -> str:
        """The name of the key in this column; "" where there is none."""
        at = 0
        for key, meaning in self.shown:
            end = at + cell_len(words.line(f"{_(key)} {_(meaning)}" if meaning else _(key)))
            if at <= x < end:
                name = str(key).split()[0]
                return NAMED.get(name, name if len(name) == 1 else name.lower())
            at = end + 1
        return ""

    def on_click(self, event: events.Click) -> None:
        """Press the key under the mouse."""
        if name := self.key_at(event.x):
            letter = {"space": " ", "slash": "/"}.get(name, name if len(name) == 1 else None)
            self.app.post_message(events.Key(name, letter))
