"""The YAML reader against go-yaml 2.4.0 itself, and the rules for scalars.

`go-yaml-cases.jsonl` holds mutated host.conf files and what ghodss/yaml 1.0.0 on gopkg.in/yaml.v2
2.4.0 made of them: JSON, or null where it refused the file.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from sriov_tui.hostconf.nodes import YamlError, parse
from sriov_tui.hostconf.scalars import CannotResolve, Value, as_string, resolve
from sriov_tui.hostconf.values import Decoder, check_json

CASES = [
    json.loads(line) for line in (Path(__file__).parents[2] / "data" / "go-yaml-cases.jsonl").read_text().splitlines()
]


def value_of(data: bytes) -> Value:
    """The JSON value of a file; YamlError where it is refused."""
    root = parse(data).root
    value = None if root is None else Decoder().value(root)
    check_json(value, 0)
    return value


def test_cases_hold_both_kinds() -> None:
    assert len(CASES) > 300
    assert len({case["json"] is None for case in CASES}) == 2


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_agrees_with_go_yaml(case: dict[str, str | None]) -> None:
    data = base64.b64decode(case["file_base64"] or "")
    if case["json"] is None:
        with pytest.raises(YamlError):
            value_of(data)
    else:
        assert value_of(data) == json.loads(case["json"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", True), ("Off", False), ("y", True), ("~", None), ("", None), ("NULL", None), ("nUll", "nUll"),
        ("0123", 83), ("0o17", 15), ("089", 89.0), ("0x1F", 31), ("0b101", 5), ("-0b11", -3), ("1_000", 1000),
        ("12:34", "12:34"), ("82:00.0", "82:00.0"), ("04:00", "04:00"), ("1e3", 1000.0), (".5", 0.5), ("1.", 1.0),
        ("2001-01-01", "2001-01-01"), ("9223372036854775808", 9223372036854775808), ("+1", 1), ("-", "-"),
        ("99999999999999999999", 1e20), ("1e999", "1e999"), ("eth0", "eth0"), ("<<", "<<"),
    ],
)  # fmt: skip
def test_plain_scalars(text: str, value: Value) -> None:
    got = resolve(text)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"), (True, "true"), (1000.0, "1000"), (0.5, "0.5"), (1e21, "1000000000000000000000"), (83, "83"),
        ({"b": 1, "a": [None, "x"]}, '{"a":[null,"x"],"b":1}'),
    ],
)  # fmt: skip
def test_strings_as_the_host_agent_makes_them(value: Value, text: str) -> None:
    assert as_string(value) == text


def test_explicit_tags() -> None:
    assert resolve("12", "str") == "12"
    assert resolve("12", "float") == 12.0
    assert resolve("aGk=", "binary") == "hi"
    with pytest.raises(CannotResolve):
        resolve("abc", "int")
