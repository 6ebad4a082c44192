"""Config space as the simulated hardware keeps it: the SR-IOV capability's registers, read and written.

Offsets from include/uapi/linux/pci_regs.h. The simulated kernel does not use the probe's parser: a fault in one
of them must show against the other.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

SIZE = 4096
CONTROL, NUMVFS, OFFSET, STRIDE, VF_DEVICE = 0x08, 0x10, 0x14, 0x16, 0x1A
ENABLE = 0x1 | 0x8  # VF Enable and VF Memory Space Enable
ARI, SRIOV, ACS = 0x000E, 0x0010, 0x000D


@dataclass(frozen=True, slots=True, kw_only=True)
class SriovRegisters:
    """What a card says of its VFs."""

    total: int
    offset: int
    stride: int
    vf_device: int


def find(config: bytes) -> int | None:
    """Where the SR-IOV capability stands; None where there is none or it cannot be seen."""
    at, left = 0x100, 480
    while 0x100 <= at <= len(config) - 0x24 and left:
        (header,) = struct.unpack_from("<I", config, at)
        if header & 0xFFFF == SRIOV:
            return at
        at, left = header >> 20 & 0xFFC, left - 1
    return None


def with_numvfs(config: bytes, count: int) -> bytes:
    """The same config space with NumVFs and the enable bits as they stand while `count` VFs are there."""
    at = find(config)
    if at is None:
        return config
    changed = bytearray(config)
    (control,) = struct.unpack_from("<H", config, at + CONTROL)
    struct.pack_into("<H", changed, at + CONTROL, control | ENABLE if count else control & ~ENABLE)
    struct.pack_into("<H", changed, at + NUMVFS, count)
    return bytes(changed)


def space(vendor: int, device: int, sriov: SriovRegisters | None = None, acs: bool = False) -> bytes:
    """4,096 bytes of an endpoint: its ids, and ARI, SR-IOV and ACS capabilities as wanted."""
    data = bytearray(SIZE)
    struct.pack_into("<2H", data, 0, vendor, device)
    present = [ARI, *([SRIOV] if sriov else []), *([ACS] if acs else [])]
    places = {ARI: 0x100, SRIOV: 0x160, ACS: 0x1C0}
    for number, following in zip(present, [*present[1:], 0], strict=True):
        struct.pack_into("<I", data, places[number], number | 1 << 16 | places.get(following, 0) << 20)
    if sriov:
        at = places[SRIOV]
        struct.pack_into("<4H", data, at + CONTROL, 0x10, 0, sriov.total, sriov.total)
        struct.pack_into("<4H", data, at + OFFSET, sriov.offset, sriov.stride, 0, sriov.vf_device)
        struct.pack_into("<2I", data, at + 0x1C, 0x553, 1)
    return bytes(data)
