"""A long output is bounded while it is read, and of the kernel log only the lines that matter are kept."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sriov_tui import local
from sriov_tui.host import MAX_LOG, MAX_OUTPUT
from sriov_tui.local import LocalHost
from sriov_tui.output import Lines, Tail, tail_for


def poured(tail: Tail, data: bytes, size: int) -> str:
    for at in range(0, len(data), size):
        tail.add(data[at : at + size])
    return tail.text()


@pytest.mark.parametrize("size", [1, 7, 64, 1 << 16])
def test_only_lines_with_a_word_are_kept_whatever_the_pieces(size: int) -> None:
    lines = ["usb 3-1: new", "DMAR: IOMMU enabled", "", "a VF and a DMAR", "eth0: up", "no end, vfio"]
    kept = poured(Tail(1000, ("DMAR", "vfio", "VF")), "\n".join(lines).encode(), size)
    assert kept == "DMAR: IOMMU enabled\na VF and a DMAR\nno end, vfio"


@pytest.mark.parametrize("size", [1, 5, 1000])
@pytest.mark.parametrize("words", [(), ("line",)])
def test_the_newest_lines_are_kept_whole(size: int, words: tuple[str, ...]) -> None:
    data = "".join(f"line {number}\n" for number in range(1000))
    kept = poured(Tail(100, words), data.encode(), size)
    assert data.endswith(kept)
    assert kept.startswith("line ")
    assert 88 < len(kept) <= 100


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    for words in ((), ("x",)):
        tail = Tail(100, words)
        for _ in range(1000):
            tail.add(b"x" * 1000)
            held = len(tail._begun) + sum(map(len, tail._pieces))
            assert held <= 1100
        assert tail.text() == "x" * 100


def test_bytes_that_are_no_text_are_not_lost() -> None:
    assert poured(Tail(100), b"\xff\n", 1).encode("utf-8", "surrogateescape") == b"\xff\n"


def test_lines_come_as_they_end() -> None:
    seen: list[str] = []
    lines = Lines(seen.append)
    lines.add(b"one\ntw")
    assert seen == ["one"]
    lines.add(b"o\n\nthree")
    assert seen == ["one", "two", ""]
    lines.end()
    assert seen == ["one", "two", "", "three"]


@pytest.mark.subprocess
@pytest.mark.machine
def test_ten_mebibytes_of_kernel_log_leave_the_lines_that_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    with log.open("w") as file:
        file.write("[0.1] DMAR: IOMMU enabled\n")
        file.write("[1.0] docker0: port 12(veth3ab12) entered blocking state\n" * 200_000)
        file.write("[9.9] igb 0000:01:00.0: 7 VFs allocated\n")
    assert log.stat().st_size > 10 << 20
    program = tmp_path / "dmesg"
    program.write_text(f"#!/bin/sh\nexec cat {log}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setitem(local.COMMAND_ENVIRONMENT, "PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    done = LocalHost().query(("dmesg",))
    assert (done.status, done.err) == (0, "")
    assert done.out == "[0.1] DMAR: IOMMU enabled\n[9.9] igb 0000:01:00.0: 7 VFs allocated\n"


def test_what_is_kept_of_a_command() -> None:
    log, other = tail_for(("dmesg",)), tail_for(("pgrep", "-a", "qemu"))
    flood = b"DMAR: [DMA Read] Request device fault\n" * 1000
    for _ in range(20):
        log.add(flood)
    for _ in range(5):
        other.add(b"x\n" * (1 << 20))
    assert len(log.text()) <= MAX_LOG
    assert MAX_OUTPUT - 2 <= len(other.text()) <= MAX_OUTPUT
    journal = tail_for(("journalctl", "-k", "-b", "0", "--no-pager", "-o", "cat"))
    journal.add(b"usb 3-1: new\n")
    assert journal.text() == ""
