"""What the host-agent will report after its next start, and what on this host keeps it from reporting all."""

from __future__ import annotations

from collections.abc import Iterator

from checks import driver_install, firmware
from checks.bonding import wish
from checks.host_agent import designs, kvm, nics
from checks.host_agent.described import lines
from checks.host_agent.devices import BAD_PORT
from checks.host_agent.forecast import Device, Forecast, ListForecast, forecast, why_not
from checks.hostconf import proposed
from sriov_tui.cards import driver_of
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.hostconf import reading_of
from sriov_tui.message import NOTHING, join, plural, say, sentences, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step, merged

__all__ = ["Device", "Forecast", "ListForecast", "findings", "forecast", "foreseen", "lines", "steps"]

ORDER = 70
BOND_MODES = ("active-backup", "balance-xor", "802.3ad")  # 1, 2 and 4
FOLLOW = verbatim("kubectl -n onecloud logs -f POD -c host | grep -E 'sriov|isolated|getSRIOVNics|getOvsOffloadNics'")


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """The host-agent's rules for every NIC of both lists as they will be, then the prediction itself."""
    yield from merged(_findings(facts, choices))


def foreseen(facts: HostFacts, choices: Choices) -> Forecast:
    """What the host-agent will report once these choices are carried out, the reboot included."""
    after = firmware.as_after_reboot(wish.as_made(facts, choices), choices)
    return forecast(driver_install.as_after(after, choices), proposed(facts, choices))


def _findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    now, facts = foreseen(facts, choices), wish.as_made(facts, choices)
    if not now.loads or not now.asks:
        return
    if now.idle:
        # It keeps nobody from preparing the host: the BIOS and host_type are fixed beside our plan.
        yield Finding(
            id="agent.kvm",
            level=Level.FAIL,
            title=now.idle,
            fix=Fix(title=say("Switch VT-x or AMD-V on in the BIOS; host_type must be hypervisor.")),
        )
    else:
        yield from _kvm(facts)
    yield from _names(facts, now)
    yield from _host(facts)
    for pf in _pfs(facts, now.sriov.items + now.offload.items):
        if not firmware.after_reboot(facts, choices, pf):
            yield from _pf(facts, pf)
    for pf in _pfs(facts, now.offload.items):
        yield from _held(facts, pf)
    for name in now.offload.items:
        yield from _bond(facts, name)
    early = [pf for pf in _pfs(facts, now.sriov.items + now.offload.items) if _too_early(facts, pf)]
    if reading := reading_of(facts, proposed(facts, choices)):
        yield from designs.findings(facts, reading)
    yield _forecast(now, tuple(pf.netdev for pf in early))


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """None: the other modules prepare the host, the host-agent does the rest at its start."""
    yield from ()


def _pfs(facts: HostFacts, items: tuple[str, ...]) -> list[Pf]:
    reached = set(items)
    ports = {port for name in reached if (link := facts.link(name)) and link.bond for port in link.bond.ports}
    return [pf for pf in facts.pfs or () if (reached | ports) & set(pf.netdevs or ())]


def _kvm(facts: HostFacts) -> Iterator[Finding]:
    if kvm.works(facts) is None:
        yield Finding(
            id="agent.kvm",
            level=Level.SKIP,
            title=say("Whether KVM works could not be read: without it the host-agent looks for no devices."),
            evidence=(Evidence("/dev/kvm", "not seen"),),
            fix=Fix(title=say("See whether /dev/kvm is there, and whether `modprobe kvm-intel` or kvm-amd succeeds.")),
        )


