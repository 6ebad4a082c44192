"""`sriov-tui confirm`, and the engine and its guard as real processes: who may confirm, and who undoes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sriov_tui import cli
from sriov_tui import plan as plans
from sriov_tui.commands import confirm as command
from sriov_tui.hosts import ssh_connection
from sriov_tui.hosts.local import LocalHost
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, Plan, SriovError, WriteSysfs
from sriov_tui.probe import gather
from sriov_tui.run import confirmation, store, view
from sriov_tui.run.confirmation import Pending
from sriov_tui.run.launch import engine_argv
from tests.engine_cases import step

ROOT = Path(__file__).parents[3]
OURS = "192.0.2.1 50000 192.0.2.7 22"
WAITS = Pending(step="s", until=190.0, armed=100.0, boot_id="b", connection=OURS, acted=True)


def test_a_new_connection_made_after_the_step_began_confirms() -> None:
    assert "192.0.2.1 port 50001" in command._how(WAITS, verbatim("192.0.2.1 50001 192.0.2.7 22"), 101.0)


@pytest.mark.parametrize(
    ("here", "since", "words"),
    [
        (OURS, 101.0, "this very connection"),
        ("192.0.2.1 50001 192.0.2.7 22", 99.0, "before the step began"),
        ("192.0.2.1 50001 192.0.2.7 22", None, "cannot be found out"),
        ("", None, "no SSH connection"),
    ],
)
def test_what_does_not_confirm_is_told(here: str, since: float | None, words: str) -> None:
    with pytest.raises(SriovError, match=words) as caught:
        command._how(WAITS, verbatim(here), since)
    assert "sriov-tui confirm" in caught.value.hint


def process(proc: Path, pid: int, parent: int, name: str, start: int = 0, environment: bytes = b"") -> None:
    """A process as /proc shows it; the name may hold anything."""
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    fields = ["S", str(parent), *["0"] * 17, str(start), "0"]
    (folder / "stat").write_text(f"{pid} ({name}) {' '.join(fields)}\n")
    (folder / "comm").write_text(f"{name}\n")
    (folder / "environ").write_bytes(environment)


def test_the_connection_is_found_above_sudo(tmp_path: Path) -> None:
    process(tmp_path, 10, 1, "systemd")
    process(tmp_path, 20, 10, "sshd-session", start=12345)
    process(tmp_path, 30, 20, "ba) sh (x", environment=b"A=1\0SSH_CONNECTION=" + OURS.encode() + b"\0B=2\0")
    process(tmp_path, 40, 30, "sudo")
    process(tmp_path, 50, 40, "python3", environment=b"PATH=/bin\0")
    assert ssh_connection.connection(50, tmp_path) == OURS
    assert ssh_connection.since(50, tmp_path) == 12345 / os.sysconf("SC_CLK_TCK")
    assert ssh_connection.connection(10, tmp_path) == ""
    assert ssh_connection.since(10, tmp_path) is None


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A machine below a directory with one attribute, and no session."""
    root = tmp_path / "root"
    for folder in ("sys/bus", "proc/sys/kernel/random"):
        (root / folder).mkdir(parents=True)
    (root / "proc/sys/kernel/random/boot_id").write_text("one\n")
    (root / "sys/bus/attribute").write_text("0\n")
    return root


def plan_of(tree: Path, seconds: float) -> Plan:
    cutting = replace(step("cut", WriteSysfs(path="/sys/bus/attribute", value="7")), confirm=seconds)
    return plans.build(gather(LocalHost(str(tree))), Choices(), [cutting])


def start(run_dir: Path) -> subprocess.Popen[bytes]:
    """The engine, until it waits for the confirmation."""
    child = subprocess.Popen(engine_argv(run_dir), env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True)
    until(lambda: (waits := confirmation.of(run_dir)) is not None and waits.acted)
    return child


def until(happens: object, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not happens():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.mark.subprocess
def test_the_engine_killed_for_real_its_guard_undoes_the_step(tree: Path, tmp_path: Path) -> None:
    run_dir = store.create(plan_of(tree, 1.5), f"local:{tree}", tmp_path / "state")
    child = start(run_dir)
    assert (tree / "sys/bus/attribute").read_text() == "7\n"
    assert store.guarded(run_dir)
    os.killpg(child.pid, signal.SIGKILL)  # as the end of its service does to all that is in it
    child.wait()
    until(lambda: view.view(run_dir).outcome == "unconfirmed")
    assert (tree / "sys/bus/attribute").read_text() == "0\n"
    until(lambda: not store.guarded(run_dir))


@pytest.mark.subprocess
def test_an_engine_that_is_stopped_does_not_keep_the_step(tree: Path, tmp_path: Path) -> None:
    run_dir = store.create(plan_of(tree, 1.5), f"local:{tree}", tmp_path / "state")
    child = start(run_dir)
    os.kill(child.pid, signal.SIGSTOP)
    until(lambda: view.view(run_dir).outcome == "unconfirmed", 60)
    assert child.wait() == -signal.SIGKILL
    assert (tree / "sys/bus/attribute").read_text() == "0\n"
    until(lambda: not store.guarded(run_dir))


@pytest.mark.subprocess
def test_a_process_that_is_no_engine_of_the_run_is_never_ended(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "input()", "engine"], stdin=subprocess.PIPE)
    try:
        assert not store.end_engine(tmp_path, other.pid)
        assert not store.end_engine(tmp_path, 0)
        assert other.poll() is None
    finally:
        other.kill()
        other.communicate()


@pytest.mark.subprocess
def test_confirmed_by_the_command_at_a_console(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_dir = store.create(plan_of(tree, 30), f"local:{tree}", tree / "state")
    child = start(run_dir)
    code = (
        "import sys; from sriov_tui.run import confirmation; from pathlib import Path; from sriov_tui.commands import "
        "confirm as c; w = confirmation.of(Path(sys.argv[1])); sys.exit(c._conclude(Path(sys.argv[1]), w, 'x', 'Cut'))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(run_dir)], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "Confirmed: Cut.\n"
    assert child.wait() == 0
    assert view.view(run_dir).outcome == "applied"
    assert (tree / "sys/bus/attribute").read_text() == "7\n"
    assert cli.main(["confirm", "--host", f"local:{tree}"]) == 1
    assert "Nothing waits for a confirmation" in capsys.readouterr().err
