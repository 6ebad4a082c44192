"""The engine as a real process on a tree of files: killed for real, two at once, its parent gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from sriov_tui import plan as plans
from sriov_tui.hosts.local import LocalHost
from sriov_tui.model import Choices, Operation, Plan, WriteFile, WriteSysfs
from sriov_tui.probe import gather
from sriov_tui.run import journal, store, view
from sriov_tui.run.launch import engine_argv
from sriov_tui.run.rollback import rollback
from tests.engine_cases import step

pytestmark = pytest.mark.subprocess
FILES = 240
ROOT = Path(__file__).parents[3]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A machine below a directory: files to change, to remove and to make, and an attribute."""
    root = tmp_path / "root"
    for folder in ("etc", "sys/bus", "proc/sys/kernel/random"):
        (root / folder).mkdir(parents=True)
    (root / "proc/sys/kernel/random/boot_id").write_text("one\n")
    (root / "sys/bus/attribute").write_text("0\n")
    for number in range(0, FILES, 2):
        (root / f"etc/{number}").write_bytes(b"before \xff %d\n" % number)
        (root / f"etc/{number}").chmod(0o600 + number % 8)
    return root


def plan_of(tree: Path) -> Plan:
    """Changes of every kind, long enough to be cut in the middle."""
    operations: list[Operation] = [
        WriteFile(path=f"/etc/{number}", text=None if number % 6 == 0 else f"after {number}\n")
        for number in range(FILES)
    ]
    operations.insert(FILES // 2, WriteSysfs(path="/sys/bus/attribute", value="7"))
    facts = gather(LocalHost(str(tree)))
    return plans.build(
        facts, Choices(), [step(f"s{i}", *operations[i : i + 10]) for i in range(0, len(operations), 10)]
    )


SLOW = """\
import sys, time
from sriov_tui.commands import engine_process
read = engine_process.gather
engine_process.gather = lambda host: (time.sleep(0.5), read(host))[1]
sys.exit(engine_process.main(sys.argv[1:]))
"""


def snapshot(tree: Path) -> dict[str, tuple[int, int, bytes]]:
    files = [path for path in tree.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mode, path.stat().st_uid, path.read_bytes()) for path in files}


def engine(run_dir: Path, *options: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(engine_argv(run_dir, *options), env=environment, start_new_session=True)


def until(happens: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.001)


def lines(run_dir: Path) -> int:
    path = run_dir / journal.NAME
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.parametrize("then", ["rollback", "resume"])
@pytest.mark.parametrize("after", [3, 90, 200])
def test_killed_for_real(tree: Path, tmp_path: Path, after: int, then: str) -> None:
    before = snapshot(tree)
    run_dir = store.create(plan_of(tree), f"local:{tree}", tmp_path / "state")
    process = engine(run_dir)
    until(lambda: lines(run_dir) >= after)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert view.view(run_dir).outcome == ""
    assert store.holder(tmp_path / "state") is None
    if then == "rollback":
        assert rollback(run_dir, LocalHost(str(tree))) == "rolled-back"
        assert snapshot(tree) == before
        return
    assert engine(run_dir).wait() == 0
    assert view.view(run_dir).outcome == "applied"
    assert (tree / "sys/bus/attribute").read_text() == "7\n"
    assert sorted(os.listdir(tree / "etc")) == sorted(str(n) for n in range(FILES) if n % 6)
    assert all((tree / f"etc/{n}").read_text() == f"after {n}\n" for n in range(FILES) if n % 6)


def test_two_at_once_the_second_is_refused_with_the_firsts_process(tree: Path, tmp_path: Path) -> None:
    run_dir = store.create(plan_of(tree), f"local:{tree}", tmp_path / "state")
    with store.locked(run_dir):
        assert engine(run_dir).wait() == 1
        assert f"process {os.getpid()}" in (run_dir / store.LOG).read_text()
        assert lines(run_dir) == 0


def _works(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is None


def test_whoever_followed_a_run_finds_all_of_it(tree: Path, tmp_path: Path) -> None:
    """The host as it stands after, too: of this end, not of one before it."""
    run_dir = store.create(plan_of(tree), f"local:{tree}", tmp_path / "state")
    for options, boot in (((), "two"), (("--rollback",), "three")):
        _, position = journal.read(run_dir / journal.NAME)
        (tree / "proc/sys/kernel/random/boot_id").write_text(f"{boot}\n")
        process = subprocess.Popen([sys.executable, "-c", SLOW, str(run_dir), *options], cwd=ROOT)
        *_, last = view.follow(run_dir, position, partial(_works, process))
        assert last.kind == "finished"
        assert store.holder(tmp_path / "state") is None
        after = store.read_facts(run_dir / store.FACTS_AFTER)
        assert after is not None
        assert after.kernel.boot_id == boot
        assert process.wait() == 0


def test_it_goes_on_when_its_parent_and_terminal_are_gone(tree: Path, tmp_path: Path) -> None:
    run_dir = store.create(plan_of(tree), f"local:{tree}", tmp_path / "state")
    starter = (
        "import sys; from pathlib import Path; from sriov_tui.run import store; store.launch_engine(Path(sys.argv[1]))"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starter, str(run_dir)], cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE
    )
    parent.wait()
    until(lambda: lines(run_dir) > 0)  # by then the lock tells the process id; before it, 0: our own process group
    held = store.holder(tmp_path / "state")
    if held is not None and held[0] > 1:
        os.kill(held[0], signal.SIGHUP)
    until(lambda: view.view(run_dir).outcome == "applied")
    until(lambda: store.read_facts(run_dir / store.FACTS_AFTER) is not None)


def test_a_shutdown_stops_it_between_two_operations_and_the_way_back_is_whole(tree: Path, tmp_path: Path) -> None:
    before = snapshot(tree)
    run_dir = store.create(plan_of(tree), f"local:{tree}", tmp_path / "state")
    process = engine(run_dir)
    until(lambda: lines(run_dir) >= 20)
    process.terminate()
    process.wait()
    assert view.view(run_dir).outcome == "stopped"
    assert engine(run_dir, "--rollback").wait() == 0
    assert view.view(run_dir).outcome == "rolled-back"
    assert snapshot(tree) == before
