"""The plug pulled at every operation of every plan of every test machine. `python -m tests.fault_matrix` runs it all,
with a word behind it the plans with this word in their name.

A plan is cut before, during and after each operation, and at each line of its journal: nothing, half or all of it
written. Then the run is taken back, and the machine must be byte for byte as before; or it is resumed, and must end
as if nothing had happened; both also after a power cut in place of a kill. What counts events cannot be as before,
and modules that the kernel loaded stay loaded until it is booted again: neither is compared before that. The way back
is cut as well, at each of its operations and by a power cut: our files that are still there act at the boot after it.
"""

from __future__ import annotations

import copy
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sriov_tui.hosts.machine import Machine, put_file
from sriov_tui.model import Outcome, Plan
from sriov_tui.run import confirmation, journal, store
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from sriov_tui.simulated import SimulatedHost, boot
from sriov_tui.simulated.follow import follow
from sriov_tui.simulated.mellanox.driver import vendor_loaded
from tests.fakes import Crash, Plug
from tests.fault_scenes import scenes

PHASES = ("before", "during", "after")
ONS = ("acts", "journal")
KERNEL = ("/sys/", "/proc/")
COUNTERS = ("/proc/sys/kernel/random/boot_id", "/carrier_changes")  # what counts events cannot be as before
LOGS = ("dmesg", "journalctl", "grep ")
MODULES = ("/sys/module", "/sys/bus/pci/drivers")
Then = Literal["rollback", "rollback after power off", "resume", "resume after power off"]
THENS: tuple[Then, ...] = ("rollback", "rollback after power off", "resume", "resume after power off")
RESTING = {"sriov_numvfs": b"0\n", "mode": b"legacy\n"}  # what our files change at a boot, as it is without them
Nothing = Callable[[], object]


