"""A long output is bounded while it is read, and of the kernel log only the lines that matter are kept."""

from __future__ import annotations

import os
import re
import stat
import tracemalloc
from pathlib import Path

import pytest

from checks.messages import MESSAGES
from checks.messages.pattern import KERNEL
from sriov_tui.hosts import output, programs
from sriov_tui.hosts.host import MAX_LOG
from sriov_tui.hosts.local import LocalHost
from sriov_tui.hosts.output import KernelLog, Lines, Tail
from sriov_tui.probe import system
from tests.card_machines import kernel_log


def poured(sink: Tail | KernelLog, data: bytes, size: int) -> str:
    for at in range(0, len(data), size):
        sink.add(data[at : at + size])
    return sink.text()


@pytest.mark.parametrize("size", [1, 7, 64, 1 << 16])
def test_only_lines_with_a_word_are_kept_whatever_the_pieces(size: int) -> None:
    lines = ["usb 3-1: new", "DMAR: IOMMU enabled", "", "a VF and a DMAR", "eth0: up", "no end, vfio"]
    assert poured(KernelLog(), "\n".join(lines).encode(), size) == "DMAR: IOMMU enabled\na VF and a DMAR\nno end, vfio"


TOLD = [line for row in MESSAGES if row.where == KERNEL for line in row.lines]
LOG = """\
DMAR: Unknown option
PCI-DMA: IOMMU
iommu: Default domain type
AMD-Vi: Interrupt remapping enabled
SR-IOV: no
7 VFs
vfio-pci 0000:01:10.0: enabling
not enough MMIO resources
BAR 7: no space for
mlx5_core 0000:01:00.0: E-Switch: busy
mlx5_core 0000:01:00.0: ENABLE_HCA(0x104) timeout
mlx5_core 0000:01:00.0: tc chains
mlx5_core 0000:01:00.0: lag map
Lockdown: mstconfig: direct PCI access is restricted
Loading of unsigned module is rejected
mlx5_core 0000:01:00.0: status bad resource state(0x9)
bnxt_en 0000:01:00.0: Reject SRIOV config request since if is down!
igb 0000:01:00.0: SR-IOV: bus number out of range
pci 0000:01:10.0: unknown header type 7f
ice 0000:01:00.0: SR-IOV cannot be configured - Device is in Safe Mode
kvm: disabled by bios
x86/cpu: SVM disabled (by BIOS) in MSR_VM_CR
ice 0000:01:00.0: Changing eswitch mode is allowed only if there is no VFs created
""" + "".join(f"{line}\n" for line in (*kernel_log(), *TOLD))


def alternatives(pattern: str) -> list[str]:
    """The parts of a regular expression between the bars that are in no brackets."""
    parts, depth = [""], 0
    for char in pattern:
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def test_what_the_probes_look_for_passes() -> None:
    assert poured(KernelLog(), LOG.encode(), 64) == LOG
    for part in alternatives(system.LOG_WORDS.pattern):
        assert re.search(part, LOG, re.IGNORECASE), (
            f"add a line with {part} to LOG, and its word to LOG_WORDS of sriov_tui.hosts.host"
        )


@pytest.mark.parametrize("size", [1, 7, 100])
def test_of_a_long_log_the_boot_and_the_newest_part_are_kept(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "LOG_BOOT", 100)
    monkeypatch.setattr(output, "LOG_NEWEST", 100)
    numbers = list(range(100))
    kept = poured(KernelLog(), "".join(f"{number:02} vfio\n" for number in numbers).encode(), size).splitlines()
    assert kept[:12] == [f"{number:02} vfio" for number in numbers[:12]]
    assert kept[12:] == [f"{number:02} vfio" for number in numbers[-12:]]
    short = "".join(f"{number:02} vfio\n" for number in numbers[:24])
    assert poured(KernelLog(), short.encode(), size) == short, "nothing is lost where the parts meet"


def test_a_flood_hides_neither_the_boot_nor_what_is_new() -> None:
    log = KernelLog()
    log.add(b"[0.1] DMAR: IOMMU enabled\n" + b"DMAR: [DMA Read] fault\n" * 100_000 + b"[9.9] not enough MMIO\n")
    kept = log.text()
    assert len(kept) <= MAX_LOG
    assert kept.startswith("[0.1] DMAR: IOMMU enabled\n")
    assert kept.endswith("\n[9.9] not enough MMIO\n")
    assert {line for line in kept.splitlines() if "fault" in line} == {"DMAR: [DMA Read] fault"}


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_the_newest_lines_are_kept_whole(size: int) -> None:
    data = "".join(f"line {number}\n" for number in range(1000))
    kept = poured(Tail(100), data.encode(), size)
    assert data.endswith(kept)
    assert kept.startswith("line ")
    assert 88 < len(kept) <= 100


def test_an_output_without_an_end_does_not_fill_the_memory() -> None:
    piece = b"x" * (1 << 20)
    for sink, most in ((Tail(1000), 1 << 20), (KernelLog(), 13 << 20), (Lines(lambda line: None), 1 << 16)):
        tracemalloc.start()
        for _ in range(64):
            sink.add(piece[:-1])
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert held <= most + 4096 * 4


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
    monkeypatch.setitem(programs.ENVIRONMENT, "PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    done = LocalHost().query(("dmesg",))
    assert (done.status, done.err) == (0, "")
    assert done.out == "[0.1] DMAR: IOMMU enabled\n[9.9] igb 0000:01:00.0: 7 VFs allocated\n"
