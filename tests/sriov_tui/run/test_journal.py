"""The journal: whole lines count, a torn one is cut off, a damaged one is told."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sriov_tui.model import Event, EventKind, SriovError
from sriov_tui.run import journal
from sriov_tui.run.journal import Journal, read


def event(text: str) -> Event:
    return Event(kind="note", at="2026-01-01T00:00:00Z", text=text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Journal(tmp_path / "j") as opened:
        opened.append(event("one"))
        opened.append(event("two \udcff\n\x1b"))
    return tmp_path / "j"


def test_there_and_back(path: Path) -> None:
    assert read(path) == ((event("one"), event("two \udcff\n\x1b")), path.stat().st_size)
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_journal_is_no_events(tmp_path: Path) -> None:
    assert read(tmp_path / "j") == ((), 0)


def test_reading_on_from_where_one_was(path: Path) -> None:
    _, position = read(path)
    with Journal(path) as opened:
        opened.append(event("three"))
    assert read(path, position)[0] == (event("three"),)


@pytest.mark.parametrize("torn", [b'{"kind": "no', b"\0\0\0\0", b'{"kind": "note", "at": ""}', b"half\n"])
def test_a_torn_last_line_is_ignored_and_cut_off_before_the_next(path: Path, torn: bytes) -> None:
    path.write_bytes(path.read_bytes() + torn)
    assert len(read(path)[0]) == 2
    with Journal(path) as opened:
        opened.append(event("three"))
    assert [e.text for e in read(path)[0]] == ["one", "two \udcff\n\x1b", "three"]
    assert path.read_bytes().count(b"\n") == 3


def test_every_cut_of_a_journal_can_be_read_and_gone_on_with(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        with Journal(path) as opened:
            opened.append(event("next"))
        assert [e.text for e in read(path)[0]] == [*("one", "two \udcff\n\x1b")[: whole[:length].count(b"\n")], "next"]


@pytest.mark.parametrize("line", [b"garbage", b'{"kind": "note"}', b"[]", b"\0" * 4096])
def test_a_damaged_line_in_the_middle_is_named(path: Path, line: bytes) -> None:
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + line + b"\n" + second)
    with pytest.raises(SriovError, match="line 2"):
        read(path)


@pytest.mark.parametrize("line", [b"", b" ", b'{"kind": "telemetry", "at": ""}'])
def test_a_blank_line_and_a_kind_of_a_newer_version_are_passed_over(path: Path, line: bytes) -> None:
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + line + b"\n" + second)
    assert len(read(path)[0]) == 2


def test_a_field_of_a_newer_version_is_passed_over(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'{"kind"', b'{"newer": 1, "kind"'))
    assert [e.text for e in read(path)[0]] == ["one", "two \udcff\n\x1b"]


def output(number: int, kind: EventKind = "output") -> Event:
    return Event(kind=kind, at="", number=number, text="x" * 100)


@pytest.mark.parametrize("after", [output(5), output(5, "operation")])
def test_a_zeroed_page_of_output_refuses_no_way_back(tmp_path: Path, after: Event) -> None:
    path = tmp_path / "j"
    with Journal(path) as opened:
        for one in (*[output(5)] * 60, after):
            opened.append(one)
    data = bytearray(path.read_bytes())
    data[1000:5096] = b"\0" * 4096
    path.write_bytes(bytes(data))
    events, _ = read(path)
    assert events[-1] == after
    assert len(events) < 61


@pytest.mark.parametrize("after", [output(6), output(5, "before"), output(5, "step")])
def test_what_may_be_more_than_output_is_told(tmp_path: Path, after: Event) -> None:
    path = tmp_path / "j"
    with Journal(path) as opened:
        opened.append(output(5))
        opened.append(output(5))
        opened.append(after)
    first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + b"\0" * (len(second) - 1) + b"\n" + third)
    with pytest.raises(SriovError, match="line 2"):
        read(path)


def test_each_event_is_on_disk_before_append_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda fd: sizes.append(os.fstat(fd).st_size))
    with Journal(path) as opened:
        opened.append(event("x"))
        opened.append(Event(kind="output", at="", text="not worth a sync"))
    assert len(sizes) == 1
    assert sizes[0] < path.stat().st_size


def test_a_full_disk_stops_with_the_journal_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()
    original = journal._write_all

    def full(fd: int, data: bytes) -> None:
        original(fd, data[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(journal, "_write_all", full)
    with Journal(path) as opened, pytest.raises(SriovError, match="No space left"):
        opened.append(event("x"))
    assert path.read_bytes() == before
