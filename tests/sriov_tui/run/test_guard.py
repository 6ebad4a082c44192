"""The guard of the tests themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sriov_tui.hosts.local import LocalHost
from tests.conftest import NotAsked


def careless() -> bool:
    """A probe that catches too much."""
    try:
        subprocess.run([sys.executable, "--version"], check=False)
    except Exception:
        return True
    return False


def test_a_subprocess_is_refused_and_no_except_exception_hides_it() -> None:
    with pytest.raises(NotAsked):
        careless()


def test_the_real_machine_is_refused() -> None:
    with pytest.raises(NotAsked):
        LocalHost()
    with pytest.raises(NotAsked):
        LocalHost(root="/")


def test_a_tree_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert LocalHost(str(tmp_path)).read("/a") == b"x"


@pytest.mark.subprocess
def test_with_the_mark_a_subprocess_runs() -> None:
    assert subprocess.run([sys.executable, "-c", ""], check=False).returncode == 0


@pytest.mark.machine
def test_with_the_mark_the_machine_opens() -> None:
    assert LocalHost().environment()["euid"] == str(os.geteuid())
