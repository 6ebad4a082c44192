"""What is so on the machine, asked of the kernel and the files alone: nothing here uses the program under test."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.lab.machine import LabError, Machine

HOST_CONF = "/etc/yunion/host.conf"
STATE_DIR = "/var/lib/sriov-tui"

# Not the program's doing: what the machine itself rewrites while it runs or boots.
RESTLESS = (
    "/etc/openvswitch",  # ovs-record-hostname writes the database at every boot
    "/etc/.updated",  # systemd's stamp
    "/etc/ld.so.cache",
)

_TREE = r"""
set -e
find /etc /boot /usr/local/bin /var/lib/sriov-tui -xdev \( %s \) -prune -o \
    -printf '%%p\t%%y %%m %%U:%%G %%l\n' 2>/dev/null | sort
echo ---
find /etc /boot /usr/local/bin /var/lib/sriov-tui -xdev \( %s \) -prune -o \
    -type f -print0 2>/dev/null | sort -z | xargs -0 sha256sum
"""

# What the host-agent does at its start with each VF (pkg/hostman/isolated_device/sriov_base.go).
_BIND = r"""
modprobe vfio && modprobe vfio_iommu_type1 && modprobe vfio-pci || exit 1
for vf in $(ls -d /sys/bus/pci/devices/%s/virtfn* | sort -V | xargs -n1 readlink -f | xargs -n1 basename); do
    at=/sys/bus/pci/devices/$vf
    if [ "$(basename "$(readlink $at/driver)")" != vfio-pci ]; then
        [ ! -e $at/driver ] || echo $vf >$at/driver/unbind
        echo "$(cut -c3- $at/vendor) $(cut -c3- $at/device)" >/sys/bus/pci/drivers/vfio-pci/new_id ||
            echo $vf >/sys/bus/pci/drivers/vfio-pci/bind
    fi
    echo "$vf $(basename "$(readlink $at/driver)") $(ls $at/iommu_group/devices | wc -l)"
done
"""


@dataclass(frozen=True, slots=True)
class Bound:
    """A VF after the host-agent's way of binding it: its driver, and how many devices are in its IOMMU group."""

    address: str
    driver: str
    group_size: int


def tree(machine: Machine) -> dict[str, str]:
    """Kind, mode, owner and SHA-256 of everything below /etc, /boot, /usr/local/bin and our state folder."""
    skip = " -o ".join(f"-path {path}" for path in RESTLESS)
    kinds, _, sums = machine.ssh(_TREE % (skip, skip)).partition("\n---\n")
    found = dict(line.split("\t", 1) for line in kinds.splitlines())
    for line in sums.splitlines():
        digest, path = line.split("  ", 1)
        found[path] = f"{found.get(path, 'came while it was read')} {digest}"
    if "/boot/grub/grub.cfg" not in found:
        raise LabError(f"the tree is not whole: {len(found)} entries")
    return found


def differences(before: dict[str, str], after: dict[str, str], ours: str = STATE_DIR) -> dict[str, tuple[str, str]]:
    """The paths that differ, as (before, after), "" = absent; what is below `ours` is the program's own to write."""
    return {
        path: (before.get(path, ""), after.get(path, ""))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path) and not path.startswith(ours)
    }


def numvfs(machine: Machine, pf: str) -> int:
    """sriov_numvfs, which must agree with the virtfn links and with the PCI devices that are there."""
    at = f"/sys/bus/pci/devices/{pf}"
    number, links, there = machine.ssh(
        f"cat {at}/sriov_numvfs; ls -d {at}/virtfn* 2>/dev/null | wc -l; ls -d {at}/virtfn*/vendor 2>/dev/null | wc -l"
    ).split()
    if not number == links == there:
        raise LabError(f"{pf}: sriov_numvfs {number}, {links} virtfn links, {there} devices")
    return int(number)


def bind_as_the_agent_does(machine: Machine, pf: str) -> list[Bound]:
    """Give every VF of this PF to vfio-pci the way the host-agent does."""
    lines = machine.ssh(_BIND % pf).splitlines()
    return [Bound(address, driver, int(size)) for address, driver, size in map(str.split, lines)]


def iommu_active(machine: Machine) -> bool:
    """Units and groups both exist."""
    return machine.ssh("ls /sys/class/iommu | wc -l; ls /sys/kernel/iommu_groups | wc -l").split().count("0") == 0


def kernel_arguments(machine: Machine) -> list[str]:
    """The arguments of the running kernel."""
    return machine.ssh("cat /proc/cmdline").split()


def audit(machine: Machine, *options: str) -> dict[str, Any]:
    """The audit as JSON."""
    done = machine.try_ssh("sriov-tui audit --format json " + " ".join(options))
    try:
        found: dict[str, Any] = json.loads(done.out)
    except ValueError as error:
        raise LabError(f"the audit printed no JSON: {error}\n{done.out[:2000]}\n{done.err[-2000:]}") from error
    return found


def not_ok(report: dict[str, Any]) -> dict[str, str]:
    """The findings of an audit that are neither OK nor INFO, as id and subject -> level and title."""
    return {
        f"{finding['id']} {finding.get('subject', 'host')}": f"{finding['level']} {finding['title']}"
        for finding in report["findings"]
        if finding["level"] not in ("OK", "INFO")
    }


def finding(report: dict[str, Any], id: str) -> dict[str, Any]:
    """The one finding of this id."""
    (found,) = (finding for finding in report["findings"] if finding["id"] == id)
    result: dict[str, Any] = found
    return result


def apply_diff(old: bytes, diff: str) -> bytes:
    """A unified diff applied to a text, strictly: what it says of the old text must be so."""
    lines, result, at = old.decode().splitlines(keepends=True), [], 0
    for line in diff.splitlines(keepends=True):
        if line.startswith(("--- ", "+++ ")):
            continue
        if match := re.match(r"@@ -(\d+)", line):
            start = int(match[1]) - 1
            result += lines[at:start]
            at = start
            continue
        kind, text = line[0], line[1:]
        if kind in " -":
            if lines[at] != text:
                raise LabError(f"the diff says {text!r}, the file {lines[at]!r}")
            at += 1
        if kind in " +":
            result.append(text)
    return "".join(result + lines[at:]).encode()
