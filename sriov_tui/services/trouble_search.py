"""Words to what they mean: symptoms, causes and findings, by their titles, their texts and other words for them.

Both languages are searched whatever the screen speaks: an operator pastes what the guide says. Chinese has no blanks
between words, so it is compared by pairs of characters; English by stems.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from checks.explained import explanations
from checks.troubleshooting.causes import ENTRIES
from checks.troubleshooting.symptoms import SYMPTOMS, Symptom
from checks.troubleshooting.words import ALSO, SAME
from sriov_tui.language import CHINESE
from sriov_tui.language.catalog import load
from sriov_tui.late import regex
from sriov_tui.message import Message

LATIN = regex(r"[a-z0-9]+(?:[._/+-][a-z0-9]+)*")
HAN = regex(r"[\u3400-\u9fff]+")
SMALL = frozenset(
    [
        "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "has", "have",
        "how", "i", "if", "in", "is", "it", "its", "me", "my", "no", "not", "of", "on", "or", "our", "s", "so",
        "that", "the", "this", "to", "was", "what", "when", "which", "why", "with", "you", "your", "sr", "iov",
        "的", "了", "吗", "呢", "怎么", "如何", "什么", "为什么", "没有", "有没有", "一个",
    ]
)  # fmt: skip
ENDINGS = ("ings", "ing", "ies", "ed", "es", "s", "ly", "e", "y")
NEAR, SURE, FIRST, BY_CAUSE = 3, 0.38, 0.25, 0.5
SYMPTOM = 1.3  # words are more often of what is seen than of its cause
TITLE, OTHER, BODY = 4.0, 4.0, 1.0  # what a word counts in a title, among the other words, in the text


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that the words may mean: a symptom, a cause or the explanation of a finding.

    `share` is how much of the words it covers, between 0 and 1.
    """

    kind: str
    id: str
    title: Message
    share: float


@dataclass(frozen=True, slots=True)
class _Document:
    kind: str
    id: str
    title: Message
    weights: Mapping[str, float]
    exact: frozenset[str]


def search(words: str, kinds: Iterable[str] = ("symptom", "cause", "finding")) -> tuple[Hit, ...]:
    """Everything that shares a word with these words, the best first."""
    asked, wanted = Counter(_terms(words)), frozenset(kinds)
    if not asked:
        return ()
    documents, rare = _index()
    unknown = max(rare.values()) / 2  # a word that nothing has tells little
    whole = sum(rare.get(term, unknown) for term in asked)
    plain = _plain(words)
    found = []
    for one in documents:
        if one.kind not in wanted:
            continue
        common = [term for term in one.weights if term in asked]
        covered = sum(rare[term] for term in common)
        score = sum(rare[term] ** 2 * one.weights[term] for term in common) * (SYMPTOM if one.kind == "symptom" else 1)
        if plain in one.exact:
            covered, score = whole, score + 1000
        if covered:
            found.append((score * (0.3 + covered / whole), covered / whole, one))
    found.sort(key=lambda row: (-row[0], row[2].id))
    return tuple(Hit(one.kind, one.id, one.title, share) for _, share, one in found)


def near(words: str) -> tuple[Hit, ...]:
    """The nearest to these words, three at most."""
    return search(words)[:NEAR]


def find(words: str) -> Symptom | None:
    """The symptom that these words mean: the best, where it covers enough of them or comes before all causes.

    Where a cause comes first and no symptom covers enough, it is the narrowest symptom that leads to this cause.
    """
    found = search(words, ("symptom", "cause"))
    best = next((hit for hit in found if hit.kind == "symptom"), None)
    if best is not None and best.share >= (FIRST if best is found[0] else SURE):
        return next(one for one in SYMPTOMS if one.id == best.id)
    if not found or found[0].share < BY_CAUSE:
        return None
    leading = [one for one in SYMPTOMS if found[0].id in one.causes]
    return min(leading, key=lambda one: len(one.causes), default=None)


@functools.cache
def _index() -> tuple[tuple[_Document, ...], Mapping[str, float]]:
    documents = tuple(_documents())
    number = Counter(term for one in documents for term in one.weights)
    rare = {term: math.log(1 + len(documents) / count) for term, count in number.items()}
    return documents, rare


def _documents() -> Iterable[_Document]:
    for symptom in SYMPTOMS:
        yield _document("symptom", symptom.id, symptom.words, (symptom.advice,))
    for one in ENTRIES:
        texts = (one.fix.title, one.fix.manual, one.fix.verify, one.looks_at)
        lines = " ".join(line for pattern in one.patterns for line in pattern.lines)
        yield _document("cause", one.id, one.cause, texts, lines)
    for entry in explanations().values():
        yield _document("finding", entry.id, entry.title, (entry.means, entry.matters, entry.fix))


def _document(kind: str, id: str, title: Message, texts: tuple[Message, ...], lines: str = "") -> _Document:
    said = load(CHINESE).say
    weights: dict[str, float] = {}
    parts = (
        (f"{title} {said(title)} {id.replace('.', ' ')} {id}", TITLE),
        (" ".join(ALSO.get(id, ())), OTHER),
        (" ".join((*texts, *map(said, texts), lines)), BODY),
    )
    for text, weight in parts:
        terms = _terms(text)
        # A long text has more words by chance, so each of them counts less.
        each = weight if weight > BODY else weight / (1 + math.log(1 + len(set(terms)) / 20))
        for term in terms:
            weights[term] = max(weights.get(term, 0.0), each)
    return _Document(kind, id, title, weights, frozenset(map(_plain, (title, said(title), id, *ALSO.get(id, ())))))


def _plain(text: str) -> str:
    return "".join(re.findall(r"\w+", text.lower()))


@functools.lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and word.isalpha():
            return word.removesuffix(ending)
    return word


def _terms(text: str) -> list[str]:
    """The words of a text as they are compared: stems, parts of names with stops in them, pairs of characters."""
    text, found = text.lower(), []
    for name in LATIN.findall(text):
        parts = re.split(r"[._/+-]", name)
        for part in (name, *(parts if len(parts) > 1 else ())):
            if part not in SMALL and not (part.isdigit() and len(parts) > 1):
                stem = _stem(part)
                found.append(SAME.get(stem, SAME.get(part, stem)))
    for run in HAN.findall(text):
        for small in SMALL:
            if small in run and not small.isascii():
                run = run.replace(small, " ")
        for piece in run.split():
            found += [piece] if len(piece) == 1 else [piece[i : i + 2] for i in range(len(piece) - 1)]
    return found
