"""The engine is another start of the file: what the first one unpacked goes, and the engine goes on."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from sriov_tui.model import Run, WriteFile
from tests.dist.one_file import good, in_root, put_run, run, unpacked, until
from tests.engine_cases import step

HOLD = """#!/bin/sh
echo begun >/begun
cat /go_on
"""
END = """#!/bin/sh
echo ended >/ended
"""


@pytest.fixture
def root(oldest_debian: Path) -> Path:
    """A Debian where a run waits, whose first step stands still until it is told to go on."""
    for name in ("begun", "go_on", "ended"):
        os.mkfifo(oldest_debian / name)
    (oldest_debian / "place").mkdir(exist_ok=True)
    steps = [
        step("one", Run(argv=("hold",)), WriteFile(path="/etc/after", text="1\n")),
        step("two", Run(argv=("end",))),
    ]
    put_run(oldest_debian, {"usr/local/sbin/hold": HOLD, "usr/local/sbin/end": END}, steps)
    return oldest_debian


def _tell(fifo: Path) -> str:
    """What comes through it; it waits for the other end, but not for ever."""
    return good(run(["timeout", "60", "cat", fifo]))


def test_it_outlives_the_first_process_and_its_files(root: Path) -> None:
    argv = in_root(root, "/sriov-tui", "resume")
    first = subprocess.Popen(argv, env={"TMPDIR": "/place", "PATH": os.environ["PATH"]}, start_new_session=True)
    try:
        assert _tell(root / "begun") == "begun\n"
        assert len(unpacked(root / "place")) == 2, "one for the command, one for the engine"
    finally:
        os.killpg(first.pid, signal.SIGHUP)
        first.wait(timeout=60)
    until(lambda: len(unpacked(root / "place")) == 1)
    good(run(["timeout", "60", "sh", "-c", 'echo >"$1"', "sh", root / "go_on"]))
    assert _tell(root / "ended") == "ended\n"
    assert (root / "etc/after").read_text() == "1\n"
    until(lambda: unpacked(root / "place") == [])
