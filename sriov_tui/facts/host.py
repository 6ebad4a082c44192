"""The whole snapshot of one host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sriov_tui.facts.boot import Boot
from sriov_tui.facts.driver import DriverGround, DriverImage
from sriov_tui.facts.index import by_key, grouped
from sriov_tui.facts.makers import Initramfs, VfMaker
from sriov_tui.facts.mellanox import Mlx5Driver
from sriov_tui.facts.net import Link, Route, SshSession
from sriov_tui.facts.ovs import OpenVswitch
from sriov_tui.facts.pci import Pf, Vf
from sriov_tui.facts.source import Source
from sriov_tui.facts.system import Cpu, Iommu, Kernel, Module, Os, TextFile
from sriov_tui.message import Text


@dataclass(frozen=True, slots=True)
class ProbeProblem:
    """Something that could not be read: which probe, what it wanted, and why it failed."""

    probe: str
    source: str
    reason: Text


@dataclass(frozen=True, kw_only=True)
class HostFacts:
    """Everything that checks may have an opinion about, read in one go from one `Reader`.

    It answers by key. An index is built at the first question and kept: nothing here changes, and `replace` makes
    facts without any.
    """

    hostname: str = ""
    source: Source = Source()
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
        return self._pfs.get(address)

    def pf_of_netdev(self, name: str) -> Pf | None:
        """The PF that has this network interface, or None."""
        return next(iter(self.pfs_of_netdevs((name,))), None)

    def pfs_of_netdevs(self, names: Iterable[str]) -> tuple[Pf, ...]:
        """The PFs that have one of these network interfaces, in the order of the facts."""
        places = sorted({place for name in names for place in self._places_of_netdev.get(name, ())})
        return tuple(self.pfs[place] for place in places) if self.pfs else ()

    def ports_of(self, card: str) -> tuple[Pf, ...]:
        """The PFs of the card at this address, which is theirs without the function number."""
        return self._ports.get(card, ())

    def vf(self, address: str) -> Vf | None:
        """The VF at this PCI address, or None."""
        return self._vfs.get(address)

    def link(self, name: str) -> Link | None:
        """The link of exactly this name, or None."""
        return self._links.get(name)

    def links_above(self, parent: str) -> tuple[Link, ...]:
        """The VLANs and macvlans of the link of this name."""
        return self._links_above.get(parent, ())

    def links_of(self, address: str) -> tuple[Link, ...]:
        """The links of the PCI function at this address; a PF in switchdev mode has its representors there, too."""
        return self._links_of.get(address, ())

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
        return self._modules.get(name.replace("-", "_"))

    def file(self, path: str) -> TextFile | None:
        """What was read of the file at this path, or None where it was not asked for."""
        return self._files.get(path)

    def reason(self, source: str) -> Text:
        """Why this source could not be read, "" where it was read or not asked for."""
        problem = self._problems.get(source)
        return problem.reason if problem else ""

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What was computed from these facts and is asked for again, see `sriov_tui.facts.once`."""
        return {}

    @cached_property
    def _pfs(self) -> dict[str, Pf]:
        return by_key(self.pfs, lambda pf: pf.address)

    @cached_property
    def _places_of_netdev(self) -> dict[str, tuple[int, ...]]:
        named = [(place, name) for place, pf in enumerate(self.pfs or ()) for name in pf.netdevs or ()]
        return {
            name: tuple(place for place, _ in group) for name, group in grouped(named, lambda pair: pair[1]).items()
        }

    @cached_property
    def _ports(self) -> dict[str, tuple[Pf, ...]]:
        return grouped(self.pfs, lambda pf: pf.card)

    @cached_property
    def _vfs(self) -> dict[str, Vf]:
        return by_key((vf for pf in self.pfs or () for vf in pf.vfs), lambda vf: vf.address)

    @cached_property
    def _links(self) -> dict[str, Link]:
        return by_key(self.links, lambda link: link.name)

    @cached_property
    def _links_above(self) -> dict[str, tuple[Link, ...]]:
        return grouped(self.links, lambda link: link.parent)

    @cached_property
    def _links_of(self) -> dict[str, tuple[Link, ...]]:
        return grouped(self.links, lambda link: link.pci)

    @cached_property
    def _modules(self) -> dict[str, Module]:
        return by_key(self.modules, lambda module: module.name)

    @cached_property
    def _files(self) -> dict[str, TextFile]:
        return by_key(self.files, lambda file: file.path)

    @cached_property
    def _problems(self) -> dict[str, ProbeProblem]:
        return by_key(self.problems, lambda problem: problem.source)
