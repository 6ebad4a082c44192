"""The VFs of a PF: which driver has each, in which IOMMU group it is, and who holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sriov_tui.facts import Holder, Vf
from sriov_tui.probe.source import Source

DEVICES = "/sys/bus/pci/devices"
VIRTFN = re.compile(r"virtfn(\d{1,5})")


class Groups:
    """IOMMU groups and their holders, each read once for all VFs."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._members: dict[str, tuple[str, ...] | None] = {}
        self._holders: dict[str, list[Holder]] | None = None

    def members(self, group: str) -> tuple[str, ...] | None:
        """Every address in a group."""
        if group not in self._members:
            self._members[group] = self._source.names(f"/sys/kernel/iommu_groups/{group}/devices")
        return self._members[group]

    def holders(self, group: str) -> tuple[Holder, ...] | None:
        """The processes that keep this group's vfio file open; looked for only once a VF is on vfio-pci."""
        if self._holders is None:
            self._holders = {}
            try:
                for path, pid, command in self._source.reader.vfio_holders():
                    holder = Holder(pid=pid, command=command, vm=vm_name(command))
                    self._holders.setdefault(path.rsplit("/", 1)[-1], []).append(holder)
            except OSError as error:
                self._source.problem("/proc/*/fd", error.strerror or str(error))
                return None
        return tuple(self._holders.get(group, ()))


def vm_name(command: str) -> str:
    """The virtual machine's name in a QEMU command line, or "" (`-name NAME` or `-name guest=NAME,...`)."""
    found = re.search(r"(?:^|\s)-name\s+(?:guest=)?([^\s,]+)", command)
    return found[1] if found else ""


def indices(entries: tuple[str, ...]) -> list[int]:
    """The indices of the VFs among the entries of a PF's directory."""
    return sorted(int(found[1]) for name in entries if (found := VIRTFN.fullmatch(name)))


def vfs_of(source: Source, at: str, expected: Iterable[int], groups: Groups) -> tuple[Vf, ...]:
    """The VFs of the PF at this sysfs path; one whose link cannot be read is left out, and noted."""
    vfs = []
    for index in expected:
        address = source.target(f"{at}/virtfn{index}")
        if address:
            vfs.append(_vf(source, index, address, groups))
    return tuple(vfs)


def _vf(source: Source, index: int, address: str, groups: Groups) -> Vf:
    at = f"{DEVICES}/{address}"
    driver = source.target(f"{at}/driver")
    group = source.target(f"{at}/iommu_group")
    grouped = bool(group) and group is not None and group.isdigit()
    return Vf(
        index=index,
        address=address,
        driver=driver,
        iommu_group=int(group) if grouped and group else None,
        group_members=groups.members(group) if grouped and group else () if group == "" else None,
        netdevs=() if driver in ("", "vfio-pci") else source.names(f"{at}/net"),
        holders=groups.holders(group) if grouped and group and driver == "vfio-pci" else (),
    )
