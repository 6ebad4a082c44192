"""Findings as text, JSON, JUnit and Markdown. The worst comes last in text, where a reader's eye is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from sriov_tui.codec import encode
from sriov_tui.facts import HostFacts
from sriov_tui.model import Finding, Level

VERSION = 1
FORMATS = ("text", "json", "junit", "markdown")


def render(form: str, facts: HostFacts, findings: Sequence[Finding]) -> Iterable[str]:
    """The findings in one of FORMATS, as lines."""
    if form == "json":
        return to_json(facts, findings).split("\n")
    if form == "junit":
        return to_junit(facts, findings).split("\n")
    return to_markdown(facts, findings) if form == "markdown" else to_text(facts, findings)


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level; OK where there is none."""
    return max((finding.level for finding in findings), default=Level.OK)


def verdict(findings: Sequence[Finding]) -> str:
    """One sentence on the whole."""
    counts = {level: sum(finding.level is level for finding in findings) for level in Level}
    words = ", ".join(f"{counts[level]} {level.name}" for level in sorted(Level, reverse=True) if counts[level])
    ready = "Ready." if worst(findings) < Level.WARN else "Not ready."
    return f"{ready} {words}."


def to_text(facts: HostFacts, findings: Sequence[Finding]) -> list[str]:
    """For people: a line per finding, its reason and way out below it; the worst last."""
    lines = [f"{facts.hostname or 'unnamed host'} ({facts.source}), {facts.gathered_at}", ""]
    for finding in sorted(findings, key=lambda finding: finding.level):
        lines.append(f"{finding.level.name:<4}  {finding.id:<26} {finding.subject:<14} {finding.title}")
        if finding.level is Level.OK:
            continue
        lines += [f"      {line}" for line in finding.detail.splitlines()]
        lines += [f"      {item.source}: {_short(item.text)}" for item in finding.evidence]
        if finding.fix:
            lines.append(f"      What to do: {finding.fix.title}")
            lines += [f"      {line}" for line in finding.fix.manual.splitlines()]
    lines += ["", *_problems(facts), verdict(findings)]
    return lines


def to_json(facts: HostFacts, findings: Sequence[Finding]) -> str:
    """For machines: version, host, verdict, findings and what could not be read."""
    document = {
        "version": VERSION,
        "host": facts.hostname,
        "source": facts.source,
        "gathered_at": facts.gathered_at,
        "ready": worst(findings) < Level.WARN,
        "worst": worst(findings).name,
        "findings": [encode(finding) for finding in findings],
        "problems": [encode(problem) for problem in facts.problems],
    }
    return json.dumps(document, indent=1, ensure_ascii=True)


def to_junit(facts: HostFacts, findings: Sequence[Finding]) -> str:
    """For continuous integration: one test case per finding."""
    failures = sum(finding.level is Level.FAIL for finding in findings)
    skipped = sum(finding.level is Level.SKIP for finding in findings)
    suite = ElementTree.Element(
        "testsuite", name="sriov-tui", tests=str(len(findings)), failures=str(failures), skipped=str(skipped),
        hostname=_xml(facts.hostname), timestamp=facts.gathered_at,
    )  # fmt: skip
    for finding in findings:
        case = ElementTree.SubElement(suite, "testcase", classname=finding.id, name=_xml(finding.subject))
        if finding.level in (Level.FAIL, Level.SKIP):
            tag = "failure" if finding.level is Level.FAIL else "skipped"
            ElementTree.SubElement(case, tag, message=_xml(finding.title)).text = _xml(finding.detail)
        else:
            ElementTree.SubElement(case, "system-out").text = _xml(f"{finding.level.name}: {finding.title}")
    return ElementTree.tostring(suite, encoding="unicode")


def to_markdown(facts: HostFacts, findings: Sequence[Finding]) -> list[str]:
    """For tickets: a table."""
    lines = [f"# sriov-tui audit of {_cell(facts.hostname)}", "", f"{_cell(facts.source)}, {facts.gathered_at}", ""]
    lines += ["| level | id | subject | finding | what to do |", "| --- | --- | --- | --- | --- |"]
    for finding in sorted(findings, key=lambda finding: -finding.level):
        fix = finding.fix.title if finding.fix else ""
        cells = (finding.level.name, finding.id, finding.subject, finding.title, fix)
        lines.append("| " + " | ".join(map(_cell, cells)) + " |")
    return [*lines, "", verdict(findings)]


def _problems(facts: HostFacts) -> list[str]:
    if not facts.problems:
        return []
    shown = [f"  {problem.source}: {problem.reason}" for problem in facts.problems[:20]]
    more = len(facts.problems) - len(shown)
    return ["Could not be read:", *shown, *([f"  and {more} more"] if more else []), ""]


def _short(text: str, limit: int = 240) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 3] + "..."


def _cell(text: str) -> str:
    return _short(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def _xml(text: str) -> str:
    """Text with the characters that XML 1.0 cannot hold made visible."""
    return "".join(
        c if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" else repr(c)[1:-1] for c in text
    )
