"""Full disks, read-only ones, immutable files, commands that hang or print without end: nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sriov_tui import plan as plans
from sriov_tui.hosts.local import LocalHost
from sriov_tui.model import Choices, WriteFile
from sriov_tui.probe import gather
from sriov_tui.run import store, view
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from tests.engine_cases import step

pytestmark = pytest.mark.subprocess
ROOT = Path(__file__).parents[3]
UNSHARE = ("unshare", "-Urm")


def case(name: str, folder: Path, *before: str) -> Any:
    """What a case of tests.small_disk prints."""
    argv = [*before, sys.executable, "-m", "tests.small_disk", name, str(folder)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def apart() -> None:
    """Skip where this user may not make a namespace to mount in."""
    try:
        done = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "t", "/mnt"], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if done.returncode:
        pytest.skip(f"no namespace to mount in: {done.stderr.strip()}")


@pytest.mark.usefixtures("apart")
def test_a_full_disk_below_the_journal_stops_the_run_and_the_way_back_is_whole(tmp_path: Path) -> None:
    seen = case("full_state", tmp_path, *UNSHARE)
    assert "journal" in seen["told"]["error"]
    assert "No space left on device" in seen["told"]["error"]
    assert "Free some space" in seen["told"]["error"]
    assert seen["changed"], "the disk was full before anything was done"
    assert seen["back"]["outcome"] == "rolled-back"
    assert seen["same"]


@pytest.mark.usefixtures("apart")
def test_a_full_disk_below_the_file_leaves_it_whole_and_resume_goes_on(tmp_path: Path) -> None:
    seen = case("full_target", tmp_path, *UNSHARE)
    assert seen["told"]["outcome"] == "failed"
    assert "/etc/1 could not be written: the disk is full" in seen["told"]["error"]
    assert seen["same"], "the old file stands, and nothing beside it"
    assert seen["again"]["outcome"] == "applied"
    assert seen["written"] == 1_000_000


@pytest.mark.usefixtures("apart")
def test_a_read_only_file_system_is_named_by_apply_and_by_rollback(tmp_path: Path) -> None:
    seen = case("read_only", tmp_path, *UNSHARE)
    assert seen["told"]["outcome"] == "failed"
    assert "mounted read-only" in seen["told"]["error"]
    assert seen["same"]
    assert seen["again"]["outcome"] == "applied"
    assert seen["refused"]["outcome"] == "rollback-failed"
    assert "mounted read-only" in seen["refused"]["error"]
    assert seen["back"]["outcome"] == "rolled-back"
    assert seen["restored"]


def test_an_immutable_file_is_named_with_its_way_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    file = root / "etc/host.conf"
    file.write_text("before\n")
    plan = plans.build(gather(LocalHost(str(root))), Choices(), [step("s", WriteFile(path="/etc/host.conf", text="x"))])
    run_dir = store.create(plan, f"local:{root}", tmp_path / "state")
    try:
        done = subprocess.run(["chattr", "+i", str(file)], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no chattr here")
    if done.returncode:
        pytest.skip(f"no file can be made immutable here: {done.stderr.strip()}")
    try:
        assert apply(run_dir, LocalHost(str(root))) == "failed"
    finally:
        subprocess.run(["chattr", "-i", str(file)], check=True)
    assert "chattr -i" in view.view(run_dir).error
    assert [path.name for path in (root / "etc").iterdir()] == ["host.conf"]
    assert file.read_text() == "before\n"
    assert apply(run_dir, LocalHost(str(root))) == "applied"
    assert rollback(run_dir, LocalHost(str(root))) == "rolled-back"
    assert file.read_text() == "before\n"


def test_a_command_that_prints_without_end_fills_neither_memory_nor_disk(tmp_path: Path) -> None:
    seen = case("loud", tmp_path)
    assert seen["outcome"] == "applied"
    assert seen["peak"] < 100 << 10, "KiB"
    assert seen["journal"] < 1 << 20


def test_a_command_that_hangs_is_ended_and_named(tmp_path: Path) -> None:
    seen = case("hanging", tmp_path)
    assert seen["outcome"] == "failed"
    assert "`sleep 1000` was ended after 0 s" in seen["error"]
