"""What is right or wrong with a host, and what would change it: pure functions of facts and choices.

Each module of `MODULES` has `findings(facts, choices)` and `steps(facts, choices)`; the tuple
is the order of the wizard. The same findings block Next, fill the audit and verify an apply.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Protocol

from checks import agent, driver, hardware, hostconf, iommu, offload, vfs
from sriov_tui.facts import HostFacts
from sriov_tui.model import Choices, Finding, Level, Step


class Check(Protocol):
    """What a module of checks offers."""

    @property
    def __name__(self) -> str: ...

    def findings(self, facts: HostFacts, choices: Choices) -> Iterator[Finding]:
        """What holds and what does not."""
        ...

    def steps(self, facts: HostFacts, choices: Choices) -> Iterator[Step]:
        """What would have to be done, and is not done yet."""
        ...


MODULES: tuple[Check, ...] = (hardware, iommu, driver, vfs, offload, hostconf, agent)


def evaluate(facts: HostFacts, choices: Choices) -> tuple[tuple[Finding, ...], tuple[Step, ...]]:
    """All findings and all steps. A module that raises gives a FAIL finding of its own, and hides no other."""
    findings: list[Finding] = []
    steps: list[Step] = []
    for module in MODULES:
        try:
            findings += module.findings(facts, choices)
            steps += module.steps(facts, choices)
        except Exception:
            findings.append(_crashed(module.__name__.rpartition(".")[2]))
    return tuple(findings), tuple(steps)


def _crashed(name: str) -> Finding:
    return Finding(
        id=f"{name}.crashed",
        level=Level.FAIL,
        title=f"The check {name!r} itself failed. This is a fault of sriov-tui, not of the host.",
        detail=traceback.format_exc(),
        blocks=True,
    )
