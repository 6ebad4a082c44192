"""Which network interfaces an item of sriov_nics or ovs_offload_nics stands for, and with which wire and bridge.

Source: Cloudpods pkg/hostman/hostinfo/hostinfo.go, getNicsInterfaces; pkg/hostman/isolated_device/nic.go, the filter of
getSRIOVNics.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sriov_tui.facts import HostFacts, Link, Pf
from sriov_tui.hostconf import Reading
from sriov_tui.message import NOTHING, Message, say

ROOT = "/sys/devices/pci0000:"  # the only root that the host-agent looks below


@dataclass(frozen=True, slots=True, kw_only=True)
class HostNic:
    """An interface by its name and what the host-agent takes from `networks` for it; `pf` is the function behind it.

    `wire` is "" where the entry is in the IP form. `listed` is False where no entry names the item: the first counts.
    """

    netdev: str
    item: str
    wire: str
    bridge: str
    listed: bool
    pf: Pf | None = None


def host_nics(facts: HostFacts, reading: Reading, items: tuple[str, ...]) -> Iterator[HostNic]:
    """Every interface of every item, whether it is there or not: an item once for each entry that names it."""
    entries = reading.options.entries
    for item in items:
        link = facts.link(item)
        matching = reading.options.entries_of(item)
        names = link.bond.ports if link and link.bond and matching else (item,)
        for entry in matching or entries[:1]:
            for name in names:
                yield HostNic(netdev=name, item=item, wire=entry.wire, bridge=entry.bridge, listed=bool(matching),
                              pf=function_of(facts, name))  # fmt: skip
        if not entries:
            yield HostNic(netdev=item, item=item, wire="", bridge="", listed=False, pf=function_of(facts, item))


def function_of(facts: HostFacts, netdev: str) -> Pf | None:
    """The PF whose directory `device` of this interface is: its own, or for a representor that of its PF."""
    link = facts.link(netdev)
    behind = facts.pf(link.pci) if link is not None and link.pci else None
    return behind or (facts.pf_of_netdev(netdev) if _direct(link) else None)


def _direct(link: Link | None) -> bool:
    """Whether an interface hangs on its PCI function itself, as far as its path is known; virtio's does not."""
    return link is None or link.path is None or "/virtio" not in link.path


def path_of(facts: HostFacts, nic: HostNic) -> str | None:
    """Where the kernel has the interface; None where that is not known."""
    if nic.pf is not None:
        return nic.pf.path or f"/sys/devices/pci{nic.pf.address}"
    link = facts.link(nic.netdev)
    if link is None or link.path is not None:
        return link.path if link else None
    return f"/sys/devices/pci{link.pci}" if link.pci else None


def outside_domain(facts: HostFacts, netdev: str) -> bool:
    """Whether it is a network card in a PCI domain where the host-agent does not look."""
    path = _hardware_path(facts, netdev)
    return path is not None and not path.startswith(ROOT)


def _hardware_path(facts: HostFacts, netdev: str) -> str | None:
    pf = facts.pf_of_netdev(netdev) or function_of(facts, netdev)
    return (pf.path or f"/sys/devices/pci{pf.address}") if pf else None


def why_skipped(facts: HostFacts, nic: HostNic) -> Message:
    """Why the host-agent passes over an interface without a word; "" where it does not."""
    path, link, item = path_of(facts, nic), facts.link(nic.netdev), facts.link(nic.item)
    if path is not None and path.startswith(ROOT):
        return NOTHING
    if outside_domain(facts, nic.netdev):
        address = (nic.pf or _owner(facts, nic.netdev)).address
        return say("is outside PCI domain 0000 ({address}): the host-agent skips it", address=address)
    if facts.links is None:
        return say("cannot be looked up: the network links are not known")
    if item is not None and item.bond is not None and not nic.listed:
        return say("is a bond without an entry in networks: the host-agent skips it")
    if link is None:
        return say("is not a network interface of this host: the host-agent skips it")
    if link.path is None and not link.kind and link.name != "lo":
        return say("cannot be looked up: its place among the devices is not known")
    return say("is a virtual interface, not a network card: the host-agent skips it")


def _owner(facts: HostFacts, netdev: str) -> Pf:
    return next(pf for pf in facts.pfs or () if netdev in (pf.netdevs or ()))
