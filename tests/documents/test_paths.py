"""What a document names is there: paths, links, and the languages of its blocks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checks.explained import covers, explanations
from tests.documents.pages import FENCE, ROOT, blocks, pages, paths


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_and_link_is_there(page: Path) -> None:
    made = {block.words[0] for block in blocks(page) if block.words}
    assert [path for path in sorted(paths(page)) if path not in made and not (ROOT / path).exists()] == []


def test_the_packages_are_those_of_the_import_contract() -> None:
    """A package that comes or goes changes the table of ARCHITECTURE.md."""
    layers = re.search(r"layers = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL)
    assert layers
    named = re.findall(r"[\w.]+", re.sub(r"\s|\"", " ", layers[1]))
    table = (ROOT / "ARCHITECTURE.md").read_text().partition("## Packages")[2].partition("## Where")[0]
    assert [name for name in named if f"`{name.replace('.', '/')}" not in table] == []


def test_english_is_plain() -> None:
    """The words of tests/translation, for the documents in English."""
    odd = re.compile(r"\b(mend(s|ed)?|wish(ed|es)?|anew|shall|stands? in the way|looked after)\b", re.IGNORECASE)
    assert {page.name: found for page in pages() if (found := odd.search(FENCE.sub("", page.read_text("utf-8"))))} == {}


ENGLISH, CHINESE = ROOT / "docs/en", ROOT / "docs/zh-CN"


@pytest.mark.parametrize("name", sorted(page.name for page in ENGLISH.glob("*.md")))
def test_both_languages_say_the_same(name: str) -> None:
    """The same headings in number and depth, the same commands, ids and options; the words are each language's own."""
    if name == "measurements.md":  # its numbers are on the English page
        assert (CHINESE / name).exists()
        return
    english, chinese = (ENGLISH / name, CHINESE / name)
    assert _shape(english) == _shape(chinese)
    for named in (r"`([a-z]+\.[a-z-]+)`", r"`(--[a-z-]+)", r"`(sriov-tui [^`]+)`", r"`(tests/[^`]+)`"):
        assert _named(named, english) == _named(named, chinese), named


def test_no_page_is_in_one_language_alone() -> None:
    assert {page.name for page in ENGLISH.glob("*.md")} == {page.name for page in CHINESE.glob("*.md")}
    assert _shape(ROOT / "README.md") == _shape(ROOT / "README.zh-CN.md")


def _shape(page: Path) -> tuple[list[int], list[str], int]:
    """The depths of the headings, the commands, and the rows of all tables."""
    text = page.read_text("utf-8")
    found = [re.sub(r"#.*", "", line).strip() for block in blocks(page) for line in block.text.splitlines()]
    commands = [line for line in found if line and not line.startswith("reason")]
    prose = FENCE.sub("", text)
    return [len(hashes) for hashes in re.findall(r"^(#+) ", prose, re.MULTILINE)], commands, prose.count("\n| ")


def _named(pattern: str, page: Path) -> set[str]:
    return set(re.findall(pattern, page.read_text("utf-8")))


def test_every_id_in_the_documents_is_one() -> None:
    known = set(explanations())
    for page in (*ENGLISH.glob("*.md"), ROOT / "README.md"):
        named = {
            id
            for id in _named(r"`([a-z]+\.[a-z-]+)`", page)
            if any(one.startswith(id.split(".")[0] + ".") for one in known)
        }
        files = {"host.conf"}
        assert {id for id in named - known - files if not any(covers(id, one) for one in known)} == set(), page.name


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "README.zh-CN.md"], ids=lambda page: page.name)
def test_a_readme_is_short(page: Path) -> None:
    assert len(page.read_text("utf-8").splitlines()) <= 150
