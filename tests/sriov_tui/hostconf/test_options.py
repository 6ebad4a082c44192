"""The table of options against what the host-agent's own parser lists, and what each file may have of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sriov_tui.hostconf import options, read
from sriov_tui.model import Level
from tools import host_options

DATA = Path(__file__).parents[2] / "data"
SHARED = Path(__file__).parents[4] / "shared" / "host-conf"
ROWS = host_options.read(DATA / "host-agent-options.jsonl")
NET = b"networks:\n- eth0/br0/10.0.0.5\n"


def test_the_table_is_what_the_tool_writes() -> None:
    assert host_options.TABLE.read_text() == host_options.module(ROWS)


def test_every_option_is_known_by_its_token_and_its_alias() -> None:
    assert len(ROWS) == 279
    for row in ROWS:
        option = options.OPTIONS[row["token"]]
        assert options.is_list(option.token) is row["multi"]
        assert option.choices == tuple(row["choices"])
        assert (option.token in options.BASE) is row["base"]
        assert options.token(row["token"].replace("-", "_")) == option.token
        assert not row["alias"] or options.token(row["alias"]) == option.token


@pytest.mark.parametrize(
    ("copy", "original"),
    [
        ("host-agent-options.jsonl", "options.jsonl"),
        ("agent-defaults.conf", "agent-defaults.conf"),
        ("host-conf-vectors-2.jsonl", "vectors-2.jsonl"),
    ],
)
def test_our_copies_are_the_originals(copy: str, original: str) -> None:
    if not SHARED.exists():
        pytest.skip("the originals are not beside this checkout")
    assert (DATA / copy).read_bytes() == (SHARED / original).read_bytes()


def test_what_the_host_agent_writes_itself_is_read_without_a_word() -> None:
    reading = read((DATA / "agent-defaults.conf").read_bytes())
    assert reading.loads
    assert reading.faults == ()
    assert reading.unknown_keys == ()
    assert reading.options.sriov_nics == ("eth1",)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["token"]))
def test_an_option_left_empty_ends_the_host_agent_unless_it_is_a_text(row: dict[str, object]) -> None:
    key = str(row["token"]).replace("-", "_")
    reading = read(NET + f"{key}:\n".encode())
    assert reading.loads is (row["go"] == "string" and not row["choices"])
    assert reading.loads or reading.faults[0].line == 3


@pytest.mark.parametrize(
    ("value", "loads"),
    [
        ("0x1p2", True), ("inf", True), ("-Infinity", True), ("nan", True), ("-nan", False), ("1e400", False),
        ("0x1", False), (".5", True), ("1_0", False), ("", False), ("5.", True), ("0x1p2000", False),
    ],
)  # fmt: skip
def test_floats_as_go_parses_them(value: str, loads: bool) -> None:
    assert read(NET + f"default_live_migrate_downtime: '{value}'\n".encode()).loads is loads


@pytest.mark.parametrize(
    ("key", "value", "loads"),
    [
        ("port", "0" * 50 + "1", True), ("port", "+1", True), ("port", "9223372036854775808", False),
        ("port", "-9223372036854775808", True), ("port", "1_0", False), ("auth_token_cache_size", "4294967296", True),
        ("auth_token_cache_size", "+1", False), ("auth_token_cache_size", "18446744073709551616", False),
        ("qcow2_preallocation", "full", True), ("qcow2_preallocation", "none", False),
    ],
)  # fmt: skip
def test_whole_numbers_and_choices(key: str, value: str, loads: bool) -> None:
    assert read(NET + f"{key}: '{value}'\n".encode()).loads is loads


def test_the_config_map_has_the_base_options_only() -> None:
    reading = read(NET + b"sriov_nics:\n- eth1\n", common=b"networks:\nsriov_nics: [eth2]\nport: 1\n")
    assert reading.loads
    assert reading.options.sriov_nics == ("eth1",)
    assert {(fault.id, fault.level, fault.line) for fault in reading.faults if fault.file == "common.conf"} == {
        ("key.not-base", Level.WARN, 1),
        ("key.not-base", Level.WARN, 2),
    }
    assert not read(NET, common=b"port: x\n").loads
    assert not read(NET, common=b"port = x\nno line\n").loads
    assert read(NET, common=b"networks =\n").loads, "a list that this file does not have is passed over"
    assert not read(NET, local=b"networks =\n").loads


def test_an_empty_key_is_the_first_option() -> None:
    assert read(NET + b'"": x\n').unknown_keys == ()
