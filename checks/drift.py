"""Where the running host, what is wanted of it and its next boot differ. The arguments' drift is in `checks.iommu`.

Nothing here blocks: a difference may be on its way (a reboot, a start of the host-agent).
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.boot import correction, makers, owner
from checks.driver import VFIO
from checks.written import one_by_one
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import NOTHING, Message, join, say
from sriov_tui.model import UDEV_RULES_FILE, Choices, Evidence, Finding, Fix, Level, Step

ORDER = 80
RESTART = Fix(
    title=say("Restart the host-agent of this host, and read its log."),
    manual=say("kubectl -n onecloud get pods --field-selector spec.nodeName=NODE; then delete its default-host pod."),
)


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """VFs now and at the next boot, VFs and the host-agent, modules now and at the next boot."""
    owners = {finding.subject: finding for finding in owner.findings(facts, choices)}
    for pf in facts.pfs or ():
        if pf.totalvfs and pf.numvfs is not None:
            wanted = choices.nic(pf.address).use != "leave"
            yield from _vfs(facts, pf, wanted, owners.get(pf.address))
            yield from _taken(pf, wanted)
    yield from owners.values()
    if choices.chosen:
        yield from _modules(facts)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """The numbers of VFs that others set at boot; all else is brought about by the checks of each subject."""
    yield from correction.steps(facts, choices)


@one_by_one
def expected(facts: HostFacts, choices: Choices, step: Step, after: HostFacts) -> HostFacts:
    """With the numbers in a file as the step writes them, or without the parameter that only the initramfs had."""
    return correction.expected(facts, choices, step, after)


def _vfs(facts: HostFacts, pf: Pf, wanted: bool, owned: Finding | None) -> Iterator[Finding]:
    now, made_by = pf.numvfs or 0, _at_boot(facts, pf)
    if made_by is None or not (now or made_by[0]):
        return
    boot, evidence = made_by
    level, title, fix = _vfs_words(pf, now, boot, wanted)
    if level is Level.FAIL and owned and owned.fix:
        fix = Fix(title=say("See drift.owner, which names what creates them."), steps=owned.fix.steps)
    yield Finding(
        id="drift.vfs",
        level=level,
        subject=pf.address,
        title=title,
        detail=NOTHING if boot else say("Nothing that sriov-tui knows of creates them at boot."),
        evidence=(Evidence(f"/sys/bus/pci/devices/{pf.address}/sriov_numvfs", str(now)), evidence),
        fix=fix,
    )


def _at_boot(facts: HostFacts, pf: Pf) -> tuple[int, Evidence] | None:
    """How many VFs the boot itself makes, and what shows it; None where that cannot be seen."""
    boot = makers.next_boot(facts, pf, pf.totalvfs or 0)
    if boot is None or boot.count is None or boot.possible or facts.vf_makers_unread:
        return None
    acts = [act for act in boot.acts if act.counts]
    if not acts:
        return boot.count, Evidence(UDEV_RULES_FILE, "no rule for it")
    last = acts[-1].maker
    return boot.count, Evidence(last.path, "a rule for it" if last.path == UDEV_RULES_FILE else last.text)


def _vfs_words(pf: Pf, now: int, boot: int, wanted: bool) -> tuple[Level, Message, Fix | None]:
    if wanted and 0 < boot < (pf.totalvfs or 0):
        title = say(
            "The next boot makes {boot} of {totalvfs} VFs: the host-agent would report no device of any card.",
            boot=boot,
            totalvfs=pf.totalvfs or 0,
        )
        return Level.FAIL, title, None
    if boot and not wanted:
        title = say("Every boot makes {boot} VFs on this card, and nothing asks for them.", boot=boot)
        fix = Fix(title=say("Choose the card, or remove the line that creates them."))
        return Level.WARN, title, fix
    if now == boot:
        return Level.OK, say("{now} VFs now, and as many at the next boot.", now=now), None
    if wanted:
        after = str(boot) if boot else say("none until the host-agent makes them")
        return Level.INFO, say("{now} VFs now; after a reboot {after}.", now=now or "No", after=after), None
    title = say("It has {now} VFs that nothing asks for; after a reboot they are gone.", now=now)
    return Level.INFO, title, Fix(title=say("If they are needed, choose the card; if not, nothing has to be done."))


def _taken(pf: Pf, wanted: bool) -> Iterator[Finding]:
    """The host-agent binds every VF of the cards in its lists to vfio-pci at its start, and no other."""
    if pf.numvfs != pf.totalvfs or len(pf.vfs) != pf.numvfs or any(vf.driver is None for vf in pf.vfs):
        return
    taken = sum(vf.driver == "vfio-pci" for vf in pf.vfs)
    evidence = (Evidence(f"/sys/bus/pci/devices/{pf.address}/virtfn*/driver", f"{taken} of {pf.numvfs} vfio-pci"),)
    if wanted and taken < len(pf.vfs):
        yield Finding(
            id="drift.taken",
            level=Level.INFO,
            subject=pf.address,
            title=say(
                "{count_of_vfs} of its {numvfs} VFs are not bound to vfio-pci: the host-agent was not "
                "started since they were made, or an error stopped it.",
                count_of_vfs=len(pf.vfs) - taken,
                numvfs=pf.numvfs,
            ),
            topic="unbound",
            evidence=evidence,
            fix=RESTART,
        )
    elif taken and not wanted:
        yield Finding(
            id="drift.taken",
            level=Level.INFO,
            subject=pf.address,
            title=say("{taken} of its VFs are bound to vfio-pci, though nothing asks for this card.", taken=taken),
            evidence=evidence,
            fix=Fix(title=say("If host.conf named it before, the host-agent forgets these VFs at its next start.")),
        )
    elif taken:
        title = say("All of its VFs are bound to vfio-pci, as the host-agent does it.")
        yield Finding(id="drift.taken", level=Level.OK, subject=pf.address, title=title, evidence=evidence)


def _modules(facts: HostFacts) -> Iterator[Finding]:
    """What is loaded now against what systemd-modules-load loads at boot."""
    if facts.modules_load is None:
        return
    loaded = {name: module.loaded for name in VFIO if (module := facts.module(name)) and module.loaded is not None}
    only_now = [name for name, there in loaded.items() if there and name not in facts.modules_load]
    only_boot = [name for name, there in loaded.items() if not there and name in facts.modules_load]
    if not loaded:
        return
    words = (
        [say("loaded now and not listed for the boot: {only_now}", only_now=", ".join(only_now))] if only_now else []
    )
    words += (
        [say("listed for the boot and not loaded now: {only_boot}", only_boot=", ".join(only_boot))]
        if only_boot
        else []
    )
    yield Finding(
        id="drift.modules",
        level=Level.INFO if words else Level.OK,
        title=say("{Words}.", Words=join("; ", words))
        if words
        else say("The vfio modules are the same now and at the next boot."),
        evidence=(
            Evidence("/sys/module", f"loaded: {', '.join(name for name, there in loaded.items() if there) or 'none'}"),
            Evidence("/etc/modules-load.d", " ".join(facts.modules_load) or "no modules"),
        ),
        fix=Fix(title=say("See driver.vfio and driver.vfio-boot.")) if words else None,
    )
