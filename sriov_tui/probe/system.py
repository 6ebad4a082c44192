"""The machine itself: distribution, kernel, processor, IOMMU, kernel modules."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import Any

from sriov_tui.facts import Cpu, HostFacts, Iommu, Kernel, Module, Os
from sriov_tui.hosts.host import MODULE
from sriov_tui.message import say
from sriov_tui.probe.source import Source
from sriov_tui.probe.vfs import vm_name

ACPI = "/sys/firmware/acpi/tables"
GROUPS = "/sys/kernel/iommu_groups"
IOMMU_TABLES = ("DMAR", "IVRS", "IORT")  # Intel, AMD, Arm
OPTIONS = ("INTEL_IOMMU", "AMD_IOMMU", "ARM_SMMU", "PCI_IOV", "PCI_MSI", "PCI_REALLOC", "IRQ_REMAP", "VFIO_PCI",
           "IOMMU_DEFAULT", "MLX5_ESWITCH", "MLX5_CLS_ACT", "MLX5_TC_CT", "NET_CLS_FLOWER", "NET_ACT_MIRRED",
           "NET_ACT_CT", "NET_TC_SKB_EXT", "NET_SWITCHDEV")  # fmt: skip
LOG_WORDS = re.compile(
    r"DMAR|IOMMU|iommu|AMD-Vi|SR-IOV|VFs|vfio|MMIO resources|BAR \d+.*(?:no space|failed)"
    r"|mlx5_core.*(?:E-Switch|ENABLE_HCA|[Tt]c chains|\b(?:lag|LAG)\b|bad resource state)|Lockdown: mst"
    r"|module is rejected|Reject SRIOV|bus number out of range|unknown header type 7f|Device is in Safe Mode"
    r"|disabled by (?:bios|BIOS)|SVM disabled \(by BIOS\)|eswitch mode"
)
LOG_LINES, BOOT_LINES = 400, 100  # in all, and of them the oldest
SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
UNSAFE = "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
CONTAINERD = "/run/containerd/io.containerd.runtime.v2.task"
VFIO = ("vfio", "vfio_iommu_type1", "vfio_pci")
KVM = ("kvm_intel", "kvm_amd")
HUGEPAGES = "/sys/kernel/mm/hugepages"
PARAMETER = re.compile(r"^(?P<name>\w+):.*?(?:\((?P<type>[^()]*)\))?$", re.MULTILINE)


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """Who the machine is: `hostname`, `root`, `container`, `os`, `kernel`, `cpu`, `iommu`, what runs on it."""
    release = source.text("/proc/sys/kernel/osrelease") or ""
    return {
        "hostname": source.text("/proc/sys/kernel/hostname") or "",
        "root": source.reader.environment().get("euid") == "0",
        "container": _container(source),
        "os": _os(source),
        "kernel": Kernel(
            release=release,
            cmdline=source.text("/proc/cmdline"),
            config=_config(source, release),
            boot_id=source.text("/proc/sys/kernel/random/boot_id"),
            lockdown=_lockdown(source),
            secure_boot=_secure_boot(source),
            log=_log(source),
        ),
        "cpu": _cpu(source),
        "iommu": _iommu(source),
        "hugepages": _hugepages(source),
        "guests": _guests(source),
        "containers": _containers(source),
    }


def probe_modules(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`modules`: those of vfio and KVM, and every PF's driver."""
    loaded = source.names("/sys/module")
    drivers = {pf.driver.replace("-", "_") for pf in facts.pfs or () if pf.driver}
    wanted = sorted({*VFIO, *KVM, *drivers, "mlx5_core"})
    on_disk = _on_disk(source, facts.kernel.release, wanted)
    able = {pf.driver.replace("-", "_") for pf in facts.pfs or () if pf.driver and pf.sriov_capable}
    modules = (_module(source, name, loaded, on_disk) for name in wanted)
    return {"modules": tuple(_with_parameters(source, one) if one.name in able else one for one in modules)}


def _guests(source: Source) -> tuple[str, ...] | None:
    """The virtual machines that run, by QEMU's command lines; pgrep ends with 1 where there are none."""
    done = source.ask(("pgrep", "-a", "qemu"))
    if done.status not in (0, 1):
        return None
    rows = (line.partition(" ") for line in done.out.splitlines())
    return tuple(vm_name(command) or say("process {pid}", pid=pid) for pid, _, command in rows)


def _containers(source: Source) -> int | None:
    lists = [source.names(f"{CONTAINERD}/{namespace}") for namespace in ("k8s.io", "moby")]
    return None if None in lists else sum(len(names or ()) for names in lists)


def _container(source: Source) -> str | None:
    done = source.ask(("systemd-detect-virt", "--container"))
    word = done.out.strip()
    if done.status in (0, 1) and word:
        return "" if word == "none" else word
    return None


def _os(source: Source) -> Os:
    pairs = {}
    for line in (source.text("/etc/os-release") or "").splitlines():
        key, _, value = line.partition("=")
        try:
            pairs[key.strip()] = " ".join(shlex.split(value))
        except ValueError:
            source.problem("/etc/os-release", say("not a shell assignment: {line}", line=repr(line[:60])))
    dmi = "/sys/class/dmi/id"
    return Os(
        id=pairs.get("ID", ""),
        like=tuple(pairs.get("ID_LIKE", "").split()),
        version=pairs.get("VERSION_ID", ""),
        pretty_name=pairs.get("PRETTY_NAME", ""),
        maker=source.text(f"{dmi}/sys_vendor"),
        product=source.text(f"{dmi}/product_name"),
        bios=source.text(f"{dmi}/bios_version"),
    )


def _config(source: Source, release: str) -> tuple[str, ...] | None:
    for path in (f"/boot/config-{release}", f"/lib/modules/{release}/config"):
        text = source.text(path)
        if text is not None:
            wanted = re.compile(rf"CONFIG_(?:{'|'.join(OPTIONS)})\w*=")
            return tuple(line for line in text.splitlines() if wanted.match(line))
    return None


def _lockdown(source: Source) -> str | None:
    found = re.search(r"\[(\w+)\]", source.text("/sys/kernel/security/lockdown") or "")
    return found[1] if found else None


def _secure_boot(source: Source) -> bool | None:
    """The UEFI variable: four bytes of attributes, then 1 where Secure Boot is on."""
    data = source.data(SECURE_BOOT, 8)
    if data is None:
        return False if source.exists("/sys/firmware/efi") is False else None
    return bool(data[4]) if len(data) > 4 else None


def _log(source: Source) -> tuple[str, ...] | None:
    """Lines of the kernel log that matter here; None where it may not be read. Absence of a line proves nothing."""
    done = source.query(("dmesg",)) or source.query(("journalctl", "-k", "-b", "0", "--no-pager", "-o", "cat"))
    if done is None:
        return None
    lines = tuple(line for line in done.out.splitlines() if LOG_WORDS.search(line))
    if len(lines) <= LOG_LINES:
        return lines
    return (*lines[:BOOT_LINES], *lines[BOOT_LINES - LOG_LINES :])  # a flood must not hide what the boot said


def _cpu(source: Source) -> Cpu:
    text = source.text("/proc/cpuinfo") or ""
    vendor = re.search(r"^vendor_id\s*:\s*(\S+)", text, re.MULTILINE)
    flags = re.search(r"^flags\s*:\s*(.*)$", text, re.MULTILINE)
    words = flags[1].split() if flags else []
    return Cpu(
        vendor=vendor[1] if vendor else "",
        virtualization="vmx" in words or "svm" in words if flags else None,
        kvm_device=source.exists("/dev/kvm"),
    )


def _hugepages(source: Source) -> tuple[tuple[int, int], ...] | None:
    """Documentation/admin-guide/mm/hugetlbpage.rst: a folder hugepages-SIZEkB for each size."""
    names = source.names(HUGEPAGES)
    sizes = [int(found[1]) for name in names or () if (found := re.fullmatch(r"hugepages-(\d+)kB", name))]
    counts = [source.number(f"{HUGEPAGES}/hugepages-{size}kB/nr_hugepages") for size in sizes]
    if names is None or None in counts:
        return None
    return tuple(sorted((size, count or 0) for size, count in zip(sizes, counts, strict=True)))


def _iommu(source: Source) -> Iommu:
    tables, groups = source.names(ACPI), source.names(GROUPS)
    numbers = sorted((name for name in groups or () if name.isdigit()), key=int)
    return Iommu(
        # An empty answer is no answer: a machine without ACPI, or a container that hides it.
        tables=tuple(name for name in IOMMU_TABLES if name in tables) if tables else None,
        units=source.names("/sys/class/iommu"),
        groups=None if groups is None else len(numbers),
        interrupt_remapping=_interrupt_remapping(source, tables or ()),
        domain_type=source.text(f"{GROUPS}/{numbers[-1]}/type") if numbers else None,
        unsafe_interrupts={"Y": True, "N": False}.get(source.text(UNSAFE) or ""),
    )


def _interrupt_remapping(source: Source, tables: tuple[str, ...]) -> bool | None:
    """What the firmware offers: bit 0 of the DMAR table's flags byte at 0x25 (domain facts 1.1); root only."""
    if "DMAR" not in tables:
        return None
    data = source.data(f"{ACPI}/DMAR", 64)
    return bool(data[0x25] & 1) if data is not None and len(data) > 0x25 else None


def _on_disk(source: Source, release: str, wanted: list[str]) -> set[str] | None:
    names: set[str] = set()
    known = False
    for file in ("modules.builtin", "modules.dep"):
        data = source.data(f"/lib/modules/{release}/{file}")
        known = known or data is not None
        for line in (data or b"").decode("utf-8", "replace").splitlines():
            stem = line.partition(":")[0].rsplit("/", 1)[-1].partition(".ko")[0].replace("-", "_")
            if stem in wanted:
                names.add(stem)
    return names if known else None


def _with_parameters(source: Source, module: Module) -> Module:
    """A driver with what `modinfo -F parm` tells: a line "name:description (type)" a parameter."""
    if not re.fullmatch(MODULE, module.name):
        return module  # a driver's name is no module's then
    done = source.ask(("modinfo", "-F", "parm", module.name))
    if done.status != 0:
        return module  # nothing is missing but a word about the operator's own arguments
    return replace(module, parameters=tuple((f["name"], f["type"] or "") for f in PARAMETER.finditer(done.out)))


def _module(source: Source, name: str, loaded: tuple[str, ...] | None, on_disk: set[str] | None) -> Module:
    is_loaded = None if loaded is None else name in loaded
    return Module(
        name=name,
        loaded=is_loaded,
        available=True if is_loaded else None if on_disk is None else name in on_disk,
        version=source.text(f"/sys/module/{name}/version") if is_loaded else None,
    )
