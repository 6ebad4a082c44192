"""The machine itself: distribution, kernel, modules, processor, IOMMU, and the files that plans change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Iommu:
    """The IOMMU by its layers: the firmware's table, the kernel's units, the groups in use.

    `foreseen` counts only where units or groups are not known: in what is expected of a host, never in what is read.
    """

    tables: tuple[str, ...] | None = None  # of DMAR, IVRS, IORT: those that the firmware published
    smmus: int | None = None  # SMMUs in the IORT table, see `probe.iort`; None also where there is no IORT
    units: tuple[str, ...] | None = None  # /sys/class/iommu
    groups: int | None = None  # entries of /sys/kernel/iommu_groups
    interrupt_remapping: bool | None = None
    unsafe_interrupts: bool | None = None  # vfio_iommu_type1's allow_unsafe_interrupts; None where it is not loaded
    foreseen: bool | None = None

    @property
    def offered(self) -> bool | None:
        """Whether the firmware's tables describe an IOMMU. An IORT alone does not: every Arm server has one."""
        if self.tables is None or "DMAR" in self.tables or "IVRS" in self.tables:
            return None if self.tables is None else True
        if "IORT" in self.tables:
            return None if self.smmus is None else self.smmus > 0
        return False

    @property
    def active(self) -> bool | None:
        """Units and groups both exist: the only proof (drivers/iommu/iommu.c makes both at its start)."""
        return self.foreseen if self.units is None or self.groups is None else bool(self.units) and self.groups > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The running kernel; `config` holds the build options that we ask about, as in "CONFIG_X=y", of `config_path`."""

    release: str = ""
    cmdline: str | None = None
    config: tuple[str, ...] | None = None
    config_path: str = ""
    boot_id: str | None = None
    lockdown: str | None = None  # none, integrity or confidentiality
    secure_boot: bool | None = None  # False also where the firmware is no UEFI
    log: tuple[str, ...] | None = None  # lines of the kernel log that speak of IOMMU, SR-IOV or VFIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A kernel module: loaded now, built in, on disk; `parameters` as (name, type), as in ("num_vfs", "array of int").

    Parameters are asked for of the drivers of PFs alone; None where they are not known.
    """

    name: str
    loaded: bool | None = None
    available: bool | None = None
    version: str | None = None
    parameters: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """The processor: who made it, whether vmx or svm is among its flags (x86 alone has such), whether it has /dev/kvm.

    `vendor` is vendor_id of /proc/cpuinfo; on Arm the implementer's name, elsewhere what it calls the processor.
    """

    kind: Literal["x86", "arm", "other"] | None = None  # "other" is neither: POWER, IBM Z, RISC-V, LoongArch
    vendor: str = ""
    virtualization: bool | None = None
    kvm_device: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A file as text: UTF-8, and bytes that are not as lone surrogates, so that none is lost.

    `state` is "present", "absent" or "unreadable"; `text` and `sha256` are None unless present.
    """

    path: str
    state: str
    text: str | None = None
    sha256: str | None = None
    mode: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Os:
    """/etc/os-release and the machine's maker (DMI)."""

    id: str = ""
    like: tuple[str, ...] = ()
    version: str = ""
    pretty_name: str = ""
    maker: str | None = None
    product: str | None = None
    bios: str | None = None
