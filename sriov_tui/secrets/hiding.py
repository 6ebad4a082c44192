"""What stands in the place of a secret: it keeps what a parser, a check or a reader of the file needs to see."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sriov_tui.late import regex

MASK = "MASKED"
Span = tuple[int, int]
_NUMBER = regex(r"[-+]?(?:0x[0-9a-fA-F]+|\d[\d._]*)")  # as in auth_token_cache_size: no secret, but who knows
_SIMPLE = regex(r"(?:[A-Za-z0-9+/_$%!*=.,-][^\s:#'\"\\{}\[\]]*)(?:[ \t]+#.*)?")
_LETTER, _DIGIT = regex(r"(?<!\\)[^\W\d_]"), regex(r"\d")


def replaced(text: str, spans: Iterable[Span]) -> str:
    """The text with what is in these spans hidden; they may overlap."""
    parts, at = [], 0
    for start, end in merged(spans):
        parts += [text[at:start], "".join(map(hidden, text[start:end].splitlines(keepends=True)))]
        at = end
    return "".join((*parts, text[at:])) if parts else text


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif end > start:
            found.append((start, end))
    return found


def hidden(value: str) -> str:
    """The mask in the place of a value, the white space and the dash of a list item around it kept.

    A number stays a number, which an option may have to be; a value that YAML might stumble over keeps its shape:
    it may be what is wrong with the file.
    """
    begin = len(value) - len(value.lstrip(" \t-"))
    end = max(begin, len(value.rstrip()))
    core = value[begin:end]
    if not core:
        return value
    if len(core) > 1 and core[0] == core[-1] and core[0] in "\"'":
        begin, end, core = begin + 1, end - 1, core[1:-1]
    if _NUMBER.fullmatch(core):
        hiding = re.sub(r"[1-9a-fA-F]", "1", core)
    elif _SIMPLE.fullmatch(core):
        hiding = MASK
    else:
        hiding = _LETTER.sub("a", _DIGIT.sub("0", core))
    return value[:begin] + hiding + value[end:]
