"""Network functions on PCI: the card, its SR-IOV state and its VFs."""

from __future__ import annotations

from dataclasses import dataclass

from sriov_tui.facts.eswitch import Eswitch, Lag, Representor
from sriov_tui.facts.mellanox import VENDOR, NvSetting, nv_word

DPU_OWNERS = ("INTERNAL_CPU_PAGE_SUPPLIER", "INTERNAL_CPU_ESWITCH_MANAGER")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that keeps a device of a VF open; `vm` is the virtual machine's name and `id` its id, if it tells one.

    `device` is what it has open: the file of a VFIO group, or the VF's own device below its directory in sysfs
    (vfio-dev/vfio3, uio/uio0, infiniband_verbs/uverbs1, resource0).
    """

    pid: int
    command: str
    vm: str = ""
    device: str = ""
    id: str = ""

    @property
    def who(self) -> str:
        """The virtual machine by name and id, as the platform lists it; else the command."""
        return " ".join(word for word in (self.vm, self.id) if word) or self.command


@dataclass(frozen=True, slots=True, kw_only=True)
class Vf:
    """One virtual function, named by its PF's address and its index.

    One that is `foreseen` is not there yet: only what is expected of a host has such. Its `address` is "" where the
    card tells it only then.
    """

    index: int
    address: str
    driver: str | None = None  # "" = no driver bound
    iommu_group: int | None = None
    group_members: tuple[str, ...] | None = None  # every address in that group, itself included
    netdevs: tuple[str, ...] | None = None
    holders: tuple[Holder, ...] | None = None
    foreseen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SriovCapability:
    """The SR-IOV extended capability (id 0x0010) as it stands in config space.

    Field names follow include/uapi/linux/pci_regs.h. `total` is the card's TotalVFs; the
    driver may offer fewer, see `Pf.totalvfs`.
    """

    initial: int
    total: int
    numvfs: int
    offset: int
    stride: int
    vf_device: int
    enabled: bool
    ari_hierarchy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PcieLink:
    """The PCIe link of a function, now and at best; speeds as the kernel words them ("8.0 GT/s PCIe")."""

    speed: str
    width: int
    max_speed: str
    max_width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VfBar:
    """A VF BAR of a PF (lines 7 to 12 of its `resource` file); `start` 0 means not assigned."""

    index: int
    start: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A PCIe port above a PF, out of its config space; `acs` names the ACS controls that are on (SV TB RR CR UF)."""

    address: str
    ari_supported: bool | None = None  # DevCap2 bit 5
    ari_forwarding: bool | None = None  # DevCtl2 bit 5
    acs_capable: bool | None = None
    acs: tuple[str, ...] | None = None
    acs_able: tuple[str, ...] | None = None  # the controls that it has at all: the kernel asks for no other
    port: str | None = None  # root, upstream, downstream; bridge = to conventional PCI, "" = none of PCI Express
    functions: bool | None = None  # it is one of several functions of its device
    last_bus: int | None = None  # subordinate bus number: VFs on a later bus cannot be reached
    slot: int | None = None  # physical slot number (Slot Capabilities); 0 where the port leads to no slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Pf:
    """A physical network function that is not itself a VF.

    Every PCI function of class 0x02, and those of class 0x12 (processing accelerators) that have a network interface.
    """

    address: str
    vendor: int | None = None
    device: int | None = None
    class_code: int | None = None
    name: str | None = None  # from udev's hardware database
    path: str | None = None  # resolved, below /sys/devices
    driver: str | None = None  # "" = no driver bound
    driver_version: str | None = None
    firmware_version: str | None = None
    numa_node: int | None = None
    pcie: PcieLink | None = None
    iommu_group: int | None = None
    domain_type: str | None = None  # type of that group: DMA, DMA-FQ, identity, ...; None also before Linux 4.19
    group_members: tuple[str, ...] | None = None  # every address in that group, itself included; () = in no group
    config_bytes: int | None = None  # how much of config space could be read; 4096 shows all
    sriov: SriovCapability | None = None
    vf_names: tuple[str, str] | None = (
        None  # vendor and device of its VFs by the hardware database; "" = no such device
    )
    ari: bool | None = None
    acs: bool | None = None
    counts_vfs: bool | None = None  # sysfs has sriov_totalvfs and sriov_numvfs: the kernel takes it for a PF
    totalvfs: int | None = None  # sysfs sriov_totalvfs; None also where the file is absent
    numvfs: int | None = None
    autoprobe: bool | None = None
    vf_bars: tuple[VfBar, ...] | None = None
    bridges: tuple[Bridge, ...] | None = None  # from the port right above it up to the root port
    msix: bool | None = None  # it has the MSI-X capability
    vf_msix: int | None = None  # sysfs sriov_vf_total_msix: vectors for all VFs together
    netdevs: tuple[str, ...] | None = None
    compat_devlink: bool | None = None  # one of its netdevs has compat/devlink/mode: the vendor driver (MLNX_OFED)
    vfs: tuple[Vf, ...] = ()
    nvconfig: tuple[NvSetting, ...] | None = None  # the firmware settings that matter here
    eswitch: Eswitch | None = None
    representors: tuple[Representor, ...] | None = None  # by VF index
    lag: Lag | None = None  # None also where the kernel does not show it

    def __hash__(self) -> int:
        """By the address alone: the VFs of a card need not be looked through to find it in a set."""
        return hash(self.address)

    @property
    def netdev(self) -> str:
        """The first network interface of this function, or "" where there is none."""
        return self.netdevs[0] if self.netdevs else ""

    @property
    def card(self) -> str:
        """The address of the card that this function is a port of: its own without the function number."""
        return self.address.rpartition(".")[0]

    @property
    def mellanox(self) -> bool:
        """Whether the card is one of NVIDIA's (Mellanox)."""
        return self.vendor == VENDOR

    def setting(self, name: str) -> NvSetting | None:
        """The firmware setting of this name; None where it is not known or the card has none such."""
        return next((setting for setting in self.nvconfig or () if setting.name == name), None)

    @property
    def dpu(self) -> bool | None:
        """Whether a BlueField's own processor owns the switch (DPU mode): then the host must not configure it.

        As sriov-network-operator decides it; False for every card without INTERNAL_CPU_MODEL, None unless read.
        """
        if self.nvconfig is None:
            return None
        words = {setting.name: nv_word(setting.current or setting.next) for setting in self.nvconfig}
        owners = [words[name] for name in DPU_OWNERS if name in words]
        return words.get("INTERNAL_CPU_MODEL") == "EMBEDDED_CPU" and all(owner == "ECPF" for owner in owners)

    @property
    def sriov_capable(self) -> bool | None:
        """Whether the card has the SR-IOV capability, whatever the driver; None where that cannot be seen."""
        if self.sriov is not None or self.totalvfs is not None or self.counts_vfs:
            return True
        return None if self.config_bytes is None or self.config_bytes <= 64 else False


def model(pf: Pf) -> str:
    """vendor:device as in "8086:10c9"; "" where either is unknown."""
    return "" if pf.vendor is None or pf.device is None else f"{pf.vendor:04x}:{pf.device:04x}"


def place(pf: Pf) -> str:
    """The number of the physical slot, and the way from there to the function without bus numbers: "4/00.1".

    "" where no port above it tells a slot. The number is the one of the PCIe slot capabilities, which pciehp takes
    for its names, too.
    """
    way = [pf.address.rpartition(":")[2]]
    for bridge in pf.bridges or ():
        if bridge.slot:
            return "/".join([str(bridge.slot), *way])
        way.insert(0, bridge.address.rpartition(":")[2])
    return ""
