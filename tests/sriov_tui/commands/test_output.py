"""Standard output that is closed, full, or gone: a sentence and status 1, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

IDLE = Path(__file__).parents[2] / "hosts/lab-idle"


@pytest.mark.subprocess
@pytest.mark.parametrize(
    ("command", "to", "words"),
    [
        ("audit", ">&-", "standard output is closed"),
        ("--version", ">&-", "standard output is closed"),
        ("audit", ">/dev/full", "standard output: No space left on device"),
        ("explain", ">/dev/full", "standard output: No space left on device"),
    ],
)
def test_output_that_goes_nowhere_is_named(command: str, to: str, words: str) -> None:
    more = f"--host {IDLE}" if command == "audit" else ""
    script = f"exec {sys.executable} -m sriov_tui {command} {more} {to}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
