"""plan, apply, resume and history for programs: one JSON document on standard output, and the same exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sriov_tui.model import RunView, SriovError
from sriov_tui.reports.run_json import next_of
from sriov_tui.run import store
from tests.sriov_tui.commands.test_commands_runs import Machine


class Told:
    """The command line of a simulated machine, and the document that it prints."""

    def __init__(self, name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.machine, self._capsys = Machine(name, folder), capsys

    def run(self, command: str, *options: str) -> tuple[int, dict[str, Any]]:
        """The exit status and the document, which must be all that was printed."""
        answers = ("--answers", str(self.machine.answers)) if command in ("plan", "apply") else ()
        status = self.machine.run(command, *answers, *options, "--format", "json")
        document: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        assert document["version"] == 1
        return status, document


@pytest.mark.subprocess
def test_a_whole_way_with_a_reboot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = Told("iommu-off", tmp_path, capsys)
    assert told.run("history") == (0, told.run("history")[1])
    assert (told.run("history")[1]["runs"], told.run("history")[1]["next"]) == ([], "")
    status, plan = told.run("plan")
    assert (status, plan["reboot"], plan["blocking"]) == (0, True, [])
    assert "+sriov_nics:" in plan["diff"]
    assert plan["text"][0].startswith(" 1. ")
    assert {step["confirm"] for step in plan["steps"]} == {False}
    with pytest.raises(SriovError, match="nothing is asked"):
        told.run("apply")
    status, done = told.run("apply", "--yes")
    assert (status, done["outcome"], done["changed"], done["reboot"]) == (3, "reboot", True, True)
    assert told.run("history")[1]["next"] == "reboot"
    told.machine.host.reboot()
    assert told.run("history")[1]["next"] == "resume"
    status, done = told.run("resume")
    assert (status, done["outcome"], done["unresolved"]) == (0, "applied", [])
    assert {step["state"] for step in done["steps"]} == {"done"}
    listed = told.run("history", done["run"])[1]
    assert (listed["next"], [run["outcome"] for run in listed["runs"]]) == ("", ["applied"])
    status, again = told.run("apply", "--yes")
    assert (status, again["run"], again["changed"], again["outcome"]) == (0, None, False, "applied")
    assert told.run("plan")[1]["steps"] == []
    assert told.run("resume")[1]["outcome"] == "applied"


@pytest.mark.subprocess
def test_a_run_whose_files_tell_nothing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = Told("two-igb", tmp_path, capsys)
    told.run("apply", "--yes")
    (store.find("", told.machine.state) / store.PLAN).write_text("{")
    listed = told.run("history")[1]
    assert (listed["runs"], len(listed["unreadable"])) == ([], 1)


def test_what_stands_in_the_way_is_in_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = Told("two-igb", tmp_path, capsys)
    told.machine.answers.write_text(told.machine.answers.read_text().replace('"br1"', '"br0"'))
    status, plan = told.run("plan")
    assert (status, [finding["id"] for finding in plan["blocking"]]) == (2, ["hostconf.network-entry"])


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (RunView(running=True), "wait"),
        (RunView(outcome="reboot", boot_id="a"), "reboot"),
        (RunView(outcome="reboot", boot_id="b"), "resume"),
        (RunView(), "resume"),
        (RunView(outcome="stopped"), "resume"),
        (RunView(outcome="unconfirmed"), "resume"),
        (RunView(outcome="applied"), ""),
        (RunView(outcome="failed"), ""),
        (RunView(outcome="rolled-back"), ""),
    ],
)
def test_what_a_run_waits_for(view: RunView, expected: str) -> None:
    assert next_of(view, "a") == expected