class Plugged(SimulatedHost):
    """A simulated machine in memory alone, with a plug at every change."""

    def __init__(self, machine: Machine) -> None:
        self._machine = copy.deepcopy(machine)
        self.hook: Callable[[str], None] = lambda phase: None
        self.boots = 0

    @property
    def machine(self) -> Machine:
        return self._machine

    @contextmanager
    def _changing(self) -> Iterator[Machine]:
        try:
            yield self._machine
        finally:
            if vendor_loaded(self._machine):  # of the others nothing that is compared follows; it would take long
                follow(self._machine)

    def reboot(self) -> None:
        self._machine = boot.reboot(self._machine)
        self.boots += 1

    def write(
        self,
        path: str,
        data: bytes,
        mode: int,
        owner: tuple[int, int] | None = None,
        expect: str | None = None,
        xattrs: Mapping[str, bytes] | None = None,
    ) -> None:
        folder, _, name = path.rpartition("/")
        temporary = f"{folder}/.{name}.x1y2.sriov-tui"
        self._act(
            lambda: put_file(self._machine, temporary, data[: len(data) // 2], 0o600),
            lambda: SimulatedHost.write(self, path, data, mode, owner, expect, xattrs),
        )

    def remove(self, path: str) -> None:
        self._act(lambda: None, lambda: SimulatedHost.remove(self, path))

    def write_attribute(self, path: str, value: str, timeout: float) -> None:
        def whole() -> None:  # the kernel ends what it began
            SimulatedHost.write_attribute(self, path, value, timeout)

        self._act(whole, whole)

    def run(self, argv: Any, timeout: float, output: Callable[[str], None]) -> int:
        status = 0

        def whole() -> None:
            nonlocal status
            status = SimulatedHost.run(self, argv, timeout, output)

        def half() -> None:
            before = dict(self._machine.files)
            whole()
            for path, data in tuple(self._machine.files.items()):
                whole_or_not = path.startswith((*KERNEL, "/lib/modules/"))  # depmod writes beside its files and renames
                if not whole_or_not and before.get(path) != data:
                    self._machine.files[path] = data[: len(data) // 2]

        self._act(half, whole)
        return status

    def _act(self, half: Nothing, whole: Nothing) -> None:
        self.hook("before")
        try:
            self.hook("during")
        except Crash:
            half()
            raise
        whole()
        self.hook("after")


def snapshot(machine: Machine, disk: bool = False, modules: bool = True) -> dict[str, object]:
    """All of a machine but its logs and its counters; with `disk` only what lasts over a reboot."""
    parts: dict[str, object] = {}
    skipped = ("/var/log/", *(KERNEL if disk else ()), *(() if modules else MODULES))
    for kind in ("files", "dirs", "links", "modes", "owners"):
        parts |= {
            f"{kind} {path}": sorted(value) if kind == "dirs" else value
            for path, value in getattr(machine, kind).items()
            if not path.endswith(COUNTERS)
            and not path.startswith(skipped)
            and not (kind == "owners" and not any(value))
        }
    if not disk:
        parts |= {f"query {q}": answer for q, answer in machine.queries.items() if not q.startswith(LOGS)}
        parts |= {f"link {name}": row for name, row in _links(machine).items()}
    return parts


def _links(machine: Machine) -> dict[str, object]:
    """Every link by its name, the others by theirs: the kernel gives another number to what is made anew."""
    rows = machine.netlink.get("links", [])
    names = {row["index"]: row["name"] for row in rows}
    addresses, routes = (machine.netlink.get(table, []) for table in ("addresses", "routes"))
    return {
        row["name"]: (
            {key: value for key, value in row.items() if key != "index"}
            | {key: names.get(row[key], "") for key in ("master", "parent")},
            sorted((a["ip"], a["prefixlen"]) for a in addresses if a["index"] == row["index"]),
            sorted((r["destination"], r["gateway"]) for r in routes if r["link"] == row["index"]),
        )
        for row in rows
    }


def difference(one: dict[str, object], other: dict[str, object]) -> list[str]:
    """The names that are not the same in both."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def confirming(run_dir: Path) -> confirmation.Watch:
    """A clock that runs as the engine sleeps, and somebody who confirms whatever waits for it."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += max(seconds, 0.001)
        waits = confirmation.of(run_dir)
        if waits is not None and waits.acted:
            confirmation.confirm(run_dir, waits, "by the matrix")

    return confirmation.Watch(now=lambda: now[0], sleep=sleep)


def walk(run_dir: Path, host: Plugged) -> Outcome:
    """Apply and resume until it is done: reboot where asked, confirm what waits for it."""
    watch = confirming(run_dir)
    outcome: Outcome = ""
    for _ in range(6):
        outcome = apply(run_dir, host, watch=watch)
        if outcome == "reboot":
            host.reboot()
        elif outcome != "unconfirmed":
            break
    return outcome


def moments(machine: Machine, plan: Plan, on: str, folder: Path, every: int = 1) -> Iterator[tuple[str, Plugged, Path]]:
    """Every moment (or each n-th) of a run of this plan, with the machine and the run as the cut left them."""
    write = journal._write_all
    for phase in PHASES if on == "acts" else PHASES[:2]:  # after one line is before the next
        number = 0
        while True:
            host, plug = Plugged(machine), Plug(number, phase)
            shutil.rmtree(folder, ignore_errors=True)
            run_dir = store.create(plan, "matrix", folder)
            try:
                if on == "journal":
                    setattr(journal, "_write_all", _torn(write, plug))  # noqa: B010 - mypy lets no function be assigned
                else:
                    host.hook = plug
                walk(run_dir, host)
                break
            except Crash:
                pass
            finally:
                journal._write_all = write
                host.hook = lambda phase: None
            yield f"{phase} {on} {number}", host, run_dir
            number += every


def _torn(write: Callable[[int, bytes], None], plug: Plug) -> Callable[[int, bytes], None]:
    def torn(fd: int, data: bytes) -> None:
        plug("before")
        try:
            plug("during")
        except Crash:
            write(fd, data[: len(data) // 2])
            raise
        write(fd, data)
        plug("after")

    return torn


def check(machine: Machine, plan: Plan, on: str, then: Then, folder: Path, every: int = 1) -> tuple[int, list[str]]:
    """Every moment of one plan, with this way out; the number of cases, and a line for each that failed."""
    whole, cases, faults = Plugged(machine), 0, []
    outcome = walk(store.create(plan, "matrix", folder / "whole"), whole)
    if outcome != "applied":
        return 0, [f"uncut it ends {outcome}"]
    for moment, host, run_dir in moments(machine, plan, on, folder / "cut", every):
        cases += 1
        if then.endswith("power off"):
            host.reboot()
        if then.startswith("rollback"):
            ended, expected, target = (
                rollback(run_dir, host, watch=confirming(run_dir)),
                "rolled-back",
                Plugged(machine),
            )
        else:
            ended, expected, target = walk(run_dir, host), "applied", whole
        wrong = [f"ended {ended}"] if ended != expected else []
        wrong += difference(snapshot(target.machine, disk=True), snapshot(host.machine, disk=True))
        booted = host.boots > 0
        # What the kernel forgets at a power cut is compared in a boot of its own.
        if host.boots != target.boots or then.endswith("power off"):
            target = Plugged(target.machine)
            target.reboot()
            host.reboot()
        wrong += difference(snapshot(target.machine, modules=booted), snapshot(host.machine, modules=booted))
        if wrong:
            faults.append(f"{moment}, {then}: {', '.join(dict.fromkeys(wrong))}"[:400])
    return cases, faults


def check_way_back(machine: Machine, plan: Plan, folder: Path, every: int = 1) -> tuple[int, list[str]]:
    """The rollback of a whole run cut at every operation, by the power; a second one ends it."""
    cases, faults = 0, []
    wanted, uncut = snapshot(machine, disk=True), Plugged(machine)
    run_dir = store.create(plan, "matrix", folder / "uncut")
    walk(run_dir, uncut)
    rollback(run_dir, uncut, watch=confirming(run_dir))
    for phase in PHASES:
        number = 0
        while True:
            host, run_dir = Plugged(machine), store.create(plan, "matrix", folder / f"{phase}{number}")
            walk(run_dir, host)
            host.hook = Plug(number, phase)
            try:
                rollback(run_dir, host, watch=confirming(run_dir))
                break
            except Crash:
                host.hook = lambda phase: None
            host.reboot()
            ended = rollback(run_dir, host, watch=confirming(run_dir))
            wrong = [f"ended {ended}"] if ended != "rolled-back" else []
            wrong += difference(wanted, snapshot(host.machine, disk=True))
            wrong += [
                path
                for path, value in host.machine.files.items()
                for resting in [RESTING.get(path.rpartition("/")[2])]
                if path.startswith("/sys/") and resting and value not in (resting, uncut.machine.files.get(path))
            ]
            if wrong:
                faults.append(f"rollback, {phase} {number}, power off, rollback: {', '.join(wrong)}"[:400])
            cases, number = cases + 1, number + every
    return cases, faults


def whole_scene(scene: tuple[str, Machine, Plan]) -> tuple[str, int, list[str]]:
    """All cases of one plan: its line, the number of cases, a line for each that failed."""
    os.fsync = lambda fd: None  # a kill loses nothing that was written; the lab pulls a real plug
    name, machine, plan = scene
    cases, faults = 0, list[str]()
    with tempfile.TemporaryDirectory() as folder:
        for on in ONS:
            for then in THENS:
                more, wrong = check(machine, plan, on, then, Path(folder))
                cases, faults = cases + more, faults + wrong
        more, wrong = check_way_back(machine, plan, Path(folder) / "back")
        cases, faults = cases + more, faults + wrong
    operations = sum(len(step.operations) for step in plan.steps)
    return f"{cases:>6} cases  {len(faults):>3} failed  {operations:>2} operations  {name}", cases, faults


def main() -> int:
    """Run every case, on every processor, and print the numbers; 1 where one failed."""
    total, failed, began = 0, 0, time.monotonic()
    word = "".join(sys.argv[1:2])
    wanted = [scene for scene in scenes() if word in scene[0]]
    with ProcessPoolExecutor() as pool:
        for line, cases, faults in pool.map(whole_scene, wanted):
            print("\n".join([line, *(f"        {fault}" for fault in faults[:5])]), flush=True)
            total, failed = total + cases, failed + len(faults)
    print(f"{total:>6} cases, {failed} failed, in {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
