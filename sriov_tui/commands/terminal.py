"""Printing for a reader at a terminal: its width, colours where they are wanted, a pager where the text is long."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import Protocol

from sriov_tui.commands import common


class Coloured(Protocol):
    """A line with the parameters of its colour (SGR), of its first `upto` cells or of all of it."""

    @property
    def text(self) -> str:
        """The line."""

    @property
    def colour(self) -> str:
        """As in "1;31"; "" = none."""

    @property
    def upto(self) -> int:
        """0 = the whole line."""


def is_there() -> bool:
    """Whether standard output is a terminal that can do more than print line after line."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")


def width() -> int:
    """Its columns."""
    return shutil.get_terminal_size().columns


def coloured(line: Coloured, *, colours: bool) -> str:
    """A line as it is printed; what a machine put into it is made visible before a colour is added."""
    text = common.shown(line.text)
    upto = line.upto or len(text)
    if not (colours and line.colour and text):
        return text
    return f"\x1b[{line.colour}m{text[:upto]}\x1b[m{text[upto:]}"


def show(lines: Iterable[Coloured], *, paged: bool) -> None:
    """Print lines; with a pager where they are more than the terminal has rows, as git does."""
    colours = not os.environ.get("NO_COLOR")  # no-color.org
    told = [coloured(line, colours=colours) for line in lines]
    if paged and len(told) >= shutil.get_terminal_size().lines and sys.stdin.isatty():
        from sriov_tui.hosts.pager import page

        if page("".join(f"{line}\n" for line in told)):
            return
    for line in told:
        print(line)
