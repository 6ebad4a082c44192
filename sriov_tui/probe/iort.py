"""The IORT table of Arm's firmware: how many SMMUs it lists."""

from __future__ import annotations

import struct

HEADER, NODE = struct.Struct("<36xII"), struct.Struct("<BH")  # node count and offset; a node's type and length
LENGTH = struct.Struct("<I")  # of the whole table, at byte 4
SMMU_TYPES = (3, 4)  # SMMU v1 and v2, SMMU v3


def smmus(table: bytes) -> int | None:
    """The SMMUs in an IORT table; None where it is cut short or its nodes do not fit.

    Layout: include/acpi/actbl2.h, acpi_table_iort and acpi_iort_node, after Arm DEN 0049. The other nodes (ITS groups,
    root complexes, PMCGs) are no IOMMU: drivers/acpi/arm64/iort.c, iort_init_platform_devices.
    """
    if len(table) < HEADER.size or table[:4] != b"IORT":
        return None
    count, at = HEADER.unpack_from(table)
    if max(at, LENGTH.unpack_from(table, 4)[0]) > len(table):
        return None
    found = 0
    for _ in range(count):
        if at + NODE.size > len(table):
            return None
        kind, length = NODE.unpack_from(table, at)
        if length < NODE.size or at + length > len(table):
            return None
        found += kind in SMMU_TYPES
        at += length
    return found
