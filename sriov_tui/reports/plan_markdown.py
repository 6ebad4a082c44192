"""A plan as Markdown: the guide for this very host, to be reviewed or put into a ticket before anything is done."""

from __future__ import annotations

from collections.abc import Iterator

from sriov_tui.language import _
from sriov_tui.message import say
from sriov_tui.model import State, Step
from sriov_tui.reports import outlook, plan_text
from sriov_tui.reports.markdown import fenced, plain

PROSE = ("title", "why", "effect", "reboot")  # the kinds of lines that are sentences; the others are shown as they are


def markdown(state: State) -> Iterator[str]:
    """The steps in order with the reboot, each word for word; what blocks and what is left; the way there and back."""
    plan, facts = state.plan, state.facts
    yield f"# {_(say('How {host} is set up for SR-IOV', host=plain(plan.host or say('this host'))))}"
    yield ""
    machine = (facts.os.maker, facts.os.product, facts.os.pretty_name, facts.kernel.release)
    yield f"{plain(', '.join(part for part in machine if part))}, {plain(facts.gathered_at)}"
    if not plan.steps:
        yield from ("", _(say("Nothing to do: this host is already as chosen.")))
    for index, step in enumerate(plan.steps):
        if plan.reboot_after == index:
            yield from _reboot()
        yield from _step(step, state, index + 1)
    if plan.steps and plan.reboot_after == len(plan.steps):
        yield from _reboot()
    for title, findings in outlook.groups(outlook.outlook(state)):
        yield from ("", f"## {_(title)}", "")
        yield from (f"- {plain(outlook.line(finding))}" for finding in findings)
    if state.forecast:
        title = say("What the host-agent will report at its next start")
        yield from ("", f"## {_(title)}", "", *fenced(state.forecast))
    if plan.steps:
        yield from ("", f"## {_(say('There and back'))}", "")
        yield from fenced(["sriov-tui apply --answers FILE", "sriov-tui history", "sriov-tui rollback"])


def _reboot() -> Iterator[str]:
    yield from ("", f"## {_(say('Reboot'))}", "", *fenced(["reboot", "sriov-tui resume"]))


def _step(step: Step, state: State, number: int) -> Iterator[str]:
    lines = list(plan_text.of_step(step, state.facts, number))
    title, *why = (plain(line.text) for line in lines if line.kind in ("title", "why"))
    yield from ("", f"## {title}", "", *why)
    acts = [str(line)[plan_text.INDENT["operation"] :] for line in lines if line.kind not in PROSE]
    yield from ("", *fenced(acts))
    for line in lines:
        if line.kind == "effect":
            yield from ("", f"**{plain(line.text)}**")
