"""PCI functions as they come and go: their directories, their IOMMU groups, and the VFs of a PF."""

from __future__ import annotations

from sriov_tui.hosts.machine import Machine, names, put_dir, put_file, put_link, remove, resolve, split
from sriov_tui.simulated import lspci
from sriov_tui.simulated.config import space, with_numvfs
from sriov_tui.simulated.drivers import DEVICES, NO_OVERRIDE, detach, device, driver_of

GROUPS = "/sys/kernel/iommu_groups"


def add_function(machine: Machine, at: str, vendor: str, number: str, kind: str, words: tuple[str, str]) -> None:
    """A PCI function at this directory below /sys/devices, without driver; `words` are its maker and model."""
    address = split(at)[1]
    values = {"vendor": vendor, "device": number, "class": kind, "numa_node": "-1", "driver_override": NO_OVERRIDE}
    for name, value in values.items():
        put_file(machine, f"{at}/{name}", f"{value}\n")
    put_file(machine, f"{at}/config", space(int(vendor, 16), int(number, 16)))
    machine.udev[at] = {
        "ID_VENDOR_FROM_DATABASE": words[0],
        "ID_MODEL_FROM_DATABASE": words[1],
        "PCI_SLOT_NAME": address,
    }
    put_link(machine, f"{DEVICES}/{address}", at)


def join_group(machine: Machine, address: str, number: int) -> None:
    """Put a function into an IOMMU group, which is made where it is not there: that of a port above it without ACS.

    simulation["no_acs"] names these ports.
    """
    at = device(machine, address)
    open_ports = [port for port in machine.simulation.get("no_acs", ()) if f"/{port}/" in at]
    above = [machine.links.get(f"{device(machine, port)}/iommu_group") for port in open_ports]
    number = next((int(split(link)[1]) for link in above if link), number)
    group = f"{GROUPS}/{number}"
    put_dir(machine, f"{group}/devices")
    put_link(machine, f"{group}/devices/{address}", at)
    put_link(machine, f"{at}/iommu_group", group)
    put_file(machine, f"{group}/type", f"{machine.simulation.get('domain_type', 'DMA-FQ')}\n")


def remove_vfs(machine: Machine, address: str) -> None:
    """Take all VFs of a PF away, held or not (a reset does so too)."""
    at = device(machine, address)
    for name in names(machine, at):
        if name.startswith("virtfn"):
            _remove_function(machine, split(machine.links[f"{at}/{name}"])[1])
            remove(machine, f"{at}/{name}")
    put_file(machine, f"{at}/sriov_numvfs", "0\n")
    set_config(machine, at, 0)
    lspci.refresh(machine)


def _remove_function(machine: Machine, address: str) -> None:
    at = device(machine, address)
    if driver_of(machine, address):
        detach(machine, address)
    machine.simulation.get("parked", {}).pop(address, None)
    if f"{at}/iommu_group" in machine.links:
        group = resolve(machine, f"{at}/iommu_group")
        remove(machine, f"{group}/devices/{address}")
        if not names(machine, f"{group}/devices"):
            remove(machine, group)
    remove(machine, at)
    machine.udev.pop(at, None)
    remove(machine, f"{DEVICES}/{address}")


def set_config(machine: Machine, at: str, count: int) -> None:
    """Let a PF's config space say how many VFs are there."""
    if f"{at}/config" in machine.files:
        machine.files[f"{at}/config"] = with_numvfs(machine.files[f"{at}/config"], count)
