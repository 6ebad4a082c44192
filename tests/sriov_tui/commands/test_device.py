"""`sriov-tui device` on a recording."""

from __future__ import annotations

import io
import sys

import pytest

from sriov_tui.cli import main

RECORDING = ("--host", "tests/hosts/lab-7-vfs")


@pytest.mark.parametrize("name", ["enp1s0", "0000:01:00.0", "0000:01:00", "0000:01:10.2"])
def test_a_card_by_any_of_its_names(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["device", *RECORDING, name]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Intel Corporation 82576 Gigabit Network Connection, 1 port\n")
    assert "VF 0-6      0000:01:10.0 to 0000:01:11.4  igbvf" in told


def test_every_card_and_every_vf(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["device", *RECORDING, "--each"]) == 0
    told = capsys.readouterr().out
    assert told.count(" port\n") == 3
    assert "VF 6        0000:01:11.4" in told


def test_a_name_that_is_not_there_is_told_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["device", *RECORDING, "eth9"]) == 1
    assert "0000:01:00.0 enp1s0" in capsys.readouterr().err


def test_without_utf8_the_lines_are_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["device", *RECORDING, "enp1s0"]) == 0
    out.seek(0)
    told = out.read()
    assert told.isascii()
    assert "`- 0000:01:00.0" in told
