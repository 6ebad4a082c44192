"""The documents without a browser: the pages of docs/, as passages that can be searched and shown on a terminal."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sriov_tui.language import CHINESE, ENGLISH
from sriov_tui.language.layout import wrap
from sriov_tui.late import regex

FOLDER = Path(__file__).parents[1] / "documents"
FOLDERS = {ENGLISH: "en", CHINESE: "zh-CN"}
HAN = regex(r"[\u4e00-\u9fff]+")
WORD = regex(r"[A-Za-z0-9_]+|[\u4e00-\u9fff]+")
SHOWN = 3  # passages at most: a screen of 24 lines
FIRST = "guide"  # the page that goes before others where they speak of the words as much
NEAR = 0.7  # of the best passage's weight: what the others have to have
FITS = 0.5  # of the weight of all words: what a passage has to have to be shown


@dataclass(frozen=True, slots=True)
class Passage:
    """A section of a page, one item of a numbered list, or one row of a table with its heads; `lines` are Markdown."""

    page: str
    heading: str
    lines: tuple[str, ...]
    heads: tuple[str, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """What it can be found by."""
        return words_of(" ".join((self.heading, *self.heads, *self.lines)))


def words_of(text: str) -> frozenset[str]:
    """The words of a text in small letters; Chinese, which has no spaces, as pairs of signs that follow each other."""
    found: set[str] = set()
    for word in WORD.findall(text):
        if HAN.match(word):
            found |= {word[at : at + 2] for at in range(max(len(word) - 1, 1))}
        else:
            found.add(word.lower())
    return frozenset(found)


def pages(language: str) -> tuple[str, ...]:
    """The names of the pages in a language."""
    return tuple(sorted(path.stem for path in (FOLDER / FOLDERS[language]).glob("*.md") if path.stem != "index"))


def title(language: str, page: str) -> str:
    """The heading of a page."""
    text = (FOLDER / FOLDERS[language] / f"{page}.md").read_text("utf-8")
    return text.partition("\n")[0].removeprefix("# ")


def passages(language: str, page: str = "") -> tuple[Passage, ...]:
    """The passages of one page, or of all, in their order."""
    folder = FOLDER / FOLDERS[language]
    names = (page,) if page else pages(language)
    return tuple(part for name in names for part in _passages(name, (folder / f"{name}.md").read_text("utf-8")))


def _passages(page: str, text: str) -> Iterator[Passage]:
    title, heading, lines = "", "", [""]
    heads: tuple[str, ...] = ()
    fenced = False
    for line in (*text.splitlines(), "# "):
        fenced ^= line.startswith("```")
        if not fenced and re.match(r"#+ ", line):
            if any(lines):
                yield Passage(page, heading, tuple(lines))
            name = line.lstrip("#").strip()
            title, lines, heads = title or name, [], ()
            heading = name if name == title else f"{title}: {name}"
        elif not fenced and line.startswith("|"):
            cells = tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
            if heads and any(heads) and not line.startswith("| ---"):
                yield Passage(page, heading, cells, heads)
            heads = heads or cells
        elif not fenced and re.match(r"\d+\. ", line):
            if any(lines):
                yield Passage(page, heading, tuple(lines))
            lines, heads = [line], ()
        else:
            lines.append(line)
            heads = ()


def search(query: str, language: str) -> tuple[Passage, ...]:
    """The passages that speak of this, the best first; a rare word weighs more than one that is everywhere."""
    wanted, all_passages = words_of(query), passages(language)
    found = [passage.words for passage in all_passages]
    weight = {word: math.log(1 + len(found) / (1 + sum(word in words for words in found))) for word in wanted}
    whole = sum(weight.values())
    scored = [
        (sum(weight[word] for word in wanted & words) + 0.1 * len(wanted & words_of(passage.heading)), passage)
        for passage, words in zip(all_passages, found, strict=True)
    ]
    fitting = [one for one in scored if whole and one[0] >= FITS * whole]
    best = sorted(fitting, key=lambda one: (-one[0], one[1].page != FIRST, len(one[1].words)))[:SHOWN]
    return tuple(passage for score, passage in best if score >= NEAR * best[0][0])


def shown(passage: Passage, width: int) -> list[str]:
    """A passage for a terminal."""
    if passage.heads:
        cells = zip(passage.heads, passage.lines, strict=False)
        texts = [f"{head}: {cell}" if head else cell for head, cell in cells if cell]
        return [line for text in texts for line in wrap(_plain(text), width, "  ", "    ")]
    return list(_filled(passage.lines, width))


def _filled(lines: Sequence[str], width: int) -> Iterator[str]:
    """Paragraphs and items filled again, blocks as they are."""
    paragraph: list[str] = []
    fenced = False
    for line in (*lines, ""):
        if line.startswith("```"):
            yield from _paragraph(paragraph, width)
            paragraph, fenced = [], not fenced
        elif fenced:
            yield f"    {line}"
        elif not line.strip() or re.match(r"[-*] |\d+\. ", line):
            yield from _paragraph(paragraph, width)
            paragraph = [line] if line.strip() else []
        elif not line.startswith("!["):
            paragraph.append(line.strip())


def _paragraph(lines: Iterable[str], width: int) -> list[str]:
    text = " ".join(lines)
    text = re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])", "", text)
    mark = re.match(r"[-*] |\d+\. ", text)
    rest = "  " + " " * len(mark[0] if mark else "")
    return wrap(_plain(text), width, "  ", rest) if text else []


def _plain(text: str) -> str:
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text).replace("**", "")
