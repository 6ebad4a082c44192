"""The notes of a release are the section of its version in the change log, or there is no release."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

import sriov_tui

ROOT = Path(__file__).parents[1]
notes: Callable[[str, str], str] = runpy.run_path(str(ROOT / "packaging/notes.py"))["notes"]
CHANGES = "# Changes\n\n## 0.2.0 (2026-11-30)\n\n- New.\n\n## 0.1.0 (not released)\n\n- First.\n"


def test_it_is_the_section_of_this_version_alone() -> None:
    text = notes(CHANGES, "0.2.0")
    assert text.startswith("# sriov-tui 0.2.0\n\n- New.\n\n## Check what you got")
    assert "First" not in text


@pytest.mark.parametrize(
    ("version", "words"), [("0.3.0", "no section on 0.3.0"), ("0.1.0", "is not released"), ("0.2", "no section on 0.2")]
)
def test_without_one_there_is_no_release(version: str, words: str) -> None:
    with pytest.raises(SystemExit, match=words):
        notes(CHANGES, version)


def test_the_version_of_today_has_its_section() -> None:
    assert sriov_tui.__version__ in (ROOT / "CHANGELOG.md").read_text("utf-8")
