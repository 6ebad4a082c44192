"""What is right or wrong with a host, and what would change it: pure functions of facts and choices.

A module of this package that has an `ORDER` is a check: it offers `findings(facts, choices)` and
`steps(facts, choices)`, and explains its ids in an `EXPLAINED` of its own or below `checks.explained`.
It is found by being here; no list names it. The same findings block Next, fill the audit and verify an apply.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Protocol, cast

from sriov_tui.facts import HostFacts
from sriov_tui.message import say, verbatim
from sriov_tui.model import Choices, Finding, Level, Step


class Check(Protocol):
    """What a module of checks offers; `ORDER` is its place among the others, in tens."""

    ORDER: int

    @property
    def __name__(self) -> str: ...

    def findings(self, facts: HostFacts, choices: Choices) -> Iterator[Finding]:
        """What holds and what does not."""
        ...

    def steps(self, facts: HostFacts, choices: Choices) -> Iterator[Step]:
        """What would have to be done, and is not done yet."""
        ...


def _discover() -> tuple[Check, ...]:
    """The checks of this package by their ORDER; `pkgutil` finds them in a bundle, too."""
    names = [info.name for info in pkgutil.iter_modules(__path__) if not info.ispkg]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in sorted(names)]
    checks = [cast(Check, module) for module in modules if hasattr(module, "ORDER")]
    return tuple(sorted(checks, key=lambda check: check.ORDER))


MODULES: tuple[Check, ...] = _discover()


def short_name(module: Check) -> str:
    """The name of a check, which is the first part of its findings' ids."""
    return module.__name__.rpartition(".")[2]


def evaluate(facts: HostFacts, choices: Choices) -> tuple[tuple[Finding, ...], tuple[Step, ...]]:
    """All findings and all steps. A module that raises gives a FAIL finding of its own, and hides no other."""
    findings: list[Finding] = []
    steps: list[Step] = []
    for module in MODULES:
        try:
            findings += module.findings(facts, choices)
            steps += module.steps(facts, choices)
        except Exception:
            findings.append(_crashed(short_name(module)))
    return tuple(findings), tuple(steps)


def _crashed(name: str) -> Finding:
    import traceback

    return Finding(
        id=f"{name}.crashed",
        level=Level.FAIL,
        title=say("The check {name} itself failed. This is a fault of sriov-tui, not of the host.", name=repr(name)),
        detail=verbatim(traceback.format_exc()),
        blocks=True,
    )
