"""Where the running host, what is wanted of it and its next boot differ. The arguments' drift is in `checks.iommu`.

Nothing here blocks: a difference may be on its way (a reboot, a start of the host-agent), or be
made by a service that sriov-tui does not know of.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.boot import arguments, loaders
from checks.driver import VFIO
from checks.vfs import rule
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import NOTHING, Message, join, say
from sriov_tui.model import UDEV_RULES_FILE, Choices, Evidence, Finding, Fix, Level, Step

ORDER = 80
MAX_VFS = ("igb", "ixgbe")  # drivers that make VFs at their start, by their parameter max_vfs (domain facts 3)
RESTART = Fix(
    title=say("Restart the host-agent of this host, and read its log."),
    manual=say("kubectl -n onecloud get pods --field-selector spec.nodeName=NODE; then delete its default-host pod."),
)


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """VFs now and at the next boot, VFs and the host-agent, modules now and at the next boot."""
    for pf in facts.pfs or ():
        if pf.totalvfs and pf.numvfs is not None:
            wanted = choices.nic(pf.address).use != "leave"
            yield from _vfs(facts, pf, wanted)
            yield from _taken(pf, wanted)
    if choices.chosen:
        yield from _modules(facts)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """None: the checks of each subject bring it about."""
    yield from ()


def _vfs(facts: HostFacts, pf: Pf, wanted: bool) -> Iterator[Finding]:
    now, made_by = pf.numvfs or 0, _at_boot(facts, pf)
    if made_by is None or not (now or made_by[0]):
        return
    boot, evidence = made_by
    level, title, fix = _vfs_words(pf, now, boot, wanted)
    yield Finding(
        id="drift.vfs",
        level=level,
        subject=pf.address,
        title=title,
        detail=NOTHING
        if boot
        else say(
            "No udev rule or argument that sriov-tui knows of makes them at boot; another service of this host may."
        ),
        evidence=(Evidence(f"/sys/bus/pci/devices/{pf.address}/sriov_numvfs", str(now)), evidence),
        fix=fix,
    )


def _at_boot(facts: HostFacts, pf: Pf) -> tuple[int, Evidence] | None:
    """How many VFs the boot itself makes, and what shows it; None where that cannot be seen.

    The driver's own argument comes first: our rule leaves a card alone that has VFs already.
    """
    entry, file = loaders.next_entry(facts.boot), facts.file(UDEV_RULES_FILE)
    if entry is not None and pf.driver in MAX_VFS:
        asked = arguments.values(entry.arguments, f"{pf.driver}.max_vfs")
        if asked and asked[-1].isdecimal() and int(asked[-1]):
            shown = Evidence(facts.boot.config or "the boot menu", f"{pf.driver}.max_vfs={asked[-1]}")
            return min(int(asked[-1]), pf.totalvfs or 0), shown
    if file is None or file.state == "unreadable":
        return None
    there = rule(pf.address) in (file.text or "").splitlines()
    return (pf.totalvfs or 0) if there else 0, Evidence(UDEV_RULES_FILE, "a rule for it" if there else "no rule for it")


def _vfs_words(pf: Pf, now: int, boot: int, wanted: bool) -> tuple[Level, Message, Fix | None]:
    if wanted and 0 < boot < (pf.totalvfs or 0):
        title = say(
            "The next boot makes {boot} of {totalvfs} VFs: the host-agent would report no device of any card.",
            boot=boot,
            totalvfs=pf.totalvfs,
        )
        return (
            Level.FAIL,
            title,
            Fix(
                title=say(
                    "Take {driver}.max_vfs out of the kernel arguments, or set it to {totalvfs}.",
                    driver=pf.driver,
                    totalvfs=pf.totalvfs,
                )
            ),
        )
    if boot and not wanted:
        title = say("Every boot makes {boot} VFs on this card, and nothing asks for them.", boot=boot)
        fix = Fix(
            title=say(
                "Choose the card, or take its line out of {udev_rules_file} (or max_vfs out of the arguments).",
                udev_rules_file=UDEV_RULES_FILE,
            )
        )
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
