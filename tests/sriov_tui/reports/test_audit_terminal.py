"""The audit at a terminal: what blocks first, no word broken, in the width that there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from sriov_tui.message import verbatim
from sriov_tui.model import Finding, Fix, Level
from sriov_tui.reports import audit
from sriov_tui.reports.audit_terminal import lines
from tests.samples import igb_host
from tests.sriov_tui.reports.test_audit import ACCEPTED, REPORT

WORDS = "The reason is quite long, and `/sys/bus/pci/devices/0000:01:00.0/sriov_totalvfs` stands in it. " * 2
LONG = Finding(
    id="vfs.count",
    level=Level.WARN,
    subject="0000:01:00.0",
    title=verbatim(WORDS),
    detail=verbatim(f"{WORDS}\n  {WORDS}"),
    fix=Fix(title=verbatim(WORDS), manual=verbatim("sriov-tui apply")),
)


@pytest.mark.parametrize("width", [1, 60, 80, 120, 400])
def test_no_word_is_broken_and_no_line_is_longer_than_it_must_be(width: int) -> None:
    report = replace(REPORT, findings=(*REPORT.findings, LONG), suppressed=((LONG, ACCEPTED),))
    told = [line.text for line in lines(report, width)]
    whole = {word for text in (WORDS, LONG.detail) for word in text.split()}
    assert whole <= set(" ".join(told).split())
    longest = max(map(len, whole)) + 10
    assert all(cell_len(line) <= max(min(width, 120), 40, longest) for line in told)


def test_findings_come_before_what_is_ok_and_the_verdict_names_what_blocks() -> None:
    told = [line.text for line in lines(REPORT, 80)]
    levels = [line.split()[0] for line in told if line[:4].strip() in Level.__members__]
    assert levels == ["FAIL", "SKIP", "OK"]
    assert told[1:3] == ["Not ready. 1 FAIL, 1 SKIP, 1 OK.", "Blocked by: a.bad"]
    assert told[-1] == "Not ready. 1 FAIL, 1 SKIP, 1 OK."
    assert [line.text for line in lines(REPORT, 80, summary=True)] == told[:3]


def test_a_long_list_of_what_blocks_is_counted() -> None:
    many = tuple(replace(LONG, level=Level.FAIL, subject=str(number)) for number in range(9))
    told = audit.blocked_by(audit.Report(facts=igb_host(), findings=many))
    assert told == "Blocked by: vfs.count 0, vfs.count 1, vfs.count 2, vfs.count 3, vfs.count 4, and 4 more"
    assert audit.blocked_by(audit.Report(facts=igb_host(), findings=())) == ""
