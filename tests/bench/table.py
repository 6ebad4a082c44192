"""What a measurement gives back, and all of them as one table in plain text or Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEADER = ("Measured", "sriov-tui", "Beside it", "Ratio", "Goal", "Met")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement: our figure, the one beside it, and the goal. `met` None means that there is no goal."""

    what: str
    ours: str
    other: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """What could not be measured on this machine, and why; `broken` where it should have been possible."""

    what: str
    reason: str
    broken: bool = False


Result = Row | Missing


def compared(what: str, ours: float, other: float, of: str, goal: float | None = None) -> Row:
    """A row of two times in seconds; the goal is the largest ratio that is good enough, `of` names the other."""
    ratio = ours / other
    return Row(
        what=what,
        ours=seconds(ours),
        other=f"{seconds(other)} {of}",
        ratio=ratio,
        goal=f"at most {goal:g}" if goal is not None else "",
        met=None if goal is None else ratio <= goal,
    )


def seconds(value: float) -> str:
    """A time in the unit that shows it in three digits."""
    if value < 1e-3:
        return f"{value * 1e6:.0f} us"
    return f"{value * 1e3:.0f} ms" if value < 1 else f"{value:.2f} s"


def plain(results: Iterable[Result]) -> list[str]:
    """Aligned columns, then what could not be measured."""
    results = tuple(results)
    rows = [HEADER, *(_cells(result) for result in results if isinstance(result, Row))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return lines + [f"not measured: {text}" for text in _missing(results)]


def markdown(results: Iterable[Result]) -> list[str]:
    """The same as a Markdown table."""
    results = tuple(results)
    rows: list[Sequence[str]] = [HEADER, ["---"] * len(HEADER)]
    rows += [_cells(result) for result in results if isinstance(result, Row)]
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    missing = [f"- Not measured: {text}" for text in _missing(results)]
    return [*lines, "", *missing] if missing else lines


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    met = {True: "yes", False: "NO", None: ""}[row.met]
    return row.what, row.ours, row.other, ratio, row.goal, met


def _missing(results: Iterable[Result]) -> list[str]:
    return [f"{result.what}: {result.reason}" for result in results if isinstance(result, Missing)]
