"""What is true of a host at one moment: frozen, and to and from JSON without loss.

`None` always means "unknown", never "no" or "none": an empty tuple or an empty string is
knowledge, `None` is the lack of it, and the reason stands in `HostFacts.problems`.
Numbers are integers in the kernel's units; PCI addresses are `domain:bus:device.function`
in lower-case hex, as sysfs writes them.
"""

from __future__ import annotations

from dataclasses import dataclass

ARPHRD_ETHER, ARPHRD_INFINIBAND = 1, 32  # include/uapi/linux/if_arp.h


@dataclass(frozen=True, slots=True)
class ProbeProblem:
    """Something that could not be read: which probe, what it wanted, and why it failed."""

    probe: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that keeps a VF's vfio group open; `vm` is the virtual machine's name if it tells one."""

    pid: int
    command: str
    vm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vf:
    """One virtual function, named by its PF's address and its index."""

    index: int
    address: str
    driver: str | None = None  # "" = no driver bound
    iommu_group: int | None = None
    group_members: tuple[str, ...] | None = None  # every address in that group, itself included
    netdevs: tuple[str, ...] | None = None
    holders: tuple[Holder, ...] | None = None


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
    last_bus: int | None = None  # subordinate bus number: VFs on a later bus cannot be reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Pf:
    """A physical network function: every PCI function of class 0x02 that is not itself a VF."""

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
    config_bytes: int | None = None  # how much of config space could be read; 4096 shows all
    sriov: SriovCapability | None = None
    ari: bool | None = None
    acs: bool | None = None
    totalvfs: int | None = None  # sysfs sriov_totalvfs; None also where the file is absent
    numvfs: int | None = None
    autoprobe: bool | None = None
    vf_bars: tuple[VfBar, ...] | None = None
    bridges: tuple[Bridge, ...] | None = None  # from the port right above it up to the root port
    msix: bool | None = None  # it has the MSI-X capability
    vf_msix: int | None = None  # sysfs sriov_vf_total_msix: vectors for all VFs together
    netdevs: tuple[str, ...] | None = None
    compat_devlink: bool | None = None  # compat/devlink/mode exists: the vendor driver (MLNX_OFED)
    vfs: tuple[Vf, ...] = ()

    @property
    def netdev(self) -> str:
        """The first network interface of this function, or "" where there is none."""
        return self.netdevs[0] if self.netdevs else ""

    @property
    def sriov_capable(self) -> bool | None:
        """Whether the card has the SR-IOV capability, whatever the driver; None where that cannot be seen."""
        if self.sriov is not None or self.totalvfs is not None:
            return True
        return None if self.config_bytes is None or self.config_bytes <= 64 else False


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An IP address on a link; `scope` is the kernel's word (global, link, host)."""

    ip: str
    prefixlen: int
    scope: str = "global"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """Kernel bonding on a link; `mode` in the kernel's words ("802.3ad", "active-backup", ...)."""

    mode: str
    ports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A network interface as netlink tells it; `kind` is "" for hardware, else bond, bridge, vlan, ..."""

    name: str
    index: int
    kind: str = ""
    arphrd: int = ARPHRD_ETHER
    mac: str = ""
    mtu: int = 0
    up: bool = False
    carrier: bool | None = None
    master: str = ""
    parent: str = ""  # the link below a VLAN or macvlan
    vlan: int | None = None
    bond: Bond | None = None
    pci: str = ""  # address of the PCI function behind it
    phys_port_name: str = ""
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route of the main table; `destination` is "default" or a network in CIDR form."""

    destination: str
    link: str
    gateway: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SshSession:
    """The SSH session that we run in, and every link below it down to the PFs that carry it."""

    client: str
    server: str
    links: tuple[str, ...] = ()
    pfs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Iommu:
    """The IOMMU by its layers: the firmware's table, the kernel's units, the groups in use."""

    tables: tuple[str, ...] | None = None  # of DMAR, IVRS, IORT: those that the firmware published
    units: tuple[str, ...] | None = None  # /sys/class/iommu
    groups: int | None = None  # entries of /sys/kernel/iommu_groups
    interrupt_remapping: bool | None = None
    domain_type: str | None = None  # type of the first PF's group: DMA, DMA-FQ, identity, ...
    unsafe_interrupts: bool | None = None  # vfio_iommu_type1's allow_unsafe_interrupts; None where it is not loaded

    @property
    def active(self) -> bool | None:
        """Units and groups both exist: the only proof that counts (DESIGN section 4, rule 4)."""
        return None if self.units is None or self.groups is None else bool(self.units) and self.groups > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BootEntry:
    """One boot menu entry and the kernel arguments that it would pass."""

    title: str
    kernel: str
    arguments: str
    id: str = ""  # menuentry id, or the name of the BLS file without ".conf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """The boot loader: which family it is and what the next boot would pass to the kernel.

    `loader` is "grub-debian" (update-grub), "grub2" (grub2-mkconfig) or "grub2-bls" (grubby); one that we do not
    change (see `checks.boot_manual`); or "" where it is none that we know. `why` says what was seen.
    """

    loader: str | None = None
    config: str = ""  # path of the generated configuration, links resolved
    entries: tuple[BootEntry, ...] | None = None
    default_title: str = ""
    efi: bool | None = None
    settings: tuple[str, ...] = ()  # the shell files with GRUB's settings, in the order in which they are read
    environment: str = ""  # GRUB's environment block (grubenv), where BLS entries take arguments from it
    entry_files: tuple[str, ...] = ()  # the files that the BLS entries are
    variable: str = "GRUB_CMDLINE_LINUX"  # the setting that every normal entry passes
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The running kernel; `config` holds the build options that we ask about, as in "CONFIG_X=y"."""

    release: str = ""
    cmdline: str | None = None
    config: tuple[str, ...] | None = None
    boot_id: str | None = None
    lockdown: str | None = None  # none, integrity or confidentiality
    secure_boot: bool | None = None  # False also where the firmware is no UEFI
    log: tuple[str, ...] | None = None  # lines of the kernel log that speak of IOMMU, SR-IOV or VFIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A kernel module: loaded now, built in, on disk; `parameters` as in "name=value"."""

    name: str
    loaded: bool | None = None
    available: bool | None = None
    version: str | None = None
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """The processor: vendor_id of /proc/cpuinfo and whether vmx or svm is among its flags."""

    vendor: str = ""
    virtualization: bool | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """Everything that checks may have an opinion about, read in one go from one `Reader`."""

    hostname: str = ""
    source: str = ""  # what was read: "this machine", "recording NAME", "simulated NAME"
    gathered_at: str = ""  # ISO 8601, UTC
    root: bool | None = None
    container: str | None = None  # "" = none; else docker, lxc, ...
    os: Os = Os()
    kernel: Kernel = Kernel()
    cpu: Cpu = Cpu()
    iommu: Iommu = Iommu()
    boot: Boot = Boot()
    modules: tuple[Module, ...] = ()
    modules_load: tuple[str, ...] | None = None  # modules that systemd-modules-load loads at boot
    pfs: tuple[Pf, ...] | None = None
    links: tuple[Link, ...] | None = None
    routes: tuple[Route, ...] | None = None
    ssh: SshSession | None = None  # None = no SSH session that we know of
    vf_names: tuple[tuple[str, str], ...] = ()  # VF address -> name as `lspci -nnmm` words it
    files: tuple[TextFile, ...] = ()
    guests: tuple[str, ...] | None = None  # virtual machines that run: name, or process id where it has none
    containers: int | None = None  # tasks that containerd runs, the pods' own sandboxes included
    rebooted_for: tuple[str, ...] = ()  # steps of the newest run after which this host was rebooted
    problems: tuple[ProbeProblem, ...] = ()

    def pf(self, address: str) -> Pf | None:
        """The PF at this PCI address, or None."""
        return next((pf for pf in self.pfs or () if pf.address == address), None)

    def link(self, name: str) -> Link | None:
        """The link of exactly this name, or None."""
        return next((link for link in self.links or () if link.name == name), None)

    def bond_of(self, pf: Pf) -> Link | None:
        """The bond that this PF is a port of, or None."""
        link = self.link(pf.netdev)
        above = self.link(link.master) if link and link.master else None
        return above if above and above.bond else None

    def module(self, name: str) -> Module | None:
        """The module of this name, with `_` for `-`, or None where it was not asked about."""
        return next((module for module in self.modules if module.name == name.replace("-", "_")), None)

    def file(self, path: str) -> TextFile | None:
        """What was read of the file at this path, or None where it was not asked for."""
        return next((file for file in self.files if file.path == path), None)
