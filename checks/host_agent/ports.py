"""What the host-agent meets at a card or bond of its lists: VFs that it can make, take and offload, or not."""

from __future__ import annotations

from collections.abc import Iterator

from checks.cards import vf_lag
from sriov_tui.cards import driver_of
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import join, say
from sriov_tui.model import Evidence, Finding, Fix, Level


def of_port(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    """Whether it can make, or take, the VFs of this port."""
    at = f"/sys/bus/pci/devices/{pf.address}"
    if pf.numvfs is not None and pf.totalvfs and ((known := driver_of(pf)) is None or known.makes == "sysfs"):
        partial = 0 < pf.numvfs < pf.totalvfs
        down = not partial and too_early(facts, pf)
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


def too_early(facts: HostFacts, pf: Pf) -> bool:
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
    if pf.counts_vfs is not False and pf.totalvfs is None:
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


def held(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    """When it switches to switchdev, the host-agent unbinds every VF, whoever has it."""
    taken = [vf for vf in pf.vfs if vf.holders]
    switchdev = any("vf" in link.phys_port_name for link in facts.links_of(pf.address))
    if taken and not switchdev:
        yield Finding(
            id="agent.held",
            level=Level.FAIL,
            subject=pf.address,
            title=say(
                "Virtual machines hold {count_of_held} of its VFs, and to offload the host-agent would unbind them.",
                count_of_held=len(taken),
            ),
            detail=join(
                ", ",
                (
                    say("{address} by {who}", address=vf.address, who=h.vm or h.command[:40])
                    for vf in taken
                    for h in vf.holders or ()
                ),
            ),
            fix=Fix(title=say("Stop these virtual machines or detach the VFs, then read the machine again.")),
            blocks=True,
        )


def of_bond(facts: HostFacts, name: str) -> Iterator[Finding]:
    """A bond is offloaded as one only in three modes, and with every port of one card."""
    link = facts.link(name)
    if link is None or link.bond is None:
        return
    evidence = (Evidence(f"/sys/class/net/{name}/bonding", f"{link.bond.mode or '?'}: {' '.join(link.bond.ports)}"),)
    wrong = vf_lag.wrong_mode(link)
    if wrong is None or facts.pfs is None:
        yield Finding(
            id="agent.bond",
            level=Level.SKIP,
            subject=name,
            title=say(
                "Whether a card can offload {name} is not known: its mode, or the cards, were not read.", name=name
            ),
            evidence=evidence,
        )
        return
    why, topic = vf_lag.wrong_ports(facts, link, facts.pfs_of_netdevs(link.bond.ports)), ""
    if wrong:
        topic = "mode"
        why = say(
            "is in mode {mode}; offload works in {bond_modes} only",
            mode=link.bond.mode,
            bond_modes=", ".join(vf_lag.MODES),
        )
    yield Finding(
        id="agent.bond",
        level=Level.FAIL if why else Level.OK,
        subject=name,
        topic=topic,
        title=say("{name} {why}.", name=name, why=why)
        if why
        else say("{name} is a bond that its card can offload.", name=name),
        evidence=evidence,
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
