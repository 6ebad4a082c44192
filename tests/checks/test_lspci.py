"""A line of `lspci -nnmm` as the host-agent's own pattern reads it."""

from __future__ import annotations

import pytest

from checks.host_agent.lspci import line_of, named

LINE = '"Ethernet controller [0200]" "{maker} [8086]" "{name} [10ca]" -r01 -p00 "{sub} [8086]" "X# [0001]"'
ALLOWED = "+.,:;&-/()"


def model(name: str, maker: str = "Intel Corporation", sub: str = "Intel Corporation") -> str | None:
    """The model out of a line with these names; None where the pattern does not fit."""
    found = named(LINE.format(maker=maker, name=name, sub=sub))
    return found[1] if found else None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MT27800 Family [ConnectX-5 Virtual Function]", "ConnectX-5 Virtual Function"),
        ("I350 Ethernet Controller Virtual Function", "I350 Ethernet Controller Virtual Function"),
        ("Device", "Device"),
        ("T6225 Unified Wire Ethernet Controller [VF]", "VF"),
        ("A [B] C [D]", "D"),
        ("A [B [C]]", "C]"),
        ("A []", "A []"),
        ("[A]", "[A]"),
    ],
)
def test_the_model_is_the_last_brackets(name: str, expected: str) -> None:
    assert model(name) == expected


def test_only_these_characters_are_read_in_any_of_the_three_names() -> None:
    for code in (*range(0x20, 0x7F), 0xE9, 0xAE, 0x7F51):
        char = chr(code)
        name, readable = f"a{char}b", char.isascii() and (char.isalnum() or char in f"_ []{ALLOWED}")
        seen = [model(name), model("VF", maker=name)]
        if char != '"':  # a quote makes two words of the subsystem's maker, and the second one counts
            seen.append(model("VF", sub=name))
        assert all((one is not None) is readable for one in seen), (char, seen)


def test_ids() -> None:
    assert named(line_of(0x8086, 0x10CA, ("Intel Corporation", ""))) == ("8086:10ca", "Device")
    assert named("") is None
    assert named('"Ethernet controller [0200]"') is None


def test_a_hostile_line_costs_no_time() -> None:
    assert named('"' + "a [0000] " * 500) is None
