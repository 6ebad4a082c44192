"""Text laid out in the cells of a terminal, in which a Chinese sign takes two."""

from __future__ import annotations

import itertools
import textwrap
from unicodedata import east_asian_width

from sriov_tui.late import regex

# What stays on one line: a word, or a Chinese sign, each with what must not begin a line.
WORD = regex(r"[（“]*(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef]+)[，。；：！？、）”]*\s*")
_SHOWN = "\t\u00a0\u3000"  # blanks that str.isprintable leaves out


def width(text: str) -> int:
    """How many cells a text takes."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def pad(text: str, cells: int) -> str:
    """A text with space behind it, so that it takes at least so many cells."""
    return text + " " * (cells - width(text))


def breaks(text: str, cells: int, rest: int = 0) -> list[int]:
    """Where a line falls apart so that no part takes more cells; a longer word is one part. Nothing where it is ASCII.

    English alone is left to whoever shows it. All parts but the first have `rest` cells before them.
    """
    return [] if text.isascii() else _breaks(text, cells, rest)


def _breaks(text: str, cells: int, rest: int) -> list[int]:
    found, used = list[int](), 0
    if width(text) <= cells:
        return found
    indent = len(text) - len(text.lstrip())
    used = width(text[:indent])
    for word in WORD.finditer(text, indent):
        if used + width(word[0].rstrip()) > cells and word.start() > indent:
            found.append(word.start())
            used = rest
        used += width(word[0])
    return found


def wrap(text: str, cells: int, first: str = "", rest: str = "") -> list[str]:
    """A text on lines of at most so many cells; the first begins with `first`, the others with `rest`."""
    if text.isascii():
        return textwrap.wrap(
            text, cells, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False, break_long_words=False
        )
    whole = first + " ".join(text.split())
    ends = itertools.pairwise([0, *breaks(whole, cells, width(rest)), len(whole)])
    return [f"{rest if start else ''}{whole[start:end]}".rstrip() for start, end in ends]


def hang(text: str, cells: int, rest: int) -> str:
    """One line of text on lines of at most so many cells, those after the first indented."""
    ends = itertools.pairwise([0, *_breaks(text, cells, rest), len(text)])
    return "\n".join(f"{' ' * rest if start else ''}{text[start:end].rstrip()}" for start, end in ends)


def printable(text: str) -> str:
    """Text from a machine or a file without anything that a terminal, a page or a table would obey; tabs stay."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in _SHOWN else _escaped(ord(char)) for char in text)


def _escaped(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
