"""The one error that an operator sees as a sentence."""

from __future__ import annotations


class SriovError(Exception):
    """An error for the operator: what is wrong, and what to do next. Everything else is a bug."""

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint
