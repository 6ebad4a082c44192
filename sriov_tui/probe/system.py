"""The machine itself: distribution, kernel, processor, IOMMU, kernel modules."""

from __future__ import annotations

import re
import shlex
import zlib
from dataclasses import replace
from typing import Any

from sriov_tui.cards import log_patterns
from sriov_tui.facts import Cpu, HostFacts, Iommu, Kernel, Module, Os
from sriov_tui.hosts.host import MAX_FILE, MODULE
from sriov_tui.late import regex
from sriov_tui.message import say
from sriov_tui.probe.holders import vm_name
from sriov_tui.probe.iort import smmus
from sriov_tui.probe.source import Source

ACPI = "/sys/firmware/acpi/tables"
GROUPS = "/sys/kernel/iommu_groups"
CONFIG = "/proc/config.gz"  # there with CONFIG_IKCONFIG_PROC
IMPLEMENTERS = {  # arch/arm64/include/asm/cputype.h, ARM_CPU_IMP_*
    "0x41": "Arm", "0x48": "HiSilicon", "0x70": "Phytium", "0xc0": "Ampere",
}  # fmt: skip
VIRTUAL = {"vmx", "svm"}
PROCESSOR = ("vendor_id", "cpu", "CPU Family", "cpu family", "isa", "uarch")  # what others call themselves there
IOMMU_TABLES = ("DMAR", "IVRS", "IORT")  # Intel, AMD, Arm
OPTIONS = ("INTEL_IOMMU", "AMD_IOMMU", "ARM_SMMU", "PCI_IOV", "PCI_MSI", "PCI_REALLOC", "IRQ_REMAP", "VFIO_PCI",
           "IOMMU_DEFAULT", "MLX5_ESWITCH", "MLX5_CLS_ACT", "MLX5_TC_CT", "NET_CLS_FLOWER", "NET_ACT_MIRRED",
           "NET_ACT_CT", "NET_TC_SKB_EXT", "NET_SWITCHDEV")  # fmt: skip
