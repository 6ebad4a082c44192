"""The walk through all screens: what each sends over the line, and how soon it is whole."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from tests.bench.table import Missing, Result, Row, seconds
from tests.bench.terminal import TimedTty, first_time
from tests.bench.timing import TOP, CannotMeasure, environment
from tests.terminal.tty import KEYS
from tests.terminal.walks import WIZARD

PROGRAM = (sys.executable, "-m", "tests.terminal.program", "welcome")
HELLO = (
    sys.executable,
    str(TOP / "tests/bench/hello.py"),
    '[{"kind": "Static", "columns": 78, "rows": 22, "shown": true}]',
)
NMTUI = shutil.which("nmtui") or ""
Way = Sequence[tuple[Sequence[str], str]]  # keys, and what then stands on the screen
OURS: Way = [(stop.keys, stop.text) for stop in WIZARD]
HELLOS: Way = [((), "hello"), *((("n",), f"screen {number}") for number in range(2, 12))]
NMTUIS: Way = [((), "Edit a connection"), (("enter",), "<Add>"), (("escape",), "Edit a connection"),
               (("down", "enter"), "<Activate>"), (("escape",), "Edit a connection"),
               (("down", "enter"), "Set Hostname"), (("escape",), "Edit a connection")]  # fmt: skip
SCREEN_GOAL = 16_000  # bytes


@dataclass(frozen=True, slots=True)
class Change:
    """What one change of the screen took: bytes, and seconds from the key to the last picture."""

    text: str
    bytes: int
    seconds: float


def measure() -> Iterator[Result]:
    """Ours beside Textual's own, and beside nmtui where there is one."""
    ours, hello = walk(PROGRAM, OURS), walk(HELLO, HELLOS)
    yield from rows("hello app", ours, hello)
    if not NMTUI:
        yield Missing("the walk beside nmtui", "nmtui is not installed (apt install network-manager)")
        return
    try:
        yield from rows("nmtui", ours, walk((NMTUI,), NMTUIS))
    except CannotMeasure as error:
        yield Missing("the walk beside nmtui", f"nmtui does not run here: {str(error).strip().splitlines()[-1]}")


def rows(name: str, ours: Sequence[Change], other: Sequence[Change]) -> Iterator[Row]:
    """The screens of both by bytes and by time; the first counts as a start, not as a change."""
    most = max(ours, key=lambda change: change.bytes)
    yield Row(
        what=f"bytes of the walk through {len(ours)} screens, the largest ({most.text})",
        ours=f"{sum(change.bytes for change in ours)}, {most.bytes}",
        other=f"{sum(c.bytes for c in other)}, {max(c.bytes for c in other)} {name}, {len(other)} screens",
        goal=f"each at most {SCREEN_GOAL}",
        met=most.bytes <= SCREEN_GOAL,
    )
    mine, its = ([change.seconds for change in walked[1:]] for walked in (ours, other))
    yield Row(
        what="time from a key to the complete next screen, the median and the longest",
        ours=f"{seconds(statistics.median(mine))}, {seconds(max(mine))}",
        other=f"{seconds(statistics.median(its))}, {seconds(max(its))} {name}",
        ratio=statistics.median(mine) / statistics.median(its),
    )


def walk(argv: Sequence[str], way: Way) -> list[Change]:
    """Go this way in a terminal of 80x24 with 16 colours."""
    changes = []
    with TimedTty(argv, environment(PYTHONPATH=str(TOP))) as tty:
        for keys, text in way:
            seen = len(tty.sent)
            for key in keys[:-1]:
                tty.press(key)
            before, begin = len(tty.arrivals), tty.now()
            if keys:
                os.write(tty.fd, KEYS.get(keys[-1], keys[-1].encode()))
            _wait(tty, text)
            arrivals = tty.arrivals[before:]
            took = max((at for at, _ in arrivals), default=begin) - begin if keys else first_time(tty.arrivals)
            changes.append(Change(text, len(tty.sent) - seen, took))
    return changes


def _wait(tty: TimedTty, text: str) -> None:
    for _ in range(20):
        tty.read()
        if text in tty.picture():
            return
        if not tty.runs():
            break
    _fail(tty, text)


def _fail(tty: TimedTty, text: str) -> NoReturn:
    raise CannotMeasure(f"{text!r} did not come:\n{tty.picture().strip()}")
