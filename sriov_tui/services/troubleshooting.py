"""From a machine and the operator's words to an Advice: shared by `troubleshoot` and its screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checks import evaluate
from checks.host_agent.requested import asked_for
from checks.troubleshooting import Case, Diagnosis, Found, Symptom, diagnose, entry, find, speaking_of
from checks.troubleshooting.cause import AGENT, KERNEL, PASTED, VSWITCHD
from checks.troubleshooting.repairs import answered, steps
from checks.troubleshooting.symptoms import SYMPTOMS
from sriov_tui import hostconf
from sriov_tui import plan as plans
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import Reader
from sriov_tui.message import Message, filled, say
from sriov_tui.model import HOST_CONF, Choices, Finding, Fix, Level, SriovError, Step, WriteFile
from sriov_tui.model.advice import Advice
from sriov_tui.services import cluster

VSWITCHD_LOG = "/var/log/openvswitch/ovs-vswitchd.log"
GREP = ("grep", "-aiF", "-e", "could not open network device", "-e", "failed to offload flow", VSWITCHD_LOG)
LOG_LINES = 50
Lines = tuple[tuple[str, str], ...]


def symptoms() -> tuple[tuple[str, str], ...]:
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
    """What the words are: a symptom, the id of an entry, or pasted lines; SriovError where they are none of these."""
    if not words.strip():
        return None, "", ()
    lines = [line for line in words.splitlines() if line.strip()]
    if one := entry(words.strip()):
        return None, one.id, ()
    if speaking_of(lines):
        return None, "", lines
    if symptom := find(words):
        return symptom, "", ()
    raise SriovError(
        say("{lines} is no symptom and no message that sriov-tui knows.", lines=repr(lines[0][:60])),
        say("`sriov-tui troubleshoot --list` shows the symptoms; without any, everything is looked at."),
    )


def advise(
    facts: HostFacts, words: str, logged: Lines, answers: Mapping[str, str], choices: Choices | None = None
) -> Advice:
    """What is the cause of this trouble on this host, and what mends it: pure, once the logs are read."""
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
    return _advice(case, diagnose(case, symptom, id), symptom)


def _advice(case: Case, diagnosis: Diagnosis, symptom: Symptom | None) -> Advice:
    cause = diagnosis.cause
    mending = steps(case, cause) if cause else ()
    return Advice(
        symptom=symptom.words if symptom else "",
        cause=_finding(case.facts, cause, tuple(step.id for step in mending)) if cause else None,
        source=cause.entry.source if cause else "",
        also=tuple(_finding(case.facts, one) for one in diagnosis.also),
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

    return Finding(
        id=found.entry.id,
        level=Level.FAIL,
        subject=found.judgement.subject or "host",
        title=found.entry.cause,
        detail=found.judgement.here,
        evidence=found.judgement.evidence,
        fix=Fix(title=named(title), manual=named(fix.manual), steps=mending, verify=named(fix.verify)),
    )
