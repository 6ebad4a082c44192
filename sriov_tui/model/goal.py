"""Whether the goal of a run stands: VFs that can be given away one by one, and a host-agent that will report them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sriov_tui.model.choices import Choices
from sriov_tui.model.findings import Finding, Level
from sriov_tui.model.plans import Plan

_ADDRESS = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")


def still_open(choices: Choices, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What keeps the chosen cards from being ready, the worst first: as in an audit, without that of other cards.

    A FAIL, what blocks, and what could not be seen. () where no card is chosen: then there is no such goal.
    """
    mine = {choice.address for choice in choices.chosen}
    mine |= {port for bond in choices.bonds for port in bond.ports}
    if not mine:
        return ()
    counts = [
        finding
        for finding in findings
        if (finding.level >= Level.SKIP or finding.blocks)
        and (finding.subject in mine or not _ADDRESS.fullmatch(finding.subject))
    ]
    return tuple(sorted(counts, key=lambda finding: -finding.level))


def left_by(plan: Plan, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What will be open although the plan is carried out: nothing in it is about these findings."""
    steps = {step.id for step in plan.steps}
    promised = {key for step in plan.steps for key in step.resolves}
    return tuple(
        finding
        for finding in still_open(plan.choices, findings)
        if finding.key not in promised and not (finding.fix and steps & set(finding.fix.steps))
    )
