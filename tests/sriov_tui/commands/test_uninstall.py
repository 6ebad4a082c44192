"""`sriov-tui uninstall` on a simulated machine: it shows what of ours is there, takes it back, or forgets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sriov_tui import cli
from sriov_tui.model import HOST_CONF, UDEV_RULES_FILE, UNITS, vfs_unit
from sriov_tui.services import ours
from sriov_tui.services.demos import demo_machine
from sriov_tui.simulated import SimulatedHost
from tests.samples import FIRST, SECOND

ANSWERS = f'version = 1\nnics = [{{ address = "{FIRST}", use = "sriov", bridge = "br1", wire = "bcast1" }}]\n'


class Machine:
    """A simulated machine in a folder, and the command line on it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder / "machine"
        self.host = SimulatedHost.create(demo_machine("two-igb"), self.folder)
        self.answers = folder / "answers.toml"
        self.answers.write_text(ANSWERS)
        self.capsys = capsys

    def run(self, *argv: str) -> tuple[int, str, str]:
        status = cli.main([argv[0], "--host", f"simulated:{self.folder}", *argv[1:]])
        return status, *self.capsys.readouterr()

    def apply(self) -> None:
        status, out, err = self.run("apply", "--answers", str(self.answers), "--yes")
        assert status == 0, out + err

    def files(self) -> dict[str, bytes]:
        files = SimulatedHost(self.folder).machine.files
        return {path: data for path, data in files.items() if not path.startswith(("/sys", "/proc"))}

    def state(self) -> dict[str, bytes]:
        state = self.folder / "state"
        return {str(path): path.read_bytes() for path in state.rglob("*") if path.is_file()}


@pytest.fixture
def machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Machine:
    return Machine(tmp_path, capsys)


def test_where_nothing_was_done_nothing_is_there(machine: Machine) -> None:
    assert machine.run("uninstall") == (0, "Nothing of sriov-tui is on this host but the program.\n", "")


@pytest.mark.subprocess
def test_it_shows_what_a_run_left_and_changes_nothing(machine: Machine) -> None:
    machine.apply()
    before = machine.files(), machine.state()
    status, out, _ = machine.run("uninstall")
    assert status == 0
    assert f"{UDEV_RULES_FILE}  creates the VFs at boot" in out
    assert f"{HOST_CONF}.sriov-tui-" in out
    assert "changes can be taken back" in out
    assert (machine.files(), machine.state()) == before


@pytest.mark.subprocess
def test_every_file_that_a_run_made_is_told(machine: Machine) -> None:
    before = machine.files()
    machine.apply()
    made = machine.files().keys() - before.keys()
    document = json.loads(machine.run("uninstall", "--format", "json")[1])
    assert made == {*document["settings"], *document["backups"]}
    assert document["unreadable"] == []


@pytest.mark.subprocess
def test_take_back_rolls_back_every_run_and_forget_removes_the_records(machine: Machine) -> None:
    before = machine.files()
    machine.apply()
    machine.answers.write_text(
        ANSWERS.replace(FIRST, SECOND).replace("br1", "br2")
    )  # a second run, on what the first one wrote
    machine.apply()
    assert len(ours.look(machine.host, machine.folder / "state").standing) == 2
    status, out, _ = machine.run("uninstall", "--take-back", "--yes")
    assert status == 0, out
    assert machine.files() == before
    assert "Acts at boot" not in out.partition("This is left:")[2]
    status, out, _ = machine.run("uninstall", "--forget", "--yes")
    assert status == 0
    assert "Nothing of sriov-tui is left but the program." in out
    assert not (machine.folder / "state").exists()


@pytest.mark.subprocess
def test_forget_alone_leaves_what_was_set_up(machine: Machine) -> None:
    machine.apply()
    set_up = machine.files()
    status, out, _ = machine.run("uninstall", "--forget", "--yes")
    assert status == 0
    assert {path for path in set_up if path not in machine.files()} == {
        path for path in set_up if path.startswith(f"{HOST_CONF}.sriov-tui-")
    }
    assert machine.files()[HOST_CONF] == set_up[HOST_CONF]
    assert f"rm {UDEV_RULES_FILE}" in out


@pytest.mark.subprocess
def test_forget_is_refused_while_a_run_is_not_finished(machine: Machine) -> None:
    machine.apply()
    (journal,) = (machine.folder / "state/runs").glob("*/journal.jsonl")
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(line for line in lines if '"finished"' not in line))
    before = machine.files(), machine.state()
    status, _, error = machine.run("uninstall", "--forget", "--yes")
    assert status == 1
    assert "is not finished, so its record stays" in error
    assert (machine.files(), machine.state()) == before


def test_without_a_yes_nothing_is_done(machine: Machine) -> None:
    machine.host.write(UDEV_RULES_FILE, b"# ours\n", 0o644)
    before = machine.files()
    status, _, error = machine.run("uninstall", "--forget")
    assert status == 1
    assert "nothing was changed" in error
    assert machine.files() == before


def test_a_folder_that_cannot_be_read_is_told_and_nothing_is_removed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    listdir = SimulatedHost.listdir

    def refuse(self: SimulatedHost, path: str) -> tuple[str, ...]:
        if path == UNITS:
            raise PermissionError(13, "Permission denied", path)
        return listdir(self, path)

    monkeypatch.setattr(SimulatedHost, "listdir", refuse)
    assert f"{UNITS} could not be read" in machine.run("uninstall")[1]
    status, _, error = machine.run("uninstall", "--forget", "--yes")
    assert status == 1
    assert UNITS in error


def test_each_unit_is_told_by_what_it_does(machine: Machine) -> None:
    for name in (vfs_unit(FIRST), "sriov-tui-of-a-later-version.service"):
        machine.host.write(f"{UNITS}/{name}", b"[Unit]\n", 0o644)
    out = machine.run("uninstall")[1]
    assert f"{vfs_unit(FIRST)}  creates the VFs of a card at boot" in out
    assert "sriov-tui-of-a-later-version.service  a systemd unit" in out
