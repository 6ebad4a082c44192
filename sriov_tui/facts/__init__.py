"""What is true of a host at one moment: frozen, and to and from JSON without loss.

`None` always means "unknown", never "no" or "none": an empty tuple or an empty string is
knowledge, `None` is the lack of it, and the reason stands in `HostFacts.problems`.
Numbers are integers in the kernel's units; PCI addresses are `domain:bus:device.function`
in lower-case hex, as sysfs writes them.
"""

from __future__ import annotations

from sriov_tui.facts.boot import Boot, BootEntry
from sriov_tui.facts.driver import DriverGround, DriverImage, ImageLabel, KernelModules
from sriov_tui.facts.eswitch import Eswitch, Lag, Representor
from sriov_tui.facts.host import HostFacts, ProbeProblem
from sriov_tui.facts.index import grouped
from sriov_tui.facts.makers import ALL, Initramfs, MakerKind, VfMaker
from sriov_tui.facts.mellanox import Mlx5Driver, NvSetting, nv_number, nv_word, vendor_version
from sriov_tui.facts.net import (
    ARPHRD_ETHER,
    ARPHRD_INFINIBAND,
    BOND_MODES,
    Address,
    Bond,
    BondPort,
    Feature,
    Lacp,
    Link,
    Route,
    SshSession,
    VfSetting,
)
from sriov_tui.facts.once import once_for_facts, once_for_pf
from sriov_tui.facts.ovs import OpenVswitch, OvsBridge
from sriov_tui.facts.pci import Bridge, Holder, PcieLink, Pf, SriovCapability, Vf, VfBar
from sriov_tui.facts.source import Source, source_of
from sriov_tui.facts.system import Cpu, Iommu, Kernel, Module, Os, TextFile

__all__ = [
    "ALL",
    "ARPHRD_ETHER",
    "ARPHRD_INFINIBAND",
    "BOND_MODES",
    "Address",
    "Bond",
    "BondPort",
    "Boot",
    "BootEntry",
    "Bridge",
    "Cpu",
    "DriverGround",
    "DriverImage",
    "Eswitch",
    "Feature",
    "Holder",
    "HostFacts",
    "ImageLabel",
    "Initramfs",
    "Iommu",
    "Kernel",
    "KernelModules",
    "Lacp",
    "Lag",
    "Link",
    "MakerKind",
    "Mlx5Driver",
    "Module",
    "NvSetting",
    "OpenVswitch",
    "Os",
    "OvsBridge",
    "PcieLink",
    "Pf",
    "ProbeProblem",
    "Representor",
    "Route",
    "Source",
    "SriovCapability",
    "SshSession",
    "TextFile",
    "Vf",
    "VfBar",
    "VfMaker",
    "VfSetting",
    "grouped",
    "nv_number",
    "nv_word",
    "once_for_facts",
    "once_for_pf",
    "source_of",
    "vendor_version",
]
