"""Reports: the worst last for people, whole and well-formed for machines, whatever the text."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from sriov_tui.facts import ProbeProblem
from sriov_tui.message import verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level
from sriov_tui.reports import audit
from sriov_tui.reports.audit import Report
from sriov_tui.reports.suppressions import Suppression
from tests.samples import igb_host

NASTY = "a\x00\x1b[31m|<b>&\ud800`\\ 中文"
ACCEPTED = Suppression(id="a.bad", reason="we know | so", expires="2027-01-31")
FINDINGS = (
    Finding(
        id="a.bad",
        level=Level.FAIL,
        title=verbatim("It is bad."),
        detail=verbatim("why"),
        fix=Fix(title=verbatim("Fix it."), manual=verbatim("so")),
    ),
    Finding(id="a.good", level=Level.OK, title=verbatim("It is good."), evidence=(Evidence("/x", "y"),)),
    Finding(id="a.odd", level=Level.SKIP, title=verbatim(NASTY), subject=NASTY),
)
REPORT = Report(facts=igb_host(problems=(ProbeProblem("net", "/sys/x", "No such file"),)), findings=FINDINGS)


def test_text_puts_the_worst_last() -> None:
    lines = audit.to_text(REPORT)
    levels = [line.split()[0] for line in lines if line[:4].strip() in Level.__members__]
    assert levels == ["OK", "SKIP", "FAIL"]
    assert "      What to do: Fix it." in lines
    assert lines[-1] == "Not ready. 1 FAIL, 1 SKIP, 1 OK."


def test_json_says_the_same() -> None:
    document = json.loads(audit.to_json(REPORT))
    assert (document["version"], document["ready"], document["worst"]) == (1, False, "FAIL")
    assert [finding["id"] for finding in document["findings"]] == ["a.bad", "a.good", "a.odd"]
    assert document["findings"][2]["title"] == NASTY


def test_junit_is_well_formed() -> None:
    suite = ElementTree.fromstring(audit.to_junit(REPORT))
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["3", "1", "1", "0"]
    assert len(suite.findall("testcase/failure")) == len(suite.findall("testcase/error")) == 1


def test_ready_is_one_thing_in_every_format() -> None:
    warn = Finding(id="a.warn", level=Level.WARN, title=verbatim("It is odd."))
    skip = Finding(id="a.skip", level=Level.SKIP, title=verbatim("It cannot be seen."))
    cases = (
        ((warn,), Level.FAIL, True, "Ready. 1 WARN."),
        ((warn,), Level.WARN, False, "Not ready. 1 WARN."),
        ((replace(warn, blocks=True),), Level.FAIL, False, "Not ready. 1 WARN."),
        ((skip,), Level.FAIL, False, "Not known to be ready: not all was seen. 1 SKIP."),
        ((skip, warn), Level.WARN, False, "Not ready. 1 SKIP, 1 WARN."),
        ((), Level.WARN, True, "Ready."),
    )
    for findings, fail_on, ready, words in cases:
        made = Report(facts=igb_host(), findings=findings, fail_on=fail_on)
        document = json.loads(audit.to_json(made))
        suite = ElementTree.fromstring(audit.to_junit(made))
        assert (
            made.ready is document["ready"] is (not suite.findall("testcase/failure") + suite.findall("testcase/error"))
        )
        assert made.ready is ready
        assert audit.to_text(made)[-1] == words == document["verdict"]
        assert words in audit.to_markdown(made)


def test_suppressed_findings_are_shown_and_do_not_count() -> None:
    made = Report(facts=igb_host(), findings=FINDINGS[1:2], suppressed=((FINDINGS[0], ACCEPTED),))
    text = audit.to_text(made)
    assert made.ready
    assert "      Reason: we know | so (until 2027-01-31)" in text
    assert text[-1] == "Ready. 1 OK, 1 suppressed."
    assert json.loads(audit.to_json(made))["suppressed"][0]["reason"] == "we know | so"
    suite = ElementTree.fromstring(audit.to_junit(made))
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")
    assert any("FAIL, suppressed" in row for row in audit.to_markdown(made))


def test_what_could_not_be_read_is_named() -> None:
    for form in ("text", "json", "junit", "markdown"):
        assert "/sys/x" in "\n".join(audit.render(form, REPORT))


def test_markdown_keeps_its_table() -> None:
    rows = [line for line in audit.to_markdown(REPORT) if line.startswith("|")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {6}


@pytest.mark.parametrize("form", audit.FORMATS)
def test_every_format_renders_nothing_as_ready(form: str) -> None:
    text = "\n".join(audit.render(form, Report(facts=igb_host(), findings=())))
    assert "<testsuite" in text if form == "junit" else "Ready." in text
    assert "Not ready" not in text
    assert "<failure" not in text
