"""Findings as text, JSON, JUnit and Markdown. The worst comes last in text, where a reader's eye is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sriov_tui.facts import HostFacts, Pf
from sriov_tui.facts.pci import model, place
from sriov_tui.language import _, said, source_words
from sriov_tui.message import Message, say, to_plain
from sriov_tui.model import HOST_CONF, Finding, Level
from sriov_tui.reports import offered
from sriov_tui.reports.suppressions import Suppression

if TYPE_CHECKING:
    from xml.etree import ElementTree

VERSION = 1  # of the JSON document: schema/audit-1.json
FORMATS = ("text", "json", "junit", "markdown", "prometheus")
SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an audit found, and what counts as not ready: this one definition serves every format and the exit status.

    The host is ready where no finding is as bad as `fail_on` or blocks, and none is SKIP: what could not
    be seen is not known to be good. Suppressed findings are shown and do not count.
    """

    facts: HostFacts
    findings: tuple[Finding, ...]
    suppressed: tuple[tuple[Finding, Suppression], ...] = ()
    fail_on: Level = Level.FAIL

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings that are as bad as `fail_on`, or that keep the wizard from going on."""
        seen = (finding for finding in self.findings if finding.level is not Level.SKIP)
        return tuple(finding for finding in seen if finding.level >= self.fail_on or finding.blocks)

    @property
    def unseen(self) -> tuple[Finding, ...]:
        """The findings about what could not be seen."""
        return tuple(finding for finding in self.findings if finding.level is Level.SKIP)

    @property
    def ready(self) -> bool:
        """Whether the host is ready."""
        return not self.failing and not self.unseen

    @property
    def worst(self) -> Level:
        """The worst level that counts; OK where there is none."""
        return max((finding.level for finding in self.findings), default=Level.OK)

    @property
    def verdict(self) -> str:
        """One sentence on the whole, and how many findings there are of each level."""
        counts = {level: sum(finding.level is level for finding in self.findings) for level in Level}
        words = [f"{counts[level]} {level.name}" for level in sorted(Level, reverse=True) if counts[level]]
        words += (
            [_(say("{count_of_suppressed} suppressed", count_of_suppressed=len(self.suppressed)))]
            if self.suppressed
            else []
        )
        unknown = say("Not known to be ready: not all was seen.")
        told = _(say("Ready.") if self.ready else (say("Not ready.") if self.failing else unknown))
        return f"{told} {', '.join(words)}." if words else told


def render(form: str, report: Report) -> Iterable[str]:
    """The report in one of FORMATS, as lines."""
    if form == "json":
        return to_json(report).split("\n")
    if form == "junit":
        return to_junit(report).split("\n")
    return to_markdown(report) if form == "markdown" else to_text(report)


def to_text(report: Report) -> list[str]:
    """For people: a line per finding, its reason and way out below it; the worst last."""
    facts = report.facts
    lines = [f"{facts.hostname or _(say('unnamed host'))} ({_(source_words(facts.source))}), {facts.gathered_at}", ""]
    for finding in sorted(report.findings, key=lambda finding: finding.level):
        lines += _finding_lines(said(finding))
    if report.suppressed:
        lines += ["", _(say("Suppressed, and not counted:"))]
        for finding, why in report.suppressed:
            lines += [_finding_lines(said(finding))[0], f"      {_(say('Reason:'))} {why.reason}{_until(why)}"]
    lines += ["", *_problem_lines(facts)]
    if any(finding.level > Level.OK for finding in report.findings):
        lines.append(_(say("`sriov-tui explain ID` explains what an id means, why it matters and how to fix it.")))
    return [*lines, report.verdict]


def to_json(report: Report) -> str:
    """For machines, as the schema of VERSION describes it; every key is always there."""
    facts = report.facts
    document = {
        "version": VERSION,
        "host": facts.hostname,
        "source": facts.source.words,
        "gathered_at": facts.gathered_at,
        "ready": report.ready,
        "fail_on": report.fail_on.name,
        "worst": report.worst.name,
        "verdict": report.verdict,
        "findings": [_finding(finding) for finding in report.findings],
        "suppressed": [
            {"finding": _finding(finding), "reason": why.reason, "expires": why.expires or None}
            for finding, why in report.suppressed
        ],
        "problems": [
            {"probe": problem.probe, "source": problem.source, "reason": problem.reason} for problem in facts.problems
        ],
        "facts": summary(facts),
    }
    return json.dumps(document, indent=1, ensure_ascii=True)


def to_junit(report: Report) -> str:
    """For continuous integration: a test case per finding.

    It fails where it counts against the host; error: it could not be seen; skipped: it is suppressed.
    """
    from xml.etree import ElementTree  # 2 ms, and only this format needs it

    failing, unseen = set(report.failing), set(report.unseen)
    suite = ElementTree.Element(
        "testsuite", name="sriov-tui", tests=str(len(report.findings) + len(report.suppressed)),
        failures=str(len(failing)), errors=str(len(unseen)), skipped=str(len(report.suppressed)),
        hostname=_xml(report.facts.hostname), timestamp=report.facts.gathered_at.removesuffix("Z"),
    )  # fmt: skip
    for finding in report.findings:
        case = _case(suite, finding)
        if finding in failing or finding in unseen:
            tag = "failure" if finding in failing else "error"
            text = "\n".join(_finding_lines(finding)[1:])
            ElementTree.SubElement(case, tag, message=_xml(finding.title), type=finding.level.name).text = _xml(text)
        else:
            ElementTree.SubElement(case, "system-out").text = _xml(f"{finding.level.name}: {finding.title}")
    for finding, why in report.suppressed:
        ElementTree.SubElement(
            _case(suite, finding), "skipped", message=_xml(say("Suppressed: {reason}", reason=why.reason))
        )
    if problems := _problem_lines(report.facts):
        ElementTree.SubElement(suite, "system-err").text = _xml("\n".join(problems))
    return ElementTree.tostring(suite, encoding="unicode")


def to_markdown(report: Report) -> list[str]:
    """For tickets: a table, the worst first, and what could not be read."""
    facts = report.facts
    title = _(say("sriov-tui audit of {hostname}", hostname=_cell(facts.hostname)))
    lines = [f"# {title}", "", f"{_cell(_(source_words(facts.source)))}, {facts.gathered_at}", ""]
    lines += [
        report.verdict,
        "",
        _(say("| level | id | subject | finding | what to do |")),
        "| --- | --- | --- | --- | --- |",
    ]
    for finding in sorted(report.findings, key=lambda finding: -finding.level):
        lines.append(_row(finding, finding.level.name, _(finding.fix.title) if finding.fix else ""))
    for finding, why in report.suppressed:
        nothing = f"{_(say('Nothing:'))} {why.reason}{_until(why)}"
        lines.append(_row(finding, f"{finding.level.name}, {_(say('suppressed'))}", nothing))
    if problems := _problem_lines(facts):
        lines += ["", problems[0], "", *(f"- {_cell(line.strip())}" for line in problems[1:] if line)]
    return lines


def _until(why: Suppression) -> str:
    return " " + _(say("(until {expires})", expires=why.expires)) if why.expires else ""


def _finding_lines(finding: Finding) -> list[str]:
    """A finding as text; of one that is OK the first line says all."""
    lines = [f"{finding.level.name:<4}  {finding.id:<26} {finding.subject:<14} {finding.title}"]
    if finding.level is Level.OK:
        return lines
    lines += [f"      {line}" for line in finding.detail.splitlines()]
    lines += [f"      {item.source}: {_short(item.text)}" for item in finding.evidence]
    if finding.fix:
        lines.append(f"      {_(say('What to do:'))} {finding.fix.title}")
        lines += [f"      {line}" for line in finding.fix.manual.splitlines()]
    return lines


def _finding(finding: Finding) -> dict[str, Any]:
    fix = finding.fix
    return {
        "id": finding.id,
        "level": finding.level.name,
        "subject": finding.subject,
        "title": finding.title,
        "detail": finding.detail,
        "evidence": [{"source": item.source, "text": item.text} for item in finding.evidence],
        "fix": fix
        and {
            "title": fix.title,
            "manual": fix.manual,
            "steps": list(fix.steps),
            "verify": fix.verify,
            "messages": _messages(title=fix.title, manual=fix.manual, verify=fix.verify),
        },
        "blocks": finding.blocks,
        "messages": _messages(title=finding.title, detail=finding.detail),
    }


def _messages(**texts: Message) -> dict[str, Any]:
    """What the sentences were made of, for whoever shows them in another language."""
    return {name: to_plain(text) for name, text in texts.items() if text.translatable}


def _case(suite: ElementTree.Element, finding: Finding) -> ElementTree.Element:
    from xml.etree import ElementTree

    return ElementTree.SubElement(suite, "testcase", classname=_xml(finding.id), name=_xml(finding.subject))


def _row(finding: Finding, level: str, what: str) -> str:
    return f"| {' | '.join(map(_cell, (level, finding.id, finding.subject, _(finding.title), what)))} |"


def _problem_lines(facts: HostFacts) -> list[str]:
    lines = list(dict.fromkeys(f"  {problem.source}: {_(problem.reason)}" for problem in facts.problems))
    more = ["  " + _(say("and {more} more", more=len(lines) - SHOWN_PROBLEMS))] if len(lines) > SHOWN_PROBLEMS else []
    return [_(say("Could not be read:")), *lines[:SHOWN_PROBLEMS], *more, ""] if lines else []


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


def _digest(facts: HostFacts) -> str | None:
    """The SHA-256 of host.conf as it was read, its secrets masked; "" where there is none."""
    file = facts.file(HOST_CONF)
    return None if file is None or file.state == "unreadable" else file.sha256


def summary(facts: HostFacts) -> dict[str, Any]:
    """A few plain values; null is "unknown", as in the facts themselves.

    `arguments` is the running kernel's command line; `nics` has an object per PF: address, slot, model
    (vendor:device), name, interface, NUMA node, driver with its version, firmware, numvfs and totalvfs, and of its VFs
    the use and the wires that host.conf gives them, and how many a process holds.
    """
    machine = " ".join(word for word in (facts.os.maker, facts.os.product) if word)
    lists = offered.listed(facts)
    return {
        "os": facts.os.pretty_name or None,
        "machine": machine or None,
        "bios": facts.os.bios,
        "host_conf": _digest(facts),
        "kernel": facts.kernel.release or None,
        "arguments": facts.kernel.cmdline,
        "nics": None if facts.pfs is None else [_nic(facts, pf, lists) for pf in facts.pfs],
    }


def _nic(facts: HostFacts, pf: Pf, lists: Mapping[str, str] | None) -> dict[str, Any]:
    wires = offered.wires(facts, pf)
    return {
        "address": pf.address,
        "slot": place(pf) or None,
        "model": model(pf) or None,
        "name": pf.name,
        "interface": pf.netdev,
        "numa": pf.numa_node,
        "driver": pf.driver,
        "driver_version": pf.driver_version,
        "firmware": pf.firmware_version,
        "numvfs": pf.numvfs,
        "totalvfs": pf.totalvfs,
        "use": None if lists is None else offered.USES.get(lists.get(pf.address, ""), ""),
        "wires": None if wires is None else list(wires),
        "held": offered.held(pf),
    }
