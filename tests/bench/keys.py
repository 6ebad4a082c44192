"""A key on a host with 64 cards and 1,024 VFs, all of them chosen: how soon the screen is stable, in both languages."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Iterator

from tests.bench.table import Result, Row, seconds
from tests.bench.terminal import TimedTty
from tests.bench.timing import TOP, CannotMeasure, environment
from tests.terminal.tty import KEYS

CARDS, VFS = 64, 16
PROGRAM = (sys.executable, "-m", "tests.terminal.program", "cards")
LANGUAGES = ("en", "zh_CN")
GOAL_SECONDS = 0.05
TRIES = 10
WAY = (
    ("a card marked in step 1", (), "space"),
    ("F8 to the VFs of all cards", ("f8", "f8"), "f8"),
    ("a digit typed there", (), "1"),
    ("F8 to their networks", ("backspace",), "f8"),
    ("a letter typed there", (), "x"),
)
"""What is measured: the keys that lead there, and the one that is timed."""


def measure() -> Iterator[Result]:
    """The same way in each language; each key once, since it changes what the next one finds."""
    times = {language: walk(language) for language in LANGUAGES}
    for number, (what, _, _) in enumerate(WAY):
        took = [times[language][number] for language in LANGUAGES]
        yield Row(
            what=f"{what}, {CARDS} cards: {' and '.join(LANGUAGES)}",
            ours=" and ".join(map(seconds, took)),
            other=f"{seconds(statistics.mean(took))} on average",
            goal=f"at most {seconds(GOAL_SECONDS)}",
            met=max(took) <= GOAL_SECONDS,
        )


def walk(language: str) -> list[float]:
    """The seconds from each key to the last byte that it made."""
    found = []
    with TimedTty((*PROGRAM, "--lang", language), environment(PYTHONPATH=str(TOP))) as tty:
        tty.first_screen("F10")
        for _, keys, timed in WAY:
            for key in keys:
                answer(tty, key)
            found.append(answer(tty, timed))
    return found


def answer(tty: TimedTty, key: str) -> float:
    """The seconds until the screen is as the key leaves it; a busy machine may send nothing for a while."""
    before, begin = len(tty.arrivals), tty.now()
    os.write(tty.fd, KEYS.get(key, key.encode()))
    for _ in range(TRIES):
        tty.read()
        if len(tty.arrivals) > before:
            return tty.arrivals[-1][0] - begin
    raise CannotMeasure(f"{key} changed nothing:\n{tty.picture()}")
