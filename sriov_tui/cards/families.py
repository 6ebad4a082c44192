"""The table of families. To add a card, add an entry here, and its driver in `driver` where that is new.

VFs are driven by the same ids on every host, so a VF id names its family, too. 15b3:101e is the VF of every ConnectX
since the 6 Dx: of several families with one VF id the first counts, and all of them have the same guest driver.
"""

from __future__ import annotations

from sriov_tui.cards.family import Family
from sriov_tui.message import say

INTEL, NVIDIA, BROADCOM, HUAWEI, WANGXUN = 0x8086, 0x15B3, 0x14E4, 0x19E5, 0x8088
_MLX5 = "mellanox/mlx5/core/main.c: mlx5_core_pci_table"
_GEN_VF = "ConnectX Family mlx5Gen Virtual Function"
_CONNECTX = say("ConnectX: mstconfig -d ADDRESS set SRIOV_EN=1 NUM_OF_VFS=N, then reboot.")
_BNXT = say("Broadcom: niccli --dev N nvm --setoption enable_sriov --value 1, then reboot.")

FAMILIES = (
    Family(
        name="Intel 82576", vendor=INTEL, pfs=(0x10C9, 0x10E6, 0x10E7, 0x10E8, 0x1526, 0x150A, 0x1518, 0x150D),
        vfs=(0x10CA,), driver="igb", guest="igbvf", vf_words="82576 Virtual Function",
        source="intel/igb/e1000_hw.h; intel/igbvf/netdev.c",
    ),
    Family(
        name="Intel I350", vendor=INTEL, pfs=(0x1521, 0x1522, 0x1523, 0x1524), vfs=(0x1520,), driver="igb",
        guest="igbvf", vf_words="I350 Ethernet Controller Virtual Function",
        source="intel/igb/e1000_hw.h; intel/igbvf/netdev.c",
    ),
    Family(
        name="Intel 82599", vendor=INTEL, pfs=(0x10FB, 0x10F7, 0x10F8, 0x10F9, 0x10FC, 0x1514, 0x1517, 0x151C, 0x154D,
                                               0x154F, 0x1557, 0x1558, 0x154A, 0x1507, 0x1529, 0x152A),
        vfs=(0x10ED,), driver="ixgbe", guest="ixgbevf", vf_words="82599 Ethernet Controller Virtual Function",
        source="intel/ixgbe/ixgbe_type.h; intel/ixgbevf/defines.h",
    ),
    Family(
        name="Intel X540", vendor=INTEL, pfs=(0x1528, 0x1560), vfs=(0x1515,), driver="ixgbe", guest="ixgbevf",
        vf_words="X540 Ethernet Controller Virtual Function",
        source="intel/ixgbe/ixgbe_type.h; intel/ixgbevf/defines.h",
    ),
    Family(
        name="Intel X550", vendor=INTEL, pfs=(0x1563, 0x15D1), vfs=(0x1565,), driver="ixgbe", guest="ixgbevf",
        vf_words="X550 Virtual Function", source="intel/ixgbe/ixgbe_type.h; intel/ixgbevf/defines.h",
    ),
    Family(
        name="Intel X552", vendor=INTEL, pfs=(0x15AA, 0x15AB, 0x15AC, 0x15AD, 0x15AE, 0x15B0), vfs=(0x15A8,),
        driver="ixgbe", guest="ixgbevf", vf_words="Ethernet Connection X552 Virtual Function",
        source="intel/ixgbe/ixgbe_type.h; intel/ixgbevf/defines.h",
    ),
    Family(
        name="Intel X553", vendor=INTEL,
        pfs=(0x15C2, 0x15C3, 0x15C4, 0x15C6, 0x15C7, 0x15C8, 0x15CE, 0x15E4, 0x15E5), vfs=(0x15C5,), driver="ixgbe",
        guest="ixgbevf", vf_words="X553 Virtual Function", source="intel/ixgbe/ixgbe_type.h; intel/ixgbevf/defines.h",
    ),
    Family(
        name="Intel X710 (700 series)", vendor=INTEL,
        pfs=(0x1572, 0x1580, 0x1581, 0x1583, 0x1584, 0x1585, 0x1586, 0x1587, 0x1588, 0x1589, 0x158A, 0x158B, 0x15FF,
             0x104E, 0x104F, 0x0CF8, 0x0D58, 0x0DD2),
        vfs=(0x154C, 0x1571), driver="i40e", guest="iavf", vf_words="Ethernet Virtual Function 700 Series",
        source="intel/i40e/i40e_devids.h; intel/iavf/iavf_main.c",
    ),
    Family(
        name="Intel X722", vendor=INTEL, pfs=(0x37CE, 0x37CF, 0x37D0, 0x37D1, 0x37D2, 0x37D3, 0x0DDA), vfs=(0x37CD,),
        driver="i40e", guest="iavf", vf_words="Ethernet Virtual Function 700 Series",
        source="intel/i40e/i40e_devids.h; intel/iavf/iavf_main.c",
    ),
    Family(
        name="Intel E810", vendor=INTEL, pfs=(0x1592, 0x1591, 0x1593, 0x1599, 0x159A, 0x159B), vfs=(0x1889,),
        driver="ice", guest="iavf", vf_words="Ethernet Adaptive Virtual Function",
        source="intel/ice/ice_devids.h; intel/iavf/iavf_main.c",
    ),
    Family(
        name="Intel E822/E823", vendor=INTEL,
        pfs=(0x124C, 0x124D, 0x124E, 0x124F, 0x151D, 0x188A, 0x188B, 0x188C, 0x188D, 0x188E, 0x1890, 0x1891, 0x1892,
             0x1893, 0x1894, 0x1897, 0x1898, 0x1899, 0x189A),
        vfs=(0x1889,), driver="ice", guest="iavf", vf_words="Ethernet Adaptive Virtual Function",
        source="intel/ice/ice_devids.h; intel/iavf/iavf_main.c",
    ),
    Family(
        name="ConnectX-3", vendor=NVIDIA, pfs=(0x1003, 0x1007), vfs=(0x1004,), driver="mlx4_core", guest="mlx4_core",
        connections=False, vf_words="MT27500/MT27520 Family [ConnectX-3/ConnectX-3 Pro Virtual Function]",
        source="mellanox/mlx4/main.c: mlx4_pci_table",
    ),
    Family(
        name="Connect-IB", vendor=NVIDIA, pfs=(0x1011,), vfs=(0x1012,), driver="mlx5_core", guest="mlx5_core",
        connections=False, totals=_CONNECTX, vf_words="MT27600 Family [Connect-IB Virtual Function]", source=_MLX5,
    ),
    Family(
        name="ConnectX-4", vendor=NVIDIA, pfs=(0x1013,), vfs=(0x1014,), driver="mlx5_core", guest="mlx5_core",
        connections=False, inline=True, totals=_CONNECTX, vf_words="MT27700 Family [ConnectX-4 Virtual Function]",
        source=_MLX5,
    ),
    Family(
        name="ConnectX-4 Lx", vendor=NVIDIA, pfs=(0x1015,), vfs=(0x1016,), driver="mlx5_core", guest="mlx5_core",
        connections=False, inline=True, totals=_CONNECTX, vf_words="MT27710 Family [ConnectX-4 Lx Virtual Function]",
        source=_MLX5,
    ),
    Family(
        name="ConnectX-5", vendor=NVIDIA, pfs=(0x1017,), vfs=(0x1018,), driver="mlx5_core", guest="mlx5_core",
        connections=False, totals=_CONNECTX, vf_words="MT27800 Family [ConnectX-5 Virtual Function]", source=_MLX5,
    ),
    Family(
        name="ConnectX-5 Ex", vendor=NVIDIA, pfs=(0x1019,), vfs=(0x101A,), driver="mlx5_core", guest="mlx5_core",
        connections=False, totals=_CONNECTX, vf_words="MT28800 Family [ConnectX-5 Ex Virtual Function]", source=_MLX5,
    ),
    Family(
        name="BlueField", vendor=NVIDIA, pfs=(0xA2D2,), vfs=(0xA2D3,), driver="mlx5_core", guest="mlx5_core",
        connections=False, totals=_CONNECTX, vf_words="MT416842 BlueField multicore SoC family VF", source=_MLX5,
    ),
    Family(
        name="ConnectX-6", vendor=NVIDIA, pfs=(0x101B,), vfs=(0x101C,), driver="mlx5_core", guest="mlx5_core",
        totals=_CONNECTX, vf_words="MT28908 Family [ConnectX-6 Virtual Function]", source=_MLX5,
    ),
    Family(
        name="ConnectX-6 Dx", vendor=NVIDIA, pfs=(0x101D,), vfs=(0x101E,), driver="mlx5_core", guest="mlx5_core",
        totals=_CONNECTX, vf_words=_GEN_VF, source=_MLX5,
    ),
    Family(
        name="ConnectX-6 Lx", vendor=NVIDIA, pfs=(0x101F,), vfs=(0x101E,), driver="mlx5_core", guest="mlx5_core",
        mode_first=True, totals=_CONNECTX, vf_words=_GEN_VF, source=_MLX5,
    ),
    Family(
        name="ConnectX-7", vendor=NVIDIA, pfs=(0x1021,), vfs=(0x101E,), driver="mlx5_core", guest="mlx5_core",
        totals=_CONNECTX, vf_words=_GEN_VF, source=_MLX5,
    ),
    Family(
        name="ConnectX-8", vendor=NVIDIA, pfs=(0x1023,), vfs=(0x101E,), driver="mlx5_core", guest="mlx5_core",
        totals=_CONNECTX, vf_words=_GEN_VF, source=_MLX5,
    ),
    Family(
        name="BlueField-2", vendor=NVIDIA, pfs=(0xA2D6,), vfs=(0x101E,), driver="mlx5_core", guest="mlx5_core",
        totals=_CONNECTX, vf_words=_GEN_VF, source=_MLX5,
    ),
    Family(
        name="BlueField-3", vendor=NVIDIA, pfs=(0xA2DC,), vfs=(0x101E,), driver="mlx5_core", guest="mlx5_core",
        totals=_CONNECTX, vf_words=_GEN_VF, source=_MLX5,
    ),
    Family(
        name="ConnectX-9", vendor=NVIDIA, pfs=(0x1025,), vfs=(0x101E,), driver="mlx5_core", guest="mlx5_core",
        totals=_CONNECTX, vf_words=_GEN_VF, source=_MLX5,
    ),
    Family(
        name="BlueField-4", vendor=NVIDIA, pfs=(0xA2DF,), vfs=(0x101E,), driver="mlx5_core", guest="mlx5_core",
        totals=_CONNECTX, vf_words=_GEN_VF, source=_MLX5,
    ),
    Family(
        name="Broadcom BCM574xx", vendor=BROADCOM,
        pfs=(0x16C9, 0x16CA, 0x16CE, 0x16CF, 0x16D0, 0x16D1, 0x16D2, 0x16D5, 0x16D6, 0x16D7, 0x16D8, 0x16D9, 0x16DF,
             0x16E2, 0x16E3, 0x1614, 0x1604, 0x16C8, 0x16CC, 0x16D4, 0x16DE, 0x16E7, 0x16E8, 0x16E9, 0x16EC, 0x16EE,
             0x16F1, 0xD802, 0xD804),
        vfs=(0x16DC, 0x16C1, 0x16CB, 0x16D3, 0x16E1, 0x16E5, 0x1606, 0x1607, 0x1608, 0x1609),
        driver="bnxt_en", guest="bnxt_en", totals=_BNXT, vf_words="NetXtreme-E Ethernet Virtual Function",
        source="broadcom/bnxt/bnxt.c: bnxt_pci_tbl",
    ),
    Family(
        name="Broadcom BCM575xx", vendor=BROADCOM, pfs=(0x1750, 0x1751, 0x1752, 0x1800, 0x1801, 0x1802),
        vfs=(0x1806, 0x1807, 0x1808, 0x1809),
        driver="bnxt_en", guest="bnxt_en", totals=_BNXT, vf_words="NetXtreme-E Ethernet Virtual Function",
        source="broadcom/bnxt/bnxt.c: bnxt_pci_tbl",
    ),
    Family(
        name="Broadcom BCM576xx", vendor=BROADCOM, pfs=(0x1760,), vfs=(0x1819,), driver="bnxt_en", guest="bnxt_en",
        totals=_BNXT, vf_words="NetXtreme-E Ethernet Virtual Function", source="broadcom/bnxt/bnxt.c: bnxt_pci_tbl",
    ),
    Family(
        name="Broadcom BCM57810", vendor=BROADCOM, pfs=(0x168E, 0x16AE), vfs=(0x16AF,), driver="bnx2x", guest="bnx2x",
        vf_words="NetXtreme II BCM57810 10 Gigabit Ethernet Virtual Function",
        source="broadcom/bnx2x/bnx2x_main.c: bnx2x_pci_tbl",
    ),
    Family(
        name="Broadcom BCM57840", vendor=BROADCOM, pfs=(0x168D, 0x16A1, 0x16A2, 0x16A4, 0x16AB),
        vfs=(0x16AD,), driver="bnx2x", guest="bnx2x",
        vf_words="NetXtreme II BCM57840 10/20 Gigabit Ethernet Virtual Function",
        source="broadcom/bnx2x/bnx2x_main.c: bnx2x_pci_tbl",
    ),
    Family(
        name="Broadcom BCM57712", vendor=BROADCOM, pfs=(0x1662, 0x1663), vfs=(0x166F,), driver="bnx2x", guest="bnx2x",
        vf_words="NetXtreme II BCM57712 10 Gigabit Ethernet Virtual Function",
        source="broadcom/bnx2x/bnx2x_main.c: bnx2x_pci_tbl",
    ),
    Family(
        name="Broadcom BCM57800", vendor=BROADCOM, pfs=(0x168A, 0x16A5), vfs=(0x16A9,), driver="bnx2x", guest="bnx2x",
        vf_words="NetXtreme II BCM57800 1/10 Gigabit Ethernet Virtual Function",
        source="broadcom/bnx2x/bnx2x_main.c: bnx2x_pci_tbl",
    ),
    Family(
        name="QLogic FastLinQ QL45000", vendor=0x1077, pfs=(0x1634, 0x1644, 0x1654, 0x1656), vfs=(0x1664,),
        driver="qede", guest="qede", vf_words="FastLinQ QL45000 Series Gigabit Ethernet Controller (SR-IOV VF)",
        source="qlogic/qede/qede_main.c: qede_pci_tbl",
    ),
    Family(
        name="QLogic FastLinQ QL41000", vendor=0x1077, pfs=(0x8070,), vfs=(0x8090,), driver="qede", guest="qede",
        vf_words="FastLinQ QL41000 Series Gigabit Ethernet Controller (SR-IOV VF)",
        source="qlogic/qede/qede_main.c: qede_pci_tbl",
    ),
    Family(
        name="AMD Pensando DSC", vendor=0x1DD8, pfs=(0x1002,), vfs=(0x1003,), driver="ionic", guest="ionic",
        vf_words="DSC Ethernet Controller VF", source="pensando/ionic/ionic_bus_pci.c: ionic_id_table",
    ),
    Family(
        name="Netronome Agilio", vendor=0x19EE, pfs=(0x4000, 0x5000, 0x6000), vfs=(0x6003,), driver="nfp", guest="nfp",
        vf_words="Netronome Flow Processor Virtual Function", source="netronome/nfp/nfp_main.c, nfp_netvf_main.c",
    ),
    Family(
        name="Corigine Agilio", vendor=0x1DA8, pfs=(0x3800,), vfs=(0x3803,), driver="nfp", guest="nfp",
        vf_words="Network Flow Processor Virtual Function", source="netronome/nfp/nfp_main.c, nfp_netvf_main.c",
    ),
    Family(
        name="Cisco VIC", vendor=0x1137, pfs=(0x0043, 0x0044), vfs=(0x0071, 0x02B7), driver="enic", guest="enic",
        vf_words="VIC SR-IOV VF", source="cisco/enic/enic_main.c: enic_id_table",
    ),
    Family(
        name="Huawei Hi1822", vendor=HUAWEI, pfs=(0x1822, 0x0200, 0x0205, 0x0210), vfs=(0x375E,), driver="hinic",
        guest="hinic", vf_words="Hi1822 Family Virtual Function", source="huawei/hinic/hinic_main.c",
    ),
    Family(
        name="Huawei Hi1823", vendor=HUAWEI, pfs=(0x0222,), vfs=(0x375F,), driver="hinic3", guest="hinic3",
        since="2025", vf_words="Hi1823 Family Virtual Function",
        driver_hint=say("The hinic3 of Linux drives VFs only: install the maker's hinic3 on the host."),
        source="huawei/hinic3/hinic3_pci_id_tbl.h",
    ),
    Family(
        name="HiSilicon HNS", vendor=HUAWEI, pfs=(0xA220, 0xA221, 0xA222, 0xA223, 0xA224, 0xA225, 0xA226, 0xA228),
        vfs=(0xA22E, 0xA22F), driver="hns3", guest="hns3", vf_words="HNS Network Controller (Virtual Function)",
        source="hisilicon/hns3/hnae3.h, hns3_enet.c",
    ),
    Family(
        name="WangXun WX1860", vendor=WANGXUN,
        pfs=tuple(range(0x0100, 0x010C)), vfs=tuple(range(0x0110, 0x011C)), driver="ngbe", guest="ngbevf",
        since="2025", vf_words="WX1860 Family Virtual Function", source="wangxun/ngbe/ngbe_type.h; ngbevf_type.h",
    ),
    Family(
        name="WangXun SP1000", vendor=WANGXUN, pfs=(0x1001, 0x2001), vfs=(0x1000, 0x2000), driver="txgbe",
        guest="txgbevf", since="2025", vf_words="SP1000 Family Virtual Function",
        source="wangxun/txgbe/txgbe_type.h; txgbevf_type.h",
    ),
    Family(
        name="WangXun AML", vendor=WANGXUN, pfs=(0x5010, 0x5110, 0x5025, 0x5125, 0x5040, 0x5140),
        vfs=(0x500F, 0x510F, 0x5024, 0x5124, 0x503F, 0x513F), driver="txgbe", guest="txgbevf", since="2025",
        vf_words="AML Family Virtual Function", source="wangxun/txgbe/txgbe_type.h; txgbevf_type.h",
    ),
)  # fmt: skip
