"""The systemd unit that gives one PF its VFs and switchdev mode at every boot: plain commands, nothing of ours."""

from __future__ import annotations

from collections.abc import Iterator

from checks.cards import connectx
from sriov_tui.cards import mode_first
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.model import UNITS, WANTED_UNITS, switchdev_unit

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


def path(pf: Pf) -> str:
    """Where the unit of a PF is."""
    return f"{UNITS}/{switchdev_unit(pf.address)}"


def text(pf: Pf) -> str:
    """The unit of a PF."""
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


def there(facts: HostFacts, pf: Pf) -> bool:
    """Whether a unit for this PF is on the disk, whatever it says."""
    file = facts.file(path(pf))
    return file is not None and file.text is not None


def enabled(facts: HostFacts, pf: Pf) -> bool:
    """Whether systemd starts the unit at boot."""
    link = facts.file(f"{WANTED_UNITS}/{switchdev_unit(pf.address)}")
    return link is not None and link.state == "present"


def complete(facts: HostFacts, pf: Pf) -> bool:
    """Whether the unit is there as it has to be, and enabled."""
    file = facts.file(path(pf))
    return file is not None and file.text == text(pf) and enabled(facts, pf)


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
