"""The BIOS settings that SR-IOV needs, in the words of the machine's maker: one table, and who is meant by it.

A path is given only where a manual was seen that shows it; `SEEN` says which. All others are the words to look for,
and are marked as unverified: menus move from one BIOS version to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from checks.platform.iommu_verdict import on_arm
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import Message, join, say

VIRTUAL = ("QEMU", "VMware, Inc.", "Xen", "innotek GmbH", say("Alibaba Cloud"), "OpenStack Foundation")
SEEN = {
    "Supermicro": say("the manual of the X11DDW-L, page 93"),
    "Kunpeng": say("Huawei's Kunpeng BoostKit, HBase tuning guide, BIOS configuration"),
}
SEEN_KEYS = ("Kunpeng",)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing to switch on: its common name, what it is for, and the words that menus use for it."""

    name: str
    why: Message
    words: str


@dataclass(frozen=True, slots=True)
class Maker:
    """A maker: the words in DMI's sys_vendor that mean it, the key that opens its setup, and where settings stand.

    `paths` has the common name of a setting and its menu; a trailing "?" marks one that no manual was seen for.
    """

    name: str
    dmi: tuple[str, ...]
    key: str
    paths: tuple[tuple[str, str], ...]


SETTINGS = (
    Setting("CPU", say("virtual machines run at all"), say("Intel VT-x (VMX), AMD SVM")),
    Setting(
        "IOMMU",
        say("a VF reaches one virtual machine only"),
        say("VT-d (Intel VT for Directed I/O), AMD IOMMU (AMD-Vi)"),
    ),
    Setting("SMMU", say("a VF reaches one virtual machine only"), "SMMU, Support Smmu, IOMMU"),
    Setting("Interrupt remapping", say("VFs may attach to virtual machines safely"), "Interrupt Remapping"),
    Setting("SR-IOV", say("cards may offer VFs, and the BIOS keeps bus numbers and room for them"), "SR-IOV Support"),
    Setting("ARI", say("more than 8 functions of a card can be reached"), say("ARI Support, ARI Forwarding")),
    Setting("ACS", say("each VF gets an IOMMU group of its own"), "ACS Control"),
    Setting("Above 4G", say("there is address room for the BARs of all VFs"), say("Above 4G Decoding, MMIO High Size")),
)

MAKERS = (
    Maker(
        "Dell",
        ("dell",),
        "F2",
        (
            ("CPU", "System BIOS > Processor Settings > Virtualization Technology?"),
            ("IOMMU", "System BIOS > Processor Settings > Virtualization Technology?"),
            ("SR-IOV", "System BIOS > Integrated Devices > SR-IOV Global Enable?"),
            ("Above 4G", "System BIOS > Integrated Devices > Memory Mapped I/O above 4GB?"),
        ),
    ),
    Maker(
        "HPE",
        ("hpe", "hewlett", "hp "),
        "F9",
        (
            ("CPU", "BIOS/Platform Configuration (RBSU) > Virtualization Options?"),
            ("IOMMU", "BIOS/Platform Configuration (RBSU) > Virtualization Options?"),
            ("SR-IOV", "BIOS/Platform Configuration (RBSU) > Virtualization Options > SR-IOV?"),
        ),
    ),
    Maker(
        "Lenovo",
        ("lenovo",),
        "F1",
        (
            ("CPU", "System Settings > Processors?"),
            ("IOMMU", "System Settings > Devices and I/O Ports?"),
            ("SR-IOV", "System Settings > Devices and I/O Ports?"),
        ),
    ),
    Maker(
        "Supermicro",
        ("supermicro", "super micro"),
        "Delete",
        (
            ("IOMMU", "Intel VT for Directed I/O (VT-d) > Intel VT for Directed I/O (VT-d)"),
            ("Interrupt remapping", "Intel VT for Directed I/O (VT-d) > Interrupt Remapping"),
            ("ACS", "Intel VT for Directed I/O (VT-d) > ACS (Access Control Services) Control"),
            ("SR-IOV", "Advanced > PCIe/PCI/PnP Configuration > SR-IOV Support?"),
            ("ARI", "Advanced > PCIe/PCI/PnP Configuration > ARI Support?"),
            ("Above 4G", "Advanced > PCIe/PCI/PnP Configuration > Above 4G Decoding?"),
        ),
    ),
    Maker("Inspur", ("inspur", "ieit"), "Delete", ()),
    Maker(say("Huawei or xFusion"), ("huawei", "xfusion"), "Delete", ()),
    Maker("H3C", ("h3c", say("new h3c")), "Delete", ()),
    Maker("Sugon", ("sugon", "dawning"), "Delete", ()),
)
KUNPENG = Maker("Kunpeng", (), "Esc", (("SMMU", "Advanced > MISC Config > Support Smmu"),))  # whoever built the server
X86_ONLY, ARM_ONLY = ("CPU", "IOMMU", "Interrupt remapping"), ("SMMU",)


