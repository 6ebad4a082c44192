"""Every cause that is known, in the order in which the first that is found is the cause."""

from __future__ import annotations

from checks.troubleshooting import agent, binding, driver, firmware, iommu, network, offload, vfs
from checks.troubleshooting.cause import Entry
from checks.troubleshooting.old_ids import OLD
from checks.troubleshooting.said import cards, cloudpods, guests, packages
from checks.troubleshooting.said import offload as said_of_offload

FIRST = (
    # What keeps others from being seen: the rights, the file, names and drivers that are gone, the host-agent's start.
    "host.not-root", "card.short-config", "conf.null-list", "conf.unreadable", "name.changed", "card.no-driver",
    "conf.entry",
    # A text of these proves its cause whatever else is so.
    "grub.wrapper", "module.unsigned", "ofed.packages", "ofed.build", "packages.centos7", "ofed.disk-full",
    "ofed.distribution", "ofed.mixed", "ofed.in-use", "ip.vf-list", "kernel.lockdown", "switchdev.busy",
    "switchdev.ice-order",
    # The IOMMU from the firmware up, each before what follows from it.
    "bios.iommu-broken", "bios.iommu-off", "kernel.arguments-pending", "kernel.iommu-off", "kernel.argument-misspelt",
    "kernel.iommu-not-requested", "bios.no-virtualization", "bios.ioapic", "vfio.no-remapping", "bios.no-remapping",
    "vfio.rmrr", "vfio.shared-group",
    # The card: its name and place, its driver, its firmware.
    "card.pci-domain", "firmware.not-taken", "firmware.pending", "firmware.no-vfs", "card.no-sriov", "card.no-sysfs",
    "ofed.other-kernel", "ofed.not-loaded", "switchdev.kernel-driver", "conf.nic", "switchdev.subfunction",
    "ovs.no-module",
    # Making VFs; the room for them before their number.
    "bios.no-buses", "bios.no-bars", "bios.no-room", "bios.no-memory", "bios.enable-hca", "vf.no-vectors",
    "vf.port-down", "vf.driver-limit", "card.safe-mode", "card.fault", "card.busy", "vf.held", "vf.fewer-made",
    "vf.too-many", "vf.partial", "vf.some-exist", "bios.no-ari",
    # The driver of the VFs.
    "vfio.missing", "vf.no-autoprobe", "vf.other-driver", "vfio.no-group", "vfio.unknown-id", "vfio.id-exists",
    "vfio.unbind-early", "vfio.stale-id",
    # Offload: the card, the bond, then the settings in the order of a packet.
    "switchdev.lx-order", "switchdev.unsupported", "lag.mode", "lag.too-many-vfs", "lag.vfs-bound", "lag.inactive",
    "flow.tc-fixed", "flow.setting", "flow.no-card", "flow.rejected",
    # What is left when all of that is in order.
    "net.link-drops", "net.port-down", "vf.link-off", "vf.mac-twice", "vf.mac-zero", "net.mtu", "conf.not-read",
)  # fmt: skip
_ALL = tuple(
    entry
    for module in (
        firmware, iommu, vfs, binding, agent, driver, offload, network, guests, cards, said_of_offload, packages,
        cloudpods,
    )
    for entry in module.ENTRIES
)  # fmt: skip
# A message that proves its cause by itself has no place among the others: it comes after what the facts show.
ORDER = (*FIRST, *(entry.id for entry in _ALL if entry.id not in FIRST))
ENTRIES: tuple[Entry, ...] = tuple(sorted(_ALL, key=lambda entry: ORDER.index(entry.id)))
_BY_ID = {entry.id: entry for entry in ENTRIES}


def entry(id: str) -> Entry | None:
    """The cause of this id, in any case; a number that causes had before means the same."""
    word = id.strip()
    return _BY_ID.get(OLD.get(word.upper(), word.lower()))
