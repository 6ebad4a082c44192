"""What others leave on a machine to create VFs at boot: of each kind one file, with its number."""

from __future__ import annotations

from dataclasses import dataclass

from sriov_tui.hosts.machine import Machine, put_file, put_link
from tests import machines

FIRST, NETDEV = machines.FIRST, "enp1s0"
INITRAMFS = "/boot/initrd.img-6.12.1-amd64"
NUMVFS = f"/sys/class/net/{NETDEV}/device/sriov_numvfs"
UNIT = "/etc/systemd/system/vfs.service"


@dataclass(frozen=True, slots=True)
class Left:
    """A file that sets `{n}` VFs on the first port, or on all ports of its driver."""

    path: str
    text: str
    mode: int = 0o644
    line: int = 1


LEFT = {
    "modprobe": Left("/etc/modprobe.d/igb.conf", "# VFs\noptions igb max_vfs={n}\n", line=2),
    "link": Left(
        "/etc/systemd/network/10-vfs.link",
        f"[Match]\nPath=pci-{FIRST}\n\n[Link]\nNamePolicy=keep kernel\nSR-IOVVirtualFunctions={{n}}\n",
        line=6,
    ),
    "early rule": Left(
        "/etc/udev/rules.d/10-vfs.rules",
        f'ACTION=="add", SUBSYSTEM=="net", KERNELS=="{FIRST}", ATTR{{{{device/sriov_numvfs}}}}="{{n}}"\n',
    ),
    "late rule": Left(
        "/etc/udev/rules.d/99-vfs.rules",
        f'ACTION=="add", SUBSYSTEM=="net", KERNELS=="{FIRST}", ATTR{{{{device/sriov_numvfs}}}}="{{n}}"\n',
    ),
    "netplan": Left(
        "/etc/netplan/10-vfs.yaml",
        f"network:\n  ethernets:\n    {NETDEV}:\n      dhcp4: false\n      virtual-function-count: {{n}}\n",
        0o600,
        line=5,
    ),
    "profile": Left(
        "/etc/NetworkManager/system-connections/vfs.nmconnection",
        f"[connection]\nid=vfs\ntype=ethernet\ninterface-name={NETDEV}\n\n[sriov]\ntotal-vfs={{n}}\n",
        0o600,
        line=7,
    ),
    "unit": Left(
        UNIT,
        f"[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo {{n}} > {NUMVFS}'\n\n[Install]\n"
        "WantedBy=multi-user.target\n",
        line=3,
    ),
    "rc.local": Left("/etc/rc.local", f"#!/bin/sh\necho {{n}} > {NUMVFS}\n", 0o755, line=2),
}


def leave(machine: Machine, kind: str, number: int) -> None:
    """Put the file of a kind on a machine, enabled."""
    left = LEFT[kind]
    put_file(machine, left.path, left.text.format(n=number), left.mode)
    if kind == "unit":
        put_link(machine, f"/etc/systemd/system/multi-user.target.wants/{UNIT.rpartition('/')[2]}", UNIT)


def with_initramfs(machine: Machine) -> None:
    """An initramfs that holds modprobe.d as it is now, and what builds it."""
    from sriov_tui.simulated.makers import keep_copies

    put_file(machine, INITRAMFS, b"")
    put_file(machine, "/usr/sbin/update-initramfs", b"", 0o755)
    keep_copies(machine)
