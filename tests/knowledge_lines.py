"""What the programs print, word for word, for every entry that knows a text; and one near miss for each."""

from __future__ import annotations

from sriov_tui.cards import reactions
from sriov_tui.cards.driver import When

LINES: dict[str, tuple[tuple[str, ...], str]] = {
    "T05": (("-bash: echo: write error: Numerical result out of range",), "Numerical argument out of domain"),
    "T06": (("igb 0000:01:00.0: 4 VFs already enabled. Disable before enabling 7 VFs",
             "-bash: echo: write error: Device or resource busy"), "igb 0000:01:00.0: 7 VFs allocated"),
    "T07": (("pci 0000:01:00.0: no driver bound to device; cannot configure SR-IOV",), "no driver found for device"),
    "T08": (("enic 0000:01:00.0: driver does not support SR-IOV configuration via sysfs",),
            "enic 0000:01:00.0: driver does not support jumbo frames"),
    "T09": ((), "bnxt_en 0000:01:00.0: NIC Link is Down"),
    "T10": (("igb 0000:01:00.0: 7 VFs requested; only 3 enabled",), "igb 0000:01:00.0: 7 VFs enabled"),
    "T11": (("igb 0000:01:00.0: not enough MMIO resources for SR-IOV",
             "pci 0000:01:00.0: VF BAR 0 [mem size 0x00020000 64bit pref]: can't assign; no space",
             "pci 0000:01:00.0: BAR 7: no space for [mem size 0x00020000 64bit pref]"),
            "pci 0000:01:00.0: BAR 6: no space for [mem size 0x00080000 pref]"),
    "T12": (("igb 0000:01:00.0: can't enable 7 VFs (bus 02 out of range of [bus 01])",
             "igb 0000:01:00.0: SR-IOV: bus number out of range"), "pci_bus 0000:01: busn_res: [bus 01] is updated"),
    "T13": (("igb 0000:01:00.0: SR-IOV: IOV BARS not allocated",), "igb 0000:01:00.0: SR-IOV: failed to reset"),
    "T14": (("mlx5_core 0000:03:00.2: wait_func:1186:(pid 1): ENABLE_HCA(0x104) timeout. Will cause a leak of a "
             "command resource", "mlx5_core 0000:03:00.2: cmd[3]: ENABLE_HCA(0x104) No done completion"),
            "mlx5_core 0000:03:00.2: wait_func:1186:(pid 1): INIT_HCA(0x102) timeout."),
    "T15": (("pci 0000:81:00.2: [ffff:ffff] unknown header type 7f, ignoring device",),
            "pci 0000:81:00.2: [15b3:101e] type 00 class 0x020000"),
    "T19": (("DMAR: Unknown option - 'pt'", "AMD-Vi: Unknown option - 'on'"), "Unknown kernel command line parameters"),
    "T21": (("Running `grub2-mkconfig -o /boot/efi/EFI/rocky/grub.cfg' will overwrite the GRUB wrapper.",),
            "Generating grub configuration file ..."),
    "T22": (("DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address fed90000 returns all ones!",
             "DMAR: No DMAR devices found", "AMD-Vi: IVRS table error: -22"), "DMAR: Host address width 48"),
    "T23": (("DMAR-IR: Not enabling interrupt remapping",), "DMAR-IR: Enabled IRQ remapping in x2apic mode"),
    "T24": (('vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param '
             '"allow_unsafe_interrupts" to enable VFIO IOMMU support on this platform',),
            "AMD-Vi: Interrupt remapping enabled"),
    "T25": (("vfio-pci 0000:01:10.0: probe with driver vfio-pci failed with error -22",),
            "vfio-pci 0000:01:10.0: probe with driver vfio-pci failed with error -16"),
    "T26": (("vfio 0000:01:10.0: group 12 is not viable. Please ensure all devices within the iommu_group are "
             "bound to their vfio bus driver.",), "vfio 0000:01:10.0: failed to open /dev/vfio/12"),
    "T27": (("vfio-pci 0000:01:10.0: Firmware has requested this device have a 1:1 IOMMU mapping, rejecting "
             "configuring the device without a 1:1 mapping. Contact your platform vendor.",
             "vfio-pci 0000:01:10.0: Device is ineligible for IOMMU domain attach due to platform RMRR requirement."),
            "DMAR: RMRR base: 0x0000007d000000 end: 0x0000007f7fffff"),
    "T29": (("write /sys/bus/pci/drivers/vfio-pci/bind: no such device",),
            "write /sys/bus/pci/drivers/igbvf/bind: no such device"),
    "T31": (("vfio-pci 0000:01:10.0: Relaying device request to user (#0)",
             "vfio-pci 0000:01:10.0: No device request channel registered, blocked until released by user"),
            "vfio-pci 0000:01:10.0: enabling device (0000 -> 0002)"),
    "T32": (("getSRIOVNics: get sriov nic devices write /sys/class/net/enp1s0/device/sriov_numvfs: device or resource "
             "busy",), "open /dev/vfio/12: device or resource busy"),
    "T34": (("get ovs offload nic devices open /sys/class/net/enp3s0/compat/devlink/mode: no such file or directory",),
            "open /sys/class/net/enp3s0f0/mode: no such file or directory"),
    "T35": (("eth9 bad portname pf0sf88",), "eth9 portname pf0vf8"),
    "T37": (("ovs-vsctl: Error detected while setting up 'enp3s0f0': could not open network device enp3s0f0 (No such "
             "device).  See ovs-vswitchd log for details.",), "could not open network device e0 (Permission denied)"),
    "T39": (("modprobe: ERROR: could not insert 'mlx5_core': Required key not available",
             "Loading of unsigned module is rejected"), "modprobe: ERROR: could not insert 'igb': Invalid argument"),
    "T40": (("Error: One or more required packages for installing MLNX_OFED_LINUX are missing.",),
            "Checking if all needed packages are installed..."),
    "T41": (("Failed to build MLNX_OFED_LINUX for 5.4.130-1.yn20230805.el7.x86_64",),
            "Building MLNX_OFED_LINUX RPMS . Please wait..."),
    "T42": (('14: curl#6 - "Could not resolve host: mirrorlist.centos.org; Unknown error"',),
            "Could not resolve host: mirrors.example.org"),
    "T43": (("tar: Cannot write: No space left on device",), "Removing old packages..."),
    "T44": (("The current MLNX_OFED_LINUX is intended for rhel7.9",), "MLNX_OFED_LINUX-5.8-1.1.2.1:"),
    "T45": (("Module rdma_cm belong to kernel which is not a part of MLNX[FAILED]kipping...",),
            "Unloading HCA driver: [  OK  ]"),
    "T46": (("rmmod: ERROR: Module mlx5_core is in use by: mlx5_ib",), "rmmod: ERROR: Module igb is not loaded"),
    "T47": (("-I- Please reboot machine to load new configurations.",
             "-I- Please power cycle machine to load new configurations."), "-I- FW was loaded successfully."),
    "T48": (("Lockdown: mstconfig: direct PCI access is restricted; see man kernel_lockdown.7",),
            "Lockdown: modprobe: unsigned module loading is restricted; see man kernel_lockdown.7"),
    "T50": (("Error: mlx5_core: Can't change mode, E-Switch is busy.",),
            "Error: mlx5_core: Can't change mode while devlink traps are active."),
    "T51": (("kernel answers: Operation not supported",), "kernel answers: Invalid argument"),
    "T52": (("Error: ice: Changing eswitch mode is allowed only if there is no VFs created",),
            "ice 0000:3b:00.0: Changed eswitch mode to switchdev"),
    "T54": (("mlx5_core 0000:03:00.0: lag: Make sure all VFs are unbound prior to VF LAG activation or deactivation",),
            "mlx5_core 0000:03:00.0: lag map: port 1:1 port 2:2"),
    "T55": (("mlx5_core 0000:03:00.0: lag: Can't activate LAG offload, TX type isn't supported",),
            "bond0: (slave enp3s0f0np0): Enslaving as an active interface"),
    "T56": (("mlx5_core 0000:03:00.0: lag: Can't activate LAG offload, PF is configured with more than 64 VFs",),
            "mlx5_core 0000:03:00.0: E-Switch: Enable: mode(LEGACY), nvfs(65)"),
    "T59": (("00001|dpif_netlink|ERR|failed to offload flow: Operation not supported: enp3s0f0_0",
             "  not_in_hw"), "  in_hw in_hw_count 1"),
    "T60": (("Error: Buffer too small for object.", "Dump terminated"), "Device \"ib0\" does not exist."),
    "T61": (("ixgbe 0000:01:00.0: Currently configured with 4 TCs, and 0 offloaded macvlans. Creating more than 31 VFs "
             "is not allowed", "i40e 0000:01:00.0: Unable to enable 64 VFs. Limited to 32 VFs due to device resource "
             "constraints."), "i40e 0000:01:00.0: Allocating 32 VFs."),
    "T62": (("ice 0000:3b:00.0: The DDP package file was not found or could not be read. Entering Safe Mode",),
            "ice 0000:3b:00.0: The DDP package was successfully loaded: ICE OS Default Package version 1.3.36.0"),
    "T63": (("kvm: disabled by bios", "x86/cpu: VMX (outside TXT) disabled by BIOS",
             "x86/cpu: SVM disabled (by BIOS) in MSR_VM_CR"), "kvm: Nested Virtualization enabled"),
    "T65": (("Failed to load openvswitch kernel modules",), "openvswitch: Open vSwitch switching datapath"),
    "T66": (("modprobe: FATAL: Module vfio-pci not found in directory /lib/modules/6.12.1-amd64",),
            "modprobe: FATAL: Module nouveau not found in directory /lib/modules/6.12.1-amd64"),
    "T67": (("AMD-Vi: [Firmware Bug]: IOAPIC[32] not in IVRS table", "AMD-Vi: No southbridge IOAPIC found"),
            "AMD-Vi: IOAPIC[32] in IVRS table"),
    "P03": (("mlx5_core 0000:03:00.0: mlx5_cmd_out_err:838:(pid 1): CREATE_FLOW_TABLE(0x930) op_mod(0x0) failed, "
             "status bad resource state(0x9), syndrome (0x98afbb), err(-22)",),
            "mlx5_core 0000:03:00.0: status bad parameter(0x3), syndrome (0x6231e6), err(-22)"),
    "P10": (("mlx5_core 0000:03:00.0: mlx5_health_try_recover:335:(pid 9): health recovery flow aborted, PCI reads "
             "still not working",),
            "mlx5_core 0000:03:00.0: mlx5_health_try_recover:347:(pid 9): health recovery succeeded"),
    "P09": ((), "hinic 0000:3b:00.0: Can not get PF function"),
    "P08": (("-bash: echo: write error: Cannot allocate memory",), "fork: Cannot allocate memory"),
    "H05": (("bind driver 01:10.0 : write /sys/bus/pci/drivers/vfio-pci/new_id: file exists",),
            "write /etc/yunion/host.conf: file exists"),
    "H08": (("get sriov nic devices open /sys/bus/pci/devices/0000:01:10.0/driver/unbind: no such file or directory",),
            "open /sys/class/net/enp1s0/device/sriov_numvfs: no such file or directory"),
}  # fmt: skip

_REFUSALS: tuple[tuple[str, When], ...] = (
    ("T09", "down"), ("T62", "safe-mode"), ("T31", "assigned"), ("T10", "no-resources"), ("P09", "busy"),
    ("P09", "resetting"),
)  # fmt: skip
for _id, _when in _REFUSALS:
    _lines, _near = LINES[_id]
    LINES[_id] = (*_lines, *(f"{driver.name} 0000:3b:00.0: {one.log}" for driver, one in reactions(_when))), _near


def line(id: str, number: int = 0) -> str:
    """One of the lines of an entry."""
    return LINES[id][0][number]
