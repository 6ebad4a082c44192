"""Creating VFs: the PCI core, the BIOS and the drivers of the cards."""

from __future__ import annotations

from checks.messages.pattern import KERNEL, SHELL, Pattern

IOV = "Linux drivers/pci/iov.c"
OLD, ALL, NEW = "Linux 3.10 to 4.17", "Linux 3.10 to 6.12", "Linux 4.18 and newer"
ON_COUNT = r"sriov_numvfs|numvfs|\bVFs?\b"

MESSAGES = (
    Pattern("vf.some-exist", r"\d+ VFs already enabled\. Disable before enabling \d+ VFs", KERNEL, ALL,
            f"{IOV}, sriov_numvfs_store",
            ("igb 0000:01:00.0: 4 VFs already enabled. Disable before enabling 7 VFs",
             "Nov 30 10:11:12 kvm07 kernel: mlx5_core 0000:3b:00.0: 8 VFs already enabled. Disable before enabling "
             "16 VFs")),
    Pattern("vf.some-exist", r"(?:write error|tee: \S+sriov_numvfs): Device or resource busy", SHELL,
            "Linux 3.8 and newer, EBUSY", f"{IOV}, sriov_numvfs_store",
            ("-bash: echo: write error: Device or resource busy",
             "tee: /sys/class/net/eth2/device/sriov_numvfs: Device or resource busy")),
    Pattern("vf.too-many", r"(?:write error|sriov_numvfs).*: Numerical result out of range", SHELL,
            "Linux 3.8 and newer, ERANGE", f"{IOV}, sriov_numvfs_store",
            ("-bash: echo: write error: Numerical result out of range",
             "tee: /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs: Numerical result out of range")),
    Pattern("vf.no-vectors", r"(?:write error|sriov_numvfs).*: No space left on device", SHELL,
            "ice, i40e, mlx5: ENOSPC", "Linux drivers/net/ethernet/intel/ice/ice_sriov.c, ice_set_per_vf_res",
            ("-bash: echo: write error: No space left on device (echo 64 > "
             "/sys/class/net/ens1f0/device/sriov_numvfs)",
             "tee: /sys/bus/pci/devices/0000:3b:00.0/sriov_numvfs: No space left on device"), ON_COUNT),
    Pattern("vf.no-vectors", r"ice .*(?:Only \d+ MSI-X interrupts available|not enough device MSI-X vectors)|"
            r"Not enough resources for \d+ VFs, err -?\d+", KERNEL, "Linux 5.0 and newer",
            "Linux drivers/net/ethernet/intel/ice/ice_sriov.c, ice_set_per_vf_res; ice_lib.c",
            ("ice 0000:3b:00.0: Only 63 MSI-X interrupts available for SR-IOV. Not enough to support minimum of 2 "
             "MSI-X interrupts per VF for 64 VFs",
             "ice 0000:3b:00.0: Not enough resources for 64 VFs, err -28. Try with fewer number of VFs",
             "ice 0000:3b:00.0: not enough device MSI-X vectors. requested = 130, available = 96")),
    Pattern("card.no-driver", r"no driver bound to device; cannot configure SR-IOV", KERNEL, NEW,
            f"{IOV}, sriov_numvfs_store",
            ("pci 0000:01:00.0: no driver bound to device; cannot configure SR-IOV",
             "[  102.300141] pci 0000:3b:00.1: no driver bound to device; cannot configure SR-IOV")),
    Pattern("card.no-sysfs", r"driver (?:does not|doesn't) support SR-?IOV configuration via sysfs", KERNEL,
            "the second wording: Linux 3.8 to 4.17", f"{IOV}, sriov_numvfs_store",
            ("enic 0000:01:00.0: driver does not support SR-IOV configuration via sysfs",
             "mlx4_core 0000:04:00.0: Driver doesn't support SRIOV configuration via sysfs")),
    Pattern("vf.fewer-made", r"\d+ VFs requested; only \d+ enabled", KERNEL, ALL, f"{IOV}, sriov_numvfs_store",
            ("igb 0000:01:00.0: 7 VFs requested; only 3 enabled",
             "kernel: bnxt_en 0000:65:00.0: 16 VFs requested; only 12 enabled")),
    Pattern("bios.no-room", r"not enough MMIO resources for SR-IOV", KERNEL, ALL,
            f"{IOV}, sriov_enable; the guide's FAQ 2",
            ("igb 0000:01:00.0: not enough MMIO resources for SR-IOV",
             "[    3.914022] ixgbe 0000:05:00.1: not enough MMIO resources for SR-IOV")),
    Pattern("bios.no-room", r"VF BAR \d+ .*(?:no space|failed to assign)", KERNEL, "Linux 6.7 and newer",
            "Linux drivers/pci/setup-res.c, pci_assign_resource",
            ("pci 0000:01:00.0: VF BAR 0 [mem size 0x00020000 64bit pref]: can't assign; no space",
             "pci 0000:01:00.0: VF BAR 3 [mem size 0x00020000 64bit pref]: failed to assign")),
    Pattern("bios.no-room", r"(?<!VF )BAR (?:7|8|9|10|11|12): (?:no space for|failed to assign)", KERNEL,
            "Linux 3.10 to 6.6", "Linux drivers/pci/setup-res.c, pci_assign_resource",
            ("pci 0000:01:00.0: BAR 7: no space for [mem size 0x00020000 64bit pref]",
             "igb 0000:01:00.0: BAR 10: failed to assign [mem size 0x00020000 64bit]")),
    Pattern("bios.no-room", r"bridge window \[(?:mem|io) [^]]*\]: can't claim; no compatible bridge window|"
            r"can't find enough resources for SR-IOV|Not enough MMIO space for SR-IOV", KERNEL, ALL,
            "Linux drivers/pci/setup-bus.c",
            ("pci 0000:00:02.0: bridge window [mem 0xfbe00000-0xfbffffff 64bit pref]: can't claim; no compatible "
             "bridge window",
             "pci 0000:17:02.0: bridge window [mem 0xc8000000-0xc81fffff]: can't claim; no compatible bridge window")),
    Pattern("bios.no-buses", r"can't enable \d+ VFs \(bus [0-9a-f]+ out of range", KERNEL, NEW, f"{IOV}, sriov_enable",
            ("igb 0000:01:00.0: can't enable 7 VFs (bus 02 out of range of [bus 01])",
             "i40e 0000:3b:00.0: can't enable 64 VFs (bus 3c out of range of [bus 3b])")),
    Pattern("bios.no-buses", r"SR-IOV: bus number out of range|No bus number available for hot-added bridge|"
            r"busn_res: can not insert \[bus [0-9a-f]+\]", KERNEL, "Linux 3.10 to about 4.x", f"{IOV}, sriov_enable",
            ("igb 0000:01:00.0: SR-IOV: bus number out of range",
             "pci_bus 0000:02: busn_res: can not insert [bus 02] under [bus 01] (conflicts with (null) [bus 01])")),
    Pattern("bios.no-bars", r"IOV BARS not allocated", KERNEL, "mlx4 and out-of-tree drivers", IOV,
            ("igb 0000:01:00.0: SR-IOV: IOV BARS not allocated",
             "mlx4_core 0000:04:00.0: SR-IOV: IOV BARS not allocated")),
    Pattern("bios.no-memory", r"sriov_numvfs.*cannot allocate memory|write error: Cannot allocate memory", SHELL,
            "ENOMEM", "openshift-docs #32619 (BZ 1953626)",
            ("-bash: echo: write error: Cannot allocate memory",
             "tee: /sys/class/net/eth2/device/sriov_numvfs: Cannot allocate memory")),
    Pattern("bios.no-ari", r"unknown header type 7f", KERNEL, "Linux 6.12: '(?)' stands there, too",
            "GPUOpen MxGPU #18; Linux drivers/pci/probe.c, pci_setup_device",
            ("pci 0000:81:00.2: [ffff:ffff] unknown header type 7f, ignoring device",
             "pci 0000:81:10.1: unknown header type 7f, ignoring device")),
    Pattern("vf.driver-limit", r"Creating more than \d+ VFs is not allowed|Maximum of \d+ VFs", KERNEL, ALL,
            "Linux drivers/net/ethernet/intel/ixgbe/ixgbe_sriov.c, ixgbe_pci_sriov_enable",
            ("ixgbe 0000:01:00.0: Currently configured with 4 TCs, and 0 offloaded macvlans. Creating more than 31 "
             "VFs is not allowed",
             "ixgbe 0000:01:00.0: Currently configured with 1 TCs, and 8 offloaded macvlans. Creating more than 55 "
             "VFs is not allowed")),
    Pattern("vf.driver-limit", r"Unable to enable \d+ VFs\. Limited to \d+ VFs", KERNEL, ALL,
            "Linux drivers/net/ethernet/intel/i40e/i40e_virtchnl_pf.c",
            ("i40e 0000:01:00.0: Unable to enable 64 VFs. Limited to 32 VFs due to device resource constraints.",
             "i40e 0000:18:00.1: Unable to enable 128 VFs. Limited to 64 VFs due to device resource constraints.")),
    Pattern("card.safe-mode", r"ice .*(?:Entering Safe Mode|Device is in Safe Mode)", KERNEL, "Linux 5.3 and newer",
            "Linux drivers/net/ethernet/intel/ice/ice_main.c, ice_log_pkg_init",
            ("ice 0000:3b:00.0: The DDP package file was not found or could not be read. Entering Safe Mode",
             "ice 0000:3b:00.0: An unknown error occurred when loading the DDP package, please reboot the system. "
             "If the problem persists, update the NVM. Entering Safe Mode.",
             "ice 0000:3b:00.1: SR-IOV cannot be configured - Device is in Safe Mode")),
    Pattern("card.safe-mode",
            r"ice .*(?:DDP package (?:file )?(?:could not be loaded|could not be parsed|does not support|failed)|"
            r"Failed to load firmware|Direct firmware load for intel/ice)|Direct firmware load for intel/ice/ddp",
            KERNEL, "Linux 5.3 and newer", "Linux drivers/net/ethernet/intel/ice/ice_main.c, ice_load_pkg",
            ("ice 0000:3b:00.0: Direct firmware load for intel/ice/ddp/ice.pkg failed with error -2",
             "ice 0000:3b:00.0: The DDP package could not be loaded because its security revision is too low. "
             "Please use an updated DDP Package.")),
    Pattern("card.no-module", r"unsupported SFP\+?(?: or QSFP)? module type was detected|module is not supported",
            KERNEL, ALL, "Linux drivers/net/ethernet/intel/ixgbe/ixgbe_main.c, ixgbe_probe",
            ("ixgbe 0000:05:00.0: failed to load because an unsupported SFP+ or QSFP module type was detected.",
             "ixgbe 0000:05:00.0 eth4: failed to initialize because an unsupported SFP+ module type was detected.")),
    Pattern("card.nvm-newer", r"i40e .*(?:newer|older) version of the NVM image.* than expected", KERNEL, ALL,
            "Linux drivers/net/ethernet/intel/i40e/i40e_main.c, i40e_probe",
            ("i40e 0000:18:00.0: The driver for the device detected a newer version of the NVM image v1.15 than "
             "expected v1.9. Please install the most recent version of the network driver.",
             "i40e 0000:18:00.0: The driver for the device detected an older version of the NVM image v1.4 than "
             "expected v1.9. Please update the NVM image.")),
    Pattern("card.nvm-newer", r"driver for the device (?:stopped because|has stopped because) the NVM image", KERNEL,
            ALL, "Linux drivers/net/ethernet/intel/i40e/i40e_main.c; ice_controlq.c",
            ("i40e 0000:18:00.0: The driver for the device stopped because the NVM image v1.15 is newer than "
             "expected v1.9. You must install the most recent version of the network driver.",
             "ice 0000:3b:00.0: The driver for the device stopped because the NVM image is newer than expected. You "
             "must install the most recent version of the network driver.")),
    Pattern("vf.no-resources",
            r"Failed to (?:enable|initialize|init|allocate|alloc) .*\bVFs?\b|(?:bnxt_en|hinic3?|txgbe|"
            r"ngbe) .*SR-?IOV\b.*(?:failed|fail|err)", KERNEL, ALL,
            "Linux drivers/net/ethernet: hisilicon/hns3/hns3_enet.c, huawei/hinic/hinic_sriov.c, "
            "wangxun/libwx/wx_sriov.c, broadcom/bnxt/bnxt_sriov.c",
            ("hinic 0000:3b:00.0: Failed to enable SR-IOV, error -12 of 8 VFs",
             "ixgbe 0000:05:00.0: Failed to enable PCI sriov VFs: -12",
             "txgbe 0000:04:00.0: Failed to enable VFs: -28")),
    Pattern("card.firmware-refused", r"bnxt_en .*(?:hwrm req_type 0x|Error \(timeout: \d+\) msg)", KERNEL, ALL,
            "Linux drivers/net/ethernet/broadcom/bnxt/bnxt_hwrm.c",
            ("bnxt_en 0000:65:00.0 ens2f0np0: hwrm req_type 0x15 seq id 0x8f error 0x4",
             "bnxt_en 0000:65:00.0: Error (timeout: 500015) msg {0x20 0x0} len:0")),
)  # fmt: skip
