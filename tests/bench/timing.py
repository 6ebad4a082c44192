"""Times taken side by side: A B A B ..., so that a busy moment of the machine falls on both."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TOP = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PROGRAM = str(BIN / "sriov-tui")


class CannotMeasure(Exception):
    """A program that is to be measured did not run; the message holds its command line and what it said."""


def alternate(first: Callable[[], float], second: Callable[[], float], rounds: int) -> tuple[float, float]:
    """The medians of both, measured in turn; one round before that warms the caches and does not count."""
    first(), second()
    pairs = [(first(), second()) for _ in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def wall(argv: Sequence[str], allowed: Sequence[int] = (0,)) -> float:
    """The seconds that a command takes, its output read to the end; CannotMeasure on another exit status."""
    begin = time.perf_counter()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd=TOP)
    took = time.perf_counter() - begin
    if done.returncode not in allowed:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()[-400:]
        raise CannotMeasure(f"`{' '.join(argv)}` ended with status {done.returncode}: {said}")
    return took


def environment(**more: str) -> Mapping[str, str]:
    """Ours without what would change colours or speed of a screen, and a terminal of 16 colours."""
    unwanted = ("TEXTUAL", "COLORTERM", "NO_COLOR", "ESCDELAY", "SSH_", "LINES", "COLUMNS", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, "TERM": "xterm-16color", "LANG": "C.UTF-8", **more}
