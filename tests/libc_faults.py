"""Every call of the C library that a run makes on its files fails: `python -m tests.libc_faults [EVERY [SCENE]]`.

A run on a tree of real files is applied, resumed, confirmed and taken back. Each call below its folder fails with each
of nine errors, and each write writes only half, by a preloaded library (libc_faults.c). Then nothing is armed: no
file may be half, nothing may have ended in a traceback, and a rollback has to bring every byte and mode back. With
EVERY, only each n-th call.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sriov_tui import plan as plans
from sriov_tui.hosts.local import LocalHost
from sriov_tui.model import Choices, Plan, SriovError, WriteFile, WriteSysfs
from sriov_tui.probe import gather
from sriov_tui.run import confirmation, store
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from tests.engine_cases import step
from tests.fakes import Crash
from tests.fault_matrix import confirming

SOURCE = Path(__file__).with_suffix(".c")
COUNT, FAIL, SHORT = range(3)
ERRORS = (
    errno.EIO, errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM, errno.EDQUOT, errno.EMFILE, errno.ENOMEM,
    errno.ESTALE,
)  # fmt: skip
CONF, NEW, OLD = "/etc/yunion/host.conf", "/etc/udev/rules.d/80-new.rules", "/etc/old"
NUMVFS = "/sys/bus/pci/devices/0000:01:00.0/custom"
BEFORE = {CONF: ("networks:\n- eth0/br0/10.0.0.1\n", 0o640), OLD: ("old\n", 0o600), NUMVFS: ("0\n", 0o644)}
AFTER = {CONF: "sriov_nics:\n- eth1\n", NEW: "new\n", NUMVFS: "7\n"}
FAULT = "A fault in sriov-tui itself"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with a machine and its state in it."""

    folder: Path

    @property
    def root(self) -> Path:
        """The tree of the machine."""
        return self.folder / "root"

    @property
    def state(self) -> Path:
        """Where its runs are kept."""
        return self.folder / "state"

    @property
    def host(self) -> LocalHost:
        """The machine."""
        return LocalHost(str(self.root))

    @property
    def run(self) -> Path | None:
        """The run, where one was made."""
        return store.latest(self.state)


def make(place: Place) -> Plan:
    """The machine as it is before, and a plan for it."""
    shutil.rmtree(place.folder, ignore_errors=True)
    for path, (text, mode) in BEFORE.items():
        file = place.root / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
    for name, text in (("proc/sys/kernel/random/boot_id", "one\n"), ("etc/udev/rules.d/x", "")):
        (place.root / name).parent.mkdir(parents=True, exist_ok=True)
        (place.root / name).write_text(text)
    steps = [
        step("new", WriteFile(path=NEW, text="new\n", expect="")),
        replace(step("conf", WriteFile(path=CONF, text=AFTER[CONF], mode=0o640)), confirm=30.0),
        step("old", WriteFile(path=OLD, text=None)),
        step("vfs", WriteSysfs(path=NUMVFS, value="7", timeout=5)),
    ]
    return plans.build(gather(place.host), Choices(), steps)


def cut(place: Place, plan: Plan, after: int) -> Path:
    """A run that was ended from outside after so many looks at whether it is."""
    looks = iter(range(after))
    run_dir = store.create(plan, f"local:{place.root}", place.state)
    apply(run_dir, place.host, interrupted=lambda: next(looks, None) is None, watch=confirming(run_dir))
    return run_dir


def waiting(place: Place, plan: Plan) -> Path:
    """A run whose engine died while a step waited for its confirmation."""
    run_dir = store.create(plan, f"local:{place.root}", place.state)

    def die(seconds: float) -> None:
        raise Crash

    try:
        apply(run_dir, place.host, watch=confirmation.Watch(sleep=die))
    except Crash:
        return run_dir
    raise AssertionError("it did not wait")


def applied(place: Place, plan: Plan) -> Path:
    """A whole run."""
    run_dir = store.create(plan, f"local:{place.root}", place.state)
    assert apply(run_dir, place.host, watch=confirming(run_dir)) == "applied"
    return run_dir


def do_apply(place: Place, plan: Plan) -> str:
    """Keep a new run and apply it."""
    run_dir = store.create(plan, f"local:{place.root}", place.state)
    return apply(run_dir, place.host, watch=confirming(run_dir))


def do_resume(place: Place, plan: Plan) -> str:
    """Look at the run as the engine's process does, and go on with it."""
    run_dir = store.find("", place.state)
    store.check_run(run_dir)
    with store.locked(run_dir):
        return apply(run_dir, place.host, watch=confirming(run_dir))


def do_confirm(place: Place, plan: Plan) -> str:
    """Confirm what waits, and let the engine see it."""
    run_dir = store.find("", place.state)
    if waits := confirmation.of(run_dir):
        confirmation.confirm(run_dir, waits, "by hand")
    return ""


def do_rollback(place: Place, plan: Plan) -> str:
    """Take the run back."""
    run_dir = store.find("", place.state)
    store.check_run(run_dir)
    with store.locked(run_dir):
        return rollback(run_dir, place.host, watch=confirming(run_dir))


Make = Callable[[Place, Plan], object]
SCENES: dict[str, tuple[Make, Callable[[Place, Plan], str]]] = {
    "apply": (lambda place, plan: None, do_apply),
    "resume": (lambda place, plan: cut(place, plan, 3), do_resume),
    "confirm": (waiting, do_confirm),
    "rollback": (applied, do_rollback),
    "rollback of a cut run": (lambda place, plan: cut(place, plan, 5), do_rollback),
}


