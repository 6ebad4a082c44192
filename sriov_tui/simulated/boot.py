"""The simulated boot: kernel arguments, IOMMU, modules, drivers, udev rules that make VFs, and systemd's units."""

from __future__ import annotations

import uuid
from dataclasses import replace

from sriov_tui.hosts.machine import Machine, names, put_file, put_link, remove, text
from sriov_tui.message import verbatim
from sriov_tui.model import SriovError
from sriov_tui.simulated import lspci, makers, mellanox, network, ovs, units
from sriov_tui.simulated.commands import run
from sriov_tui.simulated.drivers import DEVICES, NO_OVERRIDE, VFIO, detach, device, driver_of, native_driver, offer
from sriov_tui.simulated.follow import follow
from sriov_tui.simulated.functions import GROUPS, join_group, remove_vfs
from sriov_tui.simulated.grub import default_entry
from sriov_tui.simulated.log import clear, log
from sriov_tui.simulated.modules import autoload, discard, load, with_needed

UNITS, TABLES = "/sys/class/iommu", "/sys/firmware/acpi/tables"
MODULES_LOAD = ("/etc/modules-load.d", "/usr/lib/modules-load.d")


def reboot(machine: Machine) -> Machine:
    """Shut down and boot what grub.cfg names; the machine that comes up. SriovError where nothing would boot."""
    entry = default_entry(machine)
    if entry is None:
        raise SriovError(
            verbatim("The simulated machine does not boot: its grub.cfg has no entry."),
            verbatim("Write the menu anew."),
        )
    machine = replace(machine, holders=[])
    _shut_down(machine)
    put_file(machine, "/proc/cmdline", f"BOOT_IMAGE={entry.kernel} {entry.arguments}\n")
    put_file(machine, "/proc/sys/kernel/osrelease", entry.kernel.partition("vmlinuz-")[2] + "\n")
    put_file(machine, "/proc/sys/kernel/random/boot_id", f"{uuid.uuid4()}\n")
    power_on(machine)
    return machine


def _shut_down(machine: Machine) -> None:
    network.shut_down(machine)
    for address in names(machine, DEVICES):
        if address in names(machine, DEVICES) and text(machine, f"{device(machine, address)}/sriov_numvfs", "0") != "0":
            remove_vfs(machine, address)
    machine.simulation["dynamic_ids"] = {}
    keep = with_needed(machine, machine.simulation.setdefault("boot_modules", []))
    for name in names(machine, "/sys/module"):
        if name not in keep:
            discard(machine, name)


def power_on(machine: Machine) -> None:
    """From the kernel's start over udev to the units; /proc/cmdline says how it was started."""
    clear(machine)
    mellanox.boot(machine)
    _start_iommu(machine)
    for name in machine.simulation.get("boot_modules", []):
        load(machine, name)
    for name in _wanted_modules(machine):
        load(machine, name)
    for address in names(machine, DEVICES):
        _settle(machine, address)
    makers.start_drivers(machine)
    makers.apply_rules(machine)
    follow(machine)
    makers.netplan(machine)
    units.boot(machine, run, follow)
    network.boot(machine)
    makers.profiles(machine)
    follow(machine)
    units.boot(machine, run, follow, late=True)
    makers.rc_local(machine, run)
    ovs.boot(machine)
    lspci.refresh(machine)
    follow(machine)


def _settle(machine: Machine, address: str) -> None:
    at = device(machine, address)
    put_file(machine, f"{at}/driver_override", f"{NO_OVERRIDE}\n")
    if f"{at}/sriov_drivers_autoprobe" in machine.files:
        put_file(machine, f"{at}/sriov_drivers_autoprobe", "1\n")
    if driver_of(machine, address) == VFIO:
        detach(machine, address)
    if not driver_of(machine, address):
        autoload(machine, native_driver(machine, address))
        offer(machine, address)


def _wanted_modules(machine: Machine) -> list[str]:
    files: dict[str, str] = {}
    for directory in MODULES_LOAD:
        for name in names(machine, directory):
            if name.endswith(".conf"):
                files.setdefault(name, text(machine, f"{directory}/{name}"))
    lines = (line.strip() for _, content in sorted(files.items()) for line in content.splitlines())
    return [line.replace("-", "_") for line in lines if line and line[0] not in "#;"]


# -- IOMMU -------------------------------------------------------------------------------------------------------------


def iommu_active(machine: Machine) -> bool:
    """Whether the kernel would use the IOMMU: a table from the firmware, and not refused (drivers/iommu)."""
    tables = names(machine, TABLES)
    if "DMAR" not in tables:
        return any(name in tables for name in ("IVRS", "IORT")) and not _says(machine, "amd_iommu", "off")
    config = text(machine, f"/boot/config-{text(machine, '/proc/sys/kernel/osrelease')}")
    on = "CONFIG_INTEL_IOMMU_DEFAULT_ON=y" in config or "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y" in config
    for word in _values(machine, "intel_iommu"):
        on = True if word == "on" else False if word == "off" else on
    return on and not _says(machine, "iommu", "off")


def _values(machine: Machine, key: str) -> list[str]:
    tokens = text(machine, "/proc/cmdline").split()
    return [word for token in tokens if token.startswith(f"{key}=") for word in token.partition("=")[2].split(",")]


def _says(machine: Machine, key: str, value: str) -> bool:
    return value in _values(machine, key)


def _start_iommu(machine: Machine) -> None:
    for name in names(machine, UNITS):
        remove(machine, f"{UNITS}/{name}")
    for address in names(machine, DEVICES):
        remove(machine, f"{device(machine, address)}/iommu_group")
    for name in names(machine, GROUPS):
        remove(machine, f"{GROUPS}/{name}")
    intel = "DMAR" in names(machine, TABLES)
    if _values(machine, "intel_iommu"):  # the parser of the command line says so, whatever the hardware is
        log(machine, f"DMAR: IOMMU {'disabled' if _values(machine, 'intel_iommu')[-1] == 'off' else 'enabled'}")
    if not iommu_active(machine):
        return
    unit = "dmar0" if intel else "ivhd0"
    put_link(machine, f"{UNITS}/{unit}", f"/sys/devices/virtual/iommu/{unit}")
    identity = [word for word in _values(machine, "iommu") if word in ("pt", "nopt")][-1:] == ["pt"]
    machine.simulation["domain_type"] = "identity" if identity else "DMA-FQ"
    log(machine, f"iommu: Default domain type: {'Passthrough' if identity else 'Translated'}")
    for number, address in enumerate(names(machine, DEVICES)):
        join_group(machine, address, number)
        log(machine, f"pci {address}: Adding to iommu group {number}")
    words = "DMAR: Intel(R) Virtualization Technology for Directed I/O"
    log(machine, words if intel else "AMD-Vi: Interrupt remapping enabled")
