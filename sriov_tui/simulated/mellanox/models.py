"""The cards that can be simulated, as data: their ids, their words, their firmware, and how they differ."""

from __future__ import annotations

from dataclasses import dataclass, field

from sriov_tui.cards import FAMILIES, Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A card of a family: `kind`, `part` and `about` as mstconfig prints them, `words` as the PCI database has them."""

    family: str
    kind: str
    words: str
    part: str
    about: str
    firmware: str
    max_vfs: int = 127
    settings: dict[str, str] = field(default_factory=dict)  # what its firmware has beyond COMMON

    @property
    def of(self) -> Family:
        """Its entry in the table: ids, and whether switchdev can be entered while there are VFs."""
        return next(family for family in FAMILIES if family.name == self.family)


COMMON = {  # as a card leaves the factory
    "MEMIC_BAR_SIZE": "0",
    "PF_NUM_OF_VF_VALID": "False(0)",
    "PF_NUM_OF_VF": "0",
    "NUM_PF_MSIX_VALID": "True(1)",
    "NUM_OF_VFS": "0",
    "NUM_OF_PF": "2",
    "SRIOV_EN": "False(0)",
    "PF_LOG_BAR_SIZE": "5",
    "VF_LOG_BAR_SIZE": "0",
    "NUM_PF_MSIX": "63",
    "NUM_VF_MSIX": "11",
    "ROCE_CONTROL": "ROCE_ENABLE(2)",
    "LINK_TYPE_P1": "ETH(2)",
    "LINK_TYPE_P2": "ETH(2)",
}
WORDS = {  # the words that a number stands for; every other setting is a plain number
    "SRIOV_EN": ("False", "True"),
    "PF_NUM_OF_VF_VALID": ("False", "True"),
    "LINK_TYPE_P1": ("", "IB", "ETH", "VPI"),
    "LINK_TYPE_P2": ("", "IB", "ETH", "VPI"),
    "INTERNAL_CPU_MODEL": ("SEPARATED_HOST", "EMBEDDED_CPU"),
}
DPU = {
    "INTERNAL_CPU_MODEL": "EMBEDDED_CPU(1)",
    "INTERNAL_CPU_PAGE_SUPPLIER": "ECPF(0)",
    "INTERNAL_CPU_ESWITCH_MANAGER": "ECPF(0)",
    "INTERNAL_CPU_IB_VPORT0": "ECPF(0)",
    "INTERNAL_CPU_OFFLOAD_ENGINE": "ENABLED(0)",
}
MODELS = {
    "connectx-5": Model(
        family="ConnectX-5", kind="ConnectX5", words="MT27800 Family [ConnectX-5]",
        part="MCX512A-ACA_Ax_Bx", about="ConnectX-5 EN network interface card; 10/25GbE dual-port SFP28",
        firmware="16.35.4030 (MT_0000000080)",
    ),
    "connectx-6-dx": Model(
        family="ConnectX-6 Dx", kind="ConnectX6DX", words="MT2892 Family [ConnectX-6 Dx]",
        part="MCX623106AN-CDA_Ax", about="ConnectX-6 Dx EN adapter card; 100GbE; Dual-port QSFP56",
        firmware="22.41.1000 (MT_0000000359)",
    ),
    "connectx-6-lx": Model(
        family="ConnectX-6 Lx", kind="ConnectX6LX", words="MT2894 Family [ConnectX-6 Lx]",
        part="MCX631102AN-ADA_Ax", about="ConnectX-6 Lx EN adapter card; 25GbE; Dual-port SFP28",
        firmware="26.42.1000 (MT_0000000531)",
    ),
    "connectx-7": Model(
        family="ConnectX-7", kind="ConnectX7", words="MT2910 Family [ConnectX-7]",
        part="MCX75310AAS-NEA_Ax", about="NVIDIA ConnectX-7 HHHL adapter card; 400GbE / NDR IB; Single-port OSFP",
        firmware="28.41.1000 (MT_0000000838)", settings={"NUM_OF_PF": "1"},
    ),
    "bluefield-2": Model(
        family="BlueField-2", kind="BlueField2",
        words="MT42822 BlueField-2 integrated ConnectX-6 Dx network controller",
        part="MBF2H332A-AENO_Ax_Bx", about="BlueField-2 E-Series DPU 25GbE Dual-Port SFP56",
        firmware="24.41.1000 (MT_0000000540)", settings=DPU,
    ),
}  # fmt: skip
