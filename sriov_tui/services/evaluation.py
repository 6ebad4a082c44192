"""What follows from the facts of a host and the choices: all that a screen shows."""

from __future__ import annotations

from sriov_tui.facts import HostFacts
from sriov_tui.model import Choices, Explanation, State


def evaluate(facts: HostFacts, choices: Choices) -> State:
    """Everything that follows from the facts and the choices: pure, and quick enough for every key press."""
    import checks  # the rollback, which imports this module, must not depend on them
    from checks import agent, hostconf
    from sriov_tui import plan as plans

    findings, steps = checks.evaluate(facts, choices)
    return State(
        facts=facts,
        choices=choices,
        findings=findings,
        plan=plans.build(facts, choices, steps),
        diff=hostconf.diff(facts, choices),
        forecast=agent.lines(agent.foreseen(facts, choices)),
        explain=explain,
        foretell=lambda: checks.evaluate(checks.expected(facts, choices), choices)[0],
    )


def explain(id: str) -> Explanation | None:
    """What the findings of this id are about; the texts are imported when the first one is asked for."""
    from checks import explained

    return explained.explain(id)
