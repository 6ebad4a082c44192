"""A file of suppressions: what it may say, what it does, and what is said about itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from sriov_tui.message import verbatim
from sriov_tui.model import Finding, Level, SriovError
from sriov_tui.reports import suppressions
from sriov_tui.reports.suppressions import Suppression

WARN = Finding(id="vfs.at-boot", level=Level.WARN, subject="0000:01:00.0", title=verbatim("They are not made at boot."))
OTHER = Finding(
    id="vfs.at-boot", level=Level.WARN, subject="0000:02:00.0", title=verbatim("They are not made at boot.")
)
GOOD = Finding(id="vfs.count", level=Level.OK, subject="0000:01:00.0", title=verbatim("All are there."))
FOUND = (WARN, OTHER, GOOD)
TODAY = "2026-10-06"


def about(*entries: Suppression) -> list[tuple[str, Level]]:
    """What is said about these suppressions."""
    known = {"vfs.at-boot", "vfs.count"}
    found = suppressions.findings_about(entries, FOUND, TODAY, known, lambda word: "vfs.count")
    return [(finding.id, finding.level) for finding in found]


def test_it_is_read_with_dates_of_either_kind(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(
        '[[suppress]]\nid = "vfs.count"\nreason = "so"\nexpires = 2027-01-31\n'
        '[[suppress]]\nid = "vfs.at-boot"\nsubject = "0000:01:00.0"\nreason = "so"\nexpires = "2027-01-31"\n'
    )
    first, second = suppressions.load(str(tmp_path / "s.toml"))
    assert first.expires == second.expires == "2027-01-31"
    assert (first.subject, second.subject) == ("", "0000:01:00.0")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[suppress]]\nid = 'a.b'\n", "'reason' is missing"),
        ("[[suppress]]\nid = 'a.b'\nreason = ' '\n", "the reason is empty"),
        ("[[suppress]]\nid = 'a.b'\nreson = 'x'\n", "did you mean 'reason'"),
        ("[[suppress]]\nid = 'a.b'\nreason = 'x'\nexpires = 'soon'\n", "'soon' is no date"),
        ("[[suppress]]\nid = 'a.b'\nreason = 'x'\nexpires = 2027-01-31T00:00:00Z\n", "is no date"),
        ("version = 2\n", "version 2"),
        ("[[suppress]\n", "not a TOML file"),
        ("\udcff", "not a TOML file"),
    ],
)
def test_a_faulty_file_is_one_clear_refusal(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SriovError) as caught:
        suppressions.load(str(tmp_path / "s.toml"))
    assert words in caught.value.title
    assert str(tmp_path / "s.toml") in caught.value.title
    assert caught.value.hint


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SriovError, match="No such file"):
        suppressions.load(str(tmp_path / "none"))


def test_it_takes_out_what_it_names_and_nothing_else() -> None:
    one = Suppression(id="vfs.at-boot", subject="0000:01:00.0", reason="so")
    assert suppressions.split(FOUND, [one], TODAY) == ((OTHER, GOOD), ((WARN, one),))
    every = Suppression(id="vfs.at-boot", reason="so")
    assert suppressions.split(FOUND, [every], TODAY)[0] == (GOOD,)
    beginning = Suppression(id="vfs", reason="so")
    assert suppressions.split(FOUND, [beginning], TODAY)[0] == FOUND
    good = Suppression(id="vfs.count", reason="so")
    assert suppressions.split(FOUND, [good], TODAY)[0] == FOUND


def test_the_last_day_still_counts() -> None:
    last = Suppression(id="vfs.at-boot", reason="so", expires=TODAY)
    over = Suppression(id="vfs.at-boot", reason="so", expires="2026-10-05")
    assert suppressions.split(FOUND, [last], TODAY)[0] == (GOOD,)
    assert suppressions.split(FOUND, [over], TODAY)[0] == FOUND
    assert about(last) == []
    assert about(over) == [("audit.suppression-expired", Level.WARN)]


def test_what_it_says_of_itself() -> None:
    assert about(Suppression(id="vfs.cuont", reason="so")) == [("audit.suppression-unknown", Level.WARN)]
    assert about(Suppression(id="vfs.count", reason="so")) == [("audit.suppression-unused", Level.INFO)]
    gone = Suppression(id="vfs.at-boot", subject="0000:09:00.0", reason="so")
    assert about(gone) == [("audit.suppression-unused", Level.INFO)]
