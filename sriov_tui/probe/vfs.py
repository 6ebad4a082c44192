"""The VFs of a PF: which driver has each, in which IOMMU group it is, and who holds it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sriov_tui.facts import Holder, Vf
from sriov_tui.late import regex
from sriov_tui.probe.holders import Holders, vfio_names
from sriov_tui.probe.source import Source

DEVICES = "/sys/bus/pci/devices"
VIRTFN = regex(r"virtfn(\d{1,5})")


class Groups:
    """IOMMU groups and their holders, each read once for all VFs."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._members: dict[str, tuple[str, ...] | None] = {}
        self._holders: Holders | Literal[False] | None = None

    def members(self, group: str) -> tuple[str, ...] | None:
        """Every address in a group."""
        if group not in self._members:
            self._members[group] = self._source.names(f"/sys/kernel/iommu_groups/{group}/devices")
        return self._members[group]

    def holders(self, address: str, names: tuple[str, ...], driver: str | None) -> tuple[Holder, ...] | None:
        """The processes that keep a VF open; looked for only once there is a VF. None where they cannot be seen."""
        if self._holders is None:
            try:
                self._holders = Holders(self._source.reader)
            except OSError as error:
                self._source.problem("/proc/*/fd", error.strerror or str(error))
                self._holders = False
        return self._holders.of(address, names, driver) if self._holders else None


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
    names = vfio_names(source.reader, at)
    return Vf(
        index=index,
        address=address,
        driver=driver,
        iommu_group=int(group) if grouped and group else None,
        group_members=groups.members(group) if grouped and group else () if group == "" else None,
        netdevs=() if driver == "" or "vfio" in (driver or "") else source.names(f"{at}/net"),
        holders=groups.holders(address, names, driver),
    )
