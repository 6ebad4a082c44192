"""What is right or wrong with a host, and what would change it: pure functions of facts and choices.

A module of this package that has an `ORDER` is a check: it offers `findings(facts, choices)` and
`steps(facts, choices)`, and explains its ids in an `EXPLAINED` of its own or below `checks.explained`.
It is found by being here; no list names it. The same findings block Next, fill the audit and verify an apply.

Beside its `steps` a check may have `expected(facts, choices, steps, after)`: the host `after`, with these of its steps
done (`written.one_by_one` where each stands for itself). And `booted(facts)`: what a boot makes of the host. `expected`
of this package joins them to the host after the plan.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from itertools import groupby
from typing import Protocol, cast

from checks.written import with_files
from sriov_tui.facts import HostFacts
from sriov_tui.message import say, verbatim
from sriov_tui.model import Choices, Finding, Level, Step, once_for_choices
from sriov_tui.model.order import ordered


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
    for module, made in _steps(facts, choices):
        try:
            findings += module.findings(facts, choices)
            if isinstance(made, Exception):
                raise made
            steps += made
        except Exception:
            findings.append(_crashed(short_name(module)))
    return tuple(findings), tuple(steps)


@once_for_choices
def expected(facts: HostFacts, choices: Choices) -> HostFacts:
    """The host as it will be after the plan and its reboot: what cannot be known before is unknown in it.

    It is the same object where the plan has no step.
    """
    made = [(module, steps) for module, steps in _steps(facts, choices) if isinstance(steps, tuple)]
    owners = {step.id: module for module, steps in made for step in steps}
    steps, reboot_after = ordered(tuple(step for _, of_module in made for step in of_module))
    if reboot_after is None or not steps:
        return _done(facts, choices, owners, steps, facts)
    before = _done(facts, choices, owners, steps[:reboot_after], facts)
    return _done(facts, choices, owners, steps[reboot_after:], booted(before))


def booted(facts: HostFacts) -> HostFacts:
    """The host after a boot, as far as that is known."""
    for module in MODULES:
        if boot := getattr(module, "booted", None):
            facts = boot(facts)
    return facts


def _done(
    facts: HostFacts, choices: Choices, owners: dict[str, Check], steps: tuple[Step, ...], after: HostFacts
) -> HostFacts:
    """The host with these steps done, those of one check in a row at once: a card more costs no look at all others."""
    for module, in_a_row in groupby(steps, key=lambda step: owners[step.id]):
        together = tuple(in_a_row)
        for step in together:
            after = with_files(after, step)
        if effect := getattr(module, "expected", None):
            after = effect(facts, choices, together, after)
    return after


@once_for_choices
def _steps(facts: HostFacts, choices: Choices) -> tuple[tuple[Check, tuple[Step, ...] | Exception], ...]:
    """The steps of each check, or what it raised."""
    found: list[tuple[Check, tuple[Step, ...] | Exception]] = []
    for module in MODULES:
        try:
            found.append((module, tuple(module.steps(facts, choices))))
        except Exception as error:
            found.append((module, error))
    return tuple(found)


def _crashed(name: str) -> Finding:
    import traceback

    return Finding(
        id=f"{name}.crashed",
        level=Level.FAIL,
        title=say("The check {name} itself failed. This is a fault of sriov-tui, not of the host.", name=repr(name)),
        detail=verbatim(traceback.format_exc()),
        blocks=True,
    )
