"""Cards that run: firmware of mlx5, resets, the virtual switch of Intel's drivers, PCIe errors."""

from __future__ import annotations

from checks.messages.pattern import KERNEL, Pattern

MLX5 = "Linux drivers/net/ethernet/mellanox/mlx5/core"
INTEL = "Linux drivers/net/ethernet/intel"
ALL, NEW = "Linux 3.10 to 6.12", "Linux 5.0 and newer, MLNX_OFED 4.9 and newer"

MESSAGES = (
    Pattern("bios.enable-hca", r"ENABLE_HCA\(0x104\).*(?:timeout|No done completion|failed)", KERNEL,
            "Linux 3.10 and newer; 6.12 in other words", f"{MLX5}/cmd.c; the guide's FAQ 3",
            ("mlx5_core 0000:03:00.2: wait_func:1186:(pid 1): ENABLE_HCA(0x104) timeout. Will cause a leak of a "
             "command resource",
             "mlx5_core 0000:03:00.2: cmd[3]: ENABLE_HCA(0x104) No done completion")),
    Pattern("card.fault", r"health recovery (?:flow aborted|failed)|handling bad device here", KERNEL, NEW,
            f"{MLX5}/health.c, mlx5_health_try_recover",
            ("mlx5_core 0000:03:00.0: mlx5_health_try_recover:335:(pid 9): health recovery flow aborted, PCI reads "
             "still not working",
             "mlx5_core 0000:03:00.0: mlx5_health_try_recover:340:(pid 77): health recovery failed",
             "mlx5_core 0000:03:00.0: health_care:165:(pid 5): handling bad device here")),
    Pattern("card.fault", r"mlx5_core .*(?:device's health compromised|assert_var\[\d\]|synd 0x[1-9a-f]\w*: )", KERNEL,
            NEW, f"{MLX5}/health.c, print_health_info",
            ("mlx5_core 0000:03:00.0: poll_health:739:(pid 0): device's health compromised - reached miss count",
             "mlx5_core 0000:03:00.0: print_health_info:424:(pid 0): synd 0x1: firmware internal error",
             "mlx5_core 0000:03:00.0: print_health_info:409:(pid 0): assert_var[0] 0x00000000")),
    Pattern("card.fault", r"mlx5_core .*(?:Fatal error \d+ detected|fw (?:fatal )?reporter|Internal error detected|"
            r"start fatal reset)", KERNEL, NEW, f"{MLX5}/health.c, mlx5_health_check_fatal_sensors",
            ("mlx5_core 0000:03:00.0: mlx5_health_check_fatal_sensors:111:(pid 0): Fatal error 3 detected",
             "mlx5_core 0000:03:00.0: mlx5_error_sw_reset:241:(pid 9): start fatal reset")),
    Pattern("card.firmware-silent", r"mlx5_core .*(?:Firmware over \d+ MS in (?:pre-)?initializing state|"
            r"Waiting for FW (?:pre-)?initialization)", KERNEL, NEW, f"{MLX5}/main.c, wait_fw_init",
            ("mlx5_core 0000:03:00.0: wait_fw_init:200:(pid 512): Waiting for FW initialization, timeout abort in "
             "100s (0xffffffff)",
             "mlx5_core 0000:03:00.0: mlx5_function_setup:1237:(pid 1): Firmware over 120000 MS in pre-initializing "
             "state, aborting")),
    Pattern("card.firmware-silent", r"mlx5_core .*(?:INIT_HCA|MANAGE_PAGES|QUERY_\w+|SET_\w+|TEARDOWN_HCA|CREATE_\w+|"
            r"ACCESS_REG)\(0x\w+\).*(?:timeout|No done completion)", KERNEL, NEW, f"{MLX5}/cmd.c, wait_func",
            ("mlx5_core 0000:03:00.0: wait_func:1186:(pid 1): INIT_HCA(0x102) timeout. Will cause a leak of a "
             "command resource",
             "mlx5_core 0000:03:00.0: cmd[4]: MANAGE_PAGES(0x108) No done completion")),
    Pattern("card.probe-failed", r"(?:mlx5_core|igb|ixgbe|i40e|ice|bnxt_en|hns3) .*probe.*failed with error -\d+|"
            r"(?:mlx5_core|igb|ixgbe|i40e|ice|bnxt_en|hns3): probe of \S+ failed with error -\d+|"
            r"mlx5_init_one failed with error code -\d+", KERNEL,
            "Linux 3.10 to 6.12; EL 9.4 with kernel 5.14.0-427.20.1 and DOCA 2.9.3",
            f"Linux drivers/base/dd.c, call_driver_probe; {MLX5}/main.c, probe_one; NVIDIA DOCA 2.9.3 known "
            "issues, 4040187",
            ("mlx5_core: probe of 0000:03:00.0 failed with error -110",
             "igb 0000:01:00.0: probe with driver igb failed with error -5",
             "mlx5_core 0000:03:00.0: probe_one:1743:(pid 341): mlx5_init_one failed with error code -22")),
    Pattern("card.command-refused", r"mlx5_core .*mlx5_cmd_(?:check|"
            r"out_err).*failed, status bad (?!resource state\(0x9\), syndrome \(0x98afbb\))", KERNEL, NEW,
            f"{MLX5}/cmd.c, mlx5_cmd_check",
            ("mlx5_core 0000:3b:00.0: mlx5_cmd_check:777:(pid 1721): SET_HCA_CAP(0x109) op_mod(0x0) failed, status "
             "bad parameter(0x3), syndrome (0x6231e6)",
             "mlx5_core 0000:3b:00.0: mlx5_cmd_out_err:838:(pid 9): MODIFY_VPORT_STATE(0x751) op_mod(0x1) failed, "
             "status bad resource(0x5), syndrome (0x5c9abe), err(-22)")),
    Pattern("card.memory",
            r"mlx5_core .*(?:give_pages|alloc_system_page|reclaim_pages).*(?:failed|err -?12|unlikely|pages)|"
            r"mlx5_core .*FW pages counter is \d+ after reclaiming", KERNEL, NEW, f"{MLX5}/pagealloc.c",
            ("mlx5_core 0000:03:00.0: give_pages:327:(pid 88): func_id 0x2, npages 512, err -12",
             "mlx5_core 0000:03:00.0: mlx5_wait_for_pages:845:(pid 9): FW pages counter is 7 after reclaiming all "
             "pages")),
    Pattern("card.power", r"mlx5_core .*(?:Detected insufficient power on the PCIe slot|High Temperature)", KERNEL,
            NEW, f"{MLX5}/events.c",
            ("mlx5_core 0000:03:00.0: mlx5_pcie_event:301:(pid 21): Detected insufficient power on the PCIe slot "
             "(27W).",
             "mlx5_core 0000:3b:00.1: mlx5_pcie_event:297:(pid 4): Detected insufficient power on the PCIe slot "
             "(25W).")),
    Pattern("card.slow-slot", r"available PCIe bandwidth, limited by|PCIe link speed.*(?:lower|less) than|"
            r"This is not sufficient for this card to operate at full|PCI-Express bandwidth available for this device",
            KERNEL, ALL, "Linux drivers/pci/pci.c, __pcie_print_link_status; intel/ixgbe/ixgbe_main.c",
            ("mlx5_core 0000:03:00.0: 31.504 Gb/s available PCIe bandwidth, limited by 8.0 GT/s PCIe x4 link at "
             "0000:00:02.0 (capable of 126.016 Gb/s with 8.0 GT/s PCIe x16 link)",
             "i40e 0000:18:00.0: PCI-Express bandwidth available for this device may be insufficient for optimal "
             "performance.")),
    Pattern("vf.mac-set", r"VF \d+ attempted to (?:override|set) (?:a )?(?:new )?.*administratively set MAC|"
            r"attempting to override administratively set MAC|administratively set MAC address", KERNEL, ALL,
            f"{INTEL}/igb/igb_main.c, igb_set_vf_mac_filter; ixgbe_sriov.c; i40e_virtchnl_pf.c",
            ("igb 0000:01:00.0: VF 2 attempted to override administratively set MAC address",
             "ixgbe 0000:05:00.0 eth2: VF 1 attempted to override administratively set MAC address",
             "i40e 0000:18:00.0: VF attempting to override administratively set MAC address, bring down and up the "
             "VF interface to resume normal operation")),
    Pattern("vf.mac-set", r"VF \d+ (?:requested MACVLAN filter but is administratively denied|"
            r"attempted to override administratively set VLAN)", KERNEL, ALL,
            f"{INTEL}/ixgbe/ixgbe_sriov.c, ixgbe_set_vf_macvlan_msg",
            ("ixgbe 0000:05:00.0 eth2: VF 3 requested MACVLAN filter but is administratively denied",
             "igb 0000:01:00.0: VF 0 attempted to override administratively set VLAN tag")),
    Pattern("vf.spoofed",
            r"\d+ Spoofed packets? (?:detected|dropped)|Spoof event\(s\) detected on VF|VF \d+.*spoof(?:ed|ing)",
            KERNEL, ALL, f"{INTEL}/ixgbe/ixgbe_main.c, ixgbe_spoof_check; igb_main.c",
            ("ixgbe 0000:05:00.0 eth2: 14 Spoofed packets detected",
             "igb 0000:01:00.0: Spoof event(s) detected on VF 2")),
    Pattern("vf.untrusted",
            r"VF \d+ is not trusted|Unprivileged VF \d+ is attempting|VF \d+ .*(?:untrusted|not trusted)", KERNEL, ALL,
            f"{INTEL}/i40e/i40e_virtchnl_pf.c, i40e_check_vf_permission; ice_virtchnl.c",
            ("i40e 0000:18:00.0: VF 4 is not trusted, switch the VF to trusted to add more functionality",
             "i40e 0000:18:00.0: Unprivileged VF 4 is attempting to configure promiscuous mode",
             "ice 0000:3b:00.0: VF 3 is not trusted, switch the VF to trusted, in order to add more VLAN addresses")),
    Pattern("vf.malicious",
            r"Malicious Driver Detection|malicious (?:VF|driver|event)|MDD event|(?:Tx|Rx) Malicious Driver", KERNEL,
            ALL, f"{INTEL}/i40e/i40e_main.c, i40e_handle_mdd_event; ice_main.c",
            ("i40e 0000:18:00.0: Malicious Driver Detection event 0x02 on TX queue 12 PF number 0x00 VF number 0x03",
             "ice 0000:3b:00.0: 1 Tx Malicious Driver Detection events detected on PF 0 VF 2 MAC 52:54:00:12:34:56.")),
    Pattern("vf.mailbox",
            r"VF \d+ (?:failed opcode|Can not allocate|mailbox|sent invalid)|Unable to (?:communicate with|"
            r"contact) PF|PF still (?:in reset state|resetting)|(?:iavf|i40evf) .*(?:Unable to send opcode|"
            r"Device is still in reset|failed to initialize Admin Queue|Hardware reset detected|"
            r"Failed to communicate with PF)|adminq_init failed", KERNEL, ALL,
            f"{INTEL}/i40e/i40e_virtchnl_pf.c; iavf/iavf_main.c; ixgbevf/ixgbevf_main.c",
            ("txgbevf 0000:04:10.0: PF still in reset state. Is the PF interface up?",
             "igbvf 0000:01:10.0: PF still in reset state. Is the PF interface up?",
             "iavf 0000:18:02.0: Failed to communicate with PF; waiting before retry",
             "i40e 0000:18:00.0: VF 5 failed opcode 3, retval: -5")),
    Pattern("card.tx-hang",
            r"NETDEV WATCHDOG: .*transmit queue \d+ timed out|Detected Tx Unit Hang|TX timeout (?:detected|on queue)",
            KERNEL, ALL, "Linux net/sched/sch_generic.c, dev_watchdog",
            ("NETDEV WATCHDOG: enp1s0 (igb): transmit queue 0 timed out",
             "NETDEV WATCHDOG: ens1f0np0 (mlx5_core): transmit queue 4 timed out 5012 ms",
             "igb 0000:01:00.0: Detected Tx Unit Hang",
             "mlx5_core 0000:03:00.0 ens1f0np0: TX timeout detected")),
    Pattern("card.reset",
            r"(?:igb|ixgbe|i40e|ice|bnxt_en|hns3|hinic3?|txgbe|ngbe|mlx5_core) \S+(?: \S+)?: .*(?:Reset adapter|"
            r"PF reset failed|rebuild failed|reset failed|Adapter removed|Firmware reset request|Hardware Error|"
            r"firmware has (?:been )?reset|Reset fail)", KERNEL, ALL,
            f"{INTEL}/igb, ixgbe, i40e, ice; broadcom/bnxt; hisilicon/hns3",
            ("ixgbe 0000:05:00.0 eth2: Reset adapter",
             "igb 0000:01:00.0 enp1s0: Reset adapter",
             "ice 0000:3b:00.0: PF reset failed, -5",
             "i40e 0000:18:00.0: rebuild failed",
             "hns3 0000:7d:00.0: Reset fail!")),
    Pattern("card.aer", r"AER: .*(?:error received|error message received)|PCIe Bus Error: severity=|"
            r"pcieport .*(?:device recovery failed|error handling failed)", KERNEL, ALL,
            "Linux drivers/pci/pcie/aer.c",
            ("pcieport 0000:00:02.0: AER: Corrected error received: 0000:03:00.0",
             "mlx5_core 0000:03:00.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, "
             "(Receiver ID)",
             "pcieport 0000:00:02.0: AER: Multiple Uncorrectable (Non-Fatal) error message received from "
             "0000:03:00.0")),
    Pattern("net.port-down",
            r"(?:igb|ixgbe|i40e|ice|mlx5_core|bnxt_en|hns3|txgbe|ngbe) .*(?:NIC Link is Down|Link down$|link is down)",
            KERNEL, ALL, f"{INTEL}/igb/igb_main.c, igb_watchdog_task; {MLX5}/en_main.c, mlx5e_update_carrier",
            ("igb 0000:01:00.0 enp1s0: igb: enp1s0 NIC Link is Down",
             "ice 0000:3b:00.0 ens1f0: NIC Link is Down",
             "mlx5_core 0000:03:00.0 ens1f0np0: Link down")),
    Pattern("card.gone", r"(?:pciehp|pcieport) .*(?:Link Down|Card not present)|"
            r"Unable to change power state from \S+ to D0, device inaccessible|PCIe link lost", KERNEL, ALL,
            "Linux drivers/pci/hotplug/pciehp_ctrl.c; drivers/pci/pci.c",
            ("pcieport 0000:00:02.0: pciehp: Slot(4): Link Down",
             "mlx5_core 0000:03:00.0: Unable to change power state from D3cold to D0, device inaccessible",
             "igb 0000:01:00.0 enp1s0: PCIe link lost")),
    Pattern("switchdev.steering",
            r"mlx5_core .*(?:Failed to create (?:slow path )?FDB|E-Switch: failed|Failed setting eswitch to offloads)",
            KERNEL, NEW, f"{MLX5}/eswitch_offloads.c, esw_create_offloads_fdb_tables",
            ("mlx5_core 0000:03:00.0: E-Switch: Failed to create slow path FDB Table err -12",
             "mlx5_core 0000:03:00.0: mlx5_eswitch_enable_locked:1310:(pid 99): E-Switch: failed to enable",
             "mlx5_core 0000:03:00.0: Failed setting eswitch to offloads")),
    Pattern("lag.mode", r"Can't activate LAG offload, TX type isn't supported", KERNEL, NEW, f"{MLX5}/lag/lag.c",
            ("mlx5_core 0000:03:00.0: lag: Can't activate LAG offload, TX type isn't supported",
             "Warning: mlx5_core: Can't activate LAG offload, TX type isn't supported.")),
    Pattern("lag.too-many-vfs", r"PF is configured with more than 64 VFs", KERNEL, NEW, f"{MLX5}/lag/lag.c",
            ("mlx5_core 0000:03:00.0: lag: Can't activate LAG offload, PF is configured with more than 64 VFs",
             "Warning: mlx5_core: Can't activate LAG offload, PF is configured with more than 64 VFs.")),
    Pattern("lag.vfs-bound", r"Make sure all VFs are unbound prior to VF LAG activation", KERNEL, NEW,
            f"{MLX5}/lag/lag.c",
            ("mlx5_core 0000:03:00.0: lag: Make sure all VFs are unbound prior to VF LAG activation or deactivation",
             "mlx5_core 0000:03:00.1: Make sure all VFs are unbound prior to VF LAG activation or deactivation")),
    Pattern("lag.inactive", r"(?:Failed to (?:create|activate|modify) (?:VF |RoCE |hardware )?(?:LAG|lag))", KERNEL,
            NEW, f"{MLX5}/lag/lag.c",
            ("mlx5_core 0000:03:00.0: Failed to create LAG (-22)",
             "mlx5_core 0000:03:00.0: lag: Failed to activate VF LAG")),
)  # fmt: skip