DRIVERS = (
    r"igb|igbvf|ixgbe|ixgbevf|i40e|iavf|i40evf|ice|mlx4_core|mlx5_core|mlx5_ib|irdma|bnxt_en|bnx2x|hns3|hinic3?|ngbe"
    r"|txgbe|txgbevf|ngbevf|ionic|enic|qede?|sfc|vfio\S*|nvme-core"
)
TROUBLE = (
    r"fail|\berr|timeout|timed out|reset|reject|refus|not enough|available|insufficient|unsupported|health|synd"
    r"|assert_var"
    r"|spoof|malicious|administratively|trusted|unprivileged|safe mode|bandwidth|giving up|inaccessible|link lost|hang"
    r"|\bpages|link (?:is )?down"
    r"|bad device|adapter removed|e-?switch|\blag\b|tc chains|bad resource|\bnvm\b|\bddp\b|\bVFs?\b|npages"
    r"|iov bars|sr-?iov"
    r"|\bdisagrees|unknown symbol|done completion|fw init|pf still|initializing|no reset"
)
LOG_WORDS = regex(
    r"DMAR|IOMMU|AMD-Vi|arm-smmu|SR-?IOV|\bVFs?\b|vfio|MMIO resources|BAR \d+.*(?:no space|failed)|bridge window"
    r"|busn_res"
    r"|NETDEV WATCHDOG|AER: |PCIe Bus Error|pciehp|apparmor=\"DENIED\"|avc: +denied|RLIMIT_MEMLOCK"
    r"|blocked for more than"
    r"|bond\w*: .*(?:link status|without any active|No 802)|Lockdown: |module is rejected|unsigned module|PKCS#7"
    r"|module with \S+ \S+ is rejected|unknown header type 7f|kvm: (?:disabled|no hardware)|disabled by BIOS"
    rf"|SVM disabled|eswitch mode|\b(?:{DRIVERS})\b.*(?:{TROUBLE})|" + "|".join(log_patterns()),
    re.IGNORECASE,
)
LOG_LINES, BOOT_LINES = 400, 100  # in all, and of them the oldest
SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
UNSAFE = "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
CONTAINERD = "/run/containerd/io.containerd.runtime.v2.task"
VFIO = ("vfio", "vfio_iommu_type1", "vfio_pci")
KVM = ("kvm_intel", "kvm_amd")
HUGEPAGES = "/sys/kernel/mm/hugepages"
PARAMETER = regex(r"^(?P<name>\w+):.*?(?:\((?P<type>[^()]*)\))?$", re.MULTILINE)


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """Who the machine is: `hostname`, `root`, `container`, `os`, `kernel`, `cpu`, `iommu`, what runs on it."""
    release = source.text("/proc/sys/kernel/osrelease") or ""
    config, config_path = _config(source, release)
    return {
        "hostname": source.text("/proc/sys/kernel/hostname") or "",
        "root": _root(source),
        "container": _container(source),
        "os": _os(source),
        "kernel": Kernel(
            release=release,
            cmdline=source.text("/proc/cmdline"),
            config=config,
            config_path=config_path,
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
    named = ((vm_name(command), pid) for pid, _, command in rows)
    return tuple(
        say("{vm} (process {pid})", vm=vm, pid=pid) if vm else say("process {pid}", pid=pid) for vm, pid in named
    )


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


def _root(source: Source) -> bool | None:
    euid = source.reader.environment().get("euid")
    return None if euid is None else euid == "0"


def _config(source: Source, release: str) -> tuple[tuple[str, ...] | None, str]:
    """The build options that matter, and where they stand: what the running kernel itself tells comes first."""
    paths = (CONFIG, f"/boot/config-{release}", f"/lib/modules/{release}/config")
    for path in paths if release else (CONFIG,):
        text = _unpacked(source, path) if path == CONFIG else source.text(path)
        if text:
            wanted = re.compile(rf"CONFIG_(?:{'|'.join(OPTIONS)})\w*=")
            return tuple(line for line in text.splitlines() if wanted.match(line)), path
    return None, ""


def _unpacked(source: Source, path: str) -> str | None:
    """A text that gzip packed; damage is noted."""
    data = source.data(path)
    if data is None:
        return None
    try:
        return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress(data, MAX_FILE).decode("utf-8", "replace")
    except zlib.error as error:
        source.problem(path, say("not gzip: {error}", error=str(error)))
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
    there = source.exists("/dev/kvm")
    lines = (line.partition(":") for line in text.splitlines())
    values: dict[str, str] = {}
    for key, _, value in lines:
        values.setdefault(key.strip(), value.strip())
    vendor = values.get("vendor_id", "")
    if "flags" in values or (vendor and not vendor.startswith("IBM")):
        flags = values["flags"].split() if "flags" in values else None
        able = None if flags is None else not VIRTUAL.isdisjoint(flags)
        return Cpu(kind="x86", vendor=vendor, virtualization=able, kvm_device=there)
    if (number := values.get("CPU implementer")) is not None:
        return Cpu(kind="arm", vendor=IMPLEMENTERS.get(number.lower(), f"implementer {number}"), kvm_device=there)
    named = next((values[key] for key in PROCESSOR if values.get(key)), "")
    return Cpu(kind="other" if named else None, vendor=named, kvm_device=there)


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
    return Iommu(
        # An empty answer is no answer: a machine without ACPI, or a container that hides it.
        tables=tuple(name for name in IOMMU_TABLES if name in tables) if tables else None,
        smmus=_smmus(source) if "IORT" in (tables or ()) else None,
        units=source.names("/sys/class/iommu"),
        groups=None if groups is None else sum(name.isdigit() for name in groups),
        interrupt_remapping=_interrupt_remapping(source, tables or ()),
        unsafe_interrupts={"Y": True, "N": False}.get(source.text(UNSAFE) or ""),
    )


def _smmus(source: Source) -> int | None:
    """How many SMMUs the firmware's IORT lists; root only."""
    data = source.data(f"{ACPI}/IORT")
    found = None if data is None else smmus(data)
    if data is not None and found is None:
        source.problem(f"{ACPI}/IORT", say("not an IORT table"))
    return found


def _interrupt_remapping(source: Source, tables: tuple[str, ...]) -> bool | None:
    """What the firmware offers: bit 0 of the DMAR table's flags byte at 0x25 (VT-d specification, 8.1); root only."""
    if "DMAR" not in tables:
        return None
    data = source.data(f"{ACPI}/DMAR", 64)
    return bool(data[0x25] & 1) if data is not None and len(data) > 0x25 else None


def _on_disk(source: Source, release: str, wanted: list[str]) -> dict[str, bool]:
    """Which of these modules the kernel has, built in or on disk; one in neither is left out unless both were read."""
    contents = [source.content(f"/lib/modules/{release}/{file}") for file in ("modules.builtin", "modules.dep")]
    names: set[str] = set()
    for data in contents:
        for line in (data or b"").decode("utf-8", "replace").splitlines():
            names.add(line.partition(":")[0].rsplit("/", 1)[-1].partition(".ko")[0].replace("-", "_"))
    complete = bool(release) and None not in contents and any(contents)
    return {name: name in names for name in wanted if complete or name in names}


def _with_parameters(source: Source, module: Module) -> Module:
    """A driver with what `modinfo -F parm` tells: a line "name:description (type)" a parameter."""
    if not re.fullmatch(MODULE, module.name):
        return module  # a driver's name is no module's then
    done = source.ask(("modinfo", "-F", "parm", module.name))
    if done.status != 0:
        return module  # nothing is missing but a word about the operator's own arguments
    return replace(module, parameters=tuple((f["name"], f["type"] or "") for f in PARAMETER.finditer(done.out)))


def _module(source: Source, name: str, loaded: tuple[str, ...] | None, on_disk: dict[str, bool]) -> Module:
    is_loaded = None if loaded is None else name in loaded
    return Module(
        name=name,
        loaded=is_loaded,
        available=True if is_loaded else on_disk.get(name),
        version=source.text(f"/sys/module/{name}/version") if is_loaded else None,
    )
