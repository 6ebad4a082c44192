"""`explain` on the command line: ids of findings and causes, earlier numbers, and words in both languages."""

from __future__ import annotations

import json

import pytest

from sriov_tui.cli import main


def say(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(("explain", *words))
    told = capsys.readouterr()
    return status, told.out, told.err


def test_a_cause_is_explained_with_its_messages(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = say(capsys, "vfio.memlock")
    assert status == 0
    assert out.startswith("vfio.memlock: The memory of the virtual machine could not be locked")
    assert "VFIO_MAP_DMA failed: Cannot allocate memory" in out


def test_a_number_of_an_earlier_version_means_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert say(capsys, "T05")[1] == say(capsys, "vf.too-many")[1]
    assert say(capsys, "h03")[1].startswith("conf.null-list:")


def test_the_beginning_of_ids_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = say(capsys, "lag")
    assert "lag.mode" in out
    assert "lag.too-many-vfs" in out


@pytest.mark.parametrize(
    ("words", "id"),
    [("安全组", "security-group"), ("pci=realloc", "vf-write"), ("wire", "conf.wire-address"),
     ("jumbo frames", "net.mtu"), ("locked memory of a VM", "vfio.memlock")],
)  # fmt: skip
def test_words_are_looked_for_in_both_languages(words: str, id: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = say(capsys, *words.split())
    assert status == 0
    assert id in out
    assert id in {hit["id"] for hit in json.loads(say(capsys, words, "--format", "json")[1])}


def test_what_nothing_fits_is_refused_with_the_nearest_id(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = say(capsys, "vfs.cuont")
    assert (status, out) == (2, "")
    assert "Did you mean vfs.count?" in err
