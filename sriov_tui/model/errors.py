"""The one error that an operator sees as a sentence."""

from __future__ import annotations

from sriov_tui.message import NOTHING, Message


class SriovError(Exception):
    """An error for the operator: what is wrong, and what to do next. Everything else is a bug."""

    def __init__(self, title: Message, hint: Message = NOTHING) -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint
