"""Two igb ports below root ports of their own, the first of which does not keep apart what is behind it (ACS)."""

from __future__ import annotations

import struct
from dataclasses import replace

from sriov_tui.hosts.machine import Machine, put_file
from sriov_tui.simulated.boot import power_on
from sriov_tui.simulated.functions import add_function
from tests import machines

PORTS = ("0000:00:04.0", "0000:00:05.0")


def port_space(acs: bool) -> bytes:
    """Config space of a root port with a PCIe capability, ARI forwarding, and ACS or not."""
    data = bytearray(4096)
    data[0x06], data[0x34], data[0x1A] = 0x10, 0x40, 0x20
    data[0x40:0x42] = bytes((0x10, 0x00))
    struct.pack_into("<H", data, 0x42, 0x42)  # version 2, root port
    struct.pack_into("<I", data, 0x40 + 0x24, 0x20)
    struct.pack_into("<H", data, 0x40 + 0x28, 0x20)
    if acs:
        struct.pack_into("<I", data, 0x100, 0x000D | 1 << 16)
        struct.pack_into("<2H", data, 0x104, 0x1F, 0x1D)
    return bytes(data)


def no_acs() -> Machine:
    """The machine, booted."""
    machine = replace(machines.two_igb(), name="no-acs", about="A root port without ACS: its VFs share its group.")
    for port in PORTS:
        at = f"/sys/devices/pci0000:00/{port}"
        add_function(machine, at, "0x1b36", "0x000c", "0x060400", ("Red Hat, Inc.", "QEMU PCIe Root port"))
        put_file(machine, f"{at}/config", port_space(acs=port != PORTS[0]))
    machine.simulation["no_acs"] = [PORTS[0]]
    power_on(machine)
    return machine
