"""`unshare -Urm python -m tests.small_disk CASE FOLDER`: the engine on file systems that refuse; prints JSON.

In a namespace of its own it may mount file systems that are full, read-only or small, without being root outside.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sriov_tui import plan as plans
from sriov_tui.hosts.local import LocalHost
from sriov_tui.model import Choices, Operation, Run, SriovError, WriteFile
from sriov_tui.probe import gather
from sriov_tui.run import store, view
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from tests.engine_cases import step

FILES = 120


def mount(*arguments: str) -> None:
    """Mount, in this namespace alone."""
    subprocess.run(["mount", *arguments], check=True)


def contents(root: Path) -> dict[str, str]:
    """Every file of the tree, temporary ones too."""
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


def tree(folder: Path, *mounts: str) -> Path:
    """A machine below a directory, /etc on a file system of its own where mount options are given."""
    etc = folder / "root/etc"
    etc.mkdir(parents=True)
    if mounts:
        mount("-t", "tmpfs", *mounts, "etc", str(etc))
    for number in range(FILES):
        (etc / f"{number}").write_text(f"before {number}\n")
    return folder / "root"


def run_of(root: Path, state: Path, *operations: Operation) -> Path:
    """A run of these operations, a step for each."""
    facts = gather(LocalHost(str(root)))
    made = plans.build(facts, Choices(), [step(f"s{n}", operation) for n, operation in enumerate(operations)])
    return store.create(made, f"local:{root}", state)


def go(run_dir: Path, root: Path, act: Callable[..., str] = apply) -> dict[str, str]:
    """Apply or roll back, with what the operator is told."""
    try:
        outcome = act(run_dir, LocalHost(str(root)))
    except SriovError as error:
        return {"outcome": "", "error": f"{error.title} {error.hint}"}
    return {"outcome": outcome, "error": view.view(run_dir).error}


def every_file() -> list[Operation]:
    """A change of each file."""
    return [WriteFile(path=f"/etc/{number}", text=f"after {number}\n") for number in range(FILES)]


def full_state(folder: Path) -> dict[str, Any]:
    """The journal has no room in the middle of the run."""
    root, state = tree(folder), folder / "state"
    state.mkdir()
    mount("-t", "tmpfs", "-o", "size=100k,mode=0700", "state", str(state))
    before = contents(root)
    run_dir = run_of(root, state, *every_file())
    told = go(run_dir, root)
    cut = contents(root)
    mount("-o", "remount,size=4m,mode=0700", str(state))
    back = go(run_dir, root, rollback)
    return {"told": told, "changed": cut != before, "back": back, "same": contents(root) == before}


def full_target(folder: Path) -> dict[str, Any]:
    """The file system of the file that is written has no room."""
    root = tree(folder, "-o", "size=700k")
    before = contents(root)
    run_dir = run_of(root, folder / "state", WriteFile(path="/etc/1", text="x" * 1_000_000))
    told = go(run_dir, root)
    same = contents(root) == before
    mount("-o", "remount,size=4m", str(root / "etc"))
    again = go(run_dir, root)
    return {"told": told, "same": same, "again": again, "written": len(contents(root)["etc/1"])}


def read_only(folder: Path) -> dict[str, Any]:
    """The file system becomes read-only; so it is at the rollback, too, until it is mended."""
    root = tree(folder, "-o", "size=4m")
    before = contents(root)
    half = [*every_file()[:5]]
    run_dir = run_of(root, folder / "state", *half)
    mount("-o", "remount,ro", str(root / "etc"))
    told = go(run_dir, root)
    same = contents(root) == before
    mount("-o", "remount,rw", str(root / "etc"))
    again = go(run_dir, root)
    mount("-o", "remount,ro", str(root / "etc"))
    refused = go(run_dir, root, rollback)
    mount("-o", "remount,rw", str(root / "etc"))
    back = go(run_dir, root, rollback)
    return {
        "told": told,
        "same": same,
        "again": again,
        "refused": refused,
        "back": back,
        "restored": contents(root) == before,
    }


def bind_mounted(folder: Path) -> dict[str, Any]:
    """The file is a mount point, as a container's configuration is."""
    root = tree(folder)
    (folder / "source").write_text("before 1\n")
    mount("--bind", str(folder / "source"), str(root / "etc/1"))
    before = contents(root)
    run_dir = run_of(root, folder / "state", WriteFile(path="/etc/1", text="after\n"))
    told = go(run_dir, root)
    same = contents(root) == before
    subprocess.run(["umount", str(root / "etc/1")], check=True)
    return {"told": told, "same": same, "again": go(run_dir, root), "back": go(run_dir, root, rollback)}


def loud(folder: Path) -> dict[str, Any]:
    """A command prints 250 MB without an end of line, and 15 MB in lines."""
    run_dir = run_of(
        tree(folder),
        folder / "state",
        Run(argv=("head", "-c", "250M", "/dev/zero")),
        Run(argv=("seq", "1000000000001000", "1000000001900000")),
    )
    outcome = apply(run_dir, LocalHost())
    status = Path("/proc/self/status").read_text()  # not ru_maxrss, which goes through exec: that of the test runner
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))  # KiB
    return {"outcome": outcome, "peak": peak, "journal": (run_dir / "journal.jsonl").stat().st_size}


def hanging(folder: Path) -> dict[str, Any]:
    """A command does not end."""
    run_dir = run_of(tree(folder), folder / "state", Run(argv=("sleep", "1000"), timeout=0.5))
    outcome = apply(run_dir, LocalHost())
    return {"outcome": outcome, "error": view.view(run_dir).error}


CASES = {case.__name__: case for case in (full_state, full_target, read_only, bind_mounted, loud, hanging)}

if __name__ == "__main__":
    print(json.dumps(CASES[sys.argv[1]](Path(sys.argv[2]))))
