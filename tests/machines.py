"""The machines that tests, the bench and the demo run on. `python -m tests.machines` writes the demo's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import sriov_tui
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_file, remove
from sriov_tui.hosts.machine_file import save
from sriov_tui.simulated import lspci
from sriov_tui.simulated.config import SriovRegisters
from sriov_tui.simulated.drivers import DEVICES, device, link_row
from sriov_tui.simulated.vfs import store_numvfs
from tests.builder import IGB, INTEL, MELLANOX, Builder, config_of
from tests.mellanox_machines import connectx

FIRST, SECOND = "0000:01:00.0", "0000:02:00.0"
X710 = SriovRegisters(total=32, offset=272, stride=1, vf_device=0x154C)
CX6 = SriovRegisters(total=8, offset=2, stride=1, vf_device=0x101E)


def two_igb() -> Machine:
    """Two idle 82576 ports, the IOMMU active, the SSH session on a NIC of its own: as the lab's machine."""
    about = "Healthy: two Intel 82576 ports, the IOMMU active, SSH on a management NIC."
    return igb_on(Builder("two-igb", about))


def iommu_off() -> Machine:
    """The firmware offers the IOMMU, and the kernel is told not to use it."""
    about = "The BIOS offers VT-d, but the kernel arguments say intel_iommu=off."
    return igb_on(Builder("iommu-off", about, arguments="quiet intel_iommu=off"))


def bios_off() -> Machine:
    """No DMAR table, and the kernel is asked for an IOMMU: "DMAR: IOMMU enabled" in the log proves nothing."""
    about = "VT-d is off in the BIOS, although the kernel arguments ask for it."
    return igb_on(Builder("bios-off", about, arguments="quiet intel_iommu=on", tables=()))


def igb_on(builder: Builder, host_conf: bool = True) -> Machine:
    """Two igb ports and a management NIC on the machine that was begun."""
    builder.virtio()
    for number, root in ((1, "0000:00:04.0"), (2, "0000:00:05.0")):
        row = link_row(f"enp{number}s0", f"52:54:00:bb:00:0{number}")
        ids = (INTEL, 0x10C9, "82576 Gigabit Network Connection")
        builder.nic(f"{root}/0000:0{number}:00.0", ids, row, driver="igb", total=7, card=IGB, firmware="0. 0-1")
    if host_conf:
        builder.host_conf("mgmt0", "10.0.2.15")
    return builder.power_on()


def no_pci() -> Machine:
    """A machine without a PCI bus, as some virtual machines and boards are."""
    builder = Builder("no-pci", "A machine without PCI.", tables=())
    machine = builder.power_on()
    remove(machine, "/sys/bus/pci")
    return machine


def garbage() -> Machine:
    """A NIC of which every file holds the same bytes of nonsense, in all encodings at once."""
    machine = replace(two_igb(), name="garbage", about="A NIC of which every file is nonsense.")
    at = device(machine, FIRST)
    for path in tuple(machine.files):
        if path.startswith(f"{at}/") and not path.endswith("/class"):
            put_file(machine, path, b"\xff\xfe[/bold]\x1b[31m\x00 \xe4\xb8\xad 99999999999999999999 -1\n" * 9)
    machine.udev[at] = {"ID_VENDOR_FROM_DATABASE": "[/]\x1b]0;title\x07", "ID_MODEL_FROM_DATABASE": "中文网卡" * 50}
    lspci.refresh(machine)
    return machine


def unreadable() -> Machine:
    """Without root: config space ends after 64 bytes, the tables, the log and host.conf are not to be read."""
    machine = replace(two_igb(), name="unreadable", about="Seen without root, with files that may not be read.")
    machine.environment["euid"] = "1000"
    for address in machine.dirs[DEVICES]:
        path = config_of(machine, address)
        machine.files[path] = machine.files[path][:64]
    refused = ("/sys/firmware/acpi/tables/DMAR", "/boot/grub/grub.cfg", "/etc/yunion/host.conf")
    for path in (*refused, "/sys/kernel/security/lockdown", f"{device(machine, SECOND)}/resource"):
        del machine.files[path]
        machine.errors[path] = "EACCES"
    del machine.dirs["/etc/modules-load.d"]
    machine.errors["/etc/modules-load.d"] = "EACCES"
    for query in ("dmesg", "journalctl -k -b 0 --no-pager -o cat"):
        machine.queries[query] = Completed(1, "", "dmesg: read kernel buffer failed: Operation not permitted\n")
    return machine


