"""The Chinese catalog is complete, keeps what a sentence names, and is typeset as Chinese is."""

from __future__ import annotations

import re
import tomllib
from string import Formatter

from babel.messages.mofile import read_mo

from tools.translation.__main__ import MO, PO, ROOT, messages, read, untranslated

HOW = "run `make catalog`, then translate what it lists in sriov_tui.po, and run it again"
KEPT = re.compile(r"`[^`]+`|\b(?:hardware|iommu|driver|vfs|eswitch|offload|ovs|hostconf|agent)\.[a-z-]+[a-z]\b")


def translations() -> dict[str, str]:
    """Every message, of a plural its form for many."""
    return {_many(one.id): _many(one.string) for one in read() if one.id}


def _many(text: object) -> str:
    return str(text[-1]) if isinstance(text, list | tuple) else str(text)


def holes(message: str) -> set[str]:
    """The names of the values in a message; none in a text with braces of another kind."""
    try:
        return {name for _, name, _, _ in Formatter().parse(message) if name}
    except ValueError:
        return set()


def test_every_sentence_of_the_source_is_in_the_catalog_and_no_other() -> None:
    wanted, found = set(map(_many, messages())), set(translations())
    assert wanted - found == set(), HOW
    assert found - wanted == set(), HOW


def test_every_sentence_is_translated_and_none_is_a_guess() -> None:
    po = read()
    assert untranslated(po) == [], HOW
    assert not po.obsolete, HOW


def test_the_mo_file_is_made_from_the_po_file() -> None:
    with MO.open("rb") as file:
        compiled = {_many(one.id): _many(one.string) for one in read_mo(file) if one.id}
    assert compiled == translations(), HOW


def test_values_commands_and_ids_are_kept() -> None:
    for message, text in translations().items():
        assert holes(message) == holes(text), message
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
    assert [message for message in same if re.search(r"[a-z]\.$|\b(?:is|are|was|the|this)\b", message)] == []


def test_the_catalog_is_in_the_wheel() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        data = tomllib.load(file)["tool"]["setuptools"]["package-data"]["sriov_tui"]
    assert "locale/*/LC_MESSAGES/*.mo" in data
    assert PO.parent == ROOT / "sriov_tui/locale/zh_CN/LC_MESSAGES"
