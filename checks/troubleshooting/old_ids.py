"""The numbers that causes had until 2026-11, for tickets, notes and recordings that name them."""

from __future__ import annotations

OLD: dict[str, str] = {
    "T01": "firmware.no-vfs", "T02": "card.no-sriov", "T03": "host.not-root",
    "T04": "card.short-config", "T05": "vf.too-many", "T06": "vf.some-exist",
    "T07": "card.no-driver", "T08": "card.no-sysfs", "T09": "vf.port-down",
    "T10": "vf.fewer-made", "T11": "bios.no-room", "T12": "bios.no-buses",
    "T13": "bios.no-bars", "T14": "bios.enable-hca", "T15": "bios.no-ari",
    "T16": "bios.iommu-off", "T17": "kernel.iommu-not-requested", "T18": "kernel.iommu-off",
    "T19": "kernel.argument-misspelt", "T20": "kernel.arguments-pending", "T21": "grub.wrapper",
    "T22": "bios.iommu-broken", "T23": "bios.no-remapping", "T24": "vfio.no-remapping",
    "T25": "vfio.no-group", "T26": "vfio.shared-group", "T27": "vfio.rmrr",
    "T28": "vf.no-autoprobe", "T29": "vfio.unknown-id", "T30": "vfio.stale-id",
    "T31": "vf.held", "T32": "vf.partial", "T33": "card.pci-domain",
    "T34": "switchdev.kernel-driver", "T35": "switchdev.subfunction", "T36": "conf.nic",
    "T37": "name.changed", "T38": "ofed.not-loaded", "T39": "module.unsigned",
    "T40": "ofed.packages", "T41": "ofed.build", "T42": "packages.centos7",
    "T43": "ofed.disk-full", "T44": "ofed.distribution", "T45": "ofed.mixed",
    "T46": "ofed.in-use", "T47": "firmware.pending", "T48": "kernel.lockdown",
    "T49": "firmware.not-taken", "T50": "switchdev.busy", "T51": "switchdev.unsupported",
    "T52": "switchdev.ice-order", "T53": "lag.inactive", "T54": "lag.vfs-bound",
    "T55": "lag.mode", "T56": "lag.too-many-vfs", "T57": "flow.setting",
    "T58": "flow.tc-fixed", "T59": "flow.rejected", "T60": "ip.vf-list",
    "T61": "vf.driver-limit", "T62": "card.safe-mode", "T63": "bios.no-virtualization",
    "T64": "net.link-drops", "T65": "ovs.no-module", "T66": "vfio.missing",
    "T67": "bios.ioapic", "T68": "conf.not-read", "P03": "switchdev.lx-order",
    "P08": "bios.no-memory", "P09": "card.busy", "P10": "card.fault",
    "P16": "net.port-down", "P19": "ofed.other-kernel", "H01": "conf.unreadable",
    "H02": "conf.entry", "H03": "conf.null-list", "H05": "vfio.id-exists",
    "H06": "vf.other-driver", "H07": "flow.no-card", "H08": "vfio.unbind-early",
}  # fmt: skip
