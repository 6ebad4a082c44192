"""The VFs of a card in their IOMMU groups: only one that is alone in its group can be given to a virtual machine."""

from __future__ import annotations

from collections.abc import Iterator

from sriov_tui.facts import Pf
from sriov_tui.message import join, say
from sriov_tui.model import Evidence, Finding, Fix, Level


def findings(pf: Pf) -> Iterator[Finding]:
    """One about a PF whose VFs are all there; none where a group was not read."""
    if not pf.vfs or pf.numvfs != len(pf.vfs):
        return
    shared = [vf for vf in pf.vfs if vf.group_members and len(vf.group_members) > 1]
    without = [vf for vf in pf.vfs if vf.group_members == ()]
    if shared:
        groups = sorted({vf.iommu_group for vf in shared if vf.iommu_group is not None})
        members = {vf.iommu_group: vf.group_members or () for vf in shared}
        others = join(
            "; ", (say("group {group}: {members}", group=group, members=them) for group, them in members.items())
        )
        yield Finding(
            id="vfs.isolation",
            level=Level.FAIL,
            subject=pf.address,
            title=say(
                "{count_of_shared} VFs share their IOMMU group with other devices: they cannot be given away alone.",
                count_of_shared=len(shared),
            ),
            topic="shared",
            detail=others,
            evidence=(Evidence("/sys/kernel/iommu_groups", f"groups {groups}"),),
            fix=Fix(title=say("Switch ACS on in the BIOS, or move the card to another slot.")),
        )
    elif without:
        yield Finding(
            id="vfs.isolation",
            level=Level.FAIL,
            subject=pf.address,
            title=say(
                "{count_of_without} VFs are in no IOMMU group: they cannot be bound to vfio-pci.",
                count_of_without=len(without),
            ),
            fix=Fix(title=say("Fix iommu.active first.")),
        )
    elif all(vf.group_members for vf in pf.vfs):
        title = say("Each VF is alone in its IOMMU group.")
        yield Finding(id="vfs.isolation", level=Level.OK, subject=pf.address, title=title)
