"""Where a guest that needs a VF can go."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sriov_tui.facts import Holder, Vf
from sriov_tui.fleet.hosts import Fleet, FleetHost, Nic
from sriov_tui.fleet.reading import read_fleet
from sriov_tui.fleet.supply import supply, unlisted
from sriov_tui.fleet.tables import to_csv, to_text
from sriov_tui.model import HOST_CONF
from sriov_tui.reports import audit, offered
from tests.fleets import audit as demo_audit
from tests.samples import FIRST, igb_host
from tests.sriov_tui.fleet.test_fleet import BAD, GOOD, document, fleet_of, nic, page_of


def offer(**changes: Any) -> dict[str, Any]:
    """A card with seven VFs that guests get, two of them held."""
    return nic(totalvfs=7, use="sriov", wires=["bcast1"], held=2, numa=1) | changes


def test_free_vfs_are_counted_by_card_use_and_wire(tmp_path: Path) -> None:
    fleet = fleet_of(
        tmp_path,
        document("a", nics=[offer(), offer(address="0000:01:00.1", numa=0, held=7)]),
        document("b", nics=[offer(held=0, numa=None)]),
        document("c", nics=[offer(wires=["bcast2"])]),
        document("d", nics=[offer(use="offload")]),
        document("e", nics=[offer(use="")]),
        document("f", nics=[offer(numvfs=0, held=0)]),
    )
    found = {(one.wire, one.use): (one.free, one.vfs, [place.words for place in one.places]) for one in supply(fleet)}
    assert found == {
        ("bcast1", "sriov"): (12, 21, ["b 7", "a 5 (NUMA 1)", "a 0 (NUMA 0)"]),
        ("bcast2", "sriov"): (5, 7, ["c 5 (NUMA 1)"]),
        ("bcast1", "offload"): (5, 7, ["d 5 (NUMA 1)"]),
    }
    assert next(iter(supply(fleet))).card == "82576 [8086:10c9]"


def test_what_is_not_ready_stale_or_unknown_is_shown_and_not_counted(tmp_path: Path) -> None:
    old = document("old", nics=[offer()]) | {"gathered_at": "2025-01-01T00:00:00Z"}
    fleet = fleet_of(
        tmp_path, old,
        document("bad", BAD, nics=[offer()]),
        document("unseen", nics=[offer(held=None)]),
        document("earlier", nics=[nic(totalvfs=7)]),
        document("unread", nics=[offer(use=None, wires=None)]),
    )  # fmt: skip
    (one,) = supply(fleet)
    assert one.free == 0
    assert [place.words for place in one.places] == [
        "bad 5 (NUMA 1, FAIL)",
        "old 5 (NUMA 1, stale)",
        "unseen ? (NUMA 1)",
    ]
    assert sorted(unlisted(fleet)) == ["earlier", "unread"]
    text = "\n".join(to_text(fleet))
    assert "82576 [8086:10c9], wire bcast1, sriov: 0 of 21 VFs free on hosts that are ready" in text
    assert "Not known: earlier, unread" in text
    assert "Not known: earlier, unread" in page_of(fleet)


def test_csv_and_page_have_it(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, document("a", nics=[offer(), offer(address="0000:01:00.1", wires=[""])]))
    rows = list(csv.DictReader(io.StringIO(to_csv(fleet, "vfs"))))
    assert [(row["host"], row["wire"], row["numa"], row["vfs"], row["held"], row["free"]) for row in rows] == [
        ("a", "", "1", "7", "2", "5"),
        ("a", "bcast1", "1", "7", "2", "5"),
    ]
    assert '<a href="#h0">a 5 (NUMA 1)</a>' in page_of(fleet)
    assert "the wire of its address" in page_of(fleet)


@pytest.mark.parametrize("wires", ["bcast1", [1], {}])
def test_wires_that_are_no_list_make_it_no_audit(tmp_path: Path, wires: object) -> None:
    (tmp_path / "good.json").write_text(json.dumps(document("good", GOOD)))
    (tmp_path / "bad.json").write_text(json.dumps(document("bad", nics=[offer(wires=wires)])))
    assert [one.file for one in read_fleet(tmp_path).broken] == ["bad.json"]


def test_an_audit_says_what_its_ports_give() -> None:
    first, second, *_ = demo_audit("two-igb", FIRST)["facts"]["nics"][-2:]
    assert (first["use"], first["wires"], first["held"]) == ("sriov", ["wire1"], 0)
    assert (second["use"], second["wires"], second["held"]) == ("", [], 0)


def test_what_is_unknown_stays_unknown_in_an_audit() -> None:
    facts = igb_host()
    vf = Vf(index=0, address="0000:01:10.0", holders=(Holder(7, "qemu", vm="web"),))
    pf = replace(facts.pfs[0], numvfs=2, vfs=(vf, replace(vf, index=1, holders=())))  # type: ignore[index]
    assert offered.held(pf) == 1
    assert offered.held(replace(pf, vfs=(vf, replace(vf, index=1, holders=None)))) is None
    assert offered.held(replace(pf, vfs=(vf,))) is None
    assert offered.held(replace(pf, numvfs=None)) is None
    for text in ("networks: [", ""):
        there = replace(facts, files=tuple(replace(one, text=text) for one in facts.files if one.path == HOST_CONF))
        if not text:
            there = replace(facts, files=())
        assert {(one["use"], one["wires"] and 1) for one in audit.summary(there)["nics"]} == {(None, None)}


@given(st.lists(st.tuples(st.integers(0, 64), st.integers(0, 64) | st.none(), st.sampled_from("ab")), max_size=12))
def test_no_vf_is_free_twice(ports: list[tuple[int, int | None, str]]) -> None:
    nics = tuple(
        Nic(address=str(index), numvfs=vfs, held=None if held is None else min(held, vfs), use="sriov", wires=(wire,))
        for index, (vfs, held, wire) in enumerate(ports)
    )
    host = FleetHost(name="a", file="a.json", nics=nics)
    fleet = Fleet((replace(host, gathered_at=Fleet().now.isoformat()),))
    assert sum(one.free for one in supply(fleet)) == sum(
        (nic.numvfs or 0) - nic.held for nic in nics if nic.held is not None
    )
    assert sum(one.vfs for one in supply(fleet)) == sum(nic.numvfs or 0 for nic in nics)
