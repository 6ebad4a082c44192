"""apply, resume, rollback and history on a simulated machine, with the engine as a real process."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import pytest

from sriov_tui.commands import apply, history, plan, resume, rollback
from sriov_tui.model import HOST_CONF, SriovError
from sriov_tui.run import store, view
from sriov_tui.services.demos import demo_machine
from sriov_tui.simulated import SimulatedHost
from tests.acs_machines import no_acs
from tests.samples import FIRST
from tests.trouble_machines import vfs_of

pytestmark = pytest.mark.subprocess
NUMVFS = f"/sys/bus/pci/devices/{FIRST}/sriov_numvfs"
ANSWERS = f"""
version = 1
[[nics]]
address = "{FIRST}"
use = "sriov"
bridge = "br1"
wire = "bcast1"
"""


class Machine:
    """A simulated machine in a folder, and the command line on it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.folder = folder / "machine"
        self.host = SimulatedHost.create(demo_machine(name), self.folder)
        self.answers = folder / "answers.toml"
        self.answers.write_text(ANSWERS)
        self.state = self.folder / "state"

    def run(self, *argv: str) -> int:
        parser = argparse.ArgumentParser()
        subparsers = parser.add_subparsers()
        for command in (apply, resume, rollback, history, plan):
            command.register(subparsers)
        args = parser.parse_args([argv[0], "--host", f"simulated:{self.folder}", *argv[1:]])
        status: int = args.run(args)
        return status

    def tree(self) -> dict[str, object]:
        machine = self.host.machine
        files = {path: data for path, data in machine.files.items() if not path.startswith(("/sys", "/proc"))}
        modes = {path: mode for path, mode in machine.modes.items() if path in files}
        return {**files, "modes": modes, "numvfs": self.host.read(NUMVFS)}


@pytest.fixture
def two_igb(tmp_path: Path) -> Machine:
    return Machine("two-igb", tmp_path)


