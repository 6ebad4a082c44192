"""What may be said of a machine although a fact is not known, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sriov_tui.model import Finding


@dataclass(frozen=True)
class Allowed:
    """An exception: findings of this id whose title matches, when what was taken away matches `without`."""

    id: str
    title: str
    without: str
    reason: str


ALLOWED = (
    Allowed(
        "iommu.active",
        r"type unknown",
        r"bus/pci/|type$|iommu_group|pfs",
        "The units and the groups are the proof; the type is said unknown.",
    ),
    Allowed(
        "iommu.firmware",
        r"the kernel uses it",
        r"acpi/tables$|sys/firmware/$|iommu\.tables",
        "The units in use were read instead.",
    ),
    Allowed(
        "iommu.interrupt-remapping",
        r"^The firmware offers",
        r"dmesg|kernel\.log",
        "Read in the DMAR table, and it claims less than the log's own line.",
    ),
    Allowed(
        "firmware.vfs",
        r"^The firmware offers \d+ VFs",
        r"vendor$",
        "Read of the card's other port, by which the card is named then.",
    ),
    Allowed(
        "vfs.count",
        r"",
        r"nvconfig|mstconfig|mlxconfig|vendor$|^/usr/$",
        "sriov_totalvfs was read; without the firmware's settings no plan can raise it.",
    ),
    Allowed(
        "agent.forecast",
        r"driver is not the vendor's",
        r"/compat/devlink/mode$",
        "Another card of the list was read and lacks it: the host-agent ends the whole list at one.",
    ),
    Allowed(
        "agent.forecast",
        r"the IOMMU is not active",
        r"kvm|modules|^/proc/|osrelease|compat/devlink|^/sys/class/net/$|^/sys/module",
        "That was read; the reason that came before it is the one that is not known now.",
    ),
    Allowed(
        "agent.",
        r"offers no VFs",
        r"nvconfig|mstconfig|mlxconfig|vendor$|^/usr/$",
        "sriov_totalvfs was read; without the firmware's settings no plan can raise it.",
    ),
)
"""What may be said nevertheless."""


def allowed(finding: Finding, hidden: str) -> Allowed | None:
    """The exception that covers this finding."""
    return next(
        (
            one
            for one in ALLOWED
            if finding.id.startswith(one.id) and re.search(one.title, finding.title) and re.search(one.without, hidden)
        ),
        None,
    )
