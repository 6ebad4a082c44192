"""The VFs of one interface as the host-agent finds or makes them, and the errors that cost the whole list.

Source: Cloudpods pkg/hostman/isolated_device/nic.go (getSRIOVNics, getOvsOffloadNics), sriov_base.go and gpu.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from checks.cards import new_vfs
from checks.host_agent import lspci
from checks.host_agent.lspci import Identity
from checks.host_agent.nics import HostNic
from sriov_tui.cards import obstacle
from sriov_tui.facts import HostFacts, Pf, Vf
from sriov_tui.message import Message, say
from sriov_tui.model import once_for_facts

NET = "/sys/class/net"
BIND = "/sys/bus/pci/drivers/vfio-pci/bind"
OFFLOAD = "ovs_offload_nics"
BAD_PORT = "bad portname"  # in the host-agent's error where a representor is named otherwise than it expects
Change = Literal["numvfs", "switchdev", "bind", "unbind", "ovs"]
_INTEGER = re.compile("[+-]?[0-9]+")


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


class Refused(Exception):
    """The error that makes the host-agent report nothing of a list; `cause` is in our words, without a full stop."""

    def __init__(self, topic: str, culprit: str, error: str, cause: Message) -> None:
        super().__init__(error)
        self.topic, self.culprit, self.error, self.cause = topic, culprit, error, cause


@dataclass(slots=True)
class Effects:
    """What the probe of a list changes on the way, and what was not seen of the machine that decides about it."""

    changes: list[tuple[Change, Message]] = field(default_factory=list)
    unseen: dict[Message, None] = field(default_factory=dict)
    fresh: dict[str, int] = field(default_factory=dict)  # ids -> VFs handed to vfio-pci so far


def devices_of(facts: HostFacts, nic: HostNic, key: str, effects: Effects) -> Iterator[Device]:
    """The VFs of an interface, in the order of the directory. Raises Refused."""
    pf = _card(nic, key)
    vfs, planned = _make_vfs(facts, nic, pf, key, effects)
    representors = _representors(facts, nic, pf, effects) if key == OFFLOAD else {}
    for vf in vfs:
        known = _identity(facts, nic, pf, vf, key)
        ids = known.ids if known else vf_id(pf)
        _bind(facts, nic, pf, vf, ids, key, effects)
        yield Device(
            addr=known.address if known and known.address else vf.address[-7:],
            vendor_device_id=ids,
            model=known.model if known else "",
            pf=nic.netdev,
            virtfn=vf.index,
            wire=nic.wire,
            representor=representors.get(vf.index, ""),
            planned=planned or vf.foreseen,
        )


# -- the VFs -----------------------------------------------------------------------------------------------------------


def _card(nic: HostNic, key: str) -> Pf:
    if nic.pf is None:
        file = f"{NET}/{nic.netdev}/device/sriov_numvfs"
        raise Refused("sriov", nic.netdev, _wrapped(key, "ensureNumvfsEqualTotalvfs",
                                                    f"open {file}: no such file or directory"),
                      say("{name} has no VFs of its own: it is a VF, or an interface without SR-IOV",
                          name=nic.netdev))  # fmt: skip
    return nic.pf


KERNEL_SAYS = {"not-by-sysfs": "no such file or directory", "fault": "operation not supported"}


def _make_vfs(facts: HostFacts, nic: HostNic, pf: Pf, key: str, effects: Effects) -> tuple[tuple[Vf, ...], bool]:
    """The VFs once numvfs equals totalvfs, in the order of the directory; and whether they are still to be created."""
    at = f"{NET}/{nic.netdev}/device"
    found = obstacle(facts, pf) if pf.numvfs != pf.totalvfs else None
    if found is not None and found.kind in ("not-by-sysfs", "fault"):
        raise Refused("sriov", pf.address, _wrapped(key, "ensureNumvfsEqualTotalvfs",
                                                    f"write {at}/sriov_numvfs: {KERNEL_SAYS[found.kind]}"),
                      say("its driver creates no VFs through sysfs")
                      if found.kind == "not-by-sysfs"
                      else say("its driver creates no VFs in its present state"))  # fmt: skip
    for name, value in (("sriov_numvfs", pf.numvfs), ("sriov_totalvfs", pf.totalvfs)):
        if value is None:
            raise _no_file(facts, pf, key, at, name)
    if pf.numvfs == pf.totalvfs:
        if len(pf.vfs) != pf.numvfs:
            effects.unseen[say("{found} of the {numvfs} VFs of {address} could be read.", found=len(pf.vfs),
                               numvfs=pf.numvfs, address=pf.address)] = None  # fmt: skip
        return _in_order(pf.vfs), False
    if pf.numvfs:
        raise Refused("partial-vfs", pf.address, _wrapped(key, "ensureNumvfsEqualTotalvfs",
                                                          f"write {at}/sriov_numvfs: device or resource busy"),
                      say("{numvfs} of {totalvfs} VFs are there: neither none nor all", numvfs=pf.numvfs,
                          totalvfs=pf.totalvfs or 0))  # fmt: skip
    effects.changes.append(
        ("numvfs", say("write {totalvfs} into {file}", totalvfs=pf.totalvfs, file=f"{at}/sriov_numvfs"))
    )
    return _in_order(new_vfs.planned(pf)), True


def _no_file(facts: HostFacts, pf: Pf, key: str, at: str, name: str) -> Refused:
    """Absent, or unreadable: to the host-agent both are an error, but only one is the card's."""
    path = f"/sys/bus/pci/devices/{pf.address}/{name}"
    if pf.counts_vfs is not False:
        reason = facts.reason(path)
        return Refused("unseen", pf.address, _wrapped(key, "ensureNumvfsEqualTotalvfs", f"read {at}/{name}"),
                       say("{path} cannot be read: {reason}", path=path, reason=reason)
                       if reason
                       else say("{path} was not read", path=path))  # fmt: skip
    return Refused("sriov", pf.address, _wrapped(key, "ensureNumvfsEqualTotalvfs",
                                                 f"open {at}/{name}: no such file or directory"),
                   say("the card, or its driver, offers no VFs"))  # fmt: skip


