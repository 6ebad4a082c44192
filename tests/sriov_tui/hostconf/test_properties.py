"""Properties of reading and editing over generated files.

SRIOV_TUI_EXAMPLES sets the number of examples of each property; by default it is a quick look. For CI:

    SRIOV_TUI_EXAMPLES=10000 python -m pytest -n 2 tests/sriov_tui/hostconf/test_properties.py
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sriov_tui.hostconf import edit, read
from sriov_tui.model import SriovError
from tests import fuzz_hostconf, hostconf_kinds
from tests.fuzz_hostconf import PIECES

EXAMPLES = int(os.environ.get("SRIOV_TUI_EXAMPLES", "60"))
QUICK = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)

NAMES = st.sampled_from(
    [
        "eth0",
        "ens1f0np0",
        "bond0",
        "on",
        "y",
        "1e3",
        "0123",
        "0x10",
        "null",
        "~",
        "12:34",
        "eno1.100",
        "a@b",
        "-x",
        "no",
    ]
)
NICS = st.lists(NAMES, max_size=4, unique=True).map(tuple)
SOME_NICS = st.lists(NAMES, min_size=1, max_size=4, unique=True).map(tuple)
ENTRIES = st.lists(
    st.builds(
        lambda iface, bridge, wire: f"{iface}/{bridge}/{wire}",
        st.sampled_from(["eth1", "ens2f0", "on"]),
        st.sampled_from(["br0", "br7"]),
        st.sampled_from(["bcast0", "10.0.0.1", "fd00::5", "二层网络", "w#1"]),
    ),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)
OTHERS = st.lists(
    st.sampled_from(
        [
            "# 注释: networks 的说明",
            "report_interval: 60",
            "disable_gpu: on  # sriov_nics: [x]",
            "local_image_path:\n- /opt/a\n- /opt/b",
            "",
            "#sriov_nics:",
            "#- eth2",
            "servers_path: '/a: b'",
            "unknown_key: {a: [1, 2]}",
            "hostname: kvm07\t# tab",
            "dns_server: >-\n  10.0.0.2",
        ]
    ),
    max_size=5,
    unique=True,
)


@dataclass(frozen=True)
class Style:
    """How a generated file writes its lists."""

    form: str  # block, flow, scalar
    indent: str
    quote: str
    comment: str
    end: str
    bom: str


STYLES = st.builds(
    Style,
    form=st.sampled_from(["block", "flow", "many-lines"]),
    indent=st.sampled_from(["", "  ", "    "]),
    quote=st.sampled_from(['"', "'"]),
    comment=st.sampled_from(["", "  # note", "\t# tab"]),
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.sampled_from(["", "\ufeff"]),
)


def block(key: str, items: tuple[str, ...], style: Style) -> str:
    """A list in one of the styles, its items quoted."""
    quoted = [f"{style.quote}{item}{style.quote}" for item in items]
    if not items:
        return f"{key}: []{style.comment}\n"
    if style.form == "flow":
        return f"{key}: [{', '.join(quoted)}]{style.comment}\n"
    if style.form == "many-lines":
        return f"{key}: [\n" + "".join(f"  {item},\n" for item in quoted) + f"  ]{style.comment}\n"
    return f"{key}:{style.comment}\n" + "".join(f"{style.indent}- {item}{style.comment}\n" for item in quoted)


def segment(lines: list[str]) -> str:
    """Lines of other keys and comments."""
    return "".join(f"{line}\n" for line in lines)


def in_order(text: str, parts: list[str]) -> bool:
    """Whether the text begins with the first part, ends with the last, and has all of them in order."""
    place = 0
    for part in parts:
        place = text.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return text.startswith(parts[0]) and text.endswith(parts[-1])


@QUICK
@given(st.data(), STYLES, ENTRIES, NICS, NICS, NICS)
def test_edit_then_read(
    data: st.DataObject,
    style: Style,
    networks: tuple[str, ...],
    before: tuple[str, ...],
    sriov: tuple[str, ...],
    offload: tuple[str, ...],
) -> None:
    others = data.draw(st.lists(OTHERS, min_size=3, max_size=3))
    flat = [line for part in others for line in part if line and line[0] not in "#"]
    assume(len(flat) == len(set(flat)))
    added = tuple(entry for entry in data.draw(ENTRIES) if entry not in networks)
    first, second, third = (style.bom + segment(others[0]), segment(others[1]), segment(others[2]))
    parts = [part.replace("\n", style.end) for part in (first, second, third)]
    text = parts[0] + block("networks", networks, style).replace("\n", style.end)
    text += parts[1] + block("sriov_nics", before, style).replace("\n", style.end) + parts[2]
    after = edit(text, sriov_nics=sriov, ovs_offload_nics=(), add_networks=added)
    reading = read(after.encode())
    assert reading.loads
    assert reading.options.networks == networks + added
    assert reading.options.sriov_nics == sriov
    assert reading.options.ovs_offload_nics == ()
    assert in_order(after, parts), "bytes outside the lists changed"
    again = edit(after, ovs_offload_nics=offload)
    assert read(again.encode()).options.ovs_offload_nics == offload
    assert edit(again, sriov_nics=sriov) == again, "an edit that asks for nothing new changed something"


@QUICK
@given(st.data(), STYLES, ENTRIES, SOME_NICS, st.booleans())
def test_add_and_take_back(
    data: st.DataObject, style: Style, networks: tuple[str, ...], sriov: tuple[str, ...], alphabetical: bool
) -> None:
    style = replace(style, form="block")
    lines = [f"{key}: 1" for key in ("admin_x", "bios", "cpu", "slots", "snap", "tunnel", "zone")]
    order = lines if alphabetical else data.draw(st.permutations(lines))
    middle = 3
    text = segment(order[:middle]) + block("networks", networks, style) + segment(order[middle:])
    text = style.bom + text.replace("\n", style.end)
    there = edit(text, sriov_nics=sriov)
    assert read(there.encode()).options.sriov_nics == sriov
    assert edit(there, sriov_nics=()) == text
    if alphabetical:
        keys = [line.split(":")[0].lstrip("\ufeff") for line in there.splitlines() if line[0] not in " -"]
        assert keys == sorted(keys)


@QUICK
@given(st.data(), STYLES, ENTRIES, SOME_NICS, SOME_NICS)
def test_change_and_change_back(
    data: st.DataObject, style: Style, networks: tuple[str, ...], before: tuple[str, ...], sriov: tuple[str, ...]
) -> None:
    style = replace(style, comment="")  # the comment of a removed item goes with it
    text = block("networks", networks, style) + block("sriov_nics", before, style) + segment(data.draw(OTHERS))
    text = style.bom + text.replace("\n", style.end)
    assert edit(edit(text, sriov_nics=sriov), sriov_nics=before) == text


@QUICK
@given(st.binary(max_size=400), st.none() | st.binary(max_size=60), st.none() | st.binary(max_size=60))
def test_reader_never_raises_on_bytes(data: bytes, common: bytes | None, local: bytes | None) -> None:
    reading = read(data, common, local)
    assert reading.loads is not bool(reading.message)


@QUICK
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_reader_never_raises_on_near_yaml(text: str) -> None:
    reading = read(text.encode())
    assert reading.loads is not bool(reading.message)
    assert all(fault.line <= text.count("\n") + 1 for fault in reading.faults)


@QUICK
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), NICS)
def test_edit_means_what_was_asked_or_says_no(text: str, nics: tuple[str, ...]) -> None:
    text = "networks:\n- eth1/br0/1.1.1.1\n" + text
    try:
        after = edit(text, sriov_nics=nics)
    except SriovError:
        return
    if after != text:
        reading = read(after.encode())
        assert reading.loads
        assert reading.options.sriov_nics == nics
        assert reading.options.networks


@QUICK
@given(st.integers(0, 1 << 64))
def test_reader_never_raises_on_mutated_files(seed: int) -> None:
    said: list[str] = []
    assert fuzz_hostconf.run(1, seed, said.append) == 0, said


@QUICK
@given(st.integers(0, 1 << 64))
def test_edit_of_mutated_files_means_what_was_asked_or_says_no(seed: int) -> None:
    said: list[str] = []
    assert fuzz_hostconf.run(1, seed, said.append, fuzz_hostconf.edited) == 0, said


@QUICK
@given(st.integers(0, 1 << 64))
def test_a_file_of_any_kind_is_read_as_it_was_made_and_edited_as_asked(seed: int) -> None:
    said: list[str] = []
    assert fuzz_hostconf.run(1, seed, said.append, hostconf_kinds.example) == 0, said


def test_the_kinds_are_all_among_the_generated_files() -> None:
    files = [hostconf_kinds.file(random.Random(seed)) for seed in range(2000)]
    for kind in (*hostconf_kinds.OTHERS, *hostconf_kinds.FATAL):
        assert any(kind.encode() in made.data.replace(b"\r\n", b"\n") for made in files), kind
    for mark in (b"\xef\xbb\xbf" * 2, b"<<: *m_", b"<<: {", b'! "', b"!!seq", b"%YAML 1.1#x", b"\xcd\xf8", b"&a_"):
        assert any(mark in made.data for made in files), mark
    assert any(made.chance for made in files)
    assert sum(made.refuse for made in files) < len(files) / 2, "most files must be edited, not refused"


def test_deep_nesting_is_a_fault() -> None:
    reading = read(b"networks: " + b"[" * 3000 + b"]" * 3000 + b"\n")
    assert not reading.loads
    assert reading.faults[0].id == "yaml.deep"


def test_alias_bomb_is_a_fault() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(8)]
    reading = read("\n".join(lines).encode())
    assert not reading.loads
    assert "aliasing" in reading.faults[0].message
