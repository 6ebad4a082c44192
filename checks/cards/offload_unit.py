"""The systemd unit that gives one PF its VFs and switchdev mode at every boot: plain commands, nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from checks.cards import connectx
from checks.cards.boot_unit import BootUnit
from checks.cards.new_vfs import with_pfs, with_vfs
from sriov_tui.cards import mode_first
from sriov_tui.facts import ALL, Eswitch, Feature, HostFacts, Pf, VfMaker
from sriov_tui.model import switchdev_unit

BEFORE = (
    "network.target NetworkManager.service systemd-networkd.service networking.service network.service "
    "ovs-vswitchd.service openvswitch.service openvswitch-switch.service kubelet.service k3s.service k3s-agent.service"
)
TEMPLATE = """\
# Written by sriov-tui, and needs nothing of it: the VFs of {address} ({netdev}), unbound, and its switchdev mode.
# To end it: systemctl disable {unit}, then reboot.
[Unit]
Description=VFs and switchdev mode of {address} ({netdev})
DefaultDependencies=no
Wants=network-pre.target systemd-udev-settle.service
After=network-pre.target systemd-udev-settle.service openibd.service
Before={before}
ConditionPathExists={at}/sriov_numvfs

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=300
Environment=PATH=/usr/sbin:/usr/bin:/sbin:/bin:/opt/mellanox/iproute2/sbin
{commands}
ExecStopPost=/bin/sh -c 'echo 1 > {at}/sriov_drivers_autoprobe'

[Install]
WantedBy=multi-user.target
"""


def unit(pf: Pf) -> BootUnit:
    """The unit of a PF."""
    return BootUnit(switchdev_unit(pf.address), lambda: _text(pf))


def _text(pf: Pf) -> str:
    return TEMPLATE.format(
        address=pf.address,
        netdev=pf.netdev or "?",
        unit=switchdev_unit(pf.address),
        before=BEFORE,
        at=device(pf),
        commands="\n".join(f"ExecStart={mark}/bin/sh -c '{line}'" for mark, line in _commands(pf)),
    )


def device(pf: Pf) -> str:
    """The PF's directory in sysfs."""
    return f"/sys/bus/pci/devices/{pf.address}"


def compat(pf: Pf, name: str) -> str:
    """A file of the vendor driver's own way to the eswitch."""
    return f"/sys/class/net/{pf.netdev}/compat/devlink/{name}"


def in_switchdev(facts: HostFacts, *pfs: Pf) -> HostFacts:
    """The host after the commands of the unit of each: all VFs there, unbound, the mode, and rules of tc taken.

    The names of the representors, and the settings that nobody asked for, show only then.
    """
    able = [pf for pf in pfs if pf.totalvfs]
    fresh = {pf.address: pf.totalvfs for pf in able if not _is_switchdev(pf) or pf.numvfs != pf.totalvfs}
    facts = with_vfs(facts, fresh, driver="") if fresh else facts
    switched = (
        replace(facts.pf(pf.address) or pf, eswitch=_switchdev(pf), representors=None, autoprobe=True, lag=None)
        for pf in able
    )
    return with_tc_offload(with_pfs(facts, *switched), able, True)


def _is_switchdev(pf: Pf) -> bool:
    return pf.eswitch is not None and pf.eswitch.mode == "switchdev"


def _switchdev(pf: Pf) -> Eswitch:
    inline = "transport" if connectx.needs_inline(pf) else None
    return Eswitch(mode="switchdev", inline_mode=inline, source=pf.eswitch.source if pf.eswitch else "devlink")


def with_tc_offload(facts: HostFacts, pfs: Iterable[Pf], on: bool | None) -> HostFacts:
    """The host with hw-tc-offload of these ports on, or not known; a fixed one stays."""
    names = {pf.netdev for pf in pfs}
    links = (
        replace(link, hw_tc_offload=Feature(on=on) if on is not None else None)
        if link.name in names and link.hw_tc_offload and not link.hw_tc_offload.fixed
        else link
        for link in facts.links or ()
    )
    return replace(facts, links=facts.links and tuple(links)) if names else facts


def as_makers(facts: HostFacts, units: Mapping[str, Pf]) -> HostFacts:
    """The host with those of our units at these paths that are there among what creates VFs at boot."""
    if facts.vf_makers is None or not units:
        return facts
    own = (
        VfMaker(kind="unit", path=path, line=number, text=line, count=ALL, pfs=(pf.address,))
        for path, pf in units.items()
        if (file := facts.file(path)) is not None
        for number, line in enumerate((file.text or "").splitlines(), 1)
        if f"> {device(pf)}/sriov_numvfs" in line
    )
    return replace(facts, vf_makers=(*(maker for maker in facts.vf_makers if maker.path not in units), *own))


def _commands(pf: Pf) -> Iterator[tuple[str, str]]:
    """Each line of shell with "-" before it where a failure is no failure of the unit.

    With autoprobe off no driver takes a VF while it is made: so they are unbound, as switchdev wants them.
    """
    at = device(pf)
    vfs = (
        f"echo 0 > {at}/sriov_drivers_autoprobe",
        f"cat {at}/sriov_totalvfs > {at}/sriov_numvfs",
        f"echo 1 > {at}/sriov_drivers_autoprobe",
    )
    if not mode_first(pf):
        yield from (("", line) for line in vfs)
    if connectx.needs_inline(pf):
        yield "-", _eswitch(pf, "inline-mode transport", "inline")
    yield "", _eswitch(pf, "mode switchdev", "mode")
    if mode_first(pf):
        yield from (("", line) for line in vfs)
    yield "-", "udevadm settle --timeout=60"
    yield "", f"for net in {at}/net/*; do ethtool -K $${{net##*/}} hw-tc-offload on; done"


def _eswitch(pf: Pf, words: str, file: str) -> str:
    """By devlink, and by the vendor driver's file where devlink is missing or refuses."""
    value = words.rpartition(" ")[2]
    return f"devlink dev eswitch set pci/{pf.address} {words} || echo {value} > {compat(pf, file)}"
