"""The lines of the table of messages, by cause; and for some of them a near miss, which must not be taken for it."""

from __future__ import annotations

from checks.messages import of

NEAR: dict[str, str] = {
    "bios.enable-hca": "mlx5_core 0000:03:00.2: wait_func:1186:(pid 1): INIT_HCA(0x102) timeout.",
    "bios.ioapic": "AMD-Vi: IOAPIC[32] in IVRS table",
    "bios.iommu-broken": "DMAR: Host address width 48",
    "bios.no-ari": "pci 0000:81:00.2: [15b3:101e] type 00 class 0x020000",
    "bios.no-bars": "igb 0000:01:00.0: SR-IOV: failed to reset",
    "bios.no-buses": "pci_bus 0000:01: busn_res: [bus 01] is updated",
    "bios.no-memory": "fork: Cannot allocate memory",
    "bios.no-remapping": "DMAR-IR: Enabled IRQ remapping in x2apic mode",
    "bios.no-room": "pci 0000:01:00.0: BAR 6: no space for [mem size 0x00080000 pref]",
    "bios.no-virtualization": "kvm: Nested Virtualization enabled",
    "card.busy": "hinic 0000:3b:00.0: Can not get PF function",
    "card.fault": "mlx5_core 0000:03:00.0: mlx5_health_try_recover:347:(pid 9): health recovery succeeded",
    "card.no-driver": "no driver found for device",
    "card.no-sysfs": "enic 0000:01:00.0: driver does not support jumbo frames",
    "card.safe-mode": "ice 0000:3b:00.0: The DDP package was successfully loaded: ICE OS Default Package",
    "firmware.pending": "-I- FW was loaded successfully.",
    "flow.rejected": "  in_hw in_hw_count 1",
    "grub.wrapper": "Generating grub configuration file ...",
    "ip.vf-list": 'Device "ib0" does not exist.',
    "kernel.argument-misspelt": "Unknown kernel command line parameters",
    "kernel.lockdown": "Lockdown: modprobe: unsigned module loading is restricted; see man kernel_lockdown.7",
    "lag.mode": "bond0: (slave enp3s0f0np0): Enslaving as an active interface",
    "lag.too-many-vfs": "mlx5_core 0000:03:00.0: E-Switch: Enable: mode(LEGACY), nvfs(65)",
    "lag.vfs-bound": "mlx5_core 0000:03:00.0: lag map: port 1:1 port 2:2",
    "module.unsigned": "modprobe: ERROR: could not insert 'igb': Invalid argument",
    "name.changed": "could not open network device e0 (Permission denied)",
    "ofed.build": "Building MLNX_OFED_LINUX RPMS . Please wait...",
    "ofed.disk-full": "Removing old packages...",
    "ofed.distribution": "MLNX_OFED_LINUX-5.8-1.1.2.1:",
    "ofed.in-use": "rmmod: ERROR: Module igb is not loaded",
    "ofed.mixed": "Unloading HCA driver: [  OK  ]",
    "ofed.packages": "Checking if all needed packages are installed...",
    "ovs.no-module": "openvswitch: Open vSwitch switching datapath",
    "packages.centos7": "Could not resolve host: mirrors.example.org",
    "switchdev.busy": "Error: mlx5_core: Can't change mode while devlink traps are active.",
    "switchdev.ice-order": "ice 0000:3b:00.0: Changed eswitch mode to switchdev",
    "switchdev.kernel-driver": "open /sys/class/net/enp3s0f0/mode: no such file or directory",
    "switchdev.lx-order": "mlx5_core 0000:03:00.0: status bad parameter(0x3), syndrome (0x6231e6), err(-22)",
    "switchdev.subfunction": "eth9 portname pf0vf8",
    "switchdev.unsupported": "kernel answers: Invalid argument",
    "vf.driver-limit": "i40e 0000:01:00.0: Allocating 32 VFs.",
    "vf.fewer-made": "igb 0000:01:00.0: 7 VFs enabled",
    "vf.held": "vfio-pci 0000:01:10.0: enabling device (0000 -> 0002)",
    "vf.partial": "open /dev/vfio/12: device or resource busy",
    "vf.port-down": "bnxt_en 0000:01:00.0: NIC Link is Down",
    "vf.some-exist": "igb 0000:01:00.0: 7 VFs allocated",
    "vf.too-many": "Numerical argument out of domain",
    "vfio.id-exists": "write /etc/yunion/host.conf: file exists",
    "vfio.missing": "modprobe: FATAL: Module nouveau not found in directory /lib/modules/6.12.1-amd64",
    "vfio.no-group": "vfio-pci 0000:01:10.0: probe with driver vfio-pci failed with error -16",
    "vfio.no-remapping": "AMD-Vi: Interrupt remapping enabled",
    "vfio.rmrr": "DMAR: RMRR base: 0x0000007d000000 end: 0x0000007f7fffff",
    "vfio.shared-group": "vfio 0000:01:10.0: failed to open /dev/vfio/12",
    "vfio.unbind-early": "open /sys/class/net/enp1s0/device/sriov_numvfs: no such file or directory",
    "vfio.unknown-id": "write /sys/bus/pci/drivers/igbvf/bind: no such device",
}  # fmt: skip


def line(cause: str, number: int = 0) -> str:
    """One of the lines of a cause."""
    return [line for pattern in of(cause) for line in pattern.lines][number]
