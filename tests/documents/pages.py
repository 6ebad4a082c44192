"""The documents as tests read them: their fenced blocks, and the paths that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
TOP = ("ansible", "checks", "docs", "packaging", "screens", "screenshots", "sriov_tui", "tests", "tools")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the language, and the words behind it, as in ```` ```python checks/naming.py ````."""

    page: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def name(self) -> str:
        """Where it stands, for the name of a test."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> tuple[Path, ...]:
    """Every document that people read here, but for those of the collection, which has its own tests."""
    return tuple(sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/**/*.md"))))


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    text = page.read_text("utf-8")
    for match in FENCE.finditer(text):
        language, *words = match["info"].split() or [""]
        yield Block(page, text.count("\n", 0, match.start()) + 1, language, tuple(words), match["text"])


def paths(page: Path) -> set[str]:
    """The paths of this repository that a page names in backticks, or links to; not those of a host."""
    text = FENCE.sub("", page.read_text("utf-8"))
    named = {path for path in re.findall(r"`([\w./-]+)`", text) if path.partition("/")[0] in TOP and "/" in path}
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)
    return named | {str((page.parent / link).resolve().relative_to(ROOT)) for link in links}
