"""A sample of `python -m tests.libc_faults`: each error of the C library becomes a sentence, and damages nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.subprocess, pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler")]


def test_no_error_of_the_c_library_damages_a_file_or_ends_in_a_traceback() -> None:
    argv = [sys.executable, "-m", "tests.libc_faults", "67"]
    done = subprocess.run(argv, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) faults: 0 damaged, 0 tracebacks, 0 ended badly", done.stdout)
    assert found, done.stdout
    assert int(found[1]) > 100


def test_the_lock_is_refused_and_left_in_a_sentence() -> None:
    """Each of the few calls on the lock and on the journal: what failed there ended in a traceback once."""
    argv = [sys.executable, "-m", "tests.libc_faults", "1", "confirm"]
    done = subprocess.run(argv, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
