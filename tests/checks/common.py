"""What the tests of checks share: findings and steps by name, and a host with one thing changed."""

from __future__ import annotations

from dataclasses import replace

from sriov_tui.facts import HostFacts
from sriov_tui.model import Choices, Finding, NicChoice, Step
from tests.samples import FIRST

WANT = Choices(nics=(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"),))


def found(module: object, facts: HostFacts, choices: Choices = WANT) -> dict[str, Finding]:
    """Findings by key."""
    return {finding.key: finding for finding in module.findings(facts, choices)}  # type: ignore[attr-defined]


def steps(module: object, facts: HostFacts, choices: Choices = WANT) -> dict[str, Step]:
    """Steps by id."""
    return {step.id: step for step in module.steps(facts, choices)}  # type: ignore[attr-defined]


def with_pf(facts: HostFacts, **changes: object) -> HostFacts:
    """The facts with fields of the first PF replaced."""
    pf = facts.pf(FIRST)
    assert pf is not None
    rest = tuple(other for other in facts.pfs or () if other.address != FIRST)
    return replace(facts, pfs=(replace(pf, **changes), *rest))  # type: ignore[arg-type]
