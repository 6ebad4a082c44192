"""The audit of a host that is large and talks a lot: 1,016 VFs and 100 MB of kernel log, beside a plain one.

Files are read from a tree on the disk and the log out of a pipe, as on a real host; links come from a recording.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.machine_file import save
from tests.bench.table import Result, Row, seconds
from tests.bench.timing import TOP, CannotMeasure, alternate, environment
from tests.machines import big

PFS, MANY = 8, 127
LOG_BYTES = 100_000_000
GOAL_SECONDS, GOAL_MIB = 3.0, 150
ROUNDS = 3
CHATTER = "[{0}.000001] docker0: port 12(veth3ab12) entered blocking state, veth3ab12 left promiscuous mode\n"
FAULT = "[{0}.000001] DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0x0 [fault reason 0x06]\n"
LAST = "[999999.000001] mlx5_core 0000:10:00.0: not enough MMIO resources for SR-IOV\n"
# As in gathering.py: a process of its own, the peak from VmHWM, and what it found told with it.
CHILD = """
import time
begin = time.perf_counter()
import json, re, sys
from pathlib import Path
from checks import evaluate
from checks.host_agent.requested import asked_for
from sriov_tui.hosts import local, programs
from sriov_tui.privacy.masking import Masked
from sriov_tui.probe import gather
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.reports.audit import Report, to_text

folder = sys.argv[1]
programs.ENVIRONMENT["PATH"] = f"{folder}/bin:" + programs.ENVIRONMENT["PATH"]

class Flooded(RecordedHost):
    def query(self, argv, timeout=10.0):
        return local.LocalHost().query(argv, timeout) if argv[0] == "dmesg" else super().query(argv, timeout)

tree = local.LocalHost(f"{folder}/tree")
for name in ("read", "listdir", "readlink", "realpath", "mode"):
    setattr(Flooded, name, staticmethod(getattr(tree, name)))
facts = gather(Masked(Flooded(Path(folder))))
report = Report(facts=facts, findings=evaluate(facts, asked_for(facts))[0])
lines = to_text(report)
end = time.perf_counter()
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
vfs = sum(len(pf.vfs) for pf in facts.pfs)
print(json.dumps([end - begin, peak, vfs, "MMIO" in (facts.kernel.log or [""])[-1], len(report.findings)]))
"""


@dataclass(frozen=True, slots=True)
class Host:
    """A machine below a folder, and the peaks in KiB of the audits so far."""

    folder: Path
    vfs: int
    peaks: list[int]

    def audit(self) -> float:
        """One audit in a child, in seconds from its first line; CannotMeasure where it missed anything."""
        argv = [sys.executable, "-c", CHILD, str(self.folder)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=TOP, env=environment())
        if done.returncode:
            raise CannotMeasure(f"audit of {self.folder.name}: {done.stderr.strip()[-400:]}")
        took, peak, vfs, last, findings = json.loads(done.stdout)
        if vfs != self.vfs or not last or not findings:
            raise CannotMeasure(
                f"audit of {self.folder.name}: {vfs} VFs, last line of the log seen: {last}, {findings} findings"
            )
        self.peaks.append(peak)
        return float(took)


def measure() -> Iterator[Result]:
    """The plain host and each of the two large ones in turn."""
    with tempfile.TemporaryDirectory(prefix="sriov-bench-") as top:
        plain = host(Path(top) / "plain", 1, CHATTER, 100_000)
        for what, line in (("100 MB of kernel log", CHATTER), ("100 MB of DMAR faults", FAULT)):
            large = host(Path(top) / what.replace(" ", "-"), MANY, line, LOG_BYTES)
            long, short = alternate(large.audit, plain.audit, ROUNDS)
            yield Row(
                what=f"audit of {PFS * MANY:,} VFs and {what}",
                ours=seconds(long),
                other=f"{seconds(short)} with {PFS} VFs and 100 kB",
                ratio=long / short,
                goal=f"below {GOAL_SECONDS:g} s",
                met=long < GOAL_SECONDS,
            )
            peak, usual = max(large.peaks) / 1024, max(plain.peaks) / 1024
            yield Row(
                what="peak memory of that",
                ours=f"{peak:.0f} MiB",
                other=f"{usual:.0f} MiB",
                ratio=peak / usual,
                goal=f"below {GOAL_MIB} MiB",
                met=peak < GOAL_MIB,
            )


def host(folder: Path, vfs: int, line: str, size: int) -> Host:
    """A folder with a machine as a recording, as a tree, and with a `dmesg` that prints a log of about `size` bytes."""
    machine = big(PFS, vfs)
    save(machine, folder)
    plant(machine, folder / "tree")
    with (folder / "log").open("w") as log:
        for number in range(size // len(line)):
            log.write(line.format(number))
        log.write(LAST)
    (folder / "bin").mkdir()
    (folder / "bin" / "dmesg").write_text(f"#!/bin/sh\nexec cat {shlex.quote(str(folder / 'log'))}\n")
    (folder / "bin" / "dmesg").chmod(0o755)
    return Host(folder, PFS * vfs, [])


def plant(machine: Machine, tree: Path) -> None:
    """Write a complete machine's files, folders and links below a folder."""
    for path in machine.dirs:
        (tree / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
    for path, data in machine.files.items():
        (tree / path.lstrip("/")).write_bytes(data)
    for path, target in machine.links.items():
        (tree / path.lstrip("/")).symlink_to(target)