def _in_order(vfs: tuple[Vf, ...]) -> tuple[Vf, ...]:
    return tuple(sorted(vfs, key=lambda vf: str(vf.index)))


# -- their names -------------------------------------------------------------------------------------------------------


def _identity(facts: HostFacts, nic: HostNic, pf: Pf, vf: Vf, key: str) -> Identity | None:
    """What lspci says of a VF, or will say; None where that is not known."""
    line = _lspci(facts).get(vf.address, "")
    text = f"{vf.address} {line}" if line else _line_to_come(facts, pf, vf)
    if not text:
        return None
    found = lspci.parse(text)
    if found is None:
        raise Refused("lspci-name", pf.address, _wrapped(key, "detectSRIOVDevice", lspci.LOST),
                      say("the name of its VFs in lspci has a character that the host-agent cannot read: {line}",
                          line=text.partition(" ")[2].partition(" -")[0]))  # fmt: skip
    return found


def _line_to_come(facts: HostFacts, pf: Pf, vf: Vf) -> str:
    """By a VF of the same kind that is there, else by the hardware database."""
    address = vf.address or "0000:00:00.0"
    if sample := _samples(facts).get(vf_id(pf)):
        return f"{address} {sample}"
    if pf.sriov is None or pf.vendor is None or pf.vf_names is None:
        return ""
    return lspci.line_of(address, pf.vendor, pf.sriov.vf_device, pf.vf_names)


@once_for_facts
def _lspci(facts: HostFacts) -> dict[str, str]:
    return dict(facts.lspci)


@once_for_facts
def _samples(facts: HostFacts) -> dict[str, str]:
    """lspci's line of the first VF of each kind that is there."""
    found: dict[str, str] = {}
    for pf in facts.pfs or ():
        if kind := vf_id(pf):
            lines = (_lspci(facts).get(vf.address) for vf in pf.vfs)
            if kind not in found and (sample := next(filter(None, lines), "")):
                found[kind] = sample
    return found


def vf_id(pf: Pf) -> str:
    """vendor:device of a PF's VFs, as in "8086:10ca"; "" where the device is not known."""
    if pf.sriov is None or pf.vendor is None:
        return ""
    return f"{pf.vendor:04x}:{pf.sriov.vf_device:04x}"


# -- their driver ------------------------------------------------------------------------------------------------------


