"""500 audits as one page: the whole command, against reading the same files as JSON and no more; and its memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.table import Result, Row, compared, seconds
from tests.bench.timing import TOP, CannotMeasure, alternate, environment
from tests.fleets import write_fleet

HOSTS = 500
GOAL_SECONDS, GOAL_MIB = 3.0, 200
ROUNDS = 5
# In a process of its own, whose output is read to the end; the peak is VmHWM, see gathering.py.
CHILD = """
import re, sys
from pathlib import Path
from sriov_tui.cli import main
status = main(["fleet", sys.argv[1], "--format", "html"])
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1], file=sys.stderr)
sys.exit(status)
"""


def measure() -> Iterator[Result]:
    """The page and the bare reading in turn."""
    with tempfile.TemporaryDirectory(prefix="sriov-bench-") as name:
        folder = Path(name)
        write_fleet(folder, HOSTS, broken=False)
        peaks: list[int] = []
        times: list[float] = []

        def page() -> float:
            took, peak = made(folder)
            times.append(took)
            peaks.append(peak)
            return took

        ours, other = alternate(page, lambda: loaded(folder), ROUNDS)
    yield compared(f"fleet of {HOSTS} hosts as HTML, the whole command", ours, other, "json.loads of the same files")
    worst = max(times)
    goal = f"below {GOAL_SECONDS:g} s"
    yield Row(what="the slowest of these", ours=seconds(worst), goal=goal, met=worst < GOAL_SECONDS)
    peak = max(peaks) / 1024
    yield Row(what="memory of that", ours=f"{peak:.0f} MiB", goal=f"below {GOAL_MIB} MiB", met=peak < GOAL_MIB)


def made(folder: Path) -> tuple[float, int]:
    """Seconds and peak KiB of the command; CannotMeasure where a host is missing on the page."""
    begin = time.perf_counter()
    argv = [sys.executable, "-c", CHILD, str(folder)]
    done = subprocess.run(argv, capture_output=True, check=False, cwd=TOP, env=environment())
    took = time.perf_counter() - begin
    if done.returncode or done.stdout.count(b'<tr data-is="') != HOSTS:
        raise CannotMeasure(f"the page of {HOSTS} hosts was not made: {done.stderr.decode(errors='replace')[-400:]}")
    return took, int(done.stderr.split()[-1])


def loaded(folder: Path) -> float:
    """Seconds for the bare reading."""
    begin = time.perf_counter()
    for path in folder.glob("*.json"):
        json.loads(path.read_bytes())
    return time.perf_counter() - begin
