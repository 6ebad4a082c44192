"""How far a long install is, by the lines that it prints."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sriov_tui.late import regex
from sriov_tui.message import Message

Stages = tuple[tuple[Message, re.Pattern[str]], ...]
"""What happens in each stage, in order, and the lines that begin it."""
_COLOURS = regex(r"\x1b\[[0-9;]*[A-Za-z]|[\r\x00-\x08\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Stage:
    """How far an install is: its place among the stages, from 1, and what happens there."""

    number: int
    of: int
    title: Message


def plain(line: str) -> str:
    """A line without colours and without what a terminal would obey."""
    return _COLOURS.sub("", line).strip()


def begins(line: str, stages: Stages) -> bool:
    """Whether this line alone begins a stage."""
    return any(pattern.search(plain(line)) for _, pattern in stages)


def stage(lines: Iterable[str], stages: Stages) -> Stage | None:
    """How far an install is by the lines so far; never back to an earlier stage. None before the first."""
    at = 0
    for line in map(plain, lines):
        for number, (_, pattern) in enumerate(stages, 1):
            if number > at and pattern.search(line):
                at = number
    return Stage(at, len(stages), stages[at - 1][0]) if at else None
