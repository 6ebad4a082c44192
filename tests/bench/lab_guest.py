"""Runs in the lab's machine: makes 7 VFs by a bare write and by the engine, in turn, and prints the times as JSON.

Alone in one file, since it is handed to python3 on standard input.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from checks import vfs
from sriov_tui import plan
from sriov_tui.hosts.local import LocalHost
from sriov_tui.model import Choices, NicChoice, Step
from sriov_tui.probe import gather
from sriov_tui.run import store

ROUNDS = 3
ADDRESS = "0000:01:00.0"
ATTRIBUTE = Path(f"/sys/bus/pci/devices/{ADDRESS}/sriov_numvfs")
# The engine's process as it is, with a clock at each line of its journal: their own times are whole seconds.
ENGINE = """
import json, sys, time
from sriov_tui.run import journal
from sriov_tui.commands import engine_process
plain, lines = journal.Journal.append, []
def append(self, event):
    begin = time.perf_counter()
    plain(self, event)
    lines.append((event.kind, event.state, begin, time.perf_counter()))
journal.Journal.append = append
status = engine_process.main([sys.argv[1]])
with open(sys.argv[2], "w") as file:
    json.dump(lines, file)
sys.exit(status)
"""


def main() -> None:
    """One round to load the modules, then ROUNDS of both."""
    with tempfile.TemporaryDirectory() as folder:
        make = the_step()
        bare(), by_engine(make, Path(folder))
        rounds = [(bare(), *by_engine(make, Path(folder))) for _ in range(ROUNDS)]
    print(json.dumps(rounds))


def the_step() -> Step:
    """The step that makes the VFs, as the checks word it on a card without any."""
    remove()
    choices = Choices(nics=(NicChoice(address=ADDRESS, use="sriov"),))
    (step,) = (step for step in vfs.steps(gather(LocalHost()), choices) if step.id == f"vfs.numvfs:{ADDRESS}")
    return replace(step, after=())


def bare() -> float:
    """Seconds of the bare write, on a card without VFs."""
    remove()
    begin = time.perf_counter()
    write(f"{total()}\n")
    took = time.perf_counter() - begin
    must_have(total())
    return took


def by_engine(step: Step, folder: Path) -> tuple[float, float]:
    """Seconds of the operation (from its `before` to its `done` in the journal) and of the engine's whole process."""
    remove()
    facts = gather(LocalHost())
    made = plan.build(facts, Choices(), (step,))
    run_dir = store.create(made, "local", folder / "state", facts)
    lines = folder / "lines.json"
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", ENGINE, str(run_dir), str(lines)], check=False)
    took = time.perf_counter() - begin
    if done.returncode:
        raise SystemExit(f"the engine ended with {done.returncode}: {(run_dir / store.LOG).read_text()}")
    must_have(total())
    events = json.loads(lines.read_text())
    (before,) = (begin for kind, _, begin, _ in events if kind == "before")
    (after,) = (end for kind, state, _, end in events if kind == "operation" and state == "done")
    return after - before, took


def total() -> int:
    """What the driver offers."""
    return int(ATTRIBUTE.with_name("sriov_totalvfs").read_text())


def remove() -> None:
    """Back to no VF, and udev at rest."""
    if int(ATTRIBUTE.read_text()):
        settle()
        write("0\n")
    must_have(0)
    settle()


def settle() -> None:
    """Wait until udev has dealt with the devices that came or went."""
    subprocess.run(("udevadm", "settle"), check=True)


def write(text: str) -> None:
    """One write to the attribute, as `echo` does it."""
    descriptor = os.open(ATTRIBUTE, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def must_have(count: int) -> None:
    """Stop where the card has another number of VFs."""
    found = ATTRIBUTE.read_text().strip()
    if found != str(count):
        raise SystemExit(f"{ATTRIBUTE} is {found}, not {count}")


if __name__ == "__main__":
    main()
