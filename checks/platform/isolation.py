"""Before any VF is made: will each be alone in its IOMMU group, so that it can be given away by itself.

The kernel puts a function into the group of the nearest port above it from which not every port up to the root keeps
its functions apart (drivers/iommu/iommu.c, pci_device_group; drivers/pci/pci.c, pci_acs_path_enabled). It treats a PF
and its VFs alike, so that the PF's own group tells, quirks of the ports included. While no IOMMU is active there are no
groups, and the kernel has not switched ACS on yet: then what the ports can do tells.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.platform import bios
from sriov_tui.facts import Bridge, HostFacts, Pf
from sriov_tui.message import plural, say
from sriov_tui.model import Evidence, Finding, Fix, Level

REQUIRED = ("SV", "RR", "CR", "UF")  # drivers/iommu/iommu.c, REQ_ACS_FLAGS
DEVICES, GROUPS = "/sys/bus/pci/devices", "/sys/kernel/iommu_groups"


def findings(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    """What the groups of this card's VFs will be; nothing where that cannot be told."""
    if not pf.bridges:
        return
    if pf.group_members:
        yield _by_group(facts, pf)
    elif all(port.acs_able is not None for port in pf.bridges):
        yield _by_ability(facts, pf)


def keeps_apart(port: Bridge) -> bool:
    """Whether the kernel can let what is behind this port be apart, as pci_acs_enabled has it.

    Controls that the port does not have are not asked for, and a port up to a switch needs none.
    """
    if port.port == "upstream" and not port.functions:
        return True
    return port.port in ("root", "upstream", "downstream") and bool(port.acs_capable)


def _by_group(facts: HostFacts, pf: Pf) -> Finding:
    above = {port.address for port in pf.bridges or ()}
    members = pf.group_members or ()
    shared = [address for address in members if address in above]
    evidence = Evidence(f"{GROUPS}/{pf.iommu_group}/devices", " ".join(members))
    if not shared:
        title = say("ACS keeps its VFs apart on every port above it.")
        return Finding(id="iommu.acs", level=Level.OK, subject=pf.address, title=title, evidence=(evidence,))
    return Finding(
        id="iommu.acs",
        level=Level.FAIL,
        subject=pf.address,
        title=say(
            "Its VFs will share IOMMU group {group} with {port} above it, which does not keep them apart (ACS): none "
            "can be given away alone.",
            group=-1 if pf.iommu_group is None else pf.iommu_group,
            port=shared[0],
        ),
        evidence=(evidence, *(_controls(port) for port in pf.bridges or () if port.address in shared)),
        fix=_fix(facts),
    )


def _by_ability(facts: HostFacts, pf: Pf) -> Finding:
    open_ports = [port for port in pf.bridges or () if not keeps_apart(port)]
    if not open_ports:
        title = say("Every port above it can keep its VFs apart (ACS) once an IOMMU is active.")
        return Finding(id="iommu.acs", level=Level.OK, subject=pf.address, title=title)
    return Finding(
        id="iommu.acs",
        level=Level.WARN,
        subject=pf.address,
        title=plural(
            "{ports} above it has no ACS: with an active IOMMU its VFs will share a group, and none can be given "
            "away alone.",
            "{ports} above it have no ACS: with an active IOMMU its VFs will share a group, and none can be given "
            "away alone.",
            len(open_ports),
            ports=tuple(port.address for port in open_ports),
        ),
        detail=say(
            "The kernel knows some ports that keep their functions apart without an ACS capability "
            "(drivers/pci/quirks.c)."
        ),
        evidence=tuple(map(_controls, open_ports)),
        fix=_fix(facts),
    )


def _controls(port: Bridge) -> Evidence:
    source = f"{DEVICES}/{port.address}/config"
    if port.acs is None:
        return Evidence(source, "its extended capabilities could not be read")
    if not port.acs_capable:
        return Evidence(source, "no ACS capability")
    missing = [name for name in REQUIRED if name in (port.acs_able or ()) and name not in port.acs]
    return Evidence(source, f"ACS controls on: {' '.join(port.acs) or 'none'}; off: {' '.join(missing) or 'none'}")


def _fix(facts: HostFacts) -> Fix:
    return Fix(
        title=say("Switch ACS on in the BIOS, or use another slot."),
        manual=bios.guidance(facts, ("ACS",)),
        verify=say("vfs.isolation, once VFs are there, shows the groups."),
    )
