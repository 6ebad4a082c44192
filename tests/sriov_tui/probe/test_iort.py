"""IORT tables, built node by node as Arm DEN 0049 has them: SMMUs are counted, and damage is never "none"."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sriov_tui.probe.iort import smmus

ITS, NAMED, ROOT_COMPLEX, SMMU, SMMU_V3, PMCG, RMR = range(7)


def table(*kinds: int, padding: int = 0, node: int = 24) -> bytes:
    """An IORT with a node of each kind; `padding` bytes stand between header and nodes."""
    nodes = b"".join(struct.pack("<BH", kind, node).ljust(node, b"\0") for kind in kinds)
    header = b"IORT" + struct.pack("<I", 48 + padding + len(nodes)) + bytes(28)
    return header + struct.pack("<III", len(kinds), 48 + padding, 0) + bytes(padding) + nodes


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (table(), 0),
        (table(ITS, ROOT_COMPLEX), 0),
        (table(ITS, NAMED, ROOT_COMPLEX, PMCG, RMR), 0),
        (table(ITS, SMMU_V3, SMMU_V3, ROOT_COMPLEX), 2),
        (table(ITS, SMMU, ROOT_COMPLEX, padding=4), 1),
        (table(SMMU_V3)[:-1], None),
        (table(SMMU_V3)[:40], None),
        (table(ITS, SMMU_V3, node=2), None),
        (b"DMAR" + table(SMMU_V3)[4:], None),
        (b"", None),
    ],
)
def test_only_nodes_of_type_3_and_4_are_smmus(data: bytes, count: int | None) -> None:
    assert smmus(data) == count


@given(st.lists(st.integers(0, 6), max_size=20), st.integers(0, 600))
def test_a_table_that_is_cut_is_unknown(kinds: list[int], length: int) -> None:
    whole = table(*kinds)
    cut = whole[:length]
    assert smmus(cut) == (sum(kind in (SMMU, SMMU_V3) for kind in kinds) if len(cut) == len(whole) else None)


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    smmus(b"IORT" + data)
