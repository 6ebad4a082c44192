"""A rollback that took nothing back does not say that it did: journals that are missing, emptied, or short."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from sriov_tui.commands import following
from sriov_tui.commands import rollback as command
from sriov_tui.model import SriovError
from sriov_tui.run import journal, store, view
from sriov_tui.run.engine import apply
from tests.engine_cases import back, host, new_run, plans


def test_a_missing_journal_is_told_and_nothing_is_called_rolled_back(tmp_path: Path) -> None:
    machine, run_dir = host(), new_run(plans()["files"], tmp_path)
    assert apply(run_dir, machine) == "applied"
    (run_dir / journal.NAME).unlink()
    with pytest.raises(SriovError, match="what it changed is not known"):
        back(run_dir, machine)
    with pytest.raises(SriovError, match="what it changed is not known"):  # its "before" would be what we wrote
        apply(run_dir, machine)
    assert not (run_dir / journal.NAME).exists()


def test_an_emptied_journal_of_a_run_that_began_is_missing_too(tmp_path: Path) -> None:
    machine, run_dir = host(), new_run(plans()["files"], tmp_path)
    assert apply(run_dir, machine) == "applied"
    (run_dir / store.FACTS_AFTER).write_text("{}")
    (run_dir / journal.NAME).write_bytes(b"")
    with pytest.raises(SriovError, match="is missing"):
        back(run_dir, machine)


def test_an_operation_without_its_record_is_named(tmp_path: Path) -> None:
    machine, run_dir = host(), new_run(plans()["files"], tmp_path)
    assert apply(run_dir, machine) == "applied"
    path = run_dir / journal.NAME
    lines = [line for line in path.read_bytes().splitlines(True) if b'"kind": "before"' not in line or b"old" in line]
    path.write_bytes(b"".join(lines))
    assert back(run_dir, machine) == "rollback-failed"
    assert "does not record what was there before operation 0 of conf" in view.view(run_dir).error


def test_a_run_that_never_began_hides_none_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = host()
    first = new_run(plans()["files"], tmp_path)
    assert apply(first, machine) == "applied"
    never = new_run(plans()["files"], tmp_path)
    assert store.latest(tmp_path) == never
    assert store.latest_begun(tmp_path) == first
    taken: list[Path] = []
    monkeypatch.setattr(command, "state_dir_for", lambda spec: tmp_path)
    monkeypatch.setattr(following, "open_host", lambda spec: machine)

    def launch(run_dir: Path, *options: str) -> str:
        taken.append(run_dir)
        return "rolled-back"

    monkeypatch.setattr("sriov_tui.commands.following.launch_and_follow", launch)
    arguments = argparse.Namespace(id="", step="", yes=True, force=False)
    assert command.run(arguments) == 0
    assert taken == [first]
    arguments.id = never.name
    assert command.run(arguments) == 0
    assert taken == [first], "nothing was begun, so nothing is taken back"


def test_a_bit_that_the_disk_lost_is_never_put_back(tmp_path: Path) -> None:
    machine, run_dir = host(), new_run(plans()["files"], tmp_path)
    assert apply(run_dir, machine) == "applied"
    path = run_dir / journal.NAME
    data = path.read_bytes()
    assert b'"content": "bmV0' in data
    path.write_bytes(data.replace(b'"content": "bmV0', b'"content": "bmV1'))
    assert back(run_dir, machine) == "rollback-failed"
    assert "record of what was there before is damaged: /etc/yunion/host.conf" in view.view(run_dir).error
    assert machine.files["/etc/yunion/host.conf"].data.startswith(b"sriov_nics")
    assert machine.files["/etc/old.conf"] == host().files["/etc/old.conf"], "the others are put back"
