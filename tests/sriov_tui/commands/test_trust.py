"""Files that root will act on: those that others may have written are refused, each with its way out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sriov_tui.cli import main
from sriov_tui.commands import engine_process, guard_process
from sriov_tui.model import SriovError
from sriov_tui.run import journal, store
from sriov_tui.run.engine import apply
from sriov_tui.services.demos import demo_machine
from sriov_tui.simulated import SimulatedHost
from tests.engine_cases import CONF, host, new_run, plans

ANSWERS = 'version = 1\n[[nics]]\naddress = "0000:01:00.0"\nuse = "sriov"\nbridge = "br1"\nwire = "w"\n'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A simulated machine to apply to."""
    SimulatedHost.create(demo_machine("two-igb"), tmp_path / "machine")
    return tmp_path / "machine"


def test_answers_that_others_may_write_are_read_and_not_acted_on(
    machine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text(ANSWERS)
    answers.chmod(0o666)
    given = ["--host", f"simulated:{machine}", "--answers", str(answers)]
    assert main(["plan", *given]) == 0
    assert main(["apply", *given, "--yes"]) == 1
    told = capsys.readouterr().err
    assert "can be written by others than its owner" in told
    assert f"chmod go-w {answers}" in told
    assert store.list_runs(machine / "state") == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("name", [journal.NAME, store.PLAN, store.HOST])
def test_a_run_with_a_file_of_somebody_else_is_refused(tmp_path: Path, name: str) -> None:
    run_dir = new_run(plans()["files"], tmp_path)
    apply(run_dir, host())
    store.check_run(run_dir)
    os.chown(run_dir / name, 12345, 12345)
    with pytest.raises(SriovError, match="belongs to another user"):
        store.check_run(run_dir)


@pytest.mark.parametrize("folder", [".", "runs", "run"])
def test_a_state_directory_that_others_may_write_is_refused(tmp_path: Path, folder: str) -> None:
    run_dir = new_run(plans()["files"], tmp_path)
    place = run_dir if folder == "run" else tmp_path / folder
    place.chmod(0o777)
    with pytest.raises(SriovError, match="can be written by others") as caught:
        store.check_run(run_dir)
    assert "chmod 700" in caught.value.hint
    if folder != "run":
        with pytest.raises(SriovError, match="can be written by others"):
            new_run(plans()["files"], tmp_path)


def test_a_link_in_place_of_the_state_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SriovError, match="is not a directory"):
        new_run(plans()["files"], tmp_path / "state")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("process", [engine_process, guard_process])
def test_engine_and_guard_refuse_a_journal_that_others_may_write(
    machine: Path, process: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_dir = store.create(plans()["files"], f"simulated:{machine}", machine / "state")
    (run_dir / journal.NAME).write_text("")
    (run_dir / journal.NAME).chmod(0o666)
    before = (machine / "machine.json").read_bytes()
    monkeypatch.setattr(engine_process, "detach", lambda run_dir: None)
    assert process.main([str(run_dir)]) == 1  # type: ignore[attr-defined]
    assert "can be written by others" in capsys.readouterr().err
    assert (machine / "machine.json").read_bytes() == before


def test_a_journal_edited_by_hand_is_named_with_its_line_and_nothing_is_done(tmp_path: Path) -> None:
    machine = host()
    run_dir = new_run(plans()["files"], tmp_path)
    apply(run_dir, machine)
    lines = (run_dir / journal.NAME).read_text().splitlines()
    lines[2] = lines[2].replace('"kind"', '"kin"')
    (run_dir / journal.NAME).write_text("\n".join(lines) + "\n")
    after = machine.snapshot()
    with pytest.raises(SriovError, match="line 3 is not an event"):
        apply(run_dir, machine)
    assert machine.snapshot() == after
    assert machine.files[CONF].mode == 0o644
