"""The pages out of the program's own words, in both languages, laid out for Sphinx; `make docs` builds them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checks.explained import explanations
from checks.troubleshooting import ENTRIES
from sriov_tui.services.answers_keys import all_keys
from tools.documents.__main__ import BROUGHT, LANGUAGES, MADE, ORDER, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that Sphinx is given."""
    place = tmp_path_factory.mktemp("documents")
    write(place)
    return place / "docs"


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_page_is_in_the_contents(folder: Path, name: str) -> None:
    pages = {page.stem for page in (folder / name).glob("*.md")}
    assert pages == {"index", *ORDER, *BROUGHT.values()}
    assert set(MADE) <= set(ORDER)


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_finding_cause_and_key_has_its_place(folder: Path, name: str) -> None:
    findings, causes, answers = ((folder / name / f"{page}.md").read_text("utf-8") for page in MADE)
    assert re.findall(r"^## (.*)", findings, re.MULTILINE) == list(explanations())
    assert re.findall(r"^## (.*)", causes, re.MULTILINE) == [entry.id for entry in ENTRIES]
    assert all(f"`{key.name}`" in answers for key in all_keys())


def test_the_chinese_pages_are_chinese(folder: Path) -> None:
    text = (folder / "zh-CN" / "findings.md").read_text("utf-8")
    assert "为什么重要" in text
    assert "Why it matters" not in text


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_link_leads_to_a_page_or_a_picture(folder: Path, name: str) -> None:
    for page in (folder / name).glob("*.md"):
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), (page.name, link)
