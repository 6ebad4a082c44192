"""What a plan does for the findings of a host: what is in its way, what it settles, and what it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sriov_tui.message import Message, join, say
from sriov_tui.model import Finding, Level, State, goal


@dataclass(frozen=True, slots=True)
class Outlook:
    """The findings in three groups: `blocking` and `done` as they are now, `left` as they will be.

    What can only be seen once the plan is carried out is in none of them.
    """

    blocking: tuple[Finding, ...] = ()
    done: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()


def outlook(state: State) -> Outlook:
    """The groups, from the findings about the host as it is and about the host as it is expected after the plan.

    What a step promises and nobody can see before counts as done; what nobody can see today either stays.
    """
    choices, promised = state.choices, {key for step in state.plan.steps for key in step.resolves}
    future = state.foretell() if state.foretell else state.findings
    now = [one for one in goal.of_chosen(choices, state.findings) if _is_open(one)]
    then = [one for one in goal.of_chosen(choices, future) if _is_open(one)]
    then = [one for one in then if one.level is not Level.SKIP or one.key not in promised]
    blocking = [one for one in state.findings if one.blocks]
    in_the_way, open_then = set(map(_place, blocking)), set(map(_place, then))
    unseen = {_place(one) for one in now if one.level is Level.SKIP}
    left = [one for one in then if one.level is not Level.SKIP or _place(one) in unseen]
    return Outlook(
        blocking=_worst_first(blocking),
        done=_worst_first(one for one in now if _place(one) not in open_then | in_the_way),
        left=_worst_first(one for one in left if _place(one) not in in_the_way),
    )


def groups(found: Outlook) -> Iterator[tuple[Message, tuple[Finding, ...]]]:
    """Each group that is not empty, with its title."""
    titles = (say("Blocked by:"), say("Done by this plan:"), say("Left after it:"))
    for title, findings in zip(titles, (found.blocking, found.done, found.left), strict=True):
        if findings:
            yield title, findings


def line(finding: Finding) -> Message:
    """A finding on one line."""
    return join("", (f"{finding.level.name} {finding.id} {finding.subject}: ", finding.title))


def _is_open(finding: Finding) -> bool:
    return finding.level > Level.INFO or finding.blocks


def _place(finding: Finding) -> tuple[str, str]:
    """What a finding is about; a line of a file by the file, since the plan may move it."""
    path, colon, line = finding.subject.rpartition(":")
    return finding.id, path if colon and line.isdigit() and "/" in path else finding.subject


def _worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: -finding.level))