def maker(facts: HostFacts) -> Maker | None:
    """The maker that DMI names, or None where it is none of the table; Kunpeng's processor has one BIOS everywhere."""
    if facts.cpu.vendor == "HiSilicon":
        return KUNPENG
    vendor = f"{facts.os.maker or ''} ".lower()
    return next((maker for maker in MAKERS if any(word in vendor for word in maker.dmi)), None)


def iommu_name(facts: HostFacts) -> str:
    """What this processor's IOMMU is called in a BIOS."""
    if on_arm(facts):
        return say("the SMMU")
    names = {
        "GenuineIntel": 'Intel VT-d ("Intel VT for Directed I/O")',
        "AuthenticAMD": 'AMD IOMMU ("AMD-Vi")',
        "HygonGenuine": 'AMD IOMMU ("AMD-Vi")',
    }
    return names.get(facts.cpu.vendor, say("the IOMMU"))


def guidance(facts: HostFacts, names: Iterable[str] = ()) -> Message:
    """What to switch on in this machine's BIOS and why, a line each; all that is not seen to be on without `names`."""
    if (facts.os.maker or "") in VIRTUAL or facts.os.product == "Virtual Machine":
        lacking = say("nested virtualization") if tuple(names) == ("CPU",) else say("a virtual IOMMU")
        return say(
            "This is a virtual machine ({maker}): its own host must provide {lacking}.",
            maker=facts.os.maker,
            lacking=lacking,
        )
    found = maker(facts)
    wanted = tuple(names) or tuple(needed(facts))
    where = dict(found.paths) if found else {}
    known = found.name if found else "generic"
    product = " ".join(filter(None, (facts.os.maker, facts.os.product))) or say("unknown maker")
    seen = found.key if found and known in SEEN_KEYS else ""
    key = (
        seen or say("{key} (unverified)", key=found.key) if found else say("the key that the screen names at power-on")
    )
    lines = [
        say(
            "{product} ({known}): reboot and enter the BIOS setup with {key}. Switch on:",
            product=product,
            known=known,
            key=key,
        )
    ]
    for setting in SETTINGS:
        if setting.name in wanted:
            lines.append(_line(setting, where.get(setting.name, ""), known))
    return join("\n", lines)


def needed(facts: HostFacts) -> Iterable[str]:
    """The settings that this machine does not show to be on."""
    cards = [pf for pf in facts.pfs or () if pf.sriov_capable is not False]
    seen_on = {
        "CPU": facts.cpu.virtualization is True,
        "IOMMU": bool(facts.iommu.active or facts.iommu.offered),
        "SMMU": bool(facts.iommu.active or facts.iommu.offered),
        "Interrupt remapping": facts.iommu.interrupt_remapping is True,
        "SR-IOV": bool(cards) and all(pf.totalvfs for pf in cards),
        "ARI": bool(cards) and all(_forwards(pf) for pf in cards),
        "ACS": bool(cards) and all(_isolates(pf) for pf in cards),
        "Above 4G": bool(cards) and all(pf.vf_bars and all(bar.start for bar in pf.vf_bars) for pf in cards),
    }
    foreign = X86_ONLY if on_arm(facts) else ARM_ONLY
    return [name for name, on in seen_on.items() if not on and name not in foreign]


def _forwards(pf: Pf) -> bool:
    return bool(pf.bridges) and bool(pf.bridges and pf.bridges[0].ari_forwarding)


def _isolates(pf: Pf) -> bool:
    return bool(pf.bridges) and all({"SV", "RR", "CR", "UF"} <= set(bridge.acs or ()) for bridge in pf.bridges or ())


def _line(setting: Setting, path: str, known: str) -> Message:
    if not path:
        return say("- {words}: {why}. Menu not known (unverified).", words=setting.words, why=setting.why)
    if path.endswith("?"):
        return say(
            "- {value}: {why}. (unverified; look for: {words})",
            value=path.removesuffix("?"),
            why=setting.why,
            words=setting.words,
        )
    return say("- {path}: {why}. (as in {seen})", path=path, why=setting.why, seen=SEEN[known])
