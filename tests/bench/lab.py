"""In the lab's machine: VFs through the engine against the bare write, and the audit where there are real NICs."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.bench.table import Missing, Result, compared
from tests.bench.timing import CannotMeasure
from tests.lab.machine import LabError, Machine

ENGINE = "make 7 VFs through the engine in the lab"
AUDIT = "audit --format json in the lab"
NAME = "bench"
GUEST = Path(__file__).with_name("lab_guest.py")
GOAL = 1.2
AUDIT_ROUNDS = 3
PATIENCE = 300  # seconds; an emulated processor now and then loses its timer, and then the machine stands still
# The audit and its rivals in turn; one round to warm up. The audit ends with 2 where the host is not ready.
AUDITS = f"""
import json, subprocess, time
def wall(*commands):
    begin = time.perf_counter()
    for argv, allowed in commands:
        done = subprocess.run(argv, capture_output=True)
        if done.returncode not in allowed:
            raise SystemExit(f"{{argv}} ended with {{done.returncode}}: {{done.stderr.decode()}}")
    return time.perf_counter() - begin
def both():
    return (wall((["sriov-tui", "audit", "--format", "json"], (0, 2))),
            wall((["lspci", "-vv"], (0,)), (["virt-host-validate", "qemu"], (0, 1))))
both()
print(json.dumps([both() for _ in range({AUDIT_ROUNDS})]))
"""


def measure() -> Iterator[Result]:
    """Boot a machine, install the program as the lab's tests do, measure, throw the machine away."""
    machine = Machine(NAME)
    try:
        machine.up()
    except (LabError, OSError) as error:
        reason = str(error).strip().splitlines()[-1].removeprefix("lab: ")
        yield from (Missing(what, f"the lab does not run here ({reason}); see `make lab`") for what in (ENGINE, AUDIT))
        return
    try:
        machine.install()
        yield from vfs(machine)
        yield from audit(machine)
    except (LabError, subprocess.TimeoutExpired) as error:
        raise CannotMeasure(str(error)) from error
    finally:
        machine.down()


def vfs(machine: Machine) -> Iterator[Result]:
    """The operation by the engine's journal, which has the goal, and the engine's whole process."""
    rounds = json.loads(machine.ssh("python3 -", stdin=GUEST.read_bytes(), timeout=PATIENCE))
    bare, operation, process = (statistics.median(times) for times in zip(*rounds, strict=True))
    yield compared(f"{ENGINE}: the operation, from before to done", operation, bare, "bare write", GOAL)
    yield compared(f"{ENGINE}: its whole process", process, bare, "bare write")


def audit(machine: Machine) -> Iterator[Result]:
    """The audit and the two other programs, on a machine that has what they look for."""
    rounds = json.loads(machine.ssh("python3 -", stdin=AUDITS.encode(), timeout=PATIENCE))
    ours, other = (statistics.median(times) for times in zip(*rounds, strict=True))
    yield compared(AUDIT, ours, other, "lspci -vv, then virt-host-validate qemu", goal=1.0)