def bond_ssh() -> Machine:
    """Both ports of an X710 in a bond that carries the SSH session and the only address."""
    builder = Builder("bond-ssh", "An Intel X710 whose two ports form the bond that carries your SSH session.")
    builder.link(link_row("bond0", "3c:fd:fe:00:00:01", kind="bond", up=True, carrier=True, bond_mode="802.3ad"))
    builder.address("bond0", "192.0.2.7", 24)
    builder.gateway("bond0", "192.0.2.1")
    for port in (0, 1):
        row = link_row(
            f"enp3s0f{port}np{port}", "3c:fd:fe:00:00:01", up=True, carrier=True, master=builder.index("bond0")
        )
        card = SriovRegisters(total=32, offset=272 - port + 32 * port, stride=1, vf_device=X710.vf_device)
        ids = (INTEL, 0x1572, "Ethernet Controller X710 for 10GbE SFP+")
        at = f"0000:00:01.0/0000:03:00.{port}"
        builder.nic(at, ids, row, driver="i40e", total=32, card=card, firmware="8.30 0x8000a49d 1.2926.0")
    builder.host_conf("bond0", "192.0.2.7")
    builder.machine.environment["SSH_CONNECTION"] = "192.0.2.1 50000 192.0.2.7 22"
    return builder.power_on()


def connectx6() -> Machine:
    """A ConnectX-6 Dx with the kernel's own driver; its firmware offers 8 VFs on each port."""
    about = "An NVIDIA ConnectX-6 Dx with the kernel's own driver, 8 VFs in its firmware."
    return replace(connectx(vendor=False), name="connectx-6", about=about)


def connectx_new() -> Machine:
    """A ConnectX-6 Dx as it comes: the vendor driver is installed, and its firmware offers no VFs."""
    about = "An NVIDIA ConnectX-6 Dx out of its box, with the vendor driver: no VFs in its firmware yet."
    return replace(connectx(settings={}), name="connectx-new", about=about)


def connectx_driver() -> Machine:
    """A bare ConnectX-6 Dx on CentOS 7.9, with all that its vendor's driver needs, the image included."""
    from tests import driver_machines  # which takes its cards and families of here

    return driver_machines.demo()


def big(pfs: int = 8, vfs: int = 127) -> Machine:
    """Many PFs, each with this many VFs on vfio-pci or their own driver."""
    builder = Builder(f"big-{pfs}-{vfs}", f"{pfs} PFs with {vfs} VFs each.")
    builder.virtio()
    addresses = []
    for number in range(pfs):
        bus = 0x10 + number * 2
        row = link_row(f"enp{bus}s0np0", f"b8:ce:f6:00:01:{number:02x}", up=True, carrier=True)
        card = SriovRegisters(total=vfs, offset=2, stride=1, vf_device=CX6.vf_device)
        ids: Any = (MELLANOX, 0x101D, "MT2892 Family [ConnectX-6 Dx]")
        at = f"0000:00:{number + 4:02x}.0/0000:{bus:02x}:00.0"
        builder.nic(at, ids, row, driver="mlx5_core", total=vfs, card=card, firmware="22.41.1000 (MT_0000000359)")
        addresses.append(at.rpartition("/")[2])
    machine = builder.power_on()
    for address in addresses:
        store_numvfs(machine, address, str(vfs))
    return machine


DEMO_FOLDER = Path(sriov_tui.__file__).parent / "demo"
DEMOS = {
    "two-igb": two_igb,
    "iommu-off": iommu_off,
    "connectx-6": connectx6,
    "connectx-new": connectx_new,
    "connectx-driver": connectx_driver,
    "bond-ssh": bond_ssh,
}
ALL = (*DEMOS.values(), bios_off, no_pci, garbage, unreadable, big)


def main() -> None:
    """Write the demo machines into the package."""
    for name, build in DEMOS.items():
        folder = DEMO_FOLDER / name
        save(build(), folder)
        folder.chmod(0o755)
        (folder / "machine.json").chmod(0o644)


if __name__ == "__main__":
    main()
