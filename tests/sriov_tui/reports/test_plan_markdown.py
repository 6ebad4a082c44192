"""The plan as Markdown: every step word for word, the reboot in its place, nothing of a machine read as Markdown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sriov_tui import cli
from sriov_tui.hosts.machine_file import save
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, NicChoice, Plan, State, Step, WriteFile
from sriov_tui.reports import plan_text
from sriov_tui.reports.plan_markdown import markdown
from sriov_tui.services.evaluation import evaluate
from tests import machines
from tests.machines import FIRST
from tests.samples import igb_host

CHOICES = Choices(kernel_args="set", nics=(NicChoice(address=FIRST, use="sriov", bridge="br9", wire="w9"),))


def state() -> State:
    return evaluate(igb_host(), CHOICES)


def test_every_line_of_the_plan_is_there_in_its_order() -> None:
    made = state()
    flat = "\n".join(markdown(made))
    at = 0
    for line in plan_text.lines(made.plan, made.facts):
        if line.kind in ("operation", "added", "removed", "content", "undo"):
            words = str(line).strip()
            assert words in flat[at:], words
            at = flat.index(words, at)
    assert len(made.plan.steps) >= 3
    assert flat.count("\n## ") >= len(made.plan.steps)


def test_the_reboot_stands_where_the_plan_has_it() -> None:
    made = state()
    for after in range(len(made.plan.steps) + 1):
        lines = list(markdown(replace(made, plan=replace(made.plan, reboot_after=after))))
        headings = [line for line in lines if line.startswith("## ")]
        assert headings.index("## Reboot") == after


def test_a_text_of_the_machine_stays_a_text() -> None:
    evil = "`` ``` <script> [x](y) # h\x1b[31m"
    step = Step(
        id="x", title=verbatim(evil), why=verbatim(evil), operations=(WriteFile(path="/etc/x", text=f"```\n{evil}\n"),)
    )
    lines = list(markdown(replace(state(), plan=Plan(host=evil, steps=(step,)))))
    fences = [line for line in lines if line.lstrip().startswith("```")]
    assert set(fences) == {"```"}, "a line of the file ends the block"
    assert len(fences) % 2 == 0
    assert "\x1b" not in "".join(lines)
    assert "<script>" not in "\n".join(line for line in lines if line.startswith(("#", "**")))


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(machines.two_igb(), tmp_path / "host")
    (tmp_path / "a.toml").write_text(
        f'version = 1\nnics = [{{ address = "{FIRST}", use = "sriov", bridge = "br1", wire = "b1" }}]\n'
    )
    argv = ["plan", "--host", str(tmp_path / "host"), "--answers", str(tmp_path / "a.toml"), "--format", "markdown"]
    assert cli.main(argv) == 0
    out = capsys.readouterr().out
    assert out.startswith("# How kvm07 is set up for SR-IOV\n")
    assert "sriov-tui apply --answers FILE" in out
