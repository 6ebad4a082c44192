"""From a machine and the operator's words to an Advice: shared by `troubleshoot` and its screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from checks import evaluate
from checks.host_agent.requested import asked_for
from checks.messages.pattern import AGENT, KERNEL, PASTED, VSWITCHD
from checks.troubleshooting import Case, Diagnosis, Found, Symptom, diagnose, entry, speaking_of
from checks.troubleshooting.repairs import answered, steps
from checks.troubleshooting.symptoms import SYMPTOMS
from sriov_tui import hostconf
from sriov_tui import plan as plans
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import Reader
from sriov_tui.message import NOTHING, Message, filled, say
from sriov_tui.model import HOST_CONF, Choices, Finding, Fix, Level, Step, WriteFile, merged
from sriov_tui.model.advice import Advice
from sriov_tui.reports.masked import masked_finding
from sriov_tui.services import cluster
from sriov_tui.services.trouble_search import find, near

VSWITCHD_LOG = "/var/log/openvswitch/ovs-vswitchd.log"
GREP = ("grep", "-aiF", "-e", "could not open network device", "-e", "failed to offload flow", VSWITCHD_LOG)
LOG_LINES = 50
Lines = tuple[tuple[str, str], ...]


def symptoms() -> tuple[tuple[str, Message], ...]:
    """Every symptom that is known, as (id, the operator's words)."""
    return tuple((symptom.id, symptom.words) for symptom in SYMPTOMS)


def logs(reader: Reader, facts: HostFacts) -> Lines:
    """The lines of this host's logs that entries speak of; kubectl and grep are asked only here."""
    lines: list[tuple[str, str]] = [(KERNEL, line) for line in facts.kernel.log or ()]
    if facts.ovs.installed:
        try:
            done = reader.query(GREP)
        except OSError:
            done = None  # a recording that does not hold it, or no grep
        lines += [(VSWITCHD, line) for line in (done.out.splitlines() if done else ())[-LOG_LINES:]]
    pod = cluster.find(reader, facts.hostname)
    return (*lines, *((AGENT, line) for line in (cluster.log(reader, pod) if pod.name else ())))


def meant(words: str) -> tuple[Symptom | None, str, Sequence[str]]:
    """What the words are: a symptom, the id of a cause, or pasted lines; with none of these the whole host is meant."""
    lines = [line for line in words.splitlines() if line.strip()]
    if one := entry(words):
        return None, one.id, ()
    if not lines or speaking_of(lines):
        return None, "", lines
    symptom = find(words)
    return symptom, "", () if symptom else lines


def advise(
    facts: HostFacts, words: str, logged: Lines, answers: Mapping[str, str], choices: Choices | None = None
) -> Advice:
    """What is the cause of this trouble on this host, and what fixes it: pure, once the logs are read."""
    symptom, id, pasted = meant(words)
    wanted = answered(facts, asked_for(facts) if choices is None else choices, dict(answers))
    findings, all_steps = evaluate(facts, wanted)
    case = Case(
        facts=facts,
        choices=wanted,
        findings=findings,
        steps=all_steps,
        symptom=symptom.id if symptom else "",
        lines=(*logged, *((PASTED, line) for line in pasted)),
        answers=answers,
    )
    advice = _advice(case, diagnose(case, symptom, id), symptom, only=bool(id))
    understood = not words.strip() or id or (symptom and symptom.id == words.strip()) or speaking_of(pasted)
    known = symptom.id if symptom else ""
    others = tuple((hit.id, hit.title) for hit in near(words) if hit.id != known)
    return advice if understood else replace(advice, near=others)


def _advice(case: Case, diagnosis: Diagnosis, symptom: Symptom | None, only: bool) -> Advice:
    cause = diagnosis.cause
    mending = steps(case, cause) if cause else ()
    elsewhere = tuple(_finding(case.facts, one) for one in diagnosis.elsewhere)
    return Advice(
        symptom=symptom.words if symptom else "",
        advice=symptom.advice if symptom else NOTHING,
        cause=_finding(case.facts, cause, tuple(step.id for step in mending)) if cause else None,
        source=cause.entry.source if cause else "",
        also=tuple(_finding(case.facts, one) for one in diagnosis.also),
        elsewhere=elsewhere if cause or only else (*elsewhere, *_open(case, diagnosis)),
        ask=diagnosis.ask,
        unknown=tuple(
            say("{id}: {tells}", id=one.entry.id, tells=one.judgement.tells)
            for one in diagnosis.unknown
            if one.judgement.tells
        ),
        paste=diagnosis.texts,
        looked=diagnosis.looked,
        plan=plans.build(case.facts, case.choices, mending),
        diff=_diff(case.facts, mending),
    )


def _open(case: Case, diagnosis: Diagnosis) -> tuple[Finding, ...]:
    """What the audit has against this host, the worst first, without what a cause says already."""
    told = {one.judgement.here for one in diagnosis.elsewhere}
    found = (one for one in merged(case.findings) if one.level in (Level.FAIL, Level.WARN) and one.title not in told)
    return tuple(map(masked_finding, sorted(found, key=lambda one: -one.level)))


def _diff(facts: HostFacts, mending: tuple[Step, ...]) -> str:
    """What these steps change in host.conf."""
    file = facts.file(HOST_CONF)
    before = file.text or "" if file else ""
    done = [op for step in mending for op in step.operations if isinstance(op, WriteFile) and op.path == HOST_CONF]
    return hostconf.diff(before, done[-1].text or "", HOST_CONF) if done else ""


def _finding(facts: HostFacts, found: Found, mending: tuple[str, ...] = ()) -> Finding:
    fix, pf = found.fix, facts.pf(found.judgement.subject)
    title = found.entry.fix.title if mending and not fix.steps else fix.title

    def named(text: Message) -> Message:
        if pf is None:
            return text
        return filled(text, ADDRESS=pf.address, **({"INTERFACE": pf.netdev} if pf.netdev else {}))

    told = Finding(
        id=found.entry.id,
        level=Level.FAIL,
        subject=found.judgement.subject or "host",
        title=found.entry.cause,
        detail=found.judgement.here,
        evidence=found.judgement.evidence,
        fix=Fix(title=named(title), manual=named(fix.manual), steps=mending, verify=named(fix.verify)),
    )
    return masked_finding(told)
