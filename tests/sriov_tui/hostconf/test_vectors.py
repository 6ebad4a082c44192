"""The reader against what the host-agent's own parser made of 91 and 28 files, and the line of every fatal fault."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from sriov_tui.hostconf import Reading, read

DATA = Path(__file__).parents[2] / "data" / "host-conf-vectors.jsonl"
VECTORS: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text().splitlines()]
SHARED = Path(__file__).parents[4] / "shared" / "host-conf" / "vectors.jsonl"

FATAL = {  # name -> (fault, line), by hand
    "badindent": ("yaml.indent", 3),
    "badint": ("value.bad", 3),
    "dir": ("yaml.version", 1),
    "dots": ("yaml.dots", 3),
    "ed": ("value.map-for-list", 3),
    "esc": ("yaml.control", 3),
    "hypv2": ("value.bad", 1),
    "kvmixed": ("yaml.equals", 3),
    "listtop": ("yaml.not-a-map", 1),
    "maplist": ("value.map-for-list", 3),
    "misind": ("yaml.indent", 3),
    "nbsp": ("yaml.nbsp", 2),
    "nospace": ("yaml.dash", 2),
    "nospace2": ("yaml.colon", 3),
    "nul": ("yaml.control", 3),
    "nulllist": ("value.null-list", 3),
    "spacekey": ("yaml.indent", 3),
    "tabafterdash": ("yaml.tab", 2),
    "broken-yaml": ("yaml.indent", 3),
    "disable-null": ("value.bad", 3),
    "empty-key": ("value.null-list", 3),
    "networks-map": ("value.map-for-list", 1),
    "tab-indent": ("yaml.tab", 2),
}


def by_name(name: str) -> bytes:
    """The file of one vector."""
    return base64.b64decode(next(vector["file_base64"] for vector in VECTORS if vector["name"] == name))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_agrees_with_the_host_agent(vector: dict[str, Any]) -> None:
    reading = read(base64.b64decode(vector["file_base64"]))
    assert reading.loads == vector["loads"]
    assert reading.message == vector.get("message", "")
    if not vector["loads"]:
        return
    options = reading.options
    assert {
        "networks": list(options.networks) or None,
        "sriov_nics": list(options.sriov_nics) or None,
        "ovs_offload_nics": list(options.ovs_offload_nics) or None,
        "disable_security_group": options.disable_security_group,
        "listen_interface": options.listen_interface,
        "bridge_driver": options.bridge_driver,
    } == vector["options"]
    assert list(reading.unknown_keys) == vector["unknown_keys"]


def test_every_fatal_vector_has_its_line() -> None:
    assert {vector["name"] for vector in VECTORS if not vector["loads"]} == set(FATAL)


@pytest.mark.parametrize("name", FATAL)
def test_fatal_fault_names_the_true_line(name: str) -> None:
    fault = read(by_name(name)).faults[0]
    assert (fault.id, fault.line) == FATAL[name]
    assert fault.message
    assert fault.fix


def test_all_91_vectors_are_here() -> None:
    assert len(VECTORS) == 91


def test_our_copy_is_the_original() -> None:
    if not SHARED.exists():
        pytest.skip("the original vectors are not beside this checkout")
    assert DATA.read_bytes() == SHARED.read_bytes()


MORE: list[dict[str, Any]] = [
    json.loads(line) for line in (DATA.parent / "host-conf-vectors-2.jsonl").read_text().splitlines()
]


def outcome(reading: Reading) -> dict[str, Any]:
    """A reading as the vectors have it."""
    if not reading.loads:
        return {"loads": False}
    options = {
        key: (list(value) or None) if isinstance(value := getattr(reading.options, key), tuple) else value
        for key in (
            "networks", "sriov_nics", "ovs_offload_nics", "disable_security_group", "listen_interface",
            "bridge_driver", "host_type",
        )
    }  # fmt: skip
    return {"loads": True, "options": options}


@pytest.mark.parametrize("vector", MORE, ids=lambda vector: str(vector["name"]))
def test_agrees_with_the_host_agent_also_where_it_leaves_it_to_chance(vector: dict[str, Any]) -> None:
    files = [
        base64.b64decode(vector[name]) if name in vector else None
        for name in ("file_base64", "common_base64", "local_base64")
    ]
    assert files[0] is not None
    reading = read(*files)
    expected = vector["expected"].get("any_of", [vector["expected"]])
    found = [outcome(way) for way in (reading, *reading.others)]
    assert len(found) == len(expected)
    assert all(way in expected for way in found)
    if len(expected) > 1:
        assert any(fault.id == "key.two-spellings" for fault in reading.faults)
        assert reading.loads is all(way["loads"] for way in expected), "the worst is told first"


def test_all_28_are_here() -> None:
    assert len(MORE) == 28
