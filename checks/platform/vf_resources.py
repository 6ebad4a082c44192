"""Before any VF is made: will the bus, the address space and the interrupts hold them, and will each be alone.

Each statement is about one chosen PF, from config space and sysfs as drivers/pci/iov.c of the kernel lays them out.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.boot import arguments
from checks.platform import bios, isolation
from checks.platform.iommu_verdict import STEP
from sriov_tui.cards import driver_of
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import NOTHING, say, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level

NO_ROOM = ("VF BAR", "not enough MMIO resources", "IOV BARS not allocated", "BAR 7", "BAR 10")
DEVICES = "/sys/bus/pci/devices"


def findings(facts: HostFacts, choices: Choices, realloc: bool = False) -> Iterator[Finding]:
    """What would keep the VFs of the chosen PFs from being made, reached or given away.

    `realloc` says that a step of the plan has the kernel make room at the next boot: then nothing else need be done.
    """
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        if pf is None or pf.sriov is None:
            continue
        yield from _room(facts, pf, realloc)
        yield from _buses(facts, pf)
        yield from _ari(facts, pf)
        yield from isolation.findings(facts, pf)
        yield from _interrupts(facts, pf)


def wanted(facts: HostFacts, choices: Choices) -> tuple[str, ...]:
    """`pci=realloc` where a chosen PF's VF BARs have no addresses: never without that evidence, it can harm others."""
    pfs = (facts.pf(choice.address) for choice in choices.chosen)
    return ("pci=realloc",) if any(pf and unplaced(pf) for pf in pfs) else ()


def last_vf_bus(pf: Pf) -> int | None:
    """The bus of the last VF: the PF's routing id plus offset and strides (drivers/pci/iov.c, pci_iov_virtfn_bus)."""
    if pf.sriov is None or not pf.totalvfs or not pf.sriov.offset:
        return None
    _, bus, rest = pf.address.split(":")
    slot, _, function = rest.partition(".")
    devfn = int(slot, 16) << 3 | int(function)
    return int(bus, 16) + (devfn + pf.sriov.offset + (pf.totalvfs - 1) * pf.sriov.stride >> 8)


def unplaced(pf: Pf) -> list[int]:
    """The VF BARs without an address: making VFs fails with ENOMEM (drivers/pci/iov.c, sriov_enable)."""
    return [bar.index for bar in pf.vf_bars or () if bar.start == 0]


def _room(facts: HostFacts, pf: Pf, realloc: bool) -> Iterator[Finding]:
    if pf.vf_bars is None:
        return
    source = f"{DEVICES}/{pf.address}/resource"
    homeless = unplaced(pf)
    if not homeless:
        if pf.vf_bars:
            title = say("There is address room for the BARs of its VFs.")
            yield Finding(id="iommu.vf-room", level=Level.OK, subject=pf.address, title=title)
        return
    lines = [line for line in facts.kernel.log or () if pf.address in line and any(word in line for word in NO_ROOM)]
    tried = arguments.in_force(facts.kernel.cmdline or "", "pci=realloc")
    yield Finding(
        id="iommu.vf-room",
        level=Level.FAIL,
        subject=pf.address,
        title=say("The BIOS left no address room for its VFs: they cannot be made (not enough MMIO resources).")
        if not tried
        else say("There is no address room for its VFs, also with pci=realloc."),
        evidence=(
            Evidence(source, f"VF BAR {', '.join(map(str, homeless))}: start 0"),
            *(Evidence("dmesg", line) for line in lines[:4]),
        ),
        fix=Fix(
            title=say("Switch Above 4G Decoding and SR-IOV on in the BIOS.")
            if tried
            else say(
                "Switch Above 4G Decoding and SR-IOV on in the BIOS; if that is not enough, boot with pci=realloc."
            ),
            manual=bios.guidance(facts, ("Above 4G", "SR-IOV")),
            steps=() if tried else (STEP,),
        ),
        blocks=not pf.numvfs and not realloc,
    )


def _buses(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    last, port = last_vf_bus(pf), pf.bridges[0] if pf.bridges else None
    if last is None or port is None or port.last_bus is None:
        return
    evidence = (Evidence(f"{DEVICES}/{port.address}/config", f"subordinate bus {port.last_bus:02x}"),)
    if last <= port.last_bus:
        return
    yield Finding(
        id="iommu.vf-buses",
        level=Level.FAIL,
        subject=pf.address,
        title=say(
            "Its last VF would be on bus {last}, and the port above it leads only to bus {last_bus}.",
            last=f"{last:02x}",
            last_bus=f"{port.last_bus:02x}",
        ),
        evidence=evidence,
        fix=Fix(
            title=say(
                "Switch SR-IOV (and ARI) on in the BIOS, so that it keeps bus numbers; else boot with "
                "pci=assign-busses."
            ),
            manual=bios.guidance(facts, ("SR-IOV", "ARI")),
        ),
    )


def _ari(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    port = pf.bridges[0] if pf.bridges else None
    if not pf.ari or port is None or port.ari_forwarding is None or not pf.totalvfs:
        return
    if port.ari_forwarding or pf.totalvfs < 8:
        return
    noari = "noari" in arguments.values(facts.kernel.cmdline or "", "pci")
    why = (
        say("the argument pci=noari")
        if noari
        else (say("the port") if not port.ari_supported else say("the kernel left it off on"))
    )
    yield Finding(
        id="iommu.ari",
        level=Level.WARN,
        subject=pf.address,
        title=say("ARI forwarding is off above it, by {why}: VFs may need other buses, or not be reached.", why=why)
        if noari or not port.ari_supported
        else say(
            "ARI forwarding is off above it although the port can do it: VFs may need other buses, or not be reached."
        ),
        evidence=(Evidence(f"{DEVICES}/{port.address}/config", "DevCtl2 bit 5 (ARI forwarding) is 0"),),
        fix=Fix(
            title=say("Remove pci=noari from the kernel arguments.") if noari else say("Switch ARI on in the BIOS."),
            manual=NOTHING if noari else bios.guidance(facts, ("ARI",)),
        ),
    )


def _interrupts(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    line = facts.kernel.cmdline or ""
    if "nomsi" in arguments.values(line, "pci"):
        why, evidence = say("the argument pci=nomsi switches MSI-X off"), Evidence("/proc/cmdline", line)
        fix = Fix(title=say("Remove pci=nomsi from the kernel arguments and reboot."))
    elif pf.vf_msix == 0 and (known := driver_of(pf)) and known.vf_msix:
        # The kernel shows 0 for every driver that does not manage the vectors, and only mlx5 does
        # (drivers/pci/iov.c, sriov_vf_total_msix_show).
        why = say("its firmware has no MSI-X vectors for VFs")
        evidence = Evidence(f"{DEVICES}/{pf.address}/sriov_vf_total_msix", "0")
        fix = Fix(
            title=say("Give VFs vectors in the card's firmware."), manual=verbatim("ConnectX: mstconfig, NUM_VF_MSIX.")
        )
    else:
        return
    title = say("VFs would have no interrupts: {why}.", why=why)
    yield Finding(id="iommu.msix", level=Level.FAIL, subject=pf.address, title=title, evidence=(evidence,), fix=fix)
