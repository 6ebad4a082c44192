"""Why a port cannot provide VFs as it is: the one judgement that checks, plans and the wizard's first step share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sriov_tui.cards.driver import Driver
from sriov_tui.cards.port import driver_of, family_of, infiniband
from sriov_tui.facts import HostFacts, Pf, once_for_pf
from sriov_tui.message import NOTHING, Message, say, verbatim

Kind = Literal[
    "unseen", "no-capability", "vfio", "no-driver", "not-by-sysfs", "firmware", "hidden", "fault", "no-interface"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """A sentence about the port, and the way out; `manual` are commands or menus. `evidence` is what was read, with
    its source; ("", "") where the facts of the port show it."""

    kind: Kind
    title: Message
    fix: Message = NOTHING
    manual: Message = NOTHING
    evidence: tuple[str, str] = ("", "")


@once_for_pf
def obstacle(facts: HostFacts, pf: Pf) -> Obstacle | None:
    """The first thing that keeps this port from providing VFs; None where nothing is known to.

    A total of 0 that the plan itself can raise (ConnectX, its firmware settings read) is no obstacle.
    """
    return next((found for judge in _JUDGES if (found := judge(facts, pf))), None)


def _unseen(facts: HostFacts, pf: Pf) -> Obstacle | None:
    path = f"/sys/bus/pci/devices/{pf.address}/sriov_totalvfs"
    if pf.counts_vfs and pf.totalvfs is None:
        reason = facts.reason(path)
        return Obstacle(
            kind="unseen",
            title=say("It has SR-IOV, but how many VFs it offers cannot be read."),
            fix=say("Read the kernel log, then look again; reset or replace the card if the error remains."),
            manual=verbatim(f"cat {path}"),
            evidence=(path, reason or say("unreadable")),
        )
    if pf.sriov_capable is None:
        return Obstacle(
            kind="unseen",
            title=say("Whether it has SR-IOV cannot be seen."),
            fix=say("Run sriov-tui as root.") if facts.root is False else say("Look for the capability by lspci."),
            manual=say(
                'lspci -vv -s {address} shows "Single Root I/O Virtualization" among the capabilities.',
                address=pf.address,
            ),
        )
    return None


def _no_capability(facts: HostFacts, pf: Pf) -> Obstacle | None:
    """A model that is in the table has SR-IOV: then its firmware or the BIOS hides it. Of others nothing is claimed."""
    if pf.sriov_capable is not False:
        return None
    family = family_of(pf)
    if family is None or not family.vfs:
        return Obstacle(kind="no-capability", title=say("It has no SR-IOV capability."))
    return Obstacle(
        kind="no-capability",
        title=say("It shows no SR-IOV capability, but this model ({family}) has one.", family=family.name),
        fix=say("Enable SR-IOV in the card's firmware or in the BIOS, which hide it now; then reboot."),
        manual=family.totals,
    )


def _driver(facts: HostFacts, pf: Pf) -> Obstacle | None:
    if pf.driver == "vfio-pci":
        return Obstacle(
            kind="vfio",
            title=say("The whole port is bound to vfio-pci (a virtual machine or DPDK), so it cannot create VFs."),
            fix=say("If nobody needs it as a whole, bind it to its own driver again."),
            manual=say("lspci -k -s {address} lists the modules that fit.", address=pf.address),
        )
    if pf.driver == "":
        family = family_of(pf)
        return Obstacle(
            kind="no-driver",
            title=say("It has SR-IOV, but no driver is bound to it."),
            fix=family.driver_hint if family and family.driver_hint else say("Load the card's driver."),
            manual=say("lspci -k -s {address} lists the modules that fit.", address=pf.address),
        )
    driver = driver_of(pf)
    if driver is not None and driver.makes != "sysfs":
        return _not_by_sysfs(driver)
    return None


def _not_by_sysfs(driver: Driver) -> Obstacle:
    """The host-agent writes into sysfs, so a card whose VFs come another way ends its whole list."""
    return Obstacle(
        kind="not-by-sysfs",
        title=say(
            "Its driver {driver} creates no VFs through sysfs, and the host-agent has no other method.",
            driver=driver.name,
        ),
        fix=say("Use another card for the host-agent."),
        manual=driver.instead,
    )


def _offers_none(facts: HostFacts, pf: Pf) -> Obstacle | None:
    if pf.totalvfs or pf.nvconfig:
        return None
    if pf.totalvfs == 0 or (pf.sriov is not None and pf.sriov.total == 0):
        family = family_of(pf)
        other = say("Enable SR-IOV on the card's own page in the BIOS.")
        return Obstacle(
            kind="firmware",
            title=say("It has SR-IOV, but its firmware offers 0 VFs."),
            fix=say("Let the card's firmware offer VFs."),
            manual=family.totals if family and family.totals else other,
        )
    return Obstacle(
        kind="hidden",
        title=say("It has SR-IOV, but the kernel offers no VFs (driver {driver}).", driver=pf.driver or "?"),
        fix=say("Read the kernel log."),
        manual=verbatim(f"dmesg | grep -e {pf.address} -e SR-IOV"),
    )


def _fault(facts: HostFacts, pf: Pf) -> Obstacle | None:
    """The last line of the kernel log about a fault of this driver decides: it came, or it went."""
    driver = driver_of(pf)
    if driver is None or driver.fault is None:
        return None
    fault, last = driver.fault, ""
    for line in facts.kernel.log or ():
        if pf.address not in line:
            continue
        if re.search(fault.log, line):
            last = line
        elif fault.over and re.search(fault.over, line):
            last = ""
    if not last:
        return None
    return Obstacle(kind="fault", title=fault.title, fix=fault.fix, evidence=("dmesg", last))


def _no_interface(facts: HostFacts, pf: Pf) -> Obstacle | None:
    if pf.netdevs != ():
        return None
    if infiniband(facts, pf):
        return Obstacle(
            kind="no-interface",
            title=say("It is an InfiniBand port without a network interface, and host.conf names ports by interface."),
            fix=say("For Ethernet, set its link type to ETH and reboot; for InfiniBand, load ib_ipoib."),
            manual=say(
                "Ethernet: mstconfig -d {address} set {setting}=2, then reboot.\nInfiniBand: modprobe ib_ipoib",
                address=pf.address,
                setting=f"LINK_TYPE_P{int(pf.address[-1]) + 1}",  # each port of a card is a function of it
            ),
        )
    return Obstacle(
        kind="no-interface",
        title=say(
            "Its driver {driver} is bound, but the port has no network interface, and host.conf names ports by "
            "interface.",
            driver=pf.driver or "?",
        ),
        fix=say("Read the kernel log: the driver or the card's firmware failed, or the port is of another kind."),
        manual=verbatim(f"dmesg | grep {pf.address}"),
    )


_JUDGES: tuple[Callable[[HostFacts, Pf], Obstacle | None], ...] = (
    _unseen,
    _no_capability,
    _driver,
    _fault,
    _offers_none,
    _no_interface,
)
