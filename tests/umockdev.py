"""Reads a umockdev dump of sysfs and udev into a complete machine.

Lines: `P:` device path, `E:` udev property, `A:` text attribute, `H:` binary attribute in hex, `L:` link.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from sriov_tui.hosts.machine import Machine, put_dir, put_file, put_link

_ESCAPES = {"n": "\n", "r": "\r", "\\": "\\"}


def machine_of(dump: Path) -> Machine:
    """The machine in a dump; it knows sysfs' devices, PCI and net, and nothing of /proc or /etc."""
    machine = Machine(name=dump.stem, complete=True, holders=[])
    for directory in ("/sys/class/iommu", "/sys/kernel/iommu_groups", "/sys/bus/pci/devices", "/sys/module"):
        put_dir(machine, directory)
    at = ""
    for line in dump.read_text().splitlines():
        kind, _, rest = line.partition(": ")
        name, _, value = rest.partition("=")
        if kind == "P":
            at = f"/sys{rest}"
            put_dir(machine, at)
        elif kind == "E":
            machine.udev.setdefault(at, {})[name] = value
            _classify(machine, at, name, value)
        elif kind == "A":
            put_file(machine, f"{at}/{name}", re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), value))
        elif kind == "H":
            put_file(machine, f"{at}/{name}", bytes.fromhex(value))
        elif kind == "L":
            put_link(machine, f"{at}/{name}", os.path.normpath(f"{at}/{value}"))
    return machine


def _classify(machine: Machine, at: str, name: str, value: str) -> None:
    if (name, value) == ("SUBSYSTEM", "pci"):
        put_link(machine, f"/sys/bus/pci/devices/{at.rpartition('/')[2]}", at)
    elif (name, value) == ("SUBSYSTEM", "net"):
        put_link(machine, f"/sys/class/net/{at.rpartition('/')[2]}", at)