@cache
def library() -> ctypes.CDLL:
    """The preloaded library."""
    found = ctypes.CDLL(None)
    found.fault_name.restype = ctypes.c_char_p
    return found


def armed(place: Place, how: int, number: int, at: int, act: Callable[[], str]) -> tuple[int, str, list[str]]:
    """Act with a fault: the number of calls, the name of the one that failed, and what is wrong with the end."""
    wrong = []
    library().fault_arm(os.fsencode(place.folder), how, number, at)
    try:
        act()
    except SriovError as error:
        wrong += [] if error.hint else [f"no way out: {error.title}"]
    except Exception as error:
        wrong.append(f"traceback: {error!r}")
    finally:
        count = library().fault_disarm()
    return count, library().fault_name().decode(), wrong


def tree(place: Place) -> dict[str, tuple[str, int]]:
    """Every file of the machine."""
    files = (path for path in place.root.rglob("*") if path.is_file())
    return {f"/{path.relative_to(place.root)}": (path.read_text(), path.stat().st_mode & 0o7777) for path in files}


def damage(place: Place, before: dict[str, tuple[str, int]]) -> list[str]:
    """Files that are neither as before nor as after."""
    whole = {path: {text} for path, (text, _) in before.items()}
    for path, text in AFTER.items():
        whole.setdefault(path, set()).add(text)
    return [f"half: {path}" for path, (text, _) in tree(place).items() if path in whole and text not in whole[path]]


def ends_well(place: Place, before: dict[str, tuple[str, int]]) -> list[str]:
    """What a rollback without any fault leaves to be wished for."""
    run_dir = place.run
    try:
        if run_dir is not None and (store.check_journal(run_dir) or confirmation.of(run_dir)):
            apply(run_dir, place.host, watch=confirming(run_dir))  # the step that waits is confirmed, or undone
        if run_dir is not None and (ended := rollback(run_dir, place.host, watch=confirming(run_dir))) != "rolled-back":
            return [f"the rollback ended {ended}"]
    except Exception as error:
        return [f"the rollback ended by {error!r}"]
    now = tree(place)
    return [f"not as before: {path}" for path in sorted({*before, *now}) if before.get(path) != now.get(path)]


def cases(task: tuple[str, int, int, int]) -> tuple[str, Counter[str], list[str]]:
    """Some of the faults of one scene: counts by call, and a line for each that ended badly."""
    name, every, part, parts = task
    arrange, act = SCENES[name]
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # to sync to a disk each time takes long
    with tempfile.TemporaryDirectory(dir=base) as folder:
        place, kept = Place(Path(folder) / "case"), Path(folder) / "kept"
        plan = make(place)
        before = tree(place)
        arrange(place, plan)
        shutil.copytree(place.folder, kept, symlinks=True)
        count, _, wrong = armed(place, COUNT, 0, 0, lambda: act(place, plan))
        assert not wrong, wrong
        found, bad = Counter[str](), []
        faults = [(FAIL, error) for error in ERRORS] + [(SHORT, 0)]
        for at in range(1 + part * every, count + 1, every * parts):
            for how, number in faults:
                shutil.rmtree(place.folder)
                shutil.copytree(kept, place.folder, symlinks=True)
                _, call, wrong = armed(place, how, number, at, lambda: act(place, plan))
                if how == SHORT and call != "write":
                    continue
                text = errno.errorcode.get(number, "half")
                wrong += damage(place, before)
                wrong += [FAULT for run in store.list_runs(place.state) if FAULT in (run / "journal.jsonl").read_text()]
                wrong += ends_well(place, before)
                found[call] += 1
                if wrong:
                    bad.append(f"{name}, call {at} ({call}), {text}: {'; '.join(wrong)}"[:300])
        return name, found, bad


def build(folder: Path) -> Path:
    """The library, compiled."""
    target = folder / "libc_faults.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", str(target), str(SOURCE), "-ldl"], check=True)
    return target


def main() -> int:
    """Run all cases on two processors, and print the counts; 1 where one ended badly."""
    if "libc_faults.so" not in os.environ.get("LD_PRELOAD", ""):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "LD_PRELOAD": str(build(Path(folder)))}
            return subprocess.run(
                [sys.executable, "-m", "tests.libc_faults", *sys.argv[1:]], env=environment
            ).returncode
    every, parts, word = int("".join(sys.argv[1:2]) or 1), 4, "".join(sys.argv[2:3])
    tasks = [(name, every, part, parts) for name in SCENES if name.startswith(word) for part in range(parts)]
    total, failed = Counter[str](), list[str]()
    with ProcessPoolExecutor(2) as pool:
        for name, found, bad in pool.map(cases, tasks):
            print(f"{found.total():>6} faults  {len(bad):>4} ended badly  {name}", flush=True)
            total, failed = total + found, failed + bad
    print("\n".join(failed[:60]))
    print(", ".join(f"{name} {number}" for name, number in total.most_common()))
    damaged = sum("half:" in line or "not as before" in line or "rollback ended" in line for line in failed)
    told = sum("traceback" in line or FAULT in line for line in failed)
    print(f"{total.total()} faults: {damaged} damaged, {told} tracebacks, {len(failed)} ended badly")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
