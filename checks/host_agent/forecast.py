"""What the host-agent will report after its next start: computed from the facts and host.conf alone.

It follows `getSRIOVNics` and `getOvsOffloadNics` of pkg/hostman/isolated_device/nic.go: one error
of one NIC or VF, and no device of that list is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sriov_tui.cards import obstacle
from sriov_tui.facts import HostFacts, Link, Pf, Vf
from sriov_tui.hostconf import Reading, parse_entry, reading_of
from sriov_tui.message import NOTHING, Message, say

Change = Literal["numvfs", "switchdev", "bind", "unbind", "ovs"]
NET = "/sys/class/net"
BIND = "/sys/bus/pci/drivers/vfio-pci/bind"
NEW_ID = "/sys/bus/pci/drivers/vfio-pci/new_id"
BAD_PORT = "bad portname"  # in the host-agent's error where a representor is named otherwise than it expects
ROOT = "/sys/devices/pci0000:"  # the only root that the host-agent looks below (nic.go)
PREFIX = {"sriov_nics": "get sriov nic devices ", "ovs_offload_nics": "getOvsOffloadNics: "}
_LABEL_LOST = re.compile("[#'@]")  # the host-agent's pattern for lspci's names lacks these
_ID_SUFFIX = re.compile(r"\s*\[[0-9a-f]{4}\]$")
_BRACKETS = re.compile(r"\[([^\[\]]*)\](?=[^\[\]]*$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device as the host-agent registers it; `model` is "" where lspci's name is not known before the VF exists.

    `addr` has no PCI domain: the host-agent drops it. `wire` is "" where the entry of the NIC is in the IP form.
    """

    addr: str
    vendor_device_id: str
    model: str
    pf: str
    virtfn: int
    wire: str
    representor: str = ""
    planned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListForecast:
    """What comes of one list: devices, or the one error that leaves none; names skipped, and why."""

    key: str
    items: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    error: str = ""
    cause: Message = NOTHING  # of the error: our words
    culprit: str = ""  # of the error: a PCI address or a name
    topic: str = ""  # of the error: the finding that is about it
    skipped: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    changes: tuple[tuple[Change, Message], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The whole prediction; `message` is what the host-agent dies with, "" where there is no host.conf at all."""

    loads: bool
    message: str = ""
    idle: Message = NOTHING  # why NICs are not probed at all
    sriov: ListForecast = ListForecast(key="sriov_nics")
    offload: ListForecast = ListForecast(key="ovs_offload_nics")

    @property
    def devices(self) -> tuple[Device, ...]:
        """Every device of both lists, in the host-agent's order."""
        return self.sriov.devices + self.offload.devices

    @property
    def asks(self) -> bool:
        """Whether host.conf asks for any NIC at all."""
        return bool(self.sriov.items or self.offload.items)


class _Refused(Exception):
    """The error that makes the host-agent report nothing of a list."""

    def __init__(self, topic: str, culprit: str, error: str, cause: Message) -> None:
        super().__init__(error)
        self.topic, self.culprit, self.error, self.cause = topic, culprit, error, cause


@dataclass(frozen=True, slots=True)
class _Nic:
    netdev: str
    item: str
    wire: str
    listed: bool
    pf: Pf


def forecast(facts: HostFacts, text: str | None = None) -> Forecast:
    """What the host-agent will report with this host.conf (None = the present one) on this machine as it is."""
    reading = reading_of(facts, text)
    if reading is None:
        return Forecast(loads=False)
    if not reading.loads:
        return Forecast(loads=False, message=reading.message)
    options = reading.options
    idle = NOTHING
    if options.host_type == "container":
        idle = say("host_type is container: the host-agent looks for no devices.")
    elif facts.cpu.virtualization is False:
        idle = say("KVM cannot be used (no vmx or svm): the host-agent looks for no devices.")
    if idle:
        return Forecast(
            loads=True,
            idle=idle,
            sriov=ListForecast(key="sriov_nics", items=options.sriov_nics),
            offload=ListForecast(key="ovs_offload_nics", items=options.ovs_offload_nics),
        )
    return Forecast(
        loads=True,
        sriov=_list(facts, reading, "sriov_nics", options.sriov_nics),
        offload=_list(facts, reading, "ovs_offload_nics", options.ovs_offload_nics),
    )


def _list(facts: HostFacts, reading: Reading, key: str, items: tuple[str, ...]) -> ListForecast:
    skipped: list[tuple[str, str]] = []
    nics = sorted(_nics(facts, reading, items, skipped), key=lambda nic: nic.netdev)
    devices: list[Device] = []
    changes: list[tuple[Change, Message]] = []
    fresh: dict[str, int] = {}
    try:
        for nic in nics:
            devices += _devices(facts, nic, key, changes, fresh)
    except _Refused as refused:
        return ListForecast(
            key=key,
            items=items,
            error=PREFIX[key] + refused.error,
            cause=refused.cause,
            culprit=refused.culprit,
            topic=refused.topic,
            skipped=tuple(skipped),
            changes=tuple(changes),
        )
    if key == "ovs_offload_nics" and items:
        changes.append(("ovs", say("set other_config:hw-offload=true in Open vSwitch")))
    notes = tuple(
        (
            nic.item,
            say("is not in networks: its VFs get the wire of the first entry, and none at all in Cloudpods 3.10"),
        )
        for nic in nics
        if not nic.listed
    )
    return ListForecast(
        key=key, items=items, devices=tuple(devices), skipped=tuple(skipped), notes=notes, changes=tuple(changes)
    )


def _nics(facts: HostFacts, reading: Reading, items: tuple[str, ...], skipped: list[tuple[str, str]]) -> Iterator[_Nic]:
    """The PFs that an item stands for, with the wire of its entry; what drops out goes to `skipped`."""
    entries = [entry for text in reading.options.networks if (entry := parse_entry(text))]
    wires = {entry.iface: entry.wire for entry in entries}
    first = entries[0].wire if entries else ""
    for item in items:
        link = facts.link(item)
        listed = item in wires
        names = link.bond.ports if link and link.bond and listed else (item,)
        for name in names:
            why = _why_skipped(facts, name, listed, link)
            pf = pf_of(facts, name)
            if why or pf is None:
                skipped.append((name, why or say("is not a network card that we know")))
            else:
                yield _Nic(name, item, wires.get(item, first), listed, pf)


def pf_of(facts: HostFacts, netdev: str) -> Pf | None:
    """The PF with this network interface."""
    return next((pf for pf in facts.pfs or () if netdev in (pf.netdevs or ())), None)


def _why_skipped(facts: HostFacts, name: str, listed: bool, link: Link | None) -> Message:
    """Why the host-agent passes over a name without a word; "" where it does not."""
    pf = pf_of(facts, name)
    if pf is not None:
        if is_outside(facts, name):
            return say("is outside PCI domain 0000 ({address}): the host-agent passes over it", address=pf.address)
        return NOTHING
    if facts.links is None:
        return say("cannot be looked up: the network links are not known")
    if link is not None and link.bond is not None and not listed:
        return say("is a bond without an entry in networks: the host-agent passes over it")
    if facts.link(name) is None:
        return say("is no network interface of this host: the host-agent passes over it")
    return say("is a virtual interface or a VF, not a network card: the host-agent passes over it")


def _devices(
    facts: HostFacts, nic: _Nic, key: str, changes: list[tuple[Change, Message]], fresh: dict[str, int]
) -> Iterator[Device]:
    pf = nic.pf
    vfs, planned = _make_vfs(facts, nic, changes)
    models, usual = _models(facts, pf)
    representors = _representors(facts, nic, changes, planned) if key == "ovs_offload_nics" else {}
    for vf in vfs:
        vendor_device = vf_id(pf)
        _bind(facts, nic, vf, vendor_device, changes, fresh)
        yield Device(
            addr=vf.address[-7:],
            vendor_device_id=vendor_device,
            model=models.get(vf.address, usual),
            pf=nic.netdev,
            virtfn=vf.index,
            wire=nic.wire,
            representor=representors.get(vf.index, ""),
            planned=planned,
        )


def _make_vfs(facts: HostFacts, nic: _Nic, changes: list[tuple[Change, Message]]) -> tuple[tuple[Vf, ...], bool]:
    """The VFs once numvfs equals totalvfs, in the order of the directory; and whether they are still to be made."""
    pf, file = nic.pf, f"{NET}/{nic.netdev}/device/sriov_numvfs"
    found = obstacle(facts, pf) if pf.numvfs != pf.totalvfs else None
    if found is not None and found.kind == "not-by-sysfs":
        raise _Refused("sriov", pf.address, f"write {file}: no such file or directory",
                       say("its driver takes no VF count from sysfs"))  # fmt: skip
    if found is not None and found.kind == "fault":
        raise _Refused("sriov", pf.address, f"write {file}: operation not supported",
                       say("its driver creates no VFs in its present state"))  # fmt: skip
    if pf.counts_vfs and pf.totalvfs is None:
        raise _Refused("unseen", pf.address, f"read {NET}/{nic.netdev}/device/sriov_totalvfs",
                       say("how many VFs the card offers cannot be read"))  # fmt: skip
    if pf.totalvfs is None or pf.numvfs is None:
        raise _Refused(
            "sriov",
            pf.address,
            f"open {file}: no such file or directory",
            say("the card, or its driver, offers no VFs"),
        )
    if pf.numvfs == pf.totalvfs:
        return tuple(sorted(pf.vfs, key=lambda vf: str(vf.index))), False
    if pf.numvfs:
        raise _Refused(
            "partial-vfs",
            pf.address,
            f"write {file}: device or resource busy",
            say("{numvfs} of {totalvfs} VFs are there: neither none nor all", numvfs=pf.numvfs, totalvfs=pf.totalvfs),
        )
    changes.append(("numvfs", say("write {totalvfs} into {file}", totalvfs=pf.totalvfs, file=file)))
    return tuple(sorted(planned_vfs(pf), key=lambda vf: str(vf.index))), True


def planned_vfs(pf: Pf) -> tuple[Vf, ...]:
    """The VFs that the card will have: addresses by First VF Offset and VF Stride (PCIe SR-IOV, 2.1.2)."""
    if pf.sriov is None or not pf.totalvfs:
        return tuple(Vf(index=index, address="", driver="") for index in range(pf.totalvfs or 0))
    domain, bus, slot = pf.address.split(":")
    device, function = slot.split(".")
    base = int(bus, 16) << 8 | int(device, 16) << 3 | int(function, 16)
    routing = [base + pf.sriov.offset + index * pf.sriov.stride for index in range(pf.totalvfs)]
    return tuple(
        Vf(index=index, address=f"{domain}:{rid >> 8:02x}:{rid >> 3 & 31:02x}.{rid & 7}", driver="")
        for index, rid in enumerate(routing)
    )


def _bind(
    facts: HostFacts, nic: _Nic, vf: Vf, ids: str, changes: list[tuple[Change, Message]], fresh: dict[str, int]
) -> None:
    """Bind one VF to vfio-pci: by new_id for the first of its kind, by bind for the others."""
    if vf.driver == "vfio-pci":
        return
    short = vf.address[-7:] or say("VF {index} of {netdev}", index=vf.index, netdev=nic.netdev)
    first = fresh.get(ids, 0) == 0
    fresh[ids] = fresh.get(ids, 0) + 1
    module = facts.module("vfio_pci")
    if module is not None and module.loaded is False and module.available is False:
        raise _Refused(
            "vfio",
            nic.pf.address,
            f"bind driver {short} : open {BIND}: no such file or directory",
            say("the kernel has no vfio-pci module"),
        )
    if not first and facts.iommu.active is False:
        raise _Refused(
            "iommu",
            nic.pf.address,
            f"bind driver {short} : write {BIND}: invalid argument",
            say("the IOMMU is not active"),
        )
    if not first and nic.pf.autoprobe is False:
        raise _Refused(
            "autoprobe",
            nic.pf.address,
            f"bind driver {short} : write {BIND}: no such device",
            say("sriov_drivers_autoprobe is 0: no driver may take a VF"),
        )
    if vf.driver:
        changes.append(("unbind", say("unbind {address} from {driver}", address=vf.address, driver=vf.driver)))
    changes.append(("bind", say("bind {address} to vfio-pci", address=vf.address or short)))


def _representors(facts: HostFacts, nic: _Nic, changes: list[tuple[Change, Message]], planned: bool) -> dict[int, str]:
    """VF index to representor; switches the card to switchdev on the way."""
    pf, mode = nic.pf, f"{NET}/{nic.netdev}/compat/devlink/mode"
    if not pf.compat_devlink:
        raise _Refused(
            "offload",
            pf.address,
            f"open {mode}: no such file or directory",
            say("the driver is not the vendor's (MLNX_OFED, DOCA-OFED)"),
        )
    changes.append(("switchdev", say("write switchdev into {mode}, where it is not there yet", mode=mode)))
    found: dict[int, str] = {}
    for link in facts.links or ():
        if link.pci != pf.address or link.name == nic.netdev or planned:
            continue
        parts = link.phys_port_name.split("vf")
        if len(parts) != 2 or not parts[1].strip().isdigit():
            raise _Refused(
                "offload",
                pf.address,
                f"{link.name} {BAD_PORT} {link.phys_port_name}",
                say("a second interface of the card is no VF representor"),
            )
        found[int(parts[1])] = link.name
    return found


def vf_id(pf: Pf) -> str:
    """vendor:device of a PF's VFs, as in "8086:10ca"; "" where the device is not known."""
    if pf.sriov is None or pf.vendor is None:
        return NOTHING
    return f"{pf.vendor:04x}:{pf.sriov.vf_device:04x}"


def _models(facts: HostFacts, pf: Pf) -> tuple[dict[str, str], str]:
    """The models of a PF's VFs by address, and the one to expect of a VF that is not there yet ("" = not known)."""
    names = dict(facts.vf_names)
    own = {vf.address: model_name(names[vf.address]) for vf in pf.vfs if vf.address in names}
    alike = (vf.address for other in facts.pfs or () if vf_id(pf) and vf_id(other) == vf_id(pf) for vf in other.vfs)
    return own, next((model_name(names[address]) for address in alike if address in names), "")


def model_name(name: str) -> str:
    """The host-agent's model out of a name of `lspci -nnmm`: the last brackets in it, else all of it (gpu.go)."""
    plain = _ID_SUFFIX.sub("", name)
    if _LABEL_LOST.search(plain):
        return NOTHING
    brackets = _BRACKETS.search(plain)
    return brackets.group(1) if brackets else plain


def is_outside(facts: HostFacts, name: str) -> bool:
    """Whether an interface is on a card below another root than the one that the host-agent looks below."""
    pf = pf_of(facts, name)
    return pf is not None and not (pf.path or f"/sys/devices/pci{pf.address}").startswith(ROOT)