def test_apply_verifies_and_rollback_brings_everything_back(
    two_igb: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    before = two_igb.tree()
    assert two_igb.run("apply", "--answers", str(two_igb.answers), "--yes") == 0
    assert two_igb.host.read(NUMVFS) == b"7\n"
    assert b"sriov_nics:" in two_igb.host.read(HOST_CONF)
    out = capsys.readouterr().out
    assert "+sriov_nics:" in out
    assert "applied" in out
    assert "Verified" in out
    assert two_igb.run("apply", "--answers", str(two_igb.answers), "--yes") == 0
    assert "Nothing to do" in capsys.readouterr().out
    assert len(store.list_runs(two_igb.state)) == 1
    assert two_igb.run("rollback", "--yes") == 0
    assert two_igb.tree() == before
    assert two_igb.run("history") == 0
    assert "rolled-back" in capsys.readouterr().out
    assert two_igb.run("history", "--format", "markdown") == 0
    assert "## What the host shows now" in capsys.readouterr().out
    assert two_igb.run("history", store.list_runs(two_igb.state)[0].name) == 0
    assert "Write host.conf" in capsys.readouterr().out
    with pytest.raises(SriovError, match="was taken back"):
        two_igb.run("resume")
    assert two_igb.run("rollback", "--yes") == 0


def test_a_refusal_names_who_holds_the_vf(two_igb: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    two_igb.host.write_attribute(NUMVFS, "4", 5)
    group = vfs_of(two_igb.host, FIRST)[0].iommu_group
    holder = (f"/dev/vfio/{group}", 4711, "qemu-system-x86_64 -name web1")
    two_igb.host.change(lambda machine: machine.holders.append(holder) if machine.holders is not None else None)
    assert two_igb.run("plan", "--answers", str(two_igb.answers)) == 2
    assert "web1 (process 4711)" in capsys.readouterr().out
    with pytest.raises(SriovError) as refused:
        two_igb.run("apply", "--answers", str(two_igb.answers), "--yes")
    assert f"vfs.held {FIRST}: " in refused.value.hint
    assert "web1 (process 4711)" in refused.value.hint


def test_a_goal_that_does_not_stand_is_foretold_and_not_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Below a root port without ACS all VFs are there, and none can be given away."""
    machine = Machine("two-igb", tmp_path)
    SimulatedHost.create(no_acs(), machine.folder)
    assert machine.run("plan", "--answers", str(machine.answers)) == 0
    out = capsys.readouterr().out
    assert f"FAIL iommu.acs {FIRST}: Its VFs will share IOMMU group" in out
    assert "the host-agent will report 7 devices" in out
    assert machine.run("apply", "--answers", str(machine.answers), "--yes") == 7
    out = capsys.readouterr().out
    assert "Left after it:" in out
    assert "Done, but not ready: " in out
    assert "Verified" not in out
    assert machine.run("resume", "--format", "json") == 7
    told = json.loads(capsys.readouterr().out)
    assert {finding["id"] for finding in told["open"]} == {"iommu.acs", "vfs.isolation"}
    assert told["unresolved"] == []


def test_the_last_step_alone_is_taken_back(two_igb: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    before = two_igb.tree()
    conf = two_igb.host.read(HOST_CONF)
    assert two_igb.run("apply", "--answers", str(two_igb.answers), "--yes") == 0
    with pytest.raises(SriovError, match="no step '9'") as refused:
        two_igb.run("rollback", "--step", "9", "--yes")
    assert "5 hostconf.write" in refused.value.hint
    assert two_igb.run("rollback", "--step", "hostconf.write", "--yes") == 0
    assert two_igb.host.read(HOST_CONF) == conf
    assert two_igb.host.read(NUMVFS) == b"7\n"
    assert two_igb.run("rollback", "--step", "5", "--yes") == 0
    assert "nothing is left to take back" in capsys.readouterr().out
    with pytest.raises(SriovError, match="was taken back in part"):
        two_igb.run("resume")
    assert two_igb.run("apply", "--answers", str(two_igb.answers), "--yes") == 0
    assert two_igb.run("rollback", "--yes") == 0
    assert two_igb.run("rollback", store.list_runs(two_igb.state)[0].name, "--yes") == 0
    assert two_igb.tree() == before


def test_a_reboot_is_asked_for_and_resume_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    machine = Machine("iommu-off", tmp_path)
    before = machine.tree()
    assert machine.run("apply", "--answers", str(machine.answers), "--yes") == 3
    assert machine.run("resume") == 3
    assert "has not happened yet" in capsys.readouterr().out
    with pytest.raises(SriovError, match="is not finished: reboot"):
        machine.run("apply", "--answers", str(machine.answers), "--yes")
    machine.host.reboot()
    assert machine.run("resume") == 0
    assert view.view(store.find("", machine.state)).outcome == "applied"
    assert machine.run("rollback", "--yes") == 0
    assert machine.tree() == before


def test_without_a_yes_nothing_is_changed(two_igb: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = two_igb.tree()
    with pytest.raises(SriovError, match="Nobody is here"):
        two_igb.run("apply", "--answers", str(two_igb.answers))
    typed = io.StringIO("y\n")
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", typed)
    with pytest.raises(SriovError, match="Not confirmed"):
        two_igb.run("apply", "--answers", str(two_igb.answers))
    assert two_igb.tree() == before
    assert store.list_runs(two_igb.state) == ()


def test_a_typed_yes_goes_on(two_igb: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = io.StringIO("yes\n")
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", typed)
    assert two_igb.run("apply", "--answers", str(two_igb.answers)) == 0


def test_a_saved_plan_is_applied_and_refused_once_the_host_changed(two_igb: Machine, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    assert two_igb.run("plan", "--answers", str(two_igb.answers), "--output", str(saved)) == 0
    saved.chmod(0o600)
    conf, mode = two_igb.host.read(HOST_CONF), two_igb.host.mode(HOST_CONF)
    two_igb.host.write(HOST_CONF, conf + b"# theirs\n", mode)
    with pytest.raises(SriovError) as refused:
        two_igb.run("apply", str(saved), "--yes")
    assert f"{HOST_CONF} was changed" in refused.value.hint
    assert store.list_runs(two_igb.state) == ()
    two_igb.host.write(HOST_CONF, conf, mode)
    assert two_igb.run("apply", str(saved), "--yes") == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ANSWERS.replace("use", "usee"), "usee"),
        (ANSWERS.replace(FIRST, "0000:77:00.0"), "0000:77:00.0"),
        ("\x00", "not a TOML"),
    ],
)
def test_bad_answers_are_one_sentence_and_change_nothing(two_igb: Machine, text: str, words: str) -> None:
    two_igb.answers.write_text(text)
    before = two_igb.tree()
    with pytest.raises(SriovError, match=words):
        two_igb.run("apply", "--answers", str(two_igb.answers), "--yes")
    assert two_igb.tree() == before


def test_while_an_engine_works_a_second_run_is_refused(two_igb: Machine) -> None:
    assert two_igb.run("apply", "--answers", str(two_igb.answers), "--yes") == 0
    with store.locked(store.find("", two_igb.state)):
        for command in (("rollback", "--yes"), ("resume",)):
            with pytest.raises(SriovError, match="at work"):
                store.start(view.view(store.find("", two_igb.state)).plan, "x", two_igb.state)
            if command[0] == "rollback":
                with pytest.raises(SriovError, match="at work"):
                    two_igb.run(*command)
