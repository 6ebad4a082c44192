"""Giving a VF to a virtual machine: the IOMMU, vfio, QEMU and libvirt, and what guards them."""

from __future__ import annotations

from checks.messages.pattern import AGENT, KERNEL, MODPROBE, QEMU, SHELL, Pattern

VFIO, TYPE1 = "Linux drivers/vfio/pci/vfio_pci_core.c", "Linux drivers/vfio/vfio_iommu_type1.c"
HW = "QEMU hw/vfio/common.c, container.c, pci.c"
INTEL, AMD = "Linux drivers/iommu/intel", "Linux drivers/iommu/amd/init.c"
ALL, QEMUS = "Linux 3.10 to 6.12", "QEMU 2.12 to 10"

MESSAGES = (
    # The IOMMU as the kernel finds it.
    Pattern("bios.iommu-broken",
            r"DMAR: \[Firmware Bug\]: (?:Your BIOS is broken|No DRHD structure)|Your BIOS is broken; DMAR reported",
            KERNEL, ALL, f"{INTEL}/dmar.c",
            ("DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address fed90000 returns all ones!",
             "DMAR: [Firmware Bug]: No DRHD structure found in DMAR table")),
    Pattern("bios.iommu-broken",
            r"DMAR: (?:Parse DMAR table failure|No DMAR devices found|Invalid DMAR haw|Failed to (?:map|initialize)|"
            r"Invalid 0-length|Unable to map DMAR)", KERNEL, ALL, f"{INTEL}/dmar.c",
            ("DMAR: No DMAR devices found",
             "DMAR: Parse DMAR table failure.")),
    Pattern("bios.iommu-broken",
            r"AMD-Vi: (?:IVRS table error|\[Firmware Bug\]: IVRS invalid checksum|Disabling IOMMU)", KERNEL, ALL, AMD,
            ("AMD-Vi: IVRS table error: -22",
             "AMD-Vi: [Firmware Bug]: IVRS invalid checksum")),
    Pattern("kernel.argument-misspelt", r"(?:DMAR|AMD-Vi): Unknown option - '", KERNEL, ALL,
            f"{INTEL}/iommu.c; {AMD}; mondoohq/cnspec #3835",
            ("DMAR: Unknown option - 'pt'",
             "AMD-Vi: Unknown option - 'on'")),
    Pattern("bios.ioapic", r"AMD-Vi: .*(?:IOAPIC\[\d+\] not in IVRS table|No southbridge IOAPIC found)", KERNEL, ALL,
            f"{AMD}, check_ioapic_information",
            ("AMD-Vi: [Firmware Bug]: IOAPIC[32] not in IVRS table",
             "AMD-Vi: No southbridge IOAPIC found")),
    Pattern("bios.no-remapping", r"DMAR-IR: (?:Not enabling interrupt remapping|Failed to enable irq remapping)|"
            r"Your BIOS is broken and requested that x2apic be disabled", KERNEL, ALL, f"{INTEL}/irq_remapping.c",
            ("DMAR-IR: Not enabling interrupt remapping",
             "DMAR-IR: Failed to enable irq remapping. You are vulnerable to irq-injection attacks.")),
    Pattern("bios.no-virtualization",
            r"kvm: (?:disabled by bios|no hardware support)|support for '?kvm_(?:intel|amd)'? disabled by bios",
            KERNEL, "Linux 3.10; 6.x", "Linux arch/x86/kvm",
            ("kvm: disabled by bios",
             "kvm: no hardware support")),
    Pattern("bios.no-virtualization", r"VMX \(outside TXT\) disabled by BIOS|SVM disabled \(by BIOS\)", KERNEL,
            "Linux 5.6 and newer", "Linux arch/x86/kernel/cpu/feat_ctl.c, amd.c",
            ("x86/cpu: VMX (outside TXT) disabled by BIOS",
             "x86/cpu: SVM disabled (by BIOS) in MSR_VM_CR",
             "kvm_amd: SVM disabled (by BIOS) in MSR_VM_CR on CPU 3")),
    Pattern("bios.no-virtualization", r"Could not access KVM kernel module|failed to initialize kvm", QEMU, QEMUS,
            "QEMU accel/kvm/kvm-all.c",
            ("qemu-system-x86_64: Could not access KVM kernel module: No such file or directory",
             "qemu-kvm: failed to initialize kvm: No such file or directory")),
    Pattern("dma.fault", r"DMAR: \[(?:DMA|INTR)[^]]*\] Request device|DMAR: DRHD: handling fault status reg", KERNEL,
            ALL, f"{INTEL}/dmar.c, dmar_fault_do_one",
            ("DMAR: [DMA Read] Request device [01:10.0] fault addr fee00000 [fault reason 06] PTE Read access is "
             "not set",
             "DMAR: [DMA Write NO_PASID] Request device [3b:00.2] fault addr 0x7f000000 [fault reason 0x05] PTE "
             "Write access is not set",
             "DMAR: DRHD: handling fault status reg 2")),
    Pattern("dma.fault",
            r"AMD-Vi: Event logged \[IO_PAGE_FAULT|AMD-Vi: (?:IOTLB_INV_TIMEOUT|Completion-Wait loop timed out)",
            KERNEL, ALL, "Linux drivers/iommu/amd/iommu.c, amd_iommu_report_page_fault",
            ("AMD-Vi: Event logged [IO_PAGE_FAULT device=41:00.0 domain=0x0020 address=0xfffffffdf8000000 "
             "flags=0x0008]",
             "mlx5_core 0000:41:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000f address=0xdf300000 "
             "flags=0x0020]")),
    Pattern("dma.fault", r"arm-smmu(?:-v3)? .*(?:event 0x\w+ received|Unhandled context fault|Unexpected global fault|"
            r"CMD_SYNC timeout)", KERNEL, ALL, "Linux drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c",
            ("arm-smmu-v3 arm-smmu-v3.3.auto: event 0x10 received:",
             "arm-smmu 7050000.iommu: Unhandled context fault: fsr=0x402, iova=0xff000000, fsynr=0x1, cb=2")),
    # vfio and the groups.
    Pattern("vfio.missing", r"modprobe: FATAL: Module vfio[-_](?:pci|iommu_type1)? ?not found|"
            r"Module vfio[-_]pci not found in directory", MODPROBE, "kmod", "Linux drivers/vfio/pci/Kconfig",
            ("modprobe: FATAL: Module vfio-pci not found in directory /lib/modules/6.12.1-amd64",
             "modprobe: FATAL: Module vfio_pci not found.")),
    Pattern("vfio.missing", r"vfio-pci(?:/new_id|/bind)?: No such file or directory", SHELL, ALL,
            "Linux drivers/vfio/pci/Kconfig; sysfs",
            ("-bash: /sys/bus/pci/drivers/vfio-pci/new_id: No such file or directory",
             "open /sys/bus/pci/drivers/vfio-pci/bind: no such file or directory")),
    Pattern("vfio.no-group", r"vfio-pci.*probe.*failed with error -22", KERNEL, ALL, f"{VFIO}; drivers/base/dd.c",
            ("vfio-pci 0000:01:10.0: probe with driver vfio-pci failed with error -22",
             "vfio-pci: probe of 0000:01:10.0 failed with error -22",
             "vfio-pci 0000:01:10.0: probe of 0000:01:10.0 failed with error -22")),
    Pattern("vfio.no-group", r"no iommu_group found|vfio-pci/bind.*invalid argument|has no IOMMU group|"
            r"host doesn't support passthrough of host PCI devices|IOMMU group for device is not available", QEMU,
            f"{QEMUS}; libvirt", "QEMU hw/vfio/pci.c; libvirt src/qemu/qemu_hostdev.c; Cloudpods sriov_base.go",
            ("qemu-kvm: -device vfio-pci,host=01:10.0: vfio 0000:01:10.0: no iommu_group found: No such file or "
             "directory",
             "get sriov nic devices bind driver 01:10.2 : write /sys/bus/pci/drivers/vfio-pci/bind: invalid argument",
             "error: unsupported configuration: host doesn't support passthrough of host PCI devices")),
    Pattern("vfio.shared-group", r"group \d+ is not viable|ensure all devices within the iommu_group are bound", QEMU,
            QEMUS, HW,
            ("vfio 0000:01:10.0: group 12 is not viable. Please ensure all devices within the iommu_group are bound "
             "to their vfio bus driver.",
             "qemu-system-x86_64: -device vfio-pci,host=01:10.0: vfio 0000:01:10.0: group 14 is not viable",
             "vfio: error, group 14 is not viable, please ensure all devices within the iommu_group are bound to "
             "their vfio bus driver.")),
    Pattern("vfio.node-missing", r"(?:failed to open|error opening|Could not open '?) ?/dev/vfio/\d+'?: No such file",
            QEMU, QEMUS, HW,
            ("vfio 0000:01:10.0: failed to open /dev/vfio/12: No such file or directory",
             "vfio: error opening /dev/vfio/12: No such file or directory")),
    Pattern("vfio.busy", r"(?:failed to open|error opening) /dev/vfio/\d+: Device or resource busy|"
            r"open /dev/vfio/\d+: device or resource busy", QEMU, QEMUS, HW,
            ("vfio 0000:01:10.0: failed to open /dev/vfio/12: Device or resource busy",
             "vfio: error opening /dev/vfio/12: Device or resource busy")),
    Pattern("vfio.denied",
            r"(?:failed to open|error opening|Could not open '?) ?/dev/vfio/(?:\d+|vfio)'?: (?:Permission denied|"
            r"Operation not permitted)", QEMU, QEMUS, f"{HW}; Linux device cgroup",
            ("vfio: failed to open /dev/vfio/14: Permission denied",
             "vfio 0000:01:10.0: failed to open /dev/vfio/12: Operation not permitted",
             "qemu-kvm: vfio: failed to open /dev/vfio/vfio: Operation not permitted")),
    Pattern("vfio.container", r"failed to setup container|Failed to set group container|No available IOMMU models|"
            r"Failed to set iommu for container|(?:failed to open|error opening) /dev/vfio/vfio: No such", QEMU, QEMUS,
            HW,
            ("vfio 0000:01:10.0: failed to setup container for group 12: No available IOMMU models",
             "vfio 0000:01:10.0: failed to setup container for group 13: Failed to set group container: Invalid "
             "argument",
             "vfio: failed to set group container: Operation not permitted",
             "vfio: failed to open /dev/vfio/vfio: No such file or directory")),
    Pattern("vfio.memlock",
            r"VFIO_(?:MAP_DMA|IOMMU_MAP_DMA).*(?:Cannot allocate memory|: -12\b)|vfio_dma_map\(.*\) = -12\b|"
            r"memory listener initialization failed.*(?:-12|Cannot allocate)", QEMU, QEMUS, HW,
            ("qemu-kvm: VFIO_MAP_DMA failed: Cannot allocate memory",
             "VFIO_MAP_DMA: -12",
             "qemu-kvm: vfio_dma_map(0x55d0f0, 0x0, 0x80000000, 0x7f2e40000000) = -12 (Cannot allocate memory)")),
    Pattern("vfio.memlock", r"RLIMIT_MEMLOCK \(\d+\) exceeded", KERNEL, ALL, f"{TYPE1}, vfio_pin_pages_remote",
            ("vfio_pin_pages_remote: RLIMIT_MEMLOCK (65536) exceeded",
             "[  812.3] vfio_pin_pages_remote: RLIMIT_MEMLOCK (67108864) exceeded")),
    Pattern("vfio.memlock", r"cannot limit locked memory|Process \d+ exceeds locked memory limit", "libvirt",
            "libvirt 1.0 to 10", "libvirt src/util/virprocess.c",
            ("error: cannot limit locked memory of process 4711 to 9663676416: Operation not permitted",
             "error: cannot limit locked memory to 9663676416: Operation not permitted")),
    Pattern("vfio.dma-map",
            r"VFIO_(?:MAP_DMA|UNMAP_DMA).*(?:Bad address|Invalid argument|File exists|: -(?:14|17|22)\b)|"
            r"vfio_dma_map\(.*\) = -(?:14|17|22)\b", QEMU, QEMUS, f"{HW}; {TYPE1}",
            ("qemu-kvm: VFIO_MAP_DMA failed: Bad address",
             "qemu-kvm: vfio_dma_map(0x55d0f0, 0x383800000000, 0x4000, 0x7f2e40000000) = -22 (Invalid argument)")),
    Pattern("vfio.policy", r'apparmor="DENIED".*(?:vfio|qemu|libvirt)|avc:\s+denied .*(?:vfio|svirt|qemu)', KERNEL,
            ALL, "Linux security/apparmor/audit.c; security/selinux/avc.c",
            ('audit: type=1400 audit(1701.1:9): apparmor="DENIED" operation="open" profile="libvirt-4c" '
             'name="/dev/vfio/12" comm="qemu-system-x86"',
             'type=AVC msg=audit(1701.2:88): avc:  denied  { open } for pid=4711 comm="qemu-kvm" '
             'path="/dev/vfio/12" scontext=system_u:system_r:svirt_t:s0 tcontext=system_u:object_r:vfio_device_t:s0 '
             "tclass=chr_file")),
    Pattern("vfio.no-remapping", r"No interrupt remapping (?:support|for PCI device)|allow_unsafe_interrupts", KERNEL,
            ALL, TYPE1,
            ("vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param "
             '"allow_unsafe_interrupts" to enable VFIO IOMMU support on this platform',
             "vfio_iommu_type1_attach_group: No interrupt remapping for PCI device assignment. Use the module param "
             '"allow_unsafe_interrupts"')),
    Pattern("vfio.rmrr", r"Firmware has requested this device have a 1:1 IOMMU mapping", KERNEL, "Linux 6.8 and newer",
            "Linux drivers/iommu/iommu.c",
            ("vfio-pci 0000:01:10.0: Firmware has requested this device have a 1:1 IOMMU mapping, rejecting "
             "configuring the device without a 1:1 mapping. Contact your platform vendor.",
             "[   88.014] vfio-pci 0000:3b:00.2: Firmware has requested this device have a 1:1 IOMMU mapping, "
             "rejecting configuring the device without a 1:1 mapping. Contact your platform vendor.")),
    Pattern("vfio.rmrr", r"ineligible for IOMMU domain attach due to platform RMRR requirement", KERNEL,
            "Linux 3.16 to 6.7", f"{INTEL}/iommu.c",
            ("vfio-pci 0000:01:10.0: Device is ineligible for IOMMU domain attach due to platform RMRR "
             "requirement.  Contact your platform vendor.",
             "vfio-pci 0000:04:00.0: Device is ineligible for IOMMU domain attach due to platform RMRR requirement")),
    Pattern("vfio.reset", r"vfio-pci .*(?:not ready \d+ms after (?:FLR|bus reset|resume)|no reset methods)", KERNEL,
            ALL, "Linux drivers/pci/pci.c, pci_dev_wait",
            ("vfio-pci 0000:01:10.0: not ready 65535ms after FLR; giving up",
             "vfio-pci 0000:3b:00.2: not ready 1023ms after bus reset; waiting")),
    Pattern("vfio.reset", r"cannot reset device|no available reset mechanism|Unable to reset PCI device", QEMU,
            f"{QEMUS}; libvirt", "QEMU hw/vfio/pci.c; libvirt src/util/virpci.c",
            ("vfio: Cannot reset device 0000:01:10.0, no available reset mechanism.",
             "error: internal error: Unable to reset PCI device 0000:01:10.0: no FLR, PM reset or bus reset "
             "available")),
    Pattern("vfio.unknown-id", r"vfio-pci/bind.*no such device", SHELL, f"{ALL}, ENODEV",
            "Linux drivers/pci/pci-driver.c, new_id_store",
            ("write /sys/bus/pci/drivers/vfio-pci/bind: no such device",
             "tee: /sys/bus/pci/drivers/vfio-pci/bind: No such device")),
    Pattern("vfio.unknown-id", r"write error: No such device", SHELL, f"{ALL}, ENODEV",
            "Linux drivers/base/bus.c, bind_store",
            ("-bash: echo: write error: No such device (to /sys/bus/pci/drivers/vfio-pci/bind)",
             "-bash: echo: write error: No such device, echo 0000:01:10.0 > /sys/bus/pci/drivers/vfio-pci/bind"),
            "vfio-pci"),
    Pattern("vfio.id-exists", r"vfio-pci/new_id.*file exists", AGENT, "older Cloudpods 3.10",
            "yunionio/cloudpods #17538",
            ("bind driver 01:10.0 : write /sys/bus/pci/drivers/vfio-pci/new_id: file exists",
             "tee: /sys/bus/pci/drivers/vfio-pci/new_id: File exists")),
    Pattern("vfio.unbind-early", r"/driver/unbind: no such file or directory", AGENT, "Cloudpods 3.10 and newer",
            "Linux drivers/base/bus.c, bus_add_driver; Cloudpods isolated_device/sriov_base.go",
            ("get sriov nic devices open /sys/bus/pci/devices/0000:01:10.0/driver/unbind: no such file or directory",
             "-bash: /sys/bus/pci/devices/0000:01:10.0/driver/unbind: No such file or directory")),
    Pattern("vf.held", r"Relaying device request to user|blocked until released by user", KERNEL,
            "Linux 4.0 and newer", f"{VFIO}, vfio_pci_core_request; ironcore dpservice #599",
            ("vfio-pci 0000:01:10.0: Relaying device request to user (#0)",
             "vfio-pci 0000:01:10.0: No device request channel registered, blocked until released by user")),
    Pattern("vf.held", r"task \S+ blocked for more than \d+ seconds", KERNEL, ALL, "Linux kernel/hung_task.c",
            ("INFO: task bash:4711 blocked for more than 120 seconds. sriov_numvfs_store",
             "INFO: task tee:812 blocked for more than 122 seconds. vfio_unregister_group_dev"), r"sriov|vfio"),
    Pattern("vfio.device-gone",
            r"vfio [0-9a-f:.]+: device not found|Device [0-9a-f:.]+ not found|vfio: error getting device", QEMU,
            f"{QEMUS}; libvirt", "QEMU hw/vfio/pci.c, vfio_realize; libvirt virpci.c",
            ("qemu-kvm: -device vfio-pci,host=01:10.0: vfio 0000:01:10.0: device not found",
             "error: Device 0000:01:10.0 not found: could not access /sys/bus/pci/devices/0000:01:10.0/config: No "
             "such file or directory")),
    Pattern("vfio.in-guest", r"PCI device \S+ is in use by|is already in use by domain|hostdev.*already in use",
            "libvirt", "libvirt 1.0 to 10", "libvirt src/util/virhostdev.c",
            ("error: Requested operation is not valid: PCI device 0000:01:10.0 is in use by driver QEMU, domain web1",
             "error: PCI device 0000:01:10.0 is already in use by domain web2")),
)  # fmt: skip
