"""The file of udev rules that creates the VFs of a card at every boot, and keeps NetworkManager away from them."""

from __future__ import annotations

from collections.abc import Iterator

from checks.cards import vf_unit
from sriov_tui.facts import HostFacts, Pf, once_for_facts
from sriov_tui.message import say
from sriov_tui.model import UDEV_RULES_FILE, Evidence, Finding, Fix, Level

HEADER = """\
# Written by sriov-tui: these PFs have their VFs from boot on, exactly as many as they offer,
# which is what the host-agent would make. Remove a line to end that for its PF.
"""


def findings(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    """Whether its VFs are created at every boot, and left alone by NetworkManager."""
    yield _at_boot(facts, pf)
    if "NetworkManager" in (facts.network_managers or ()):
        yield _left_alone(facts, pf)


def _has_line(facts: HostFacts, line: str) -> bool:
    return line in rule_lines(facts)


@once_for_facts
def rule_lines(facts: HostFacts) -> frozenset[str]:
    """The lines of our file of udev rules."""
    file = facts.file(UDEV_RULES_FILE)
    return frozenset(file.text.splitlines() if file and file.text else ())


def _left_alone(facts: HostFacts, pf: Pf) -> Finding:
    """NetworkManager asks for an address on every interface that appears, so on each VF until vfio-pci has it."""
    file, there = facts.file(UDEV_RULES_FILE), _has_line(facts, unmanaged(pf.address))
    return Finding(
        id="vfs.unmanaged",
        level=Level.OK if there else Level.WARN,
        subject=pf.address,
        title=say("NetworkManager leaves its VFs alone.")
        if there
        else say("NetworkManager will configure its VFs, until the host-agent takes them."),
        evidence=(Evidence(UDEV_RULES_FILE, file.state if file else "not read"),),
        fix=None
        if there
        else Fix(title=say("Tell it by a udev rule to leave them alone (NM_UNMANAGED)."), steps=("vfs.at-boot",)),
    )


def _at_boot(facts: HostFacts, pf: Pf) -> Finding:
    file = facts.file(UDEV_RULES_FILE)
    there = _has_line(facts, rule(pf.address))
    if vf_unit.needed(pf):
        return vf_unit.finding(facts, pf, there)
    return Finding(
        id="vfs.at-boot",
        level=Level.OK if there else Level.WARN,
        subject=pf.address,
        title=say("Its VFs are created at every boot.")
        if there
        else say("After a reboot, its VFs are not created until the host-agent starts."),
        evidence=(Evidence(UDEV_RULES_FILE, file.state if file else "not read"),),
        fix=None if there else Fix(title=say("Write a udev rule that makes them."), steps=("vfs.at-boot",)),
    )


def rule(address: str) -> str:
    """One line of udev rules. udev itself reads the total, so that the line stays true when firmware changes it."""
    return (
        f'ACTION=="add", SUBSYSTEM=="net", KERNELS=="{address}", ATTR{{device/sriov_numvfs}}=="0", '
        'ATTR{device/sriov_numvfs}="$attr{device/sriov_totalvfs}"'
    )


def unmanaged(address: str) -> str:
    """The line that keeps NetworkManager away from the VFs of a PF."""
    return f'SUBSYSTEM=="net", ATTR{{device/physfn/uevent}}=="*PCI_SLOT_NAME={address}*", ENV{{NM_UNMANAGED}}="1"'


def lines(facts: HostFacts, pf: Pf) -> tuple[str, ...]:
    """The lines that a PF needs on this host."""
    manages = "NetworkManager" in (facts.network_managers or ())
    return (rule(pf.address), unmanaged(pf.address)) if manages else (rule(pf.address),)


def text(facts: HostFacts, pfs: list[Pf], by_unit: tuple[Pf, ...]) -> str | None:
    """The rules file with the lines of each of these PFs, and none for those whose VFs a unit makes; others stay.

    None where no line is left.
    """
    file = facts.file(UDEV_RULES_FILE)
    now = file.text if file and file.text else HEADER
    gone = {line for pf in by_unit for line in (rule(pf.address), unmanaged(pf.address))}
    kept = [line for line in now.splitlines(keepends=True) if line.rstrip("\n") not in gone]
    new = [f"{line}\n" for pf in pfs for line in lines(facts, pf) if line not in now.splitlines()]
    return "".join([*kept, *new]) if new or any("KERNELS" in line for line in kept) else None
