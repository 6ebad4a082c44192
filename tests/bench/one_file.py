"""The one file: its size, and its starts against those of the program in its environment."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from sriov_tui.hosts.machine_file import save
from tests.bench.table import Missing, Result, Row, compared
from tests.bench.terminal import TimedTty
from tests.bench.timing import PROGRAM, alternate, environment, wall
from tests.dist.one_file import FILE, reason_to_skip
from tests.machines import two_igb

SIZE_GOAL = 30.0  # MB
START_GOAL = 2.0
ROUNDS = 7
READY = (0, 2)  # "not ready" is an answer, too


def measure() -> Iterator[Result]:
    """All of it on a recorded machine, so that both read the same."""
    if reason := reason_to_skip():
        yield Missing("the one file", reason)
        return
    size = FILE.stat().st_size / 1e6
    yield Row(what="size of the one file", ours=f"{size:.1f} MB", goal=f"below {SIZE_GOAL:g} MB", met=size < SIZE_GOAL)
    with tempfile.TemporaryDirectory(prefix="sriov-bench-") as folder:
        save(two_igb(), Path(folder))
        yield from _starts(folder)


def _starts(folder: str) -> Iterator[Result]:
    """It unpacks itself at each start, so that the second is as the first, but for what the kernel has in memory."""
    audit = ("audit", "--host", folder, "--format", "json")
    ours, other = alternate(lambda: wall((str(FILE), *audit), READY), lambda: wall((PROGRAM, *audit), READY), ROUNDS)
    yield compared("`audit` from the one file", ours, other, "from the environment", START_GOAL)
    ours, other = alternate(lambda: screen(str(FILE), folder), lambda: screen(PROGRAM, folder), ROUNDS)
    yield compared("the wizard's first screen from the one file", ours, other, "from the environment", START_GOAL)


def screen(program: str, folder: str) -> float:
    """Seconds until the wizard's first complete screen."""
    with TimedTty((program, "--host", folder), environment()) as tty:
        return tty.first_screen("Quit")[0]
