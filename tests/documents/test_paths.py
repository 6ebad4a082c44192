"""What a document names is there: paths, links, and the languages of its blocks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documents.pages import ROOT, blocks, pages, paths


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
