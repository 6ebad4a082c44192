"""Before any VF is made: address room, bus numbers, ARI, ACS and interrupts, each from what the bus shows."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from checks import iommu
from checks.platform import vf_resources
from sriov_tui.facts import Bridge, HostFacts, Kernel, SriovCapability, VfBar
from sriov_tui.model import Choices, Level
from sriov_tui.probe.config_space import parse, parse_bridge
from tests.checks.common import WANT, found, steps, with_pf
from tests.samples import FIRST, igb_host

PORT = Bridge(
    address="0000:00:04.0", ari_supported=True, ari_forwarding=True, acs_capable=True, acs=("SV", "RR", "CR", "UF"),
    acs_able=("SV", "RR", "CR", "UF"), port="root", functions=False, last_bus=1,
)  # fmt: skip
UNPLACED = (VfBar(index=0, start=0, size=0), VfBar(index=3, start=0xFE824000, size=0x4000))


def told(facts: HostFacts, choices: Choices = WANT) -> dict[str, Level]:
    return {finding.id: finding.level for finding in vf_resources.findings(facts, choices)}


def host(cmdline: str = "quiet", **changes: object) -> HostFacts:
    facts = with_pf(igb_host(), **({"bridges": (PORT,)} | changes))
    return replace(facts, kernel=replace(facts.kernel, cmdline=cmdline), os=replace(facts.os, maker="Dell Inc."))


def test_all_is_well() -> None:
    assert told(host()) == {"iommu.vf-room": Level.OK, "iommu.acs": Level.OK}
    assert told(host(), Choices()) == {}


def test_without_room_pci_realloc_is_asked_for_and_only_then() -> None:
    facts = host(vf_bars=UNPLACED)
    finding = found(iommu, facts)[f"iommu.vf-room {FIRST}"]
    assert finding.level is Level.FAIL
    assert finding.fix is not None
    assert "Above 4G" in finding.fix.manual
    assert not finding.blocks
    assert vf_resources.wanted(facts, WANT) == ("pci=realloc",)
    assert "pci=realloc" in steps(iommu, facts)["iommu.arguments"].title
    assert vf_resources.wanted(host(), WANT) == ()
    left = replace(WANT, kernel_args="leave")
    assert steps(iommu, facts, left) == {}
    assert found(iommu, facts, left)[f"iommu.vf-room {FIRST}"].blocks
    made = with_pf(facts, numvfs=7)
    assert not found(iommu, made, left)[f"iommu.vf-room {FIRST}"].blocks


def test_realloc_that_did_not_help_is_not_asked_for_again() -> None:
    facts = host("quiet pci=realloc", vf_bars=UNPLACED)
    entry = replace((facts.boot.entries or ())[0], arguments="quiet pci=realloc")
    facts = replace(facts, boot=replace(facts.boot, entries=(entry,)))
    finding = found(iommu, facts)[f"iommu.vf-room {FIRST}"]
    assert "also with pci=realloc" in finding.title
    assert finding.fix is not None
    assert finding.fix.steps == ()
    assert finding.blocks
    assert steps(iommu, facts) == {}


def test_the_kernels_line_is_shown() -> None:
    line = f"pci {FIRST}: VF BAR 0 [mem size 0x40000 64bit pref]: can't assign; no space"
    facts = host(vf_bars=UNPLACED)
    facts = replace(facts, kernel=Kernel(cmdline="", log=(line, "pci 0000:09:00.0: VF BAR 0: can't assign")))
    evidence = found(iommu, facts)[f"iommu.vf-room {FIRST}"].evidence
    assert [item.text for item in evidence if item.source == "dmesg"] == [line]


def capability(offset: int, stride: int) -> SriovCapability:
    return SriovCapability(
        initial=8, total=8, numvfs=0, offset=offset, stride=stride, vf_device=0x10CA, enabled=False, ari_hierarchy=True
    )


@pytest.mark.parametrize(
    ("offset", "stride", "total", "bus"),
    [(128, 2, 7, 1), (128, 2, 65, 2), (256, 1, 8, 2), (2, 1, 127, 1), (384, 2, 7, 2), (0, 0, 7, None)],
)
def test_the_bus_of_the_last_vf(offset: int, stride: int, total: int, bus: int | None) -> None:
    pf = host(sriov=capability(offset, stride), totalvfs=total).pf(FIRST)
    assert pf is not None
    assert vf_resources.last_vf_bus(pf) == bus


def test_vfs_beyond_the_last_bus() -> None:
    assert told(host(sriov=capability(384, 2)))["iommu.vf-buses"] is Level.FAIL
    wider = replace(PORT, last_bus=2)
    assert "iommu.vf-buses" not in told(host(sriov=capability(384, 2), bridges=(wider,)))


@pytest.mark.parametrize(
    ("cmdline", "port", "words"),
    [
        ("quiet", replace(PORT, ari_forwarding=False, ari_supported=False), "by the port"),
        ("pci=noari", replace(PORT, ari_forwarding=False), "pci=noari"),
        ("quiet", replace(PORT, ari_forwarding=False), "although the port can do it"),
    ],
)
def test_ari_off_above_the_card(cmdline: str, port: Bridge, words: str) -> None:
    facts = host(cmdline, totalvfs=63, bridges=(port,))
    assert words in found(iommu, facts)[f"iommu.ari {FIRST}"].title
    assert "iommu.ari" not in told(host(cmdline, totalvfs=7, bridges=(port,)))
    assert "iommu.ari" not in told(host(cmdline, totalvfs=63))


def off(bridge: Bridge, **changes: object) -> Bridge:
    """A port without ACS."""
    return replace(bridge, acs_capable=False, acs=(), acs_able=(), **changes)  # type: ignore[arg-type]


def test_the_group_of_the_pf_foretells_that_of_its_vfs() -> None:
    """With an active IOMMU the kernel's own grouping counts, whatever the ports' registers say."""
    facts = host(bridges=(off(PORT),), group_members=(PORT.address, FIRST))
    finding = found(iommu, facts)[f"iommu.acs {FIRST}"]
    assert finding.level is Level.FAIL
    assert PORT.address in finding.title
    assert "no ACS capability" in finding.evidence[1].text
    quirk = host(bridges=(off(PORT),))
    assert told(quirk)["iommu.acs"] is Level.OK


def test_without_groups_the_ports_tell() -> None:
    """The kernel switches ACS on only with an IOMMU: what is off now does not count, what cannot be does."""
    upstream = off(PORT, address="0000:01:00.0", port="upstream")
    for bridges, level in (
        ((replace(PORT, acs=()),), Level.OK),
        ((replace(PORT, acs_able=("SV", "RR", "CR")),), Level.OK),  # what it does not have is not asked for
        ((off(PORT),), Level.WARN),
        ((upstream, PORT), Level.OK),
        ((replace(upstream, functions=True), PORT), Level.WARN),
        ((replace(PORT, port="bridge"), PORT), Level.WARN),
    ):
        assert told(host(bridges=bridges, group_members=()))["iommu.acs"] is level, bridges
    unread = replace(PORT, acs=None, acs_able=None, acs_capable=None)
    assert "iommu.acs" not in told(host(bridges=(unread,), group_members=()))


def test_no_interrupts_for_vfs() -> None:
    assert told(host("pci=nomsi"))["iommu.msix"] is Level.FAIL
    assert told(host(vf_msix=0, driver="mlx5_core"))["iommu.msix"] is Level.FAIL
    assert "iommu.msix" not in told(host(vf_msix=0))  # igb never fills it
    assert "iommu.msix" not in told(host(vf_msix=128))


def bridge_space(*, ari: bool, acs: int | None, last_bus: int = 5, slot: int | None = None) -> bytes:
    """Config space of a root port, by the registers of include/uapi/linux/pci_regs.h."""
    data = bytearray(4096)
    data[0x06], data[0x34], data[0x1A] = 0x10, 0x40, last_bus
    data[0x40:0x42] = bytes((0x05, 0x60))  # MSI, then the PCIe capability
    data[0x60:0x62] = bytes((0x10, 0x00))
    if slot is not None:
        struct.pack_into("<H", data, 0x60 + 0x02, 0x0142)  # version 2, root port, slot implemented
        struct.pack_into("<I", data, 0x60 + 0x14, slot << 19 | 0x7F)
    struct.pack_into("<I", data, 0x60 + 0x24, 0x20)
    struct.pack_into("<H", data, 0x60 + 0x28, 0x20 if ari else 0)
    if acs is not None:
        struct.pack_into("<I", data, 0x100, 0x000D | 1 << 16)
        struct.pack_into("<2H", data, 0x104, 0x1F, acs)
    return bytes(data)


def test_a_bridge_is_read_out_of_its_config_space() -> None:
    assert parse_bridge("a", bridge_space(ari=True, acs=0x1D, slot=8191)) == Bridge(
        address="a",
        ari_supported=True,
        ari_forwarding=True,
        acs_capable=True,
        acs=("SV", "RR", "CR", "UF"),
        acs_able=("SV", "TB", "RR", "CR", "UF"),
        port="root",
        functions=False,
        last_bus=5,
        slot=8191,
    )
    without = parse_bridge("a", bridge_space(ari=False, acs=None))
    assert (without.ari_forwarding, without.acs_capable, without.acs, without.slot) == (False, False, (), 0)


@pytest.mark.parametrize("length", [0, 64, 255, 256, 257, 0x106, 0x107])
def test_a_bridge_cut_anywhere_is_unknown_and_no_error(length: int) -> None:
    bridge = parse_bridge("a", bridge_space(ari=True, acs=0x1D)[:length])
    assert (bridge.ari_forwarding is None) == (length < 256)
    assert bridge.acs in (None, ())


def test_msix_and_a_loop_in_the_first_capabilities() -> None:
    data = bytearray(4096)
    data[0x06], data[0x34] = 0x10, 0x40
    data[0x40:0x42] = bytes((0x05, 0x40))
    assert parse(bytes(data)).msix is False
    data[0x41], data[0x50] = 0x50, 0x11
    assert parse(bytes(data)).msix is True
