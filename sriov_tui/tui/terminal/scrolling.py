"""Rows that moved up or down a little: the terminal can move them itself, and only what is new has to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Cell = tuple[str, str]  # a character ("" = right half of a wide one) and its SGR parameters
Row = list[Cell | None]
ENOUGH = 120  # cells to send below which it is not worth looking
FAR = (1, -1, 2, -2, 3, -3, 4, -4)
LEAST = 3  # rows to move
ALIKE = 0.8  # of a row's cells: the marked line and the scroll bar differ where the text has moved


@dataclass(frozen=True, slots=True)
class Shift:
    """Rows `top` to `bottom` (from 0, both included) move up by `by`, down where it is negative; blank rows follow."""

    top: int
    bottom: int
    by: int

    def sequence(self) -> str:
        """What makes the terminal do it: margins (DECSTBM), then index or reverse index; a vt100 knows them, too."""
        act = f"\x1b[{self.bottom + 1};1H" if self.by > 0 else f"\x1b[{self.top + 1};1H"
        act += ("\x1bD" if self.by > 0 else "\x1bM") * abs(self.by)
        return f"\x1b[{self.top + 1};{self.bottom + 1}r{act}\x1b[r"

    def rows(self, before: Mapping[int, Row], width: int) -> dict[int, Row]:
        """The rows as they are after it."""
        blank: Row = [(" ", "")] * width
        span = range(self.top, self.bottom + 1)
        return {y: before[y + self.by] if y + self.by in span else blank for y in span}


def find(before: Mapping[int, Row], after: Mapping[int, Row], changed: int) -> Shift | None:
    """The shift that moves the most rows, where `changed` cells are enough to look for one, else None."""
    if changed < ENOUGH:
        return None
    shifts = [shift for by in FAR if (shift := _longest(before, after, by))]
    return max(shifts, key=lambda shift: shift.bottom - shift.top - abs(shift.by), default=None)


def _longest(before: Mapping[int, Row], after: Mapping[int, Row], by: int) -> Shift | None:
    """The run of rows that stood `by` rows further down in which the most rows changed; blank ones did not."""
    best, most, start, new = (0, 0), 0, None, 0
    rows = sorted(after)
    for y in [*rows, rows[-1] + 1] if rows else []:
        if y in after and y + by in before and _alike(after[y], before[y + by]):
            start, new = (y, 0) if start is None else (start, new)
            new += before.get(y) != after[y]
            continue
        if start is not None and new > most:
            best, most = (start, y), new
        start = None
    first, end = best
    if most < LEAST:
        return None
    return Shift(first, end - 1 + by, by) if by > 0 else Shift(first + by, end - 1, by)


def _alike(one: Row, other: Row) -> bool:
    if None in one or None in other or len(one) != len(other):
        return False
    return sum(a == b for a, b in zip(one, other, strict=True)) >= ALIKE * len(one)
