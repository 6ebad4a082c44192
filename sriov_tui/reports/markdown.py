"""Text of ours and of machines in Markdown: nothing in it is read as Markdown or HTML."""

from __future__ import annotations

from collections.abc import Sequence

from sriov_tui.language import _
from sriov_tui.language.layout import printable


def fenced(lines: Sequence[str]) -> list[str]:
    """Lines as they are, in a fence that none of them can end."""
    fence = "`" * max(3, 1 + max((len(line) - len(line.lstrip("`")) for line in lines), default=0))
    return [fence, *(printable(_(line)) for line in lines), fence]


def plain(text: str) -> str:
    """A sentence, or text of a machine, on one line, with nothing in it that Markdown or HTML would read."""
    flat = printable(" ".join(_(text).split()))
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in flat)
