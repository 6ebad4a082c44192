"""The VFs of one interface as the host-agent finds or makes them, and the errors that cost the whole list.

Source: Cloudpods pkg/hostman/isolated_device/nic.go (getSRIOVNics, getOvsOffloadNics), sriov_base.go and gpu.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from checks.cards import new_vfs
from checks.host_agent import lspci
from checks.host_agent.nics import HostNic
from sriov_tui.cards import obstacle
from sriov_tui.facts import HostFacts, Pf, Vf, once_for_facts
from sriov_tui.late import regex
from sriov_tui.message import Message, Text, say

NET = "/sys/class/net"
BIND = "/sys/bus/pci/drivers/vfio-pci/bind"
OFFLOAD = "ovs_offload_nics"
NOWHERE = "0000:00:00.0"  # stands for the address of a VF that is not there yet
BAD_PORT = "bad portname"  # in the host-agent's error where a representor is named otherwise than it expects
Change = Literal["numvfs", "switchdev", "bind", "unbind", "ovs"]
_INTEGER = regex("[+-]?[0-9]+")


class Device(NamedTuple):
    """One device as the host-agent registers it; `model` is "" where lspci's name is not known before the VF exists.

    `addr` has no PCI domain: the host-agent drops it. `wire` is "" where the entry of the NIC is in the IP form.
    A tuple, since a host has thousands of them.
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
    """What the probe of a list changes on the way, and what was not seen of the machine that decides about it.

    Of "bind" and "unbind" only the number is told: beside them stands the VF alone.
    """

    changes: list[tuple[Change, Text]] = field(default_factory=list)
    unseen: dict[Message, None] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)  # kinds of VFs, by their ids, that vfio-pci knows by now
    noted: set[str] = field(default_factory=set)  # PFs of which all that was not seen is noted


def devices_of(facts: HostFacts, nic: HostNic, key: str, effects: Effects) -> Iterator[Device]:
    """The VFs of an interface, in the order of the directory. Raises Refused."""
    pf = _card(nic, key)
    vfs, planned = _make_vfs(facts, nic, pf, key, effects)
    representors = _representors(facts, nic, pf, effects) if key == OFFLOAD else {}
    lines, to_come, own = _lspci(facts), _line_to_come(facts, pf), vf_id(pf)
    refusal = _refusal(facts, pf)
    before: str | None = None
    for vf in vfs:
        if (line := lines.get(vf.address) or to_come) != before:  # mostly the VFs of a card have the same one
            known, before = _named(pf, line, key), line
            ids, model = known or (own, "")
        if vf.driver != "vfio-pci":
            _bind(facts, nic, pf, vf, ids, refusal, key, effects)
        yield Device(
            addr=(vf.address or (NOWHERE if known else ""))[-7:],
            vendor_device_id=ids,
            model=model,
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


def _named(pf: Pf, line: str, key: str) -> tuple[str, str] | None:
    """The ids and the model of a VF by lspci's line, its address left out; None where there is no line."""
    if not line:
        return None
    found = lspci.named(line)
    if found is None:
        raise Refused("lspci-name", pf.address, _wrapped(key, "detectSRIOVDevice", lspci.LOST),
                      say("the name of its VFs in lspci has a character that the host-agent cannot read: {line}",
                          line=line.partition(" -")[0]))  # fmt: skip
    return found


def _line_to_come(facts: HostFacts, pf: Pf) -> str:
    """lspci's line of a VF of this PF: by one of the same kind that is there, else by the hardware database."""
    if sample := _samples(facts).get(vf_id(pf)):
        return sample
    if pf.sriov is None or pf.vendor is None or pf.vf_names is None:
        return ""
    return lspci.line_of(pf.vendor, pf.sriov.vf_device, pf.vf_names)


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


_Refusal = tuple[str, str, Message]  # topic, the error in the host-agent's words, and the cause in ours


def _bind(
    facts: HostFacts, nic: HostNic, pf: Pf, vf: Vf, ids: str, refusal: _Refusal | None, key: str, effects: Effects
) -> None:
    """Bind one VF to vfio-pci: by new_id for the first of its kind, by bind for the others."""
    first = ids not in effects.bound
    effects.bound.add(ids)
    if refusal is not None and (refusal[0] == "vfio" or not first):
        topic, error, cause = refusal
        short = vf.address[-7:] or say("VF {index} of {netdev}", index=vf.index, netdev=nic.netdev)
        why = f"bind driver {short} : {error}"
        raise Refused(topic, pf.address, _wrapped(key, "detectSRIOVDevice", why), cause)
    if pf.address not in effects.noted:
        effects.noted.add(pf.address)
        _note_unseen(facts, pf, effects)
    if vf.driver:
        effects.changes.append(("unbind", vf.address))
    elif vf.driver is None and not vf.foreseen:  # of a new one it does not matter which driver takes it first
        effects.unseen[say("The driver of {address} could not be read.", address=vf.address)] = None
    effects.changes.append(("bind", vf.address))


def _refusal(facts: HostFacts, pf: Pf) -> _Refusal | None:
    """Why the kernel refuses the VFs of a PF to vfio-pci: without the module all, else all but the first of a kind."""
    module = facts.module("vfio_pci")
    if module is not None and module.loaded is False and module.available is False:
        return "vfio", f"open {BIND}: no such file or directory", say("the kernel has no vfio-pci module")
    if facts.iommu.active is False:
        return "iommu", f"write {BIND}: invalid argument", say("the IOMMU is not active")
    if pf.autoprobe is False:
        cause = say("sriov_drivers_autoprobe is 0: no driver may take a VF")
        return "autoprobe", f"write {BIND}: no such device", cause
    return None


def _note_unseen(facts: HostFacts, pf: Pf, effects: Effects) -> None:
    module = facts.module("vfio_pci")
    if facts.iommu.active is None:
        effects.unseen[say("Whether the IOMMU is active could not be read.")] = None
    if module is None or (not module.loaded and module.available is None):
        effects.unseen[say("Whether the kernel has vfio-pci could not be read.")] = None
    if pf.autoprobe is None:
        effects.unseen[say("sriov_drivers_autoprobe of {address} could not be read.", address=pf.address)] = None


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
