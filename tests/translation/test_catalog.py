"""The Chinese catalog is complete, says what the source says, and finds every one of its sentences again."""

from __future__ import annotations

import re
import tomllib

import pytest
from babel.messages.mofile import read_mo

from sriov_tui.language import CHINESE, catalog
from tools.translation.__main__ import MO, PO, read, untranslated
from tools.translation.sentences import ROOT, messages

HOW = "run `make catalog`, then translate what it lists in sriov_tui.po, and run it again"
HOLE = re.compile(r"\{\w+\}")
KEPT = re.compile(r"`[^`]+`|\b(?:hardware|iommu|driver|vfs|eswitch|offload|ovs|hostconf|agent)\.[a-z-]+[a-z]\b")


def translations() -> dict[str, str]:
    return {str(one.id): str(one.string) for one in read() if one.id}


def test_every_sentence_of_the_source_is_in_the_catalog_and_no_other() -> None:
    wanted, found = set(messages()), set(translations())
    assert wanted - found == set(), HOW
    assert found - wanted == set(), HOW


def test_every_sentence_is_translated_and_none_is_a_guess() -> None:
    po = read()
    assert untranslated(po) == [], HOW
    assert not po.obsolete, HOW


def test_the_mo_file_is_made_from_the_po_file() -> None:
    with MO.open("rb") as file:
        compiled = {str(one.id): str(one.string) for one in read_mo(file) if one.id}
    assert compiled == translations(), HOW


def test_values_commands_and_ids_are_kept() -> None:
    for message, text in translations().items():
        if catalog.has_holes(message):
            assert set(HOLE.findall(message)) == set(HOLE.findall(text)), message
        for kept in KEPT.findall(message):
            assert " ".join(kept.split()) in text, f"{kept} is missing: {text}"


def test_the_translation_is_chinese_and_typeset_as_such() -> None:
    for message, text in translations().items():
        if text == message or not re.search(r"[\u4e00-\u9fff]", text):
            continue
        assert not re.search(r"[\u4e00-\u9fff][,;!?]", text), f"a half-width mark after a Chinese sign: {text}"
        assert not re.search(r"[\u4e00-\u9fff]\.(?:\s|$)", text), f"a half-width full stop: {text}"
        assert not re.search(r"[０-９ａ-ｚＡ-Ｚ]", text), f"full-width letters: {text}"
        assert re.search(r"[^.]\.$", message) is None or text.endswith(("。", ".", "）", "}")), f"no full stop: {text}"


def test_what_is_left_in_english_is_no_sentence() -> None:
    same = [m for m, text in translations().items() if m == text and re.search(r"\b[a-z]+ [a-z]+ [a-z]+ [a-z]+\b", m)]
    prose = [message for message in same if re.search(r"[a-z]\.$|\b(?:is|are|was|the|this)\b", message)]
    assert prose == ["mapping values are not allowed"]  # what a YAML reader says


def values(message: str) -> dict[str, str]:
    """A value for each hole: a number, or a name that no sentence has."""
    holes = dict.fromkeys(hole[1:-1] for hole in HOLE.findall(message))
    return {hole: str(7 + n) if catalog.NUMBER.fullmatch(hole) else f"x{n}q" for n, hole in enumerate(holes)}


def apart(message: str) -> bool:
    """Whether two values have something between them by which they can be told apart."""
    return not re.search(r"\}\{", message)


@pytest.fixture(scope="module")
def chinese() -> catalog.Catalog:
    return catalog.load(CHINESE)


def test_every_sentence_is_found_again_with_its_values(chinese: catalog.Catalog) -> None:
    other = []
    for message, text in translations().items():
        given = values(message) if catalog.has_holes(message) else {}
        spoken, wanted = (message.format(**given), text.format(**given)) if given else (message, text)
        said = chinese.say(spoken)
        if said != wanted and apart(message):
            other.append((spoken, said, wanted))
    # Each of these means the same as the sentence that is found in its place.
    assert {spoken for spoken, *_ in other} <= {"By hand: x0q", "remove x0q", "and 7 more"}, other


def test_the_catalog_is_in_the_wheel() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        data = tomllib.load(file)["tool"]["setuptools"]["package-data"]["sriov_tui"]
    assert "locale/*/LC_MESSAGES/*.mo" in data
    assert PO.parent == ROOT / "sriov_tui/locale/zh_CN/LC_MESSAGES"
