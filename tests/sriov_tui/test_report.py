"""Reports: the worst last for people, whole and well-formed for machines, whatever the text."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from sriov_tui import report
from sriov_tui.model import Evidence, Finding, Fix, Level
from tests.samples import igb_host

NASTY = "a\x00\x1b[31m|<b>&\ud800`\\ 中文"
FINDINGS = (
    Finding(id="a.bad", level=Level.FAIL, title="It is bad.", detail="why", fix=Fix(title="Mend it.", manual="so")),
    Finding(id="a.good", level=Level.OK, title="It is good.", evidence=(Evidence("/x", "y"),)),
    Finding(id="a.odd", level=Level.SKIP, title=NASTY, subject=NASTY),
)


def test_text_puts_the_worst_last() -> None:
    lines = report.to_text(igb_host(), FINDINGS)
    levels = [line.split()[0] for line in lines if line[:4].strip() in Level.__members__]
    assert levels == ["OK", "SKIP", "FAIL"]
    assert "      What to do: Mend it." in lines
    assert lines[-1] == "Not ready. 1 FAIL, 1 SKIP, 1 OK."


def test_json_says_the_same() -> None:
    document = json.loads(report.to_json(igb_host(), FINDINGS))
    assert (document["version"], document["ready"], document["worst"]) == (1, False, "FAIL")
    assert [finding["id"] for finding in document["findings"]] == ["a.bad", "a.good", "a.odd"]
    assert document["findings"][2]["title"] == NASTY


def test_junit_is_well_formed() -> None:
    suite = ElementTree.fromstring(report.to_junit(igb_host(), FINDINGS))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")


def test_markdown_keeps_its_table() -> None:
    rows = [line for line in report.to_markdown(igb_host(), FINDINGS) if line.startswith("|")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {6}


@pytest.mark.parametrize("form", report.FORMATS)
def test_every_format_renders_nothing_as_ready(form: str) -> None:
    text = "\n".join(report.render(form, igb_host(), ()))
    assert text
    assert "FAIL" not in text
