"""The VFs of each chosen PF: how many now, how many at every boot, free to be given away, and alone in their groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from checks import eswitch, firmware, offload
from checks.boot import makers
from checks.cards import in_use, new_vfs, no_vfs, offload_unit, vf_disruption, vf_groups, vf_rules, vf_unit
from checks.cards.eswitch_state import AT_BOOT
from checks.cards.vf_disruption import cuts_session
from checks.platform import vf_resources
from checks.platform.iommu_verdict import STEP
from checks.unseen import look_again
from sriov_tui import cards
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import Message, say, sentences
from sriov_tui.model import (
    CONFIRM,
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
    once_for_choices,
)
from sriov_tui.model import WriteSysfs as Sysfs

ORDER = 40


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """What stands between the chosen PFs and their VFs."""
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        offloads = pf is not None and offload.is_wanted(
            facts, choices, pf
        )  # then `checks.eswitch` makes its VFs, also at boot
        if pf is not None and (total := firmware.after_reboot(facts, choices, pf)):
            yield _after_reboot(pf, total, _makers(facts, choices, pf)[-1:])
            if not offloads:
                yield from vf_rules.findings(facts, pf)
            continue
        if pf is not None and (found := cards.obstacle(facts, pf)):
            yield no_vfs.blocked(pf, found)
            continue
        if pf is None or pf.totalvfs is None or pf.numvfs is None:
            yield no_vfs.unknown(facts, choice.address)
            continue
        yield _count(facts, pf, choice, _makers(facts, choices, pf)[:1])
        yield from vf_disruption.findings(facts, pf, replace(choice, when="boot") if offloads else choice)
        yield from vf_groups.findings(pf)
        if not offloads:
            yield from vf_rules.findings(facts, pf)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """Make the VFs now, or at the next boot where making them would cut this session; and at every boot."""
    waits, now = _waiting(facts, choices), _ready(facts, choices)
    pfs = sorted({*waits, *now}, key=lambda pf: pf.address)
    offloads = offload.wanted(facts, choices)
    ruled, by_unit = [pf for pf in pfs if not vf_unit.needed(pf)], [pf for pf in pfs if vf_unit.needed(pf)]
    rules = vf_rules.text(facts, ruled, (*offloads, *by_unit))
    file = facts.file(UDEV_RULES_FILE)
    operations: list[Operation] = []
    if (pfs or offloads) and rules != (file.text if file else None):
        operations = [
            WriteFile(path=UDEV_RULES_FILE, text=rules, expect=(file.sha256 or "") if file else None),
            Run(argv=("udevadm", "control", "--reload"), undo=("udevadm", "control", "--reload")),
        ]
    missing = [pf for pf in by_unit if not vf_unit.unit(pf).complete(facts)]
    operations += [operation for pf in missing for operation in vf_unit.unit(pf).write(facts)]
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
            + tuple(f"vfs.unmanaged {pf.address}" for pf in pfs if len(vf_rules.lines(facts, pf)) > 1)
            + tuple(f"vfs.count {pf.address}" for pf in waits),
            disrupts="reboot" if waits else "no",
            after=tuple(f"vfs.numvfs:{pf.address}" for pf in now if cuts_session(facts, pf)),  # once confirmed
        )
    for pf in now:
        if not in_use.on_vfs(facts, pf):
            yield from _make(facts, pf)


def expected(facts: HostFacts, choices: Choices, steps: tuple[Step, ...], after: HostFacts) -> HostFacts:
    """With the VFs of each PF, all of them new, and its link up where that was raised for them."""
    made = {pf: step for step in steps if (pf := after.pf(step.id.removeprefix("vfs.numvfs:")))}
    if len(made) < len(steps):  # the step for the boot
        units = {vf_unit.unit(pf).path: pf for pf in filter(vf_unit.needed, after.pfs or ())}
        after = offload_unit.as_makers(after, units)
    raised = {pf.netdev for pf, step in made.items() if any(isinstance(one, Run) for one in step.operations)}
    after = new_vfs.with_vfs(after, {pf.address: pf.totalvfs for pf in made if pf.numvfs != pf.totalvfs})
    addresses = {pf.address for pf in made}
    pfs = (replace(pf, autoprobe=True) if pf.address in addresses else pf for pf in after.pfs or ())
    return new_vfs.with_links_up(replace(after, pfs=after.pfs and tuple(pfs)), raised)


def booted(facts: HostFacts) -> HostFacts:
    """With the VFs that the boot leaves of every card, whoever creates them: all new, and those of before gone."""
    able = [pf for pf in facts.pfs or () if pf.totalvfs is not None]
    counts = {pf.address: _at_boot(facts, pf) for pf in able}
    pfs = (replace(pf, autoprobe=True) if pf.address in counts else pf for pf in facts.pfs or ())
    facts = new_vfs.with_vfs(replace(facts, pfs=facts.pfs and tuple(pfs)), counts)
    return new_vfs.with_links_up(facts, {pf.netdev for pf in able if vf_unit.unit(pf).complete(facts)})


def _at_boot(facts: HostFacts, pf: Pf) -> int | None:
    """How many VFs the next boot leaves; None where that cannot be told."""
    boot = makers.next_boot(facts, pf, pf.totalvfs or 0)
    return None if boot is None or boot.possible or facts.vf_makers_unread else boot.count


@once_for_choices
def _waiting(facts: HostFacts, choices: Choices) -> dict[Pf, Message]:
    """The chosen PFs whose VFs can only be made at the next boot, with the reason; not those that offload."""
    found = {}
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        if pf is None or offload.is_wanted(facts, choices, pf) or cards.obstacle(facts, pf):
            continue
        if total := firmware.after_reboot(facts, choices, pf):
            found[pf] = say(
                "until then the firmware offers {totalvfs} instead of {total}", totalvfs=pf.totalvfs or 0, total=total
            )
        elif _wish(pf, choice) == pf.totalvfs != pf.numvfs and cuts_session(facts, pf) and choice.when == "boot":
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
    if not offload.is_wanted(facts, choices, pf):
        return (f"vfs.numvfs:{pf.address}", "vfs.at-boot")
    return (AT_BOOT,) if pf in eswitch.waiting(facts, choices) else (f"eswitch.now:{pf.address}",)


def _make(facts: HostFacts, pf: Pf) -> Iterator[Step]:
    at, cuts, drops = f"/sys/bus/pci/devices/{pf.address}", cuts_session(facts, pf), cards.drops_link(pf)
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
                f"/sys/bus/pci/devices/{pf.address}/sriov_totalvfs",
                str(pf.totalvfs)
                if pf.totalvfs is not None
                else say("absent")
                if pf.counts_vfs is False
                else say("unreadable"),
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