def _host(facts: HostFacts) -> Iterator[Finding]:
    """Without IOMMU or vfio-pci all VFs vanish; the host-agent itself looks at neither."""
    active, module = facts.iommu.active, facts.module("vfio_pci")
    words = {
        True: say("The IOMMU is active."),
        None: say("Whether the IOMMU is active cannot be seen; see the IOMMU checks."),
    }
    yield Finding(
        id="agent.iommu",
        level={True: Level.OK, False: Level.FAIL, None: Level.SKIP}[active],
        title=words.get(
            active, say("The IOMMU is not active: vfio-pci will refuse the VFs, and no device is reported.")
        ),
        evidence=(Evidence("/sys/kernel/iommu_groups", f"{facts.iommu.groups} groups"),),
        fix=Fix(title=say("Switch the IOMMU on in the BIOS and for the kernel.")) if active is False else None,
    )
    if module is None or (not module.loaded and module.available is None):
        title = say("Whether the kernel has vfio-pci could not be read.")
        yield Finding(id="agent.vfio", level=Level.SKIP, title=title, evidence=(Evidence("/lib/modules", "not read"),))
    else:
        there = bool(module.loaded or module.available)
        yield Finding(
            id="agent.vfio",
            level=Level.OK if there else Level.FAIL,
            title=say("vfio-pci is there.")
            if there
            else say("The kernel has no vfio-pci: no VF can be given to a machine."),
            evidence=(Evidence("/sys/module/vfio_pci", "loaded" if module.loaded else "not loaded"),),
            fix=None
            if there
            else Fix(title=say("Install the kernel's module package, or a kernel with CONFIG_VFIO_PCI.")),
            blocks=not there,
        )


def _names(facts: HostFacts, now: Forecast) -> Iterator[Finding]:
    """Names that the host-agent skips without a word."""
    skipped = [(part.key, *pair) for part in (now.sriov, now.offload) for pair in part.skipped]
    for key, name, why in skipped:
        outside = nics.outside_domain(facts, name)
        yield Finding(
            id="agent.pci-domain" if outside else "agent.nic-name",
            level=Level.FAIL,
            subject=name or "host",
            title=say("{name} in {key} {why}.", name=name, key=key, why=why)
            if name
            else say("An empty name in {key} {why}.", key=key, why=why),
            evidence=(Evidence("/etc/yunion/host.conf", f"{key}: {name}"),),
            fix=Fix(
                title=say("The host-agent cannot use this card: move it to another slot, or take it out of the list.")
                if outside
                else say(
                    "Write the exact name of a card, or of a bond that is in networks, or remove it from {key}.",
                    key=key,
                )
            ),
            blocks=True,
        )
    if not skipped:
        yield Finding(
            id="agent.nic-name", level=Level.OK, title=say("Every name in the lists is a card that it will find.")
        )


