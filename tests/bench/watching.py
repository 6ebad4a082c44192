"""`audit --watch`: how often it wakes up while nothing happens, and how soon it has seen that something did."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.table import Missing, Result, Row, seconds
from tests.bench.timing import TOP, CannotMeasure, environment

REST = 5.0  # seconds
# In a network namespace: a link is made, and the time is taken until the watcher has looked at the machine again.
SEEN = """
import subprocess, time
from sriov_tui.commands.common import facts_of
from sriov_tui.hosts.watcher import LocalWatcher
from sriov_tui.services.watching import settled
watcher = LocalWatcher()
facts_of("local")
took = []
for number in range(5):
    subprocess.run(["ip", "link", "add", f"v{number}", "type", "veth", "peer", "name", f"w{number}"], check=True)
    begin = time.perf_counter()
    assert settled(watcher)
    facts = facts_of("local")
    took.append(time.perf_counter() - begin)
    assert facts.link(f"v{number}")
print(sorted(took)[2])
"""


def measure() -> Iterator[Result]:
    """At rest, then with links that come."""
    wakes = woken()
    yield Row(what=f"wake-ups of audit --watch in {REST:g} s at rest", ours=str(wakes), goal="0", met=wakes == 0)
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "ip"))):
        yield Missing("a link that comes is seen", "this needs root, unshare and ip")
        return
    argv = ["unshare", "-n", sys.executable, "-c", SEEN]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=TOP, env=environment())
    if done.returncode:
        yield Missing("a link that comes is seen", done.stderr.strip().splitlines()[-1][:200])
        return
    took = float(done.stdout)
    yield Row(what="a link that comes is seen after", ours=seconds(took), goal="below 1 s", met=took < 1)


def woken() -> int:
    """Voluntary context switches of the program while nothing happens."""
    argv = [sys.executable, "-m", "sriov_tui", "audit", "--watch"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=TOP, env=environment()) as child:
        try:
            assert child.stdout is not None
            for line in child.stdout:
                if line.startswith("Watching"):
                    break
            else:
                raise CannotMeasure("audit --watch ended by itself")
            time.sleep(1.0)
            before = _switches(child.pid)
            time.sleep(REST)
            return _switches(child.pid) - before
        finally:
            child.terminate()


def _switches(pid: int) -> int:
    found = re.search(r"^voluntary_ctxt_switches:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else -1
