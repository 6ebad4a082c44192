"""Watched by strace: audit, collect and the wizard up to its last screen open nothing of others for writing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sriov_tui.hosts import programs
from sriov_tui.services.demos import demo_machine
from sriov_tui.simulated import SimulatedHost
from tests.lab.trace import CALLS, Trace, read
from tests.terminal.tty import ROOT, Tty

pytestmark = [pytest.mark.subprocess, pytest.mark.machine]
PROGRAM = (sys.executable, "-m", "sriov_tui")
TERMINAL = re.compile(
    r"ioctl\(\d+, [\w ]*(TCSETS|TIOCSWINSZ|TCFLSH)|open\w*\(.*\"/dev/(pts/\d+|ptmx)\"|"
    r"sendto\(\d+, \"\\0\", 1, 0, NULL, 0\)"  # asyncio wakes its own loop
)


def calm() -> dict[str, str]:
    """The environment without what makes the program start a fresh interpreter for root: that has a test of its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(programs.LOADED)}


def traced(folder: Path, *argv: str) -> tuple[str, ...]:
    """The command that runs this one under strace, each thread and child in a file of its own."""
    try:
        done = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no strace here")
    if done.returncode:
        pytest.skip(f"strace may not trace here: {done.stderr.strip()}")
    folder.mkdir()
    return ("strace", "-ff", "-qq", "-s", "65536", "-e", f"trace={CALLS}", "-o", str(folder / "t"), *argv)


def judged(folder: Path) -> Trace:
    """Everything that was traced."""
    lines = [line for path in sorted(folder.iterdir()) for line in path.read_text(errors="replace").splitlines()]
    trace = read(lines)
    assert trace.calls > 500, "too little was traced"
    return trace


def left(trace: Trace, *own: str) -> list[str]:
    """What changes something, but for the terminal and what is below our own folders."""
    allowed = re.compile("|".join(f'"{re.escape(path)}' for path in own) or "$^")
    return [line[:200] for line in trace.changes if not TERMINAL.match(line) and not allowed.search(line)]


def to_the_last_screen(tty: Tty, *network: str) -> None:
    """Choose the first port, give its network, look at the review and quit."""
    tty.wait_for("step 1/6", most=20)
    tty.press("space")
    for number in range(2, 6):
        tty.press("f8")
        tty.wait_for(f"step {number}/6", most=20)
    tty.press(*network, "f8")
    tty.wait_for("step 6/6", most=20)
    tty.press("f10")
    tty.end(most=20)


def strangers(trace: Trace, argv: tuple[str, ...]) -> set[str]:
    """Commands that are not on the list of read-only ones."""
    return {*trace.strangers(argv)}


def test_the_judge_sees_a_write(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    subprocess.run(traced(tmp_path / "trace", sys.executable, "-c", f"open({str(victim)!r}, 'w')"), check=True)
    lines = (path.read_text() for path in (tmp_path / "trace").iterdir())
    seen = read([line for text in lines for line in text.splitlines()])
    assert any("victim" in line for line in left(seen))
    assert left(seen, str(victim)) == []


def test_the_audit_of_this_machine_writes_nothing(tmp_path: Path) -> None:
    argv = (*PROGRAM, "audit", "--format", "json")
    done = subprocess.run(traced(tmp_path / "trace", *argv), cwd=ROOT, env=calm(), capture_output=True)
    assert done.returncode in (0, 2), done.stderr
    seen = judged(tmp_path / "trace")
    assert left(seen) == []
    assert strangers(seen, argv) == set()


def test_collect_writes_its_file_alone(tmp_path: Path) -> None:
    argv = (*PROGRAM, "collect", str(tmp_path / "out.sriov"))
    done = subprocess.run(traced(tmp_path / "trace", *argv), cwd=ROOT, env=calm(), capture_output=True)
    assert done.returncode == 0, done.stderr
    seen = judged(tmp_path / "trace")
    assert left(seen, str(tmp_path / "out.sriov")) == []
    assert strangers(seen, argv) == set()


def test_the_wizard_on_this_machine_writes_nothing(tmp_path: Path) -> None:
    argv = (*PROGRAM, "--read-only")
    with Tty(command=traced(tmp_path / "trace", *argv)) as tty:
        tty.wait_for("Quit", most=60)
        tty.press("f8", "f8", "f9")
        tty.read(0.5)
        tty.press("escape", "f10")
        assert tty.end(most=20) == 0
    seen = judged(tmp_path / "trace")
    assert left(seen) == []
    assert strangers(seen, argv) == set()


def test_the_wizard_to_its_last_screen_on_a_recording_writes_nothing(tmp_path: Path) -> None:
    with Tty(command=traced(tmp_path / "trace", *PROGRAM, "--host", "tests/hosts/lab-idle")) as tty:
        tty.wait_for("Quit", most=60)
        tty.press("f8")
        to_the_last_screen(tty)
    assert left(judged(tmp_path / "trace")) == []


def test_the_wizard_that_may_apply_writes_its_answers_alone(tmp_path: Path) -> None:
    machine = tmp_path / "machine"
    SimulatedHost.create(demo_machine("two-igb"), machine)
    before = (machine / "machine.json").read_bytes()
    argv = (*PROGRAM, "--host", f"simulated:{machine}")
    with Tty(command=traced(tmp_path / "trace", *argv)) as tty:
        tty.wait_for("Quit", most=60)
        tty.press("f8")
        to_the_last_screen(tty, "b", "r", "1", "tab", "w", "1")
    assert left(judged(tmp_path / "trace"), str(machine / "state")) == []
    assert (machine / "machine.json").read_bytes() == before
    assert "br1" in (machine / "state/answers.toml").read_text()
    shutil.rmtree(machine)
