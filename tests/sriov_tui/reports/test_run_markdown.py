"""A run as Markdown for a ticket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sriov_tui.message import verbatim
from sriov_tui.model import Choices, Finding, Level, NicChoice, Outcome, RunView, State
from sriov_tui.reports.run_markdown import markdown
from sriov_tui.reports.run_words import OUTCOMES
from tests.samples import FIRST, igb_host
from tests.screens.fakes import plan

PLAN = plan(Choices().with_nic(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1")))
RUN = RunView(
    id="20260101T000000Z",
    plan=PLAN,
    states=tuple((step.id, "done") for step in PLAN.steps),
    outcome="applied",
    started_at="2026-01-01T00:00:00Z",
    finished_at="2026-01-01T00:00:09Z",
)
AFTER = State(
    facts=igb_host(),
    findings=(
        Finding(id="iommu.active", level=Level.OK, title=verbatim("The IOMMU is active.")),
        Finding(id="vfs.count", level=Level.FAIL, subject=FIRST, title=verbatim("3 of 7 VFs | are there.")),
        Finding(id="driver.vfio", level=Level.OK, title=verbatim("Not promised, and well.")),
        Finding(id="hardware.slot", level=Level.WARN, title=verbatim("Not promised, and not well.")),
    ),
    forecast=("7 VFs of enp1s0 on wire bcast1",),
)


def test_it_tells_what_was_done_what_is_true_and_the_way_back() -> None:
    text = "\n".join(markdown(RUN, AFTER))
    for part in (
        "# sriov-tui on kvm07: run 20260101T000000Z",
        "- Outcome: All steps are done.",
        f"- Requested: {FIRST}: all VFs, network br1/bcast1",
        "| 1 | Set the IOMMU kernel arguments | done |\n| | reboot | |",
        "| OK | iommu.active | host | The IOMMU is active. |",
        f"| FAIL | vfs.count | {FIRST} | 3 of 7 VFs \\| are there. |",
        "| WARN | hardware.slot | host | Not promised, and not well. |",
        "```\n7 VFs of enp1s0 on wire bcast1\n```",
        "sriov-tui rollback 20260101T000000Z",
    ):
        assert part in text
    assert "and well." not in text


def test_without_the_host_read_again_nothing_counts_as_verified() -> None:
    text = "\n".join(markdown(RUN, None))
    assert "The host was not read again after this run" in text
    assert "IOMMU is active" not in text


def test_a_promise_that_no_check_speaks_of_any_more_is_told() -> None:
    text = "\n".join(markdown(RUN, replace(AFTER, findings=())))
    assert "| SKIP | iommu.active host | | The checks say nothing about it any more. |" in text


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_a_sentence(outcome: Outcome) -> None:
    lines = markdown(replace(RUN, outcome=outcome), None)
    assert lines[2].startswith("- Outcome: ")
    assert lines[2].endswith(".")


@pytest.mark.parametrize("nasty", ["[x](http://y)", "<script>", "a\nb\x1b[31m", "```\nrm", "|||", "#" * 400])
def test_text_of_the_machine_breaks_neither_a_table_nor_a_fence(nasty: str) -> None:
    after = replace(AFTER, findings=(Finding(id="vfs.count", level=Level.FAIL, subject=FIRST, title=verbatim(nasty)),))
    lines = markdown(replace(RUN, error=nasty), replace(after, forecast=(nasty,)))
    assert all(line.isprintable() for line in lines)
    row = next(line for line in lines if line.startswith("| FAIL"))
    assert row.replace("\\|", "").count("|") == 5
    text = "\n".join(lines)
    assert "<script>" not in text.partition("## What the host-agent")[0]
    assert "\n# rm" not in text
