"""Input that once took gigabytes, hung or ended in a traceback is refused, or read, within bounds.

`python -m tests.fuzz_input` makes more of each kind, and measures the time as well.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.troubleshooting import speaking_of
from sriov_tui.commands import common
from sriov_tui.hostconf.explain import _CULPRITS
from sriov_tui.message import from_plain, say
from sriov_tui.model import SriovError
from tests.fuzz_input import HOSTS, KINDS, NAMES, audit, example, judged
from tests.many_cards import calls

HEAD = '{"version":1,"name":"x",'
ROOM = 8 << 20


def filled(head: str, unit: str, tail: str) -> bytes:
    """As many units as a recording may have bytes."""
    return ((head + unit * (ROOM // len(unit))).rstrip(",") + tail).encode()


def conf(text: str) -> bytes:
    return json.dumps({"version": 1, "name": "x", "files": {"/etc/yunion/host.conf": text}}).encode()


def told(**parts: Any) -> bytes:
    """An audit with other parts."""
    return json.dumps(json.loads(audit()) | parts).encode()


def laughing(levels: int) -> dict[str, Any]:
    """A message that is twice as long at each level."""
    message: dict[str, Any] = {"template": "{a}", "values": {"a": "x"}}
    for _ in range(levels):
        message = {"template": "{a}{a}", "values": {"a": message}}
    return message


def bomb(kind: bytes, size: int) -> bytes:
    """A tar file whose next name, or whose attributes, has a gigabyte, in a megabyte."""
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = kind, size
    packer = zlib.compressobj(1, wbits=31)
    parts = [packer.compress(member.tobuf(tarfile.GNU_FORMAT))]
    parts += [packer.compress(b"1" * (1 << 20)) for _ in range(size >> 20)]
    return b"".join((*parts, packer.flush()))


CASES: dict[str, tuple[str, bytes]] = {
    "lists in a recording": ("recording", filled(HEAD + '"simulation":{"a":[', "[],", "]}}")),
    "tables in a recording": ("recording", filled(HEAD + '"netlink":{"links":[', "{},", "]}}")),
    "a deep recording": ("recording", b"[" * 1_000_000),
    "a target of a megabyte": (
        "recording",
        json.dumps(
            {"version": 1, "name": "x", "complete": True, "links": {"/etc": "a/" * 500_000}, "dirs": {"/": ["etc"]}}
        ).encode(),
    ),
    "blanks behind a password": ("recording", conf("password:" + "\t " * 500_000 + "\n" + "- a" * 300_000)),
    "a host.conf of brackets": ("recording", conf("a: " + "[" * 100_000)),
    "a host.conf of a megabyte": ("hostconf", b"networks:\n" + b"- eth0/br0/bcast0\n" * 200_000),
    "quotes in host.conf": ("hostconf", b"'" * 200_000),
    "a megabyte of ones": ("pasted", b"1" * 1_000_000),
    "a quarter megabyte of ones": ("pasted", b"vfio " + b"1" * 250_000),
    "TOML of brackets": ("answers", b"a=" + b"[" * 100_000),
    "a number of 5,000 digits": ("suppressions", b"version=" + b"9" * 5000),
    "dotted keys": ("suppressions", b"a" + b".a" * 100_000 + b"=1"),
    "a name of 256 MB": ("image", bomb(tarfile.GNUTYPE_LONGNAME, 256 << 20)),
    "attributes of 256 MB": ("image", bomb(tarfile.XHDTYPE, 256 << 20)),
    "a fleet of lists": ("fleet", b'{"version":1,"findings":[' + b"[]," * 1_200_000 + b"[]]}"),
    "messages in messages": (
        "fleet",
        told(findings=[{"id": "a", "level": "FAIL", "title": "x", "messages": {"title": laughing(24)}}]),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_stays_within_bounds(name: str, tmp_path: Path) -> None:
    kind, data = CASES[name]
    path = tmp_path / "in" / NAMES.get(kind, "input")
    path.parent.mkdir()
    path.write_bytes(data)
    sys.stdout.flush()
    assert judged(KINDS[kind].act, path, tmp_path / "out", timed=False) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_fuzzer_finds_nothing_in_its_first_examples(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "in" / NAMES.get(kind, "input")
    path.parent.mkdir()
    good = KINDS[kind].good()
    for seed in range(3):
        path.write_bytes(example(KINDS[kind], good, seed))
        assert judged(KINDS[kind].act, path, tmp_path / "out", timed=False) == [], seed


def test_a_good_example_of_each_kind_is_taken(tmp_path: Path) -> None:
    """What the bounds refuse is nothing that the program writes itself."""
    assert from_plain(json.loads(json.dumps(laughing(3)))) == "x" * 8
    assert HOSTS.exists()


def odd_words() -> Iterator[str]:
    yield from ("\x1b]0;title\x07", "\x1b[31m", "\u202e", "\x9b31m")


@pytest.mark.parametrize("odd", odd_words())
def test_an_error_shows_what_others_chose_without_obeying_it(odd: str, capsys: pytest.CaptureFixture[str]) -> None:
    common.complain(SriovError(say("{name} is not there", name=f"a{odd}b"), say("Look for {name}.", name=odd)))
    shown = capsys.readouterr().err
    assert odd not in shown
    assert "a\\" in shown


def test_a_message_that_grows_is_refused() -> None:
    for document in (
        laughing(60),
        {"template": "{a}" * 1000, "values": {"a": "x" * 1000}},
        {"template": "x" * 100_000, "values": {}},
        {"template": "{a}", "values": {"a": "x" * 1_000_000}},
    ):
        with pytest.raises(ValueError, match=r"."):
            from_plain(document)


def test_tables_of_others_are_read_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    from sriov_tui import bounded

    with pytest.raises(SriovError, match="larger than 1 MiB"):
        bounded.read_stream(io.BytesIO(b"x" * (2 << 20)), 1 << 20, "standard input")


@pytest.mark.parametrize("odd", odd_words())
def test_a_remark_shows_what_others_chose_without_obeying_it(odd: str, capsys: pytest.CaptureFixture[str]) -> None:
    common.remark(say("{name} has no `use`.", name=f"a{odd}b"))
    assert odd not in capsys.readouterr().err


def test_every_sentence_that_is_printed_is_made_printable() -> None:
    """Printed are sentences with names that others chose; what has none of them is a constant."""
    bare = re.compile(r"\bprint\((?!printable\()(?:f?\"[^\"]*\", )?_\(")
    sources = sorted(Path(common.__file__).parents[1].rglob("*.py"))
    assert [path.name for path in sources if bare.search(path.read_text(encoding="utf-8"))] == []


def test_a_host_conf_of_tabs_is_read_in_linear_time() -> None:
    """Found by the fuzzer: example 5253."""
    assert [name for name, pattern, *_ in _CULPRITS if name == "yaml.tab" and pattern.match("\t" * 1_000_000)] == []


def test_lines_that_nothing_speaks_of_cost_no_look_each() -> None:
    """Found by the fuzzer, pasted 4646: thousands of lines times hundreds of families. Now a text is looked at once."""
    speaking_of(["compiles the patterns"])
    few, many = ([str(number) for number in range(count)] for count in (10, 20_000))
    assert calls(lambda: speaking_of(many)) < 1.5 * calls(lambda: speaking_of(few))
