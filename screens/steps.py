"""The six steps as data: their titles, whose findings each shows, and the rail that shows how far each is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sriov_tui.message import Message, say
from sriov_tui.model import Finding


@dataclass(frozen=True, slots=True)
class About:
    """A step: its title, and the beginnings of the ids whose findings it shows."""

    title: Message
    prefixes: tuple[str, ...]


STEPS = (
    About(say("Hardware"), ("hardware.",)),
    About(say("BIOS and IOMMU"), ("iommu.",)),
    About(say("Driver"), ("driver.",)),
    About(say("Virtual functions"), ("vfs.", "firmware.")),
    About(
        say("Network and offload"),
        ("offload.", "names.", "eswitch.", "ovs.", "bond.", "hostconf.network-entry"),
    ),
    About(say("Review and apply"), ("",)),
)
LAST = len(STEPS)


def step_of(finding: Finding) -> int:
    """The step where a finding is dealt with: the first that shows it."""
    return next(number for number, step in enumerate(STEPS, 1) if finding.id.startswith(step.prefixes))


def blocking(findings: Iterable[Finding]) -> dict[int, Finding]:
    """The first finding that blocks, for each step that has one."""
    found = dict[int, Finding]()
    for finding in findings:
        if finding.blocks:
            found.setdefault(step_of(finding), finding)
    return found


def rail(here: int, blocked: Iterable[int]) -> Sequence[str]:
    """A mark for each step: "[3]" here, "2!" blocks, "1+" is done, "4" is still to come; "!" also where one is."""
    marks = []
    for number in range(1, LAST + 1):
        name = f"{number}!" if number in blocked else f"{number}+" if number < here else str(number)
        marks.append(f"[{name.rstrip('+')}]" if number == here else name)
    return marks
