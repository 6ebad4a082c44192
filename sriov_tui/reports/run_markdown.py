"""A run as Markdown, to be pasted into a ticket: what was done, what the host shows now, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sriov_tui.facts import HostFacts
from sriov_tui.language import _
from sriov_tui.message import Message, join, plural, say
from sriov_tui.model import Finding, Level, Plan, RunView, State, goal
from sriov_tui.reports import outlook
from sriov_tui.reports.markdown import fenced, plain
from sriov_tui.reports.run_words import OUTCOMES, STATES


def markdown(run: RunView, after: State | None) -> list[str]:
    """The lines; `after` follows from the host read again after the run, None where it was not.

    What the host shows is what the checks found there, never what the journal says.
    """
    host = run.plan.host or say("this host")
    title = _(say("sriov-tui on {host}: run {id}", host=plain(host), id=plain(run.id)))
    lines = [f"# {title}", ""]
    lines += [f"- {_(label)}: {plain(value)}" for label, value in _head(run, after) if value]
    lines += ["", f"## {_(say('Steps'))}", "", _(say("| # | step | state |")), "| --- | --- | --- |", *_steps(run)]
    lines += _verified(run.plan, after)
    if after is not None and after.forecast:
        lines += ["", f"## {_(say('What the host-agent will report at its next start'))}", "", *fenced(after.forecast)]
    lines += [
        "",
        f"## {_(say('Way back'))}",
        "",
        *fenced([f"sriov-tui rollback {run.id}", f"sriov-tui history {run.id}"]),
    ]
    return lines


def _head(run: RunView, after: State | None) -> Iterator[tuple[str, str]]:
    yield say("Outcome"), say("It is running now.") if run.running else OUTCOMES[run.outcome]
    yield say("Error"), run.error
    if after is not None:
        yield say("Machine"), _machine(after.facts)
    yield say("Started"), run.started_at
    yield say("Ended"), run.finished_at
    for nic in run.plan.choices.chosen:
        wish = say("all VFs") if nic.numvfs is None else plural("1 VF", "{count} VFs", nic.numvfs)
        offload = say("offload") if nic.use == "offload" else ""
        network = say("network {bridge}/{wire}", bridge=nic.bridge, wire=nic.wire) if nic.bridge or nic.wire else ""
        yield say("Requested"), join(": ", (nic.address, join(", ", (wish, offload, network))))


def _machine(facts: HostFacts) -> str:
    parts = (facts.os.maker, facts.os.product, facts.os.pretty_name, facts.kernel.release)
    return ", ".join(part for part in parts if part)


def _steps(run: RunView) -> Iterator[str]:
    states = dict(run.states)
    for number, step in enumerate(run.plan.steps, 1):
        yield f"| {number} | {_cell(step.title)} | {_(STATES[states.get(step.id, 'waiting')])} |"
        if number == run.plan.reboot_after:
            yield f"| | {_(say('reboot'))} | |"


def _verified(plan: Plan, after: State | None) -> list[str]:
    lines = ["", f"## {_(say('What the host shows now'))}", ""]
    if after is None:
        return [*lines, _(say("The host was not read again after this run: `sriov-tui audit` shows its state."))]
    promised = {key for step in plan.steps for key in step.resolves}
    if left := goal.still_open(plan.choices, after.findings):
        lines += [_(say("Not ready: {why}", why=plain(left[0].title))), ""]
    shown = [finding for finding in after.findings if finding.key in promised]
    shown += [f for f in after.findings if f.key not in promised and f.level >= Level.WARN]
    lines += [_(say("The host was read again at {gathered_at}.", gathered_at=plain(after.facts.gathered_at))), ""]
    silent = sorted(promised - {finding.key for finding in after.findings})
    lines += [_(say("| level | id | subject | finding |")), "| --- | --- | --- | --- |", *map(_finding, shown)]
    lines += [f"| SKIP | {_cell(key)} | | {_(say('The checks say nothing about it any more.'))} |" for key in silent]
    return lines + [line for group in outlook.groups(outlook.outlook(after)) for line in _group(*group)]


def _group(title: Message, findings: Sequence[Finding]) -> Iterator[str]:
    """The findings of one group of the outlook, by what would be done now."""
    yield from ("", f"**{_(title)}**", "")
    yield from (f"- {plain(outlook.line(finding))}" for finding in findings)


def _finding(finding: Finding) -> str:
    cells = (finding.level.name, finding.id, finding.subject, finding.title)
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    flat = plain(text)
    return flat if len(flat) <= 300 else f"{flat[:297].rstrip(chr(92))}..."
