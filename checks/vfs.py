"""The VFs of each chosen PF: how many now, how many at every boot, free to be given away, and alone in their groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from checks import eswitch, firmware, offload
from checks.cards import in_use, no_vfs, vf_unit
from checks.platform import vf_resources
from checks.platform.iommu_verdict import STEP
from checks.unseen import look_again
from sriov_tui import cards
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import Message, join, say, sentences
from sriov_tui.model import (
    UDEV_RULES_FILE,
    Choices,
    Evidence,
    Finding,
    Fix,
    Level,
    NicChoice,
    Operation,
    Run,
    Step,
    WriteFile,
)
from sriov_tui.model import WriteSysfs as Sysfs

ORDER = 40
CONFIRM = 90.0  # seconds for a new login, after which a change of the card that carries the session is undone
HEADER = """\
# Written by sriov-tui: these PFs have their VFs from boot on, exactly as many as they offer,
# which is what the host-agent would make. Remove a line to end that for its PF.
"""


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """What stands between the chosen PFs and their VFs."""
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        offloads = pf in offload.wanted(facts, choices)  # then `checks.eswitch` makes its VFs, also at boot
        if pf is not None and (total := firmware.after_reboot(facts, choices, pf)):
            yield _after_reboot(pf, total, _makers(facts, choices, pf)[-1:])
            if not offloads:
                yield from _rule_findings(facts, pf)
            continue
        if pf is not None and (found := cards.obstacle(facts, pf)):
            yield no_vfs.blocked(pf, found)
            continue
        if pf is None or pf.totalvfs is None or pf.numvfs is None:
            yield no_vfs.unknown(facts, choice.address)
            continue
        yield _count(facts, pf, choice, _makers(facts, choices, pf)[:1])
        yield from _used(facts, pf)
        yield from _session(facts, pf, replace(choice, when="boot") if offloads else choice)
        yield from _drops(facts, pf)
        yield from _isolation(pf)
        if not offloads:
            yield from _rule_findings(facts, pf)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """Make the VFs now, or at the next boot where making them would cut this session; and at every boot."""
    waits, now = _waiting(facts, choices), _ready(facts, choices)
    pfs = sorted({*waits, *now}, key=lambda pf: pf.address)
    offloads = offload.wanted(facts, choices)
    ruled = [pf for pf in pfs if not vf_unit.needed(pf)]
    rules = _rules(facts, ruled, (*offloads, *(pf for pf in pfs if pf not in ruled)))
    file = facts.file(UDEV_RULES_FILE)
    operations: list[Operation] = []
    if (pfs or offloads) and rules != (file.text if file else None):
        operations = [
            WriteFile(path=UDEV_RULES_FILE, text=rules, expect=(file.sha256 or "") if file else None),
            Run(argv=("udevadm", "control", "--reload"), undo=("udevadm", "control", "--reload")),
        ]
    missing = [pf for pf in pfs if pf not in ruled and not vf_unit.complete(facts, pf)]
    operations += [operation for pf in missing for operation in vf_unit.operations(facts, pf)]
    if operations:
        yield Step(
            id="vfs.at-boot",
            title=say("Make the VFs at every boot")
            if pfs
            else say("Let no udev rule make the VFs of offloading cards"),
            why=sentences(
                vf_unit.why(ruled, missing),
                *(
                    say("The VFs of {address} wait for the reboot: {why}.", address=pf.address, why=why)
                    for pf, why in waits.items()
                ),
            ),
            operations=tuple(operations),
            resolves=tuple(f"vfs.at-boot {pf.address}" for pf in pfs)
            + tuple(f"vfs.unmanaged {pf.address}" for pf in pfs if len(_lines(facts, pf)) > 1)
            + tuple(f"vfs.count {pf.address}" for pf in waits),
            disrupts="reboot" if waits else "no",
            after=tuple(f"vfs.numvfs:{pf.address}" for pf in now if _cuts_session(facts, pf)),  # once confirmed
        )
    for pf in now:
        if not in_use.on_vfs(facts, pf):
            yield from _make(facts, pf)


def _waiting(facts: HostFacts, choices: Choices) -> dict[Pf, Message]:
    """The chosen PFs whose VFs can only be made at the next boot, with the reason; not those that offload."""
    found = {}
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        if pf is None or pf in offload.wanted(facts, choices) or cards.obstacle(facts, pf):
            continue
        if total := firmware.after_reboot(facts, choices, pf):
            found[pf] = say(
                "until then the firmware offers {totalvfs} instead of {total}", totalvfs=pf.totalvfs or 0, total=total
            )
        elif _wish(pf, choice) == pf.totalvfs != pf.numvfs and _cuts_session(facts, pf) and choice.when == "boot":
            found[pf] = say("it carries {session}", session=in_use.session_words(facts))
    return found


def _ready(facts: HostFacts, choices: Choices) -> list[Pf]:
    """The chosen PFs whose VFs are there, or can be made at once; not those that offload."""
    waits = {*_waiting(facts, choices), *offload.wanted(facts, choices)}
    pfs = ((choice, facts.pf(choice.address)) for choice in choices.chosen)
    return [
        pf
        for choice, pf in pfs
        if pf and pf not in waits and pf.totalvfs and _wish(pf, choice) == pf.totalvfs and not cards.obstacle(facts, pf)
    ]


def _makers(facts: HostFacts, choices: Choices, pf: Pf) -> tuple[str, ...]:
    """The steps that make the VFs of a PF: now, and at boot; one for both where they wait for the boot."""
    if pf not in offload.wanted(facts, choices):
        return (f"vfs.numvfs:{pf.address}", "vfs.at-boot")
    return (eswitch.AT_BOOT,) if pf in eswitch.waiting(facts, choices) else (f"eswitch.now:{pf.address}",)


def _make(facts: HostFacts, pf: Pf) -> Iterator[Step]:
    at, cuts, drops = f"/sys/bus/pci/devices/{pf.address}", _cuts_session(facts, pf), cards.drops_link(pf)
    operations: list[Operation] = []
    if pf.autoprobe is False:
        operations.append(Sysfs(path=f"{at}/sriov_drivers_autoprobe", value="1"))
    link = facts.link(pf.netdev)
    if pf.numvfs != pf.totalvfs and vf_unit.needed(pf) and link is not None and not link.up:
        words = ("ip", "link", "set", "dev", pf.netdev)
        operations.append(Run(argv=(*words, "up"), undo=(*words, "down")))
    if pf.numvfs not in (0, pf.totalvfs):
        operations.append(Sysfs(path=f"{at}/sriov_numvfs", value="0"))
    if pf.numvfs != pf.totalvfs:
        operations.append(Sysfs(path=f"{at}/sriov_numvfs", value=str(pf.totalvfs)))
    if operations:
        yield Step(
            id=f"vfs.numvfs:{pf.address}",
            title=say("Make {totalvfs} VFs on {netdev}", totalvfs=pf.totalvfs, netdev=pf.netdev or pf.address),
            why=sentences(_WHY_MADE[drops], say("It may carry your SSH session, as you chose.") if cuts else ""),
            operations=tuple(operations),
            resolves=(f"vfs.count {pf.address}",),
            disrupts="ssh" if cuts else "no" if drops is False else "link",
            after=("driver.vfio", *((STEP,) if vf_resources.unplaced(pf) else ())),
            confirm=CONFIRM if cuts else 0.0,
        )


_WHY_MADE = {
    True: say("The link of the card drops for some seconds while its driver restarts the port."),
    False: say("The driver keeps the link up meanwhile."),
    None: say("The link of the card may drop for some seconds: what its driver does is not known here."),
}
"""By what is known of the driver: whether it drops the link."""


def _wish(pf: Pf, choice: NicChoice) -> int | None:
    return pf.totalvfs if choice.numvfs is None else choice.numvfs


def _cuts_session(facts: HostFacts, pf: Pf) -> bool:
    return facts.carries_session(pf.address)


def _after_reboot(pf: Pf, total: int, steps: tuple[str, ...]) -> Finding:
    return Finding(
        id="vfs.count",
        level=Level.WARN,
        subject=pf.address,
        title=say(
            "It offers {totalvfs} VFs now, and {total} once the firmware has taken its new number.",
            totalvfs=pf.totalvfs or 0,
            total=total,
        ),
        evidence=(
            Evidence(
                f"/sys/bus/pci/devices/{pf.address}/sriov_totalvfs", str(pf.totalvfs) if pf.totalvfs else say("absent")
            ),
        ),
        fix=Fix(title=say("Set the firmware, reboot, and let the VFs be made."), steps=steps),
    )


def _count(facts: HostFacts, pf: Pf, choice: NicChoice, steps: tuple[str, ...]) -> Finding:
    wish, evidence = _wish(pf, choice), _evidence(pf)
    if wish != pf.totalvfs:
        return Finding(
            id="vfs.count",
            topic="requested",
            level=Level.FAIL,
            subject=pf.address,
            title=say(
                "{wish} VFs were requested, but the host-agent always creates all {totalvfs} that the card offers.",
                wish=wish,
                totalvfs=pf.totalvfs,
            ),
            detail=say(
                "At each start it writes sriov_totalvfs into sriov_numvfs. With a number between, the "
                "kernel refuses (EBUSY), and then no VF of any card is reported."
            ),
            evidence=evidence,
            fix=Fix(
                title=say(
                    "Request {totalvfs}, or lower the card's total in its firmware where it can be lowered.",
                    totalvfs=pf.totalvfs,
                )
            ),
            blocks=True,
        )
    if pf.numvfs == pf.totalvfs and len(pf.vfs) == pf.totalvfs:
        title = say("{numvfs} of {totalvfs} VFs are there.", numvfs=pf.numvfs, totalvfs=pf.totalvfs)
        return Finding(id="vfs.count", level=Level.OK, subject=pf.address, title=title, evidence=evidence)
    if unread := _unread_links(facts, pf):
        return Finding(
            id="vfs.count",
            level=Level.SKIP,
            subject=pf.address,
            title=say("{numvfs} of {totalvfs} VFs are there, and not all of them can be seen.", numvfs=pf.numvfs or 0,
                      totalvfs=pf.totalvfs or 0),
            evidence=evidence,
            fix=look_again(facts, *unread),
            blocks=True,
        )  # fmt: skip
    partial = pf.numvfs != 0
    return Finding(
        id="vfs.count",
        level=Level.FAIL if partial else Level.WARN,
        subject=pf.address,
        title=say(
            "{numvfs} of {totalvfs} VFs are there. The host-agent would report none.",
            numvfs=pf.numvfs,
            totalvfs=pf.totalvfs,
        )
        if partial
        else say("{numvfs} of {totalvfs} VFs are there.", numvfs=pf.numvfs, totalvfs=pf.totalvfs),
        evidence=evidence,
        fix=Fix(title=say("Make {totalvfs} VFs.", totalvfs=pf.totalvfs), steps=steps),
    )


def _unread_links(facts: HostFacts, pf: Pf) -> tuple[str, ...]:
    """The links to VFs, or the directory that holds them, that could not be read."""
    at = f"/sys/bus/pci/devices/{pf.address}"
    sources = (problem.source for problem in facts.problems)
    return tuple(path for path in sources if path == at or path.startswith(f"{at}/virtfn"))


def _evidence(pf: Pf) -> tuple[Evidence, ...]:
    at = f"/sys/bus/pci/devices/{pf.address}"
    return (
        Evidence(f"{at}/sriov_totalvfs", str(pf.totalvfs)),
        Evidence(f"{at}/sriov_numvfs", str(pf.numvfs)),
        Evidence(f"{at}/virtfn*", f"{len(pf.vfs)} links"),
    )


def _used(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    used = in_use.on_vfs(facts, pf)
    if used and pf.numvfs != pf.totalvfs:
        machines = any(vf.holders for vf in pf.vfs)
        yield Finding(
            id="vfs.held",
            level=Level.FAIL,
            subject=pf.address,
            title=say("Its VFs must be recreated, but virtual machines hold some of them.")
            if machines
            else say("Its VFs must be recreated, but this host itself uses some of them."),
            detail=join("\n", used),
            fix=Fix(
                title=say("Stop these virtual machines or detach the VFs, then read the machine again.")
                if machines
                else say(
                    "Take these interfaces out of their bridge or bond, or remove their addresses; then read again."
                )
            ),
            blocks=True,
        )


def _session(facts: HostFacts, pf: Pf, choice: NicChoice) -> Iterator[Finding]:
    if not _cuts_session(facts, pf) or pf.numvfs == pf.totalvfs:
        return
    now = choice.when == "now"
    yield Finding(
        id="vfs.session",
        level=Level.WARN if now else Level.INFO,
        subject=pf.address,
        topic="" if cards.drops_link(pf) is False else "drops",
        title=say(
            "It carries {session}. Its VFs are created now, and removed again unless you confirm within {seconds} s.",
            session=in_use.session_words(facts),
            seconds=int(CONFIRM),
        )
        if now
        else say("It carries {session}, so its VFs are created at the next boot.", session=in_use.session_words(facts)),
        detail=say(
            "To confirm, log in again in a new connection and run `sriov-tui confirm` there, or "
            "press c in the wizard when its screen answers again. Without that the VFs are removed "
            "again by themselves, also when this program is killed."
        )
        if now
        else say("Creating them now would drop the link of the card for some seconds.")
        if cards.drops_link(pf) is not False
        else say("Its driver keeps the link up meanwhile, but your session is not risked for that."),
        fix=Fix(title=say("Choose the next boot to keep this session safe.")) if now else None,
    )


def _drops(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    used, drops = in_use.on_port(facts, pf), cards.drops_link(pf)
    if used and pf.numvfs != pf.totalvfs and drops is not False and not _cuts_session(facts, pf):
        port = pf.netdev or pf.address
        yield Finding(
            id="vfs.link",
            level=Level.WARN,
            subject=pf.address,
            title=say("Creating VFs drops the link of {port} for some seconds, and it is in use.", port=port)
            if drops
            else say(
                "Creating VFs may drop the link of {port}, which is in use: its driver is not known here.", port=port
            ),
            detail=say("It carries:\n{used}", used="\n".join(used)),
            evidence=(Evidence(f"/sys/bus/pci/devices/{pf.address}/driver", pf.driver or ""),),
            fix=Fix(
                title=say("Apply when these can do without it for ten seconds, or move them to another port first.")
            ),
        )


def _isolation(pf: Pf) -> Iterator[Finding]:
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


def _rule_findings(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    yield _at_boot(facts, pf)
    if "NetworkManager" in (facts.network_managers or ()):
        yield _left_alone(facts, pf)


def _has_line(facts: HostFacts, line: str) -> bool:
    file = facts.file(UDEV_RULES_FILE)
    return bool(file and file.text and line in file.text.splitlines())


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
        title=say("Its VFs are made at every boot.")
        if there
        else say("After a reboot its VFs wait for the host-agent's start."),
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


def _lines(facts: HostFacts, pf: Pf) -> tuple[str, ...]:
    manages = "NetworkManager" in (facts.network_managers or ())
    return (rule(pf.address), unmanaged(pf.address)) if manages else (rule(pf.address),)


def _rules(facts: HostFacts, pfs: list[Pf], by_unit: tuple[Pf, ...]) -> str | None:
    """The rules file with the lines of each of these PFs, and none for those whose VFs a unit makes; others stay.

    None where no line is left.
    """
    file = facts.file(UDEV_RULES_FILE)
    text = file.text if file and file.text else HEADER
    gone = [line for pf in by_unit for line in (rule(pf.address), unmanaged(pf.address))]
    kept = [line for line in text.splitlines(keepends=True) if line.rstrip("\n") not in gone]
    new = [f"{line}\n" for pf in pfs for line in _lines(facts, pf) if line not in text.splitlines()]
    return "".join([*kept, *new]) if new or any("KERNELS" in line for line in kept) else None
