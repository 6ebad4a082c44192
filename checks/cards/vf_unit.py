"""The systemd unit that creates the VFs of a port whose driver does so only while the link is up: plain commands.

A udev rule cannot: it runs when the interface appears, and that is always down (bnxt_en answers success, and creates
nothing; bnx2x answers EINVAL).
"""

from __future__ import annotations

from checks.cards.boot_unit import BootUnit
from checks.cards.offload_unit import BEFORE, device
from sriov_tui.cards import driver_of
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import Message, say, sentences
from sriov_tui.model import Evidence, Finding, Fix, Level, vfs_unit

TEMPLATE = """\
# Written by sriov-tui, and needs nothing of it: the VFs of {address} ({netdev}), whose driver {driver} creates them
# only while the link is up. To end it: systemctl disable {unit}, then reboot.
[Unit]
Description=VFs of {address} ({netdev})
DefaultDependencies=no
Wants=network-pre.target systemd-udev-settle.service
After=network-pre.target systemd-udev-settle.service
Before={before}
ConditionPathExists={at}/sriov_numvfs

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=300
Environment=PATH=/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=/bin/sh -c 'for net in {at}/net/*; do ip link set dev $${{net##*/}} up; done'
ExecStart=/bin/sh -c 'cat {at}/sriov_totalvfs > {at}/sriov_numvfs'
ExecStart=/bin/sh -c 'cmp {at}/sriov_totalvfs {at}/sriov_numvfs'

[Install]
WantedBy=multi-user.target
"""


def needed(pf: Pf) -> bool:
    """Whether the driver of a port creates VFs only while its link is up."""
    driver = driver_of(pf)
    return driver is not None and driver.needs_link_up


def unit(pf: Pf) -> BootUnit:
    """The unit of a port. Its last command makes a refusal that the driver calls a success a failure of the unit."""
    return BootUnit(vfs_unit(pf.address), lambda: _text(pf))


def _text(pf: Pf) -> str:
    return TEMPLATE.format(
        address=pf.address,
        netdev=pf.netdev or "?",
        driver=pf.driver or "?",
        unit=vfs_unit(pf.address),
        before=BEFORE,
        at=device(pf),
    )


def why(ruled: list[Pf], by_unit: list[Pf]) -> Message:
    """Why the step for the boot is taken, for ports with a udev rule and for ports with a unit."""
    if not ruled and not by_unit:
        return say("Their VFs and switchdev mode need one order, which the unit keeps.")
    rule = say("VFs are gone after a reboot. This udev rule creates them as soon as the card is there.")
    unit = say(
        "The driver {driver} creates VFs only while the link is up, which it is not when a udev rule runs. "
        "A systemd unit for each port raises the link first.",
        driver=tuple(dict.fromkeys(pf.driver or "" for pf in by_unit)),
    )
    return sentences(rule if ruled else "", unit if by_unit else "")


def finding(facts: HostFacts, pf: Pf, ruled: bool) -> Finding:
    """Whether the VFs of a port whose driver needs the link up are there from boot on: a rule (`ruled`) is no help."""
    own = unit(pf)
    ready = own.complete(facts)
    title = say("Its VFs are created at every boot.")
    if not ready:
        title = (
            say(
                "The udev rule for it runs while the link is down, when the driver {driver} creates no VFs.",
                driver=pf.driver or "",
            )
            if ruled
            else say("After a reboot, its VFs are not created until the host-agent starts.")
        )
    return Finding(
        id="vfs.at-boot",
        level=Level.OK if ready else Level.WARN,
        subject=pf.address,
        title=title,
        evidence=(Evidence(own.path, own.state(facts)),),
        fix=None
        if ready
        else Fix(title=say("Write a systemd unit that raises the link first."), steps=("vfs.at-boot",)),
    )
