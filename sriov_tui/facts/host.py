"""The whole snapshot of one host."""

from __future__ import annotations

from dataclasses import dataclass

from sriov_tui.facts.boot import Boot
from sriov_tui.facts.driver import DriverGround, DriverImage
from sriov_tui.facts.makers import Initramfs, VfMaker
from sriov_tui.facts.mellanox import Mlx5Driver
from sriov_tui.facts.net import Link, Route, SshSession
from sriov_tui.facts.ovs import OpenVswitch
from sriov_tui.facts.pci import Pf
from sriov_tui.facts.system import Cpu, Iommu, Kernel, Module, Os, TextFile
from sriov_tui.message import Text


@dataclass(frozen=True, slots=True)
class ProbeProblem:
    """Something that could not be read: which probe, what it wanted, and why it failed."""

    probe: str
    source: str
    reason: Text


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
    hugepages: tuple[tuple[int, int], ...] | None = None  # (kB of a page, how many are reserved), by size
    modules_load: tuple[str, ...] | None = None  # modules that systemd-modules-load loads at boot
    pfs: tuple[Pf, ...] | None = None
    links: tuple[Link, ...] | None = None
    routes: tuple[Route, ...] | None = None
    node_ips: tuple[str, ...] | None = None  # by which Kubernetes knows this host; () = it is no node
    network_managers: tuple[str, ...] | None = None  # see `probe.managers`: what configures links, likeliest first
    vf_makers: tuple[VfMaker, ...] | None = None  # who else creates VFs at boot, see `probe.makers`; in that order
    vf_makers_unread: tuple[str, ...] = ()  # files and folders where one might stand, and that could not be read
    initramfs: Initramfs = Initramfs()
    mlx5: Mlx5Driver | None = None  # looked at only where there is such a card
    driver_ground: DriverGround | None = None  # the same
    images: tuple[DriverImage, ...] = ()  # those that the operator named, see `probe.image`
    firmware_tool: str | None = None  # mstconfig or mlxconfig; "" = neither, None = no card that needs it
    ovs: OpenVswitch = OpenVswitch()
    ssh: SshSession | None = None  # None = there is none: we run at a console, or as a service
    lspci: tuple[tuple[str, str], ...] = ()  # address -> the rest of its line of `lspci -nnmm`; asked where VFs are
    files: tuple[TextFile, ...] = ()
    guests: tuple[str, ...] | None = None  # virtual machines that run: name and process id
    containers: int | None = None  # tasks that containerd runs, the pods' own sandboxes included
    rebooted_for: tuple[str, ...] = ()  # steps of the newest run after which this host was rebooted
    problems: tuple[ProbeProblem, ...] = ()

    def pf(self, address: str) -> Pf | None:
        """The PF at this PCI address, or None."""
        return next((pf for pf in self.pfs or () if pf.address == address), None)

    def link(self, name: str) -> Link | None:
        """The link of exactly this name, or None."""
        return next((link for link in self.links or () if link.name == name), None)

    def carries_session(self, *names: str) -> bool:
        """Whether the SSH session runs over one of these PCI addresses or links, or may: one that is not traced may."""
        if self.ssh is None:
            return False
        return bool(self.ssh.untraced) or not {*names}.isdisjoint((*self.ssh.pfs, *self.ssh.links))

    def bond_of(self, pf: Pf) -> Link | None:
        """The bond that this PF is a port of, or None."""
        link = self.link(pf.netdev)
        above = self.link(link.master) if link and link.master else None
        return above if above and above.bond else None

    def image(self, path: str) -> DriverImage | None:
        """The driver image at this path, or None where it was not looked at."""
        return next((image for image in self.images if image.path == path), None)

    def module(self, name: str) -> Module | None:
        """The module of this name, with `_` for `-`, or None where it was not asked about."""
        return next((module for module in self.modules if module.name == name.replace("-", "_")), None)

    def file(self, path: str) -> TextFile | None:
        """What was read of the file at this path, or None where it was not asked for."""
        return next((file for file in self.files if file.path == path), None)