def _bind(facts: HostFacts, nic: HostNic, pf: Pf, vf: Vf, ids: str, key: str, effects: Effects) -> None:
    """Bind one VF to vfio-pci: by new_id for the first of its kind, by bind for the others."""
    if vf.driver == "vfio-pci":
        return
    short = vf.address[-7:] or say("VF {index} of {netdev}", index=vf.index, netdev=nic.netdev)
    first = effects.fresh.get(ids, 0) == 0
    effects.fresh[ids] = effects.fresh.get(ids, 0) + 1
    module = facts.module("vfio_pci")
    if module is not None and module.loaded is False and module.available is False:
        raise _unbound(pf, key, "vfio", f"{short} : open {BIND}: no such file or directory",
                       say("the kernel has no vfio-pci module"))  # fmt: skip
    if not first and facts.iommu.active is False:
        raise _unbound(pf, key, "iommu", f"{short} : write {BIND}: invalid argument", say("the IOMMU is not active"))
    if not first and pf.autoprobe is False:
        raise _unbound(pf, key, "autoprobe", f"{short} : write {BIND}: no such device",
                       say("sriov_drivers_autoprobe is 0: no driver may take a VF"))  # fmt: skip
    _note_unseen(facts, pf, vf, effects)
    if vf.driver:
        effects.changes.append(("unbind", say("unbind {address} from {driver}", address=vf.address, driver=vf.driver)))
    effects.changes.append(("bind", say("bind {address} to vfio-pci", address=vf.address or short)))


def _unbound(pf: Pf, key: str, topic: str, error: str, cause: Message) -> Refused:
    return Refused(topic, pf.address, _wrapped(key, "detectSRIOVDevice", f"bind driver {error}"), cause)


def _note_unseen(facts: HostFacts, pf: Pf, vf: Vf, effects: Effects) -> None:
    module = facts.module("vfio_pci")
    if facts.iommu.active is None:
        effects.unseen[say("Whether the IOMMU is active could not be read.")] = None
    if module is None or (not module.loaded and module.available is None):
        effects.unseen[say("Whether the kernel has vfio-pci could not be read.")] = None
    if pf.autoprobe is None:
        effects.unseen[say("sriov_drivers_autoprobe of {address} could not be read.", address=pf.address)] = None
    if vf.driver is None and not vf.foreseen:  # of a new one it does not matter which driver takes it first
        effects.unseen[say("The driver of {address} could not be read.", address=vf.address)] = None


# -- offload -----------------------------------------------------------------------------------------------------------


def _representors(facts: HostFacts, nic: HostNic, pf: Pf, effects: Effects) -> dict[int, str]:
    """VF index to representor; switches the card to switchdev on the way."""
    mode, link = f"{NET}/{nic.netdev}/compat/devlink/mode", facts.link(nic.netdev)
    there = pf.compat_devlink if link is None or link.compat_devlink is None else link.compat_devlink
    if there is False:
        raise Refused("offload", pf.address,
                      f"fileutils2.FileGetContents(devlinkPath): open {mode}: no such file or directory",
                      say("the driver is not the vendor's (MLNX_OFED, DOCA-OFED)"))  # fmt: skip
    if there is None:
        effects.unseen[say("{path} could not be looked for.", path=mode)] = None
    effects.changes.append(("switchdev", say("write switchdev into {mode}, where it is not there yet", mode=mode)))
    others = [one for one in facts.links_of(pf.address) if one.name != nic.netdev]
    return {_index(pf, one.name, one.phys_port_name): one.name for one in sorted(others, key=lambda one: one.name)}


def _index(pf: Pf, name: str, port: str) -> int:
    """The number behind the one "vf" in a port name, as strconv.Atoi reads it."""
    cause = say("{name}, another interface of the card, is not a VF representor", name=name)
    if not port:
        file = f"{NET}/{name}/phys_port_name"
        error = f"fileutils2.FileGetContents portname: open {file}: no such file or directory"
        raise Refused("offload", pf.address, error, cause)
    parts = port.split("vf")
    if len(parts) != 2:
        raise Refused("offload", pf.address, f"{name} {BAD_PORT} {port}", cause)
    number = parts[1].strip()
    if not _INTEGER.fullmatch(number):
        reason = f'strconv.Atoi: parsing "{number}": invalid syntax'
        raise Refused("offload", pf.address, f"failed parse {name} portname {port}: {reason}", cause)
    return int(number)


def _wrapped(key: str, step: str, error: str) -> str:
    """Only the probe for offload names the step that failed."""
    return f"{step}: {error}" if key == OFFLOAD else error
