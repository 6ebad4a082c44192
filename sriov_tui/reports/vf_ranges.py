"""VFs folded into ranges: neighbours of which the same is true stand on one line, so that 127 of them can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sriov_tui.facts import Vf
from sriov_tui.language import _
from sriov_tui.language.layout import pad
from sriov_tui.message import NOTHING, Message, say, verbatim


@dataclass(frozen=True, slots=True)
class Range:
    """VFs with consecutive indices and, but for index, address, group and interface name, the same to tell."""

    vfs: tuple[Vf, ...]

    @property
    def key(self) -> str:
        """What names the range while the facts stay the same: the address of its first VF."""
        return self.vfs[0].address

    def text(self) -> str:
        """Indices, addresses, driver, who holds them, IOMMU groups, and their interfaces."""
        first, last = self.vfs[0], self.vfs[-1]
        parts = [
            f"VF {_(_span(str(first.index), str(last.index))):<7}",
            pad(_(_span(first.address, last.address)), 28 if first is not last else 12),
            (say("driver unknown") if first.driver is None else first.driver or say("no driver")),
            held(first),
            _groups(first, last),
        ]
        names = [name for vf in (first, last) for name in (vf.netdevs or ())[:1]]
        parts += [_span(names[0], names[-1])] if names else []
        return "  ".join(_(part) for part in parts if part)

    def every_word(self) -> str:
        """What each VF of the range can be looked for by: address and interfaces."""
        return " ".join(" ".join((vf.address, *(vf.netdevs or ()))) for vf in self.vfs)


def fold(vfs: Sequence[Vf]) -> list[Range]:
    """The VFs as ranges, in their own order."""
    ranges: list[list[Vf]] = []
    for vf in vfs:
        if ranges and _alike(ranges[-1][-1], vf):
            ranges[-1].append(vf)
        else:
            ranges.append([vf])
    return [Range(tuple(part)) for part in ranges]


def _alike(one: Vf, other: Vf) -> bool:
    """Whether the second can stand behind the first in a range: a held VF never hides in one."""
    if other.index != one.index + 1 or one.holders or other.holders:
        return False
    step = None if one.iommu_group is None or other.iommu_group is None else other.iommu_group - one.iommu_group
    same_group = one.iommu_group is None and other.iommu_group is None
    return (
        (same_group or step in (0, 1))
        and one.driver == other.driver
        and len(one.netdevs or ()) == len(other.netdevs or ())
        and _alone(one) == _alone(other)
    )


def _alone(vf: Vf) -> bool | None:
    return None if vf.group_members is None else len(vf.group_members) == 1


def _groups(first: Vf, last: Vf) -> Message:
    """The IOMMU groups of a range, and whether something else is in them: vfio then hands out all or none."""
    if first.iommu_group is None:
        return say("no IOMMU group known")
    shared = (
        NOTHING
        if _alone(first) is not False
        else say(
            ", shared by {count_of_group_members} functions", count_of_group_members=len(first.group_members or ())
        )
    )
    spread = last.iommu_group is not None and last.iommu_group != first.iommu_group
    return (
        say(
            "groups {iommu_group}{shared}",
            iommu_group=_span(str(first.iommu_group), str(last.iommu_group)),
            shared=shared,
        )
        if spread
        else say(
            "group {iommu_group}{shared}",
            iommu_group=_span(str(first.iommu_group), str(last.iommu_group)),
            shared=shared,
        )
    )


def held(vf: Vf) -> Message:
    """Who has the VF open; "free" where nobody has, and that it is not known where it is not."""
    if vf.holders is None:
        return say("holder unknown")
    names = [say("{vm} (process {pid})", vm=holder.who, pid=holder.pid) for holder in vf.holders]
    return say("HELD by {names}", names=", ".join(names)) if names else say("free")


def _span(first: str, last: str) -> Message:
    if first == last:
        return verbatim(first)
    return (
        say("{first}-{last}", first=first, last=last)
        if first.isdigit()
        else say("{first} to {last}", first=first, last=last)
    )
