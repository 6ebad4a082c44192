"""Printing at a terminal: colours only where they are wanted, a pager only where the text is long."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sriov_tui.cli import main
from sriov_tui.commands import terminal
from sriov_tui.hosts.machine_file import save
from sriov_tui.reports.audit_terminal import Line
from tests import machines


@pytest.fixture
def tty(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Standard output is a terminal of 80x24; what the pager was given."""
    paged: list[str] = []

    def page(text: str) -> bool:
        paged.append(text)
        return True

    monkeypatch.setattr(terminal, "is_there", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda fallback=(80, 24): os.terminal_size((80, 24)))
    monkeypatch.setattr("sriov_tui.hosts.pager.page", page)
    with open(os.devnull) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        yield paged


def test_a_colour_is_added_after_what_a_machine_wrote_was_made_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line("FAIL  \x1b[2Jx", "1;31", 4)
    assert terminal.coloured(line, colours=True) == "\x1b[1;31mFAIL\x1b[m  \\x1b[2Jx"
    assert terminal.coloured(line, colours=False) == "FAIL  \\x1b[2Jx"
    assert terminal.coloured(Line(""), colours=True) == ""


@pytest.mark.parametrize("dumb", ["dumb", ""])
def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch, dumb: str) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert terminal.is_there()
    monkeypatch.setenv("TERM", dumb or "unknown")
    assert not terminal.is_there()


def test_an_audit_at_a_terminal_goes_through_the_pager_where_it_is_long(
    tty: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    save(machines.iommu_off(), tmp_path / "host")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert main(("audit", "--host", str(tmp_path / "host"))) == 2
    (text,) = tty
    assert "\x1b[1;31mFAIL\x1b[m  " in text
    assert capsys.readouterr().out == ""
    assert main(("audit", "--no-pager", "--host", str(tmp_path / "host"))) == 2
    assert capsys.readouterr().out == text
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(("audit", "--summary", "--host", str(tmp_path / "host"))) == 2
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "Blocked by: " in out
    assert len(tty) == 1


def test_a_summary_is_short_where_nobody_reads_at_a_terminal_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(machines.two_igb(), tmp_path / "host")
    status = main(("audit", "--summary", "--host", str(tmp_path / "host")))
    assert len(capsys.readouterr().out.splitlines()) <= 3
    assert status in (0, 2)
    assert main(("audit", "--summary", "--format", "json", "--host", str(tmp_path / "host"))) == 1
    assert "--summary is for --format text alone." in capsys.readouterr().err


def test_without_a_pager_it_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    from sriov_tui.hosts import pager

    monkeypatch.setattr("sriov_tui.hosts.programs.locate", lambda name: None)
    assert pager.page("x") is False
