"""PCI config space: the extended capabilities that SR-IOV needs. Numbers from include/uapi/linux/pci_regs.h."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from sriov_tui.facts import Bridge, SriovCapability

MSIX, EXPRESS = 0x11, 0x10  # ids of capabilities in the first 256 bytes
STATUS, HAS_CAPABILITIES, FIRST = 0x06, 0x10, 0x34
DEVCAP2, DEVCTL2, ARI_FORWARDING = 0x24, 0x28, 0x20
FLAGS, HAS_SLOT, SLTCAP = 0x02, 0x0100, 0x14
HEADER, MULTIFUNCTION = 0x0E, 0x80
PORTS = {4: "root", 5: "upstream", 6: "downstream", 7: "bridge"}  # PCI_EXP_FLAGS_TYPE
SUBORDINATE = 0x1A
ACS_CONTROLS = (("SV", 0x01), ("TB", 0x02), ("RR", 0x04), ("CR", 0x08), ("UF", 0x10))
EXTENDED = 0x100  # where extended capabilities start; without CAP_SYS_ADMIN only 64 bytes can be read
ACS, ARI, SRIOV = 0x000D, 0x000E, 0x0010
SRIOV_SIZE = 0x1C


@dataclass(frozen=True, slots=True)
class ConfigSpace:
    """What config space tells; `ari` and `acs` None where it ends before the extended capabilities."""

    sriov: SriovCapability | None = None
    ari: bool | None = None
    acs: bool | None = None
    msix: bool | None = None


def parse(config: bytes) -> ConfigSpace:
    """Read the capabilities out of up to 4,096 bytes; garbage gives what can be known, never an exception."""
    if len(config) <= EXTENDED:
        return ConfigSpace()
    found = dict(_capabilities(config))
    at = found.get(SRIOV)
    sriov = _sriov(config, at) if at is not None and at + SRIOV_SIZE <= len(config) else None
    return ConfigSpace(sriov=sriov, ari=ARI in found, acs=ACS in found, msix=MSIX in dict(_standard(config)))


def parse_bridge(address: str, config: bytes) -> Bridge:
    """What the port above a device allows: ARI forwarding, ACS controls; its slot, and the last bus behind it."""
    if len(config) < EXTENDED:
        return Bridge(address=address)
    express = dict(_standard(config)).get(EXPRESS)
    can = forwards = slot = None
    port = ""
    if express is not None and express + DEVCTL2 + 2 <= EXTENDED:
        port = PORTS.get(config[express + FLAGS] >> 4, "")
        implemented = struct.unpack_from("<H", config, express + FLAGS)[0] & HAS_SLOT
        slot = struct.unpack_from("<I", config, express + SLTCAP)[0] >> 19 if implemented else 0
        can = bool(struct.unpack_from("<I", config, express + DEVCAP2)[0] & ARI_FORWARDING)
        forwards = bool(struct.unpack_from("<H", config, express + DEVCTL2)[0] & ARI_FORWARDING)
    known = len(config) > EXTENDED
    acs = dict(_capabilities(config)).get(ACS)
    able, control = struct.unpack_from("<2H", config, acs + 4) if acs is not None and acs + 8 <= len(config) else (0, 0)
    return Bridge(
        address=address,
        ari_supported=can,
        ari_forwarding=forwards,
        acs_capable=acs is not None if known else None,
        acs=tuple(name for name, bit in ACS_CONTROLS if control & bit) if known else None,
        acs_able=tuple(name for name, bit in ACS_CONTROLS if able & bit) if known else None,
        port=port,
        functions=bool(config[HEADER] & MULTIFUNCTION),
        last_bus=config[SUBORDINATE],
        slot=slot,
    )


def _standard(config: bytes) -> Iterator[tuple[int, int]]:
    """(id, offset) of each capability in the first 256 bytes; the same bound on loops as the kernel's (48)."""
    if len(config) < EXTENDED or not config[STATUS] & HAS_CAPABILITIES:
        return
    at = config[FIRST] & 0xFC
    for _ in range(48):
        if at < 0x40 or config[at] == 0xFF:
            return
        yield config[at], at
        at = config[at + 1] & 0xFC


def _capabilities(config: bytes) -> Iterator[tuple[int, int]]:
    """(id, offset) of each extended capability; the same bound on loops as the kernel's (480)."""
    at = EXTENDED
    for _ in range(480):
        if at < EXTENDED or at + 4 > len(config):
            return
        (header,) = struct.unpack_from("<I", config, at)
        if header in (0, 0xFFFFFFFF):
            return
        yield header & 0xFFFF, at
        at = header >> 20 & 0xFFC


def _sriov(config: bytes, at: int) -> SriovCapability:
    control, _, initial, total, numvfs = struct.unpack_from("<5H", config, at + 8)
    offset, stride, _, vf_device = struct.unpack_from("<4H", config, at + 0x14)
    return SriovCapability(
        initial=initial,
        total=total,
        numvfs=numvfs,
        offset=offset,
        stride=stride,
        vf_device=vf_device,
        enabled=bool(control & 1),
        ari_hierarchy=bool(control & 0x10),
    )
