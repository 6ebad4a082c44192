"""A plan at a glance: how much, what it interrupts, whether all can be undone; and the warnings that matter, first."""

from __future__ import annotations

from collections.abc import Iterator

from sriov_tui.facts import HostFacts
from sriov_tui.message import Message, join, plural, say
from sriov_tui.model import Plan, Run, Step, cuts_session
from sriov_tui.model.choices import BYPASS
from sriov_tui.model.session import named

REBOOTS = {True: say("1 reboot"), False: say("no reboot")}


def brief(plan: Plan, facts: HostFacts) -> Message:
    """The plan in one line, as in "6 steps, 1 reboot, SSH session safe, link of enp1s0 drops, all can be undone"."""
    parts = [plural("1 step", "{count} steps", len(plan.steps)), REBOOTS[plan.reboot_after is not None]]
    if facts.ssh is not None:
        cut = any(cuts_session(facts, step) for step in plan.steps)
        parts.append(say("your SSH session may be cut") if cut else say("SSH session safe"))
    parts += _links(plan, facts)
    final = sum(_is_final(step) for step in plan.steps)
    parts.append(
        plural("1 step cannot be undone", "{count} steps cannot be undone", final)
        if final
        else say("all can be undone")
    )
    return join(", ", parts)


def warnings(plan: Plan, facts: HostFacts) -> Iterator[Message]:
    """What an operator has to know before a yes, the worst first."""
    for number, step in enumerate(plan.steps, 1):
        if cuts_session(facts, step):
            yield say("Step {number} may cut your SSH session: {title}", number=number, title=step.title)
    for number, step in enumerate(plan.steps, 1):
        for operation in step.operations:
            if isinstance(operation, Run) and operation.no_way_back:
                yield say("Step {number} cannot be undone: {reason}", number=number, reason=operation.no_way_back)
    for number, step in enumerate(plan.steps, 1):
        if step.confirm:
            yield say(
                "Step {number} is rolled back automatically unless you confirm it within {seconds} s.",
                number=number,
                seconds=f"{step.confirm:.0f}",
            )
    if any(nic.use == "sriov" for nic in plan.choices.chosen):
        yield BYPASS


def _links(plan: Plan, facts: HostFacts) -> list[Message]:
    """The interfaces whose link drops; one step that names none may drop any."""
    dropping = [named(facts, step) for step in plan.steps if step.disrupts == "link"]
    ports = {pf.address: pf.netdev or pf.address for pf in facts.pfs or ()}
    names = sorted({ports.get(name, name) for found in dropping for name in found})
    if not dropping:
        return [say("no link drops")]
    if not all(dropping):
        return [say("links drop")]
    return [plural("the link of {names} drops", "the links of {names} drop", len(names), names=", ".join(names))]


def _is_final(step: Step) -> bool:
    return any(isinstance(operation, Run) and operation.no_way_back for operation in step.operations)
