"""The catalog keeps to the glossary, docs/zh-CN/glossary.md: what its third column names stands in no translation."""

from __future__ import annotations

import re

import pytest

from tests.documents.pages import ROOT
from tests.translation.test_catalog import translations

ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]*?) ?\|$", re.MULTILINE)
PAGE = ROOT / "docs/zh-CN/glossary.md"
PRONOUN = re.compile(r"^(?:请)?(?:创建|加载|启动|删除|关闭|打开|修改|添加)(?:它|它们)。$")


def rows() -> list[tuple[str, str, list[str]]]:
    """The English, the Chinese, and what is not used for it."""
    found = ROW.findall(PAGE.read_text("utf-8"))[2:]
    return [(english, chinese, [word for word in avoided.split("、") if word]) for english, chinese, avoided in found]


def holding(word: str) -> list[str]:
    """The translations with this word in them; what stands in quotes is somebody else's."""
    return [text for text in translations().values() if word in re.sub(r"`[^`]*`|“[^”]*”", "", text)]


def test_the_page_is_read() -> None:
    assert len(rows()) >= 25
    assert any(avoided for _, _, avoided in rows())


@pytest.mark.parametrize("word", [word for _, _, avoided in rows() for word in avoided])
def test_no_translation_has_a_word_that_is_not_used(word: str) -> None:
    assert holding(word) == []


def test_what_is_not_used_is_never_what_is_used() -> None:
    used = [chinese for _, chinese, _ in rows()]
    assert [word for _, _, avoided in rows() for word in avoided if word in used] == []


def test_no_sentence_is_a_verb_and_a_pronoun() -> None:
    """In English it follows the finding that it is about; in Chinese it names the thing."""
    assert [text for text in translations().values() if PRONOUN.match(text)] == []
