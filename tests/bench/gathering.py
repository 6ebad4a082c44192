"""Gathering a recorded machine: what 1,016 VFs cost against 8, in time and in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sriov_tui.hosts.machine_file import save
from tests.bench.table import Result, Row, seconds
from tests.bench.timing import TOP, CannotMeasure, alternate, environment
from tests.machines import big

PFS, MANY = 8, 127
GOAL_SECONDS, GOAL_MIB = 1.5, 120
ROUNDS = 5
# In a process of its own, so that the peak is that of one machine; VmHWM, since ru_maxrss goes through exec and would
# be ours where ours is larger. It tells what it found: a gathering that lost VFs would be quick.
CHILD = """
import json, re, sys, time
from pathlib import Path
begin = time.perf_counter()
from sriov_tui.probe import gather
from sriov_tui.hosts.recorded import RecordedHost
loaded = time.perf_counter()
facts = gather(RecordedHost(Path(sys.argv[1])))
end = time.perf_counter()
vfs = sum(len(pf.vfs) for pf in facts.pfs)
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
print(json.dumps([end - loaded, peak, vfs, [problem.reason for problem in facts.problems]]))
"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one child told: seconds of load and gather, peak in KiB, VFs found."""

    took: float
    peak: int
    vfs: int


def measure() -> Iterator[Result]:
    """Both machines in turn."""
    with tempfile.TemporaryDirectory(prefix="sriov-bench-") as folder:
        few, many = Path(folder) / "few", Path(folder) / "many"
        save(big(PFS, 1), few)
        save(big(PFS, MANY), many)
        peaks: list[int] = []

        def large() -> float:
            found = gathered(many, PFS * MANY)
            peaks.append(found.peak)
            return found.took

        long, short = alternate(large, lambda: gathered(few, PFS).took, ROUNDS)
    yield Row(
        what=f"load and gather {PFS} PFs, {PFS * MANY:,} VFs",
        ours=seconds(long),
        other=f"{seconds(short)} with {PFS} VFs",
        ratio=long / short,
        goal=f"below {GOAL_SECONDS:g} s",
        met=long < GOAL_SECONDS,
    )
    yield Row(what="cost of one VF", ours=seconds((long - short) / (PFS * (MANY - 1))))
    peak = max(peaks) / 1024
    yield Row(
        what=f"peak memory with {PFS * MANY:,} VFs",
        ours=f"{peak:.0f} MiB",
        goal=f"below {GOAL_MIB} MiB",
        met=peak < GOAL_MIB,
    )


def gathered(folder: Path, expected: int) -> Gathered:
    """Gather a machine in a child; CannotMeasure where it did not find every VF."""
    argv = [sys.executable, "-c", CHILD, str(folder)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=TOP, env=environment())
    if done.returncode:
        raise CannotMeasure(f"gathering {folder.name}: {done.stderr.strip()[-400:]}")
    took, peak, vfs, problems = json.loads(done.stdout)
    if vfs != expected or problems:
        raise CannotMeasure(f"gathering {folder.name} found {vfs} VFs of {expected}{os.linesep.join(['', *problems])}")
    return Gathered(took, peak, vfs)
