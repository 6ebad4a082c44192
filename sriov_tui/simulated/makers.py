"""Whoever creates VFs at a simulated boot beside us: drivers by a parameter, udev, netplan, profiles, rc.local.

Each in the one form that the tests use; what the initramfs holds is the copy of when it was built.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sriov_tui.hosts.machine import Machine, names, text
from sriov_tui.simulated import units
from sriov_tui.simulated.drivers import DEVICES, device, driver_of
from sriov_tui.simulated.log import log
from sriov_tui.simulated.mellanox.driver import initramfs
from sriov_tui.simulated.vfs import store_numvfs

RULES, LINKS, MODPROBE, NETPLAN = "/etc/udev/rules.d", "/etc/systemd/network", "/etc/modprobe.d", "/etc/netplan"
PROFILES, RC_LOCAL = "/etc/NetworkManager/system-connections", "/etc/rc.local"
LINK_RULES = "80-net-setup-link.rules"
DEPRECATED = (
    "Enabling SR-IOV VFs using the module parameter is deprecated - please use the pci sysfs interface."  # igb, ixgbe
)
_RULE = re.compile(
    r'KERNELS=="(?P<address>[0-9a-f:.]+)".*ATTR\{device/sriov_numvfs\}="(?P<value>\d+|\$attr\{device/sriov_totalvfs\})"'
)


def start_drivers(machine: Machine) -> None:
    """`options DRIVER max_vfs=N` out of the initramfs, where there is one, else of the disk; arguments come last."""
    files = machine.simulation.get("initramfs_files", {}) if initramfs(machine) else _files(machine, MODPROBE)
    lines = [line for _, content in sorted(files.items()) for line in content.splitlines()]
    lines += [f"options {token.replace('.', ' ', 1)}" for token in text(machine, "/proc/cmdline").split()]
    for address in _cards(machine):
        given = re.compile(rf"options {driver_of(machine, address)} max_vfs=(\d+)$")
        found = [match[1] for line in lines if (match := given.match(line.strip()))]
        if found and found[-1] != "0":
            log(machine, f"{driver_of(machine, address)} {address}: {DEPRECATED}")
            _write(machine, address, str(min(int(found[-1]), _total(machine, address))))


def keep_copies(machine: Machine) -> None:
    """An initramfs takes the files of modprobe.d with it."""
    machine.simulation["initramfs_files"] = _files(machine, MODPROBE)


def apply_rules(machine: Machine) -> None:
    """udev: the rules by their names, .link files in the place of udev's own rule."""
    for name in sorted({*names(machine, RULES), LINK_RULES}):
        if name == LINK_RULES:
            _links(machine)
        for line in text(machine, f"{RULES}/{name}").splitlines():
            found = None if line.lstrip().startswith("#") else _RULE.search(line)
            if not found or f"{DEVICES}/{found['address']}" not in machine.links:
                continue
            at = device(machine, found["address"])
            value = found["value"] if found["value"].isdigit() else text(machine, f"{at}/sriov_totalvfs", "0")
            if names(machine, f"{at}/net"):  # the rule is of the interface: without one it never runs
                _write(machine, found["address"], value)


def netplan(machine: Machine) -> None:
    """`ID: {virtual-function-count: N}` of an ethernet by its name."""
    for content in _files(machine, NETPLAN).values():
        for id, count in re.findall(
            r"^    (\S+):\n(?:      .*\n)*?      virtual-function-count: (\d+)$", content, re.M
        ):
            for address in _named(machine, id):
                _by_zero(machine, address, count)


def profiles(machine: Machine) -> None:
    """`total-vfs` of NetworkManager's keyfiles."""
    for content in _files(machine, PROFILES).values():
        name = re.search(r"^interface-name=(\S+)$", content, re.M)
        count = re.search(r"^total-vfs=(\d+)$", content, re.M)
        for address in _named(machine, name[1]) if name and count else ():
            _by_zero(machine, address, str(min(int(count[1]), _total(machine, address))) if count else "0")


def rc_local(machine: Machine, run: units.Command) -> None:
    """/etc/rc.local, where it may be executed."""
    if machine.modes.get(RC_LOCAL, 0) & 0o111:
        for line in text(machine, RC_LOCAL).splitlines()[1:]:
            units.shell(machine, line, run, lambda said: log(machine, f"rc.local: {said}"))


def _links(machine: Machine) -> None:
    for address in _cards(machine):
        for content in _files(machine, LINKS, ".link").values():
            if f"Path=pci-{address}" in content.splitlines():
                if count := re.search(r"^SR-IOVVirtualFunctions=(\d+)$", content, re.M):
                    _by_zero(machine, address, count[1])
                break


def _by_zero(machine: Machine, address: str, count: str) -> None:
    """What cannot be had is not begun; NetworkManager takes the most that can."""
    if (
        int(count) <= _total(machine, address)
        and text(machine, f"{device(machine, address)}/sriov_numvfs", "0") != count
    ):
        _write(machine, address, "0")
        _write(machine, address, count)


def _total(machine: Machine, address: str) -> int:
    return int(text(machine, f"{device(machine, address)}/sriov_totalvfs", "0"))


def _write(machine: Machine, address: str, value: str) -> None:
    try:
        store_numvfs(machine, address, value)
    except OSError as error:
        log(machine, f"udev: {address}: {error.strerror}")


def _cards(machine: Machine) -> list[str]:
    there = names(machine, DEVICES)
    return [address for address in there if f"{device(machine, address)}/sriov_totalvfs" in machine.files]


def _named(machine: Machine, name: str) -> Sequence[str]:
    return [address for address in _cards(machine) if name in names(machine, f"{device(machine, address)}/net")]


def _files(machine: Machine, folder: str, ending: str = "") -> dict[str, str]:
    return {name: text(machine, f"{folder}/{name}") for name in names(machine, folder) if name.endswith(ending)}
