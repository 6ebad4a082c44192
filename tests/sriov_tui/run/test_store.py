"""The state directory: ids, the lock, what is unfinished, whom we trust."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sriov_tui.hosts import trusted
from sriov_tui.model import Event, Plan, SriovError
from sriov_tui.run import journal, store
from sriov_tui.run import view as run_view
from sriov_tui.run.engine import apply
from sriov_tui.run.journal import Journal
from tests import samples
from tests.engine_cases import back, host, plans


def test_a_run_is_private_and_holds_what_it_was_made_of(tmp_path: Path) -> None:
    plan = plans()["files"]
    run = store.create(plan, "local:/x", tmp_path / "state", samples.igb_host())
    assert store.read_plan(run) == plan
    assert store.read_spec(run) == "local:/x"
    assert store.read_facts(run / store.FACTS_BEFORE) == samples.igb_host()
    for path in (tmp_path / "state", run.parent, run):
        assert path.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in run.iterdir())


def test_names_are_in_the_order_of_the_runs_also_when_the_clock_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([(2026, 1, 5), (2026, 1, 5), (2026, 1, 1), (2026, 1, 6)])

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Clock:
            return cls(*next(times), tzinfo=UTC)

    monkeypatch.setattr(store, "datetime", Clock)
    names = [store.create(Plan(), "fake", tmp_path).name for _ in range(4)]
    assert names == sorted(names) == [run.name for run in store.list_runs(tmp_path)]
    assert names == ["20260105T000000Z", "20260105T000000Z-001", "20260105T000000Z-002", "20260106T000000Z"]
    assert store.latest(tmp_path) == tmp_path / "runs" / names[-1]


def test_old_runs_are_pruned(tmp_path: Path) -> None:
    made = [store.create(Plan(), "fake", tmp_path) for _ in range(store.KEEP_RUNS + 3)]
    assert list(store.list_runs(tmp_path)) == made[3:]


def test_find(tmp_path: Path) -> None:
    with pytest.raises(SriovError, match="no run below"):
        store.find("", tmp_path)
    run = store.create(Plan(), "fake", tmp_path)
    assert store.find("", tmp_path) == store.find(run.name, tmp_path) == run
    with pytest.raises(SriovError, match=r"no run '\.\./x'"):
        store.find("../x", tmp_path)


def test_the_second_lock_is_refused_with_the_first_ones_process(tmp_path: Path) -> None:
    run = store.create(Plan(), "fake", tmp_path)
    assert store.holder(tmp_path) is None
    assert not store.running(run)
    with store.locked(run):
        assert store.holder(tmp_path) == (os.getpid(), run.name)
        assert store.running(run)
        with pytest.raises(SriovError, match=f"{run.name}, process {os.getpid()}"), store.locked(run, patience=0.1):
            pytest.fail("two engines at once")
        with pytest.raises(SriovError, match=f"process {os.getpid()}"):
            store.start(Plan(), "fake", tmp_path)
    assert store.holder(tmp_path) is None


def test_a_state_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SriovError, match="cannot be kept"):
        store.create(Plan(), "fake", tmp_path / "file" / "state")


@pytest.mark.parametrize(("mode", "good"), [(0o600, True), (0o644, True), (0o664, False), (0o602, False)])
def test_a_file_that_others_may_write_is_refused(tmp_path: Path, mode: int, good: bool) -> None:
    path = tmp_path / "plan.json"
    path.write_text("x")
    path.chmod(mode)
    if good:
        assert trusted.read_trusted(path) == b"x"
    else:
        with pytest.raises(SriovError, match="written by others"):
            trusted.read_trusted(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path, words in ((tmp_path / "pipe", "not a regular file"), (tmp_path / "none", "cannot be read")):
        with pytest.raises(SriovError, match=words):
            trusted.read_trusted(path)
    (tmp_path / "large").write_bytes(b"x" * 11)
    with pytest.raises(SriovError, match="larger"):
        trusted.read_trusted(tmp_path / "large", limit=10)


def test_facts_of_another_version_are_unknown(tmp_path: Path) -> None:
    (tmp_path / "facts").write_text('{"colour": "red"}')
    assert store.read_facts(tmp_path / "facts") is None
    assert store.read_facts(tmp_path / "none") is None


def test_unfinished_is_the_newest_run_until_it_is_applied_or_taken_back(tmp_path: Path) -> None:
    assert run_view.unfinished(tmp_path) is None
    run, machine = store.create(plans()["reboot"], "fake", tmp_path), host()
    assert run_view.unfinished(tmp_path) == run
    apply(run, machine)
    assert run_view.unfinished(tmp_path) == run
    with store.locked(run):
        assert run_view.unfinished(tmp_path) is None
    machine.reboot()
    apply(run, machine)
    assert run_view.unfinished(tmp_path) is None
    back(run, machine)
    assert run_view.unfinished(tmp_path) is None


def test_the_view_of_a_run_that_was_cut(tmp_path: Path) -> None:
    run = store.create(plans()["files"], "fake", tmp_path)
    with Journal(run / journal.NAME) as opened:
        opened.append(Event(kind="start", at="A", state="apply"))
        opened.append(Event(kind="step", at="B", step="conf", state="doing"))
        opened.append(Event(kind="output", at="B", step="conf", text="hello"))
    view = run_view.view(run)
    assert (view.started_at, view.finished_at, view.outcome, view.running) == ("A", "", "", False)
    assert view.states == (("conf", "doing"), ("remove", "waiting"), ("new", "waiting"))
    assert view.output == ("hello",)


def test_follow_ends_with_the_outcome_or_says_that_the_engine_is_silent(tmp_path: Path) -> None:
    run = store.create(plans()["files"], "fake", tmp_path)
    with pytest.raises(SriovError, match="without an outcome"):
        list(run_view.follow(run, 0, alive=lambda: False))
    apply(run, host())
    seen = list(run_view.follow(run, 0, alive=lambda: False))
    assert seen == list(journal.read(run / journal.NAME)[0])
    assert seen[-1].state == "applied"


def test_follow_does_not_return_before_the_engine_has_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(plans()["files"], "fake", tmp_path)
    with Journal(run / journal.NAME) as opened:
        opened.append(Event(kind="finished", at="", state="applied"))
    held = [True, True, True, False]
    monkeypatch.setattr(store, "running", lambda run_dir: held.pop(0) if len(held) > 1 else held[0])
    assert [event.state for event in run_view.follow(run, 0, alive=lambda: True, pause=0.001)] == ["applied"]
    assert held == [False]


def test_a_new_run_is_durable_up_to_the_folder_above_the_state_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(store, "sync_directory", synced.append)
    run = store.create(Plan(), "local", tmp_path / "state")
    assert synced == [run, tmp_path / "state" / "runs", tmp_path / "state", tmp_path]
    assert (run / "journal.jsonl").read_bytes() == b""
