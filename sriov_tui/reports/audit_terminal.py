"""An audit for a reader at a terminal: what blocks first, then each finding, then what is OK, in its width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sriov_tui.language import _, said, source_words
from sriov_tui.language.layout import wrap
from sriov_tui.message import say
from sriov_tui.model import Finding, Level
from sriov_tui.reports.audit import Report, blocked_by, problem_lines, short, until

LEAST, MOST, INDENT = 40, 120, "      "
COLOURS = {Level.FAIL: "1;31", Level.SKIP: "35", Level.WARN: "33", Level.INFO: "36", Level.OK: "32"}
BOLD, DIM = "1", "2"


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its colour (the parameters of SGR, ECMA-48); where `upto` is not 0, of its first cells alone."""

    text: str
    colour: str = ""
    upto: int = 0


def lines(report: Report, width: int, *, summary: bool = False) -> Iterator[Line]:
    """The audit in lines of at most `width` cells, but for a longer word; `summary` leaves out the findings."""
    width = max(LEAST, min(width, MOST)) - 1
    facts = report.facts
    host = f"{facts.hostname or _(say('unnamed host'))} ({_(source_words(facts.source))}), {facts.gathered_at}"
    yield from (Line(text) for text in wrap(host, width, "", "  "))
    yield from _verdict(report, width)
    if blocked := blocked_by(report):
        yield from (Line(text) for text in wrap(_(blocked), width, "", "  "))
    if summary:
        return
    worst_first = sorted(report.findings, key=lambda finding: (not finding.blocks, -finding.level))
    for finding in worst_first:
        if finding.level is not Level.OK:
            yield from (Line(""), *_finding(said(finding), width))
    yield Line("")
    for finding in worst_first:
        if finding.level is Level.OK:
            yield from _title(said(finding), width)
    for number, (finding, why) in enumerate(report.suppressed):
        if not number:
            yield from (Line(""), Line(_(say("Suppressed, and not counted:")), BOLD))
        yield from _title(said(finding), width)
        yield from _below(f"{_(say('Reason:'))} {why.reason}{until(why)}", width)
    yield Line("")
    yield from (Line(part) for text in problem_lines(facts) for part in wrap(text.strip(), width, "", "  ") or [""])
    explain = _(say("`sriov-tui explain ID` explains what an id means, why it matters and how to fix it."))
    if any(finding.level > Level.OK for finding in report.findings):
        yield from (Line(text) for text in wrap(explain, width))
    yield from _verdict(report, width)


def _verdict(report: Report, width: int) -> Iterator[Line]:
    colour = COLOURS[Level.OK] if report.ready else COLOURS[Level.FAIL if report.failing else Level.SKIP]
    yield from (Line(text, colour) for text in wrap(report.verdict, width))


def _title(finding: Finding, width: int) -> Iterator[Line]:
    subject = "" if finding.subject == "host" else f"{finding.subject}: "
    first, *rest = wrap(f"{finding.level.name:<4}  {subject}{finding.title}", width, "", INDENT) or [""]
    first = f"{finding.level.name:<4}  {first[len(finding.level.name) :].lstrip()}"  # wrapping joined the spaces
    yield Line(first, COLOURS[finding.level], 4)
    yield from (Line(text) for text in rest)


def _finding(finding: Finding, width: int) -> Iterator[Line]:
    yield from _title(finding, width)
    yield Line(f"{INDENT}{finding.id}", DIM)
    for text in finding.detail.splitlines():
        yield from _below(text, width)
    for item in finding.evidence:
        yield from _below(f"{item.source}: {short(item.text)}", width, DIM)
    if finding.fix:
        yield from _below(f"{_(say('What to do:'))} {finding.fix.title}", width, BOLD)
        for text in finding.fix.manual.splitlines():
            yield from _below(text, width)


def _below(text: str, width: int, colour: str = "") -> Iterator[Line]:
    """A text below a finding; what is indented keeps its indent."""
    indent = INDENT + " " * (len(text) - len(text.lstrip()))
    yield from (Line(part, colour) for part in wrap(text, width, indent, indent + "  "))