def _pf(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    at = f"/sys/bus/pci/devices/{pf.address}"
    if pf.numvfs is not None and pf.totalvfs and ((known := driver_of(pf)) is None or known.makes == "sysfs"):
        partial = 0 < pf.numvfs < pf.totalvfs
        down = not partial and _too_early(facts, pf)
        yield Finding(
            id="agent.partial-vfs",
            level=Level.FAIL if partial else Level.WARN if down else Level.OK,
            subject=pf.address,
            title=say(
                "{numvfs} of {totalvfs} VFs: the kernel will refuse the host-agent's write (EBUSY), and "
                "no device of any card is reported.",
                numvfs=pf.numvfs,
                totalvfs=pf.totalvfs,
            )
            if partial
            else say(
                "{netdev} is down, and its driver {driver} creates VFs only while it is up: the host-agent would "
                "report none of it.",
                netdev=pf.netdev,
                driver=pf.driver or "",
            )
            if down
            else say(
                "{numvfs} of {totalvfs} VFs: the host-agent can work with that.", numvfs=pf.numvfs, totalvfs=pf.totalvfs
            ),
            evidence=(
                Evidence(f"{at}/sriov_numvfs", str(pf.numvfs)),
                Evidence(f"{at}/sriov_totalvfs", str(pf.totalvfs)),
            ),
            fix=Fix(
                title=say("Bring the port up, and create all its VFs.") if down else say("Make all VFs, or none."),
                steps=(f"vfs.numvfs:{pf.address}",),
            )
            if partial or down
            else None,
        )
    if pf.autoprobe is not None:
        yield Finding(
            id="agent.autoprobe",
            level=Level.OK if pf.autoprobe else Level.FAIL,
            subject=pf.address,
            title=say("Drivers may take its VFs.")
            if pf.autoprobe
            else say("sriov_drivers_autoprobe is 0: the host-agent cannot bind a VF to vfio-pci."),
            evidence=(Evidence(f"{at}/sriov_drivers_autoprobe", "1" if pf.autoprobe else "0"),),
            fix=None
            if pf.autoprobe
            else Fix(title=say("Write 1 into it, and recreate the VFs."), steps=(f"vfs.numvfs:{pf.address}",)),
        )
    yield from _without_vfs(pf)


def _too_early(facts: HostFacts, pf: Pf) -> bool:
    """Whether the driver would refuse the host-agent's write, since the link is down now."""
    driver, link = driver_of(pf), facts.link(pf.netdev)
    missing = pf.numvfs != pf.totalvfs
    return missing and driver is not None and driver.needs_link_up and link is not None and not link.up


def _without_vfs(pf: Pf) -> Iterator[Finding]:
    driver = driver_of(pf)
    if driver is not None and driver.makes != "sysfs":
        yield Finding(
            id="agent.sriov",
            level=Level.FAIL,
            subject=pf.address,
            title=say(
                "Its driver {driver} takes no VF count from sysfs: the host-agent's write fails, and it reports no "
                "device of any card.",
                driver=driver.name,
            ),
            evidence=(Evidence(f"/sys/bus/pci/devices/{pf.address}/driver", driver.name),),
            fix=Fix(title=say("Take the card out of the list, and use another."), manual=driver.instead),
            blocks=True,
        )
        return
    if pf.totalvfs:
        return
    if pf.counts_vfs and pf.totalvfs is None:
        yield Finding(
            id="agent.sriov",
            level=Level.SKIP,
            subject=pf.address,
            title=say("How many VFs the card offers cannot be read, so what the host-agent will find is not known."),
            evidence=(Evidence(f"/sys/bus/pci/devices/{pf.address}/sriov_totalvfs", say("unreadable")),),
            fix=Fix(title=say("See hardware.pf for the reason, or take the card out of the list.")),
            blocks=True,
        )
        return
    yield Finding(
        id="agent.sriov",
        level=Level.FAIL,
        subject=pf.address,
        title=say("The card offers no VFs, so the host-agent finds none here.")
        if pf.totalvfs == 0
        else say(
            "The card offers no VFs, so the host-agent finds none here, and reports no device of any other card either."
        ),
        evidence=(
            Evidence(
                f"/sys/bus/pci/devices/{pf.address}/sriov_totalvfs", say("absent") if pf.totalvfs is None else "0"
            ),
        ),
        fix=Fix(title=say("See hardware.pf for the reason, or take the card out of the list.")),
        blocks=True,
    )


def _held(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    """When it switches to switchdev, the host-agent unbinds every VF, whoever has it."""
    held = [vf for vf in pf.vfs if vf.holders]
    switchdev = any(link.pci == pf.address and "vf" in link.phys_port_name for link in facts.links or ())
    if held and not switchdev:
        yield Finding(
            id="agent.held",
            level=Level.FAIL,
            subject=pf.address,
            title=say(
                "Virtual machines hold {count_of_held} of its VFs, and to offload the host-agent would unbind them.",
                count_of_held=len(held),
            ),
            detail=join(
                ", ",
                (
                    say("{address} by {who}", address=vf.address, who=h.vm or h.command[:40])
                    for vf in held
                    for h in vf.holders or ()
                ),
            ),
            fix=Fix(title=say("Stop these virtual machines or detach the VFs, then read the machine again.")),
            blocks=True,
        )


def _bond(facts: HostFacts, name: str) -> Iterator[Finding]:
    """A bond is offloaded as one only in three modes, and with both ports on one card."""
    link = facts.link(name)
    if link is None or link.bond is None:
        return
    ports = [pf for pf in facts.pfs or () if set(link.bond.ports) & set(pf.netdevs or ())]
    cards = {pf.address.rpartition(".")[0] for pf in ports}
    why, topic = NOTHING, ""
    if link.bond.mode not in BOND_MODES:
        topic = "mode"
        why = say(
            "is in mode {mode}; offload works in {bond_modes} only",
            mode=link.bond.mode or "?",
            bond_modes=", ".join(BOND_MODES),
        )
    elif len(cards) > 1:
        why = say(
            "has its ports on different cards ({cards}), which cannot offload it together",
            cards=", ".join(sorted(cards)),
        )
    yield Finding(
        id="agent.bond",
        level=Level.FAIL if why else Level.OK,
        subject=name,
        topic=topic,
        title=say("{name} {why}.", name=name, why=why)
        if why
        else say("{name} is a bond that its card can offload.", name=name),
        evidence=(Evidence(f"/sys/class/net/{name}/bonding", f"{link.bond.mode}: {' '.join(link.bond.ports)}"),),
        fix=Fix(
            title=say(
                "Set the bond up again: mode 1, 2 or 4, its ports on one card, both in switchdev "
                "mode before they join it; or use its cards for plain SR-IOV."
            )
        )
        if why
        else None,
        blocks=bool(why),
    )


def _forecast(now: Forecast, down: tuple[str, ...] = ()) -> Finding:
    """The outcome in one line; `down` are the ports that have to be up for it."""
    if not now.starts:
        return Finding(
            id="agent.forecast",
            level=Level.FAIL,
            title=now.obstacle,
            detail=say("Its message will be: {message}", message=now.message),
            fix=Fix(title=say("Fix host.conf; the findings about it say how.")),
        )
    part = next((part for part in (now.sriov, now.offload) if part.error), None)
    if part is not None and part.topic == "unseen":
        return Finding(
            id="agent.forecast",
            level=Level.SKIP,
            title=say(
                "What the host-agent will report of {list} is not known: {cause} ({culprit}).",
                list=part.key,
                cause=part.cause,
                culprit=part.culprit,
            ),
            fix=Fix(title=say("Fix the cause; the other findings say how."), verify=FOLLOW),
        )
    if part is not None:
        return Finding(
            id="agent.forecast",
            level=Level.FAIL,
            title=say("The host-agent will report no device of {key}: {cause} ({culprit}).", key=part.key,
                      cause=part.cause, culprit=part.culprit),
            detail=say("Its message will be: {message}", message=part.error),
            topic="representors" if BAD_PORT in part.error else "",
            fix=Fix(title=say("Fix the cause; the other findings say how."), verify=FOLLOW),
        )  # fmt: skip
    if now.idle:
        return Finding(
            id="agent.forecast", level=Level.FAIL, title=now.idle, fix=Fix(title=say("Fix agent.kvm first."))
        )
    if not now.devices:
        return Finding(id="agent.forecast", level=Level.FAIL, title=say("The host-agent will report no device."),
                       fix=Fix(title=say("See the findings about the names in the lists.")))  # fmt: skip
    return _count(now, down)


def _count(now: Forecast, down: tuple[str, ...]) -> Finding:
    count = len(now.devices)
    must = say("The link must be up when it starts: {ports}.", ports=down)
    why = sentences(why_not(now), must if down else "")
    certain = plural("The host-agent will report 1 device.", "The host-agent will report {count} devices.", count)
    open_ = plural(
        "The host-agent may report 1 device. {why}", "The host-agent may report {count} devices. {why}", count, why=why
    )
    return Finding(
        id="agent.forecast",
        level=Level.SKIP if now.unseen else Level.WARN if now.doubts or down else Level.OK,
        title=open_ if why else certain,
        detail=join("\n", lines(now)),
        fix=Fix(title=say("It reads host.conf when its pod starts again."), verify=FOLLOW),
    )
