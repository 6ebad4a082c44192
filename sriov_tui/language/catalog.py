"""A gettext catalog that knows a sentence again with its values in it.

A message such as "{numvfs} of {totalvfs} VFs are there." is found in "3 of 7 VFs are there."; the values are
translated in turn, since they may be sentences themselves. Sentences that stand one after the other, in lines
or in a list are found one by one. What is not found stays as it is, and what a machine wrote is left alone.
"""

from __future__ import annotations

import functools
import gettext
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import NamedTuple, cast

DOMAIN = "sriov_tui"
LONGEST = 2000  # characters of a text that is looked for as a whole; of longer ones the lines are
MOST = 6  # parts of a text that may be one message together
PARTS = tuple(map(re.compile, (r"(\n)", r"(?<=[.!?])( +)", r"(; |: | {2,}| · )", r"(, | and )")))
DEEPEST = 6  # sentences in sentences
LOOSE = 2  # from here on PARTS may fall apart that belong together
NUMBER = re.compile(r"(?:count_of_\w+|count|number)\d*")  # what values are called that are numbers and nothing else
CARD = re.compile(r"\b(ADDRESS|INTERFACE)\b")  # in whose places advice puts those of a card
WIDE_STOPS = ("。", "！", "？", "：")
LETTERS = re.compile(r"[^\W\d_]")
WORD = re.compile(r"[^\W\d_]{2,}")
PROSE = re.compile(r"(?<![\w./-])[a-z]{2,}(?![\w./-])")


class Found(NamedTuple):
    """What was made of a text: how many of its letters are ours, the text said, and the prose that is not ours."""

    weight: int
    said: str
    strange: int = 0


def _believed(own: int, strange: int) -> bool:
    """Whether so many letters of our own prove a text with so much strange prose: "of" stands in everybody's."""
    return 2 * strange <= own**2


def _unfound(text: str) -> Found:
    return Found(0, text, sum(map(len, PROSE.findall(text))))


class Sentence:
    """A message with holes for values."""

    def __init__(self, message: str, translation: str) -> None:
        self.translation = translation
        self.parts = [(text, hole) for text, hole, _, _ in Formatter().parse(message)]
        self.texts = [text for text, _ in self.parts]
        own = "".join(self.texts)
        self.weight, self.length = len(LETTERS.findall(own)), len(own)

    @functools.cached_property
    def regexes(self) -> tuple[re.Pattern[str], ...]:
        """What the sentence looks like, where the first values are as short, or as long, as can be."""
        return tuple(re.compile(self._pattern(value), re.DOTALL) for value in (".*?", ".*"))

    def _pattern(self, value: str) -> str:
        pattern, holes = "", set[str]()
        for text, hole in self.parts:
            pattern += re.escape(text)
            if hole is not None:
                kind = r"[\d.?]+" if NUMBER.fullmatch(hole) else value
                pattern += f"(?P={hole})" if hole in holes else f"(?P<{hole}>{kind})"
                holes.add(hole)
        return pattern

    @property
    def key(self) -> str:
        """The longest word that every text of this sentence has; "" where there is none that no value may touch."""
        last = len(self.texts) - 1
        free = (
            found[0]
            for number, text in enumerate(self.texts)
            for found in re.finditer(r"(?<!\w)[^\W\d_]{2,}(?!\w)", text)
            if (found.start() or number == 0) and (found.end() < len(text) or (number == last and not self._open))
        )
        return max(free, key=len, default="")

    @property
    def _open(self) -> bool:
        return self.parts[-1][1] is not None

    def values(self, text: str) -> Iterator[dict[str, str]]:
        """The values in a text, where it is this sentence; where it can be read in two ways, both."""
        at = 0
        if not (text.startswith(self.texts[0]) and (self._open or text.endswith(self.texts[-1]))):
            return
        for part in self.texts:
            at = text.find(part, at)
            if at < 0:
                return
            at += len(part)
        seen: dict[str, str] | None = None
        for regex in self.regexes:
            match = regex.fullmatch(text)
            if match and match.groupdict() != seen:
                seen = match.groupdict()
                yield seen


class Catalog:
    """The messages of one language."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self._messages = messages
        self._fixed: dict[str, str] = {}
        self._by_word: dict[str, list[Sentence]] = {}
        continued = {m[2:]: text.lstrip("，；,; ") for m, text in messages.items() if m.startswith((", ", "; "))}
        for message, translation in (continued | dict(messages)).items():
            if has_holes(message):
                self._add(Sentence(message, translation))
                continue
            self._fixed[message] = translation
            if CARD.search(message) and "{" not in message + translation:
                self._add(Sentence(CARD.sub(r"{\1}", message), CARD.sub(r"{\1}", translation)))
        self._found = functools.lru_cache(maxsize=8192)(self._look_for)

    def _add(self, sentence: Sentence) -> None:
        self._by_word.setdefault(sentence.key, []).append(sentence)

    def message(self, message: str) -> str:
        """A message by itself, its holes open."""
        return self._messages.get(message, message)

    def say(self, text: str) -> str:
        """A text in this language, with the space around it."""
        return self._found(text, 0).said

    def _look_for(self, text: str, depth: int) -> Found:
        bare = text.strip()
        if not LETTERS.search(bare):
            return Found(0, text)
        ways = (self._whole, self._in_parts, self._bent) if depth < DEEPEST else (self._named,)
        found = max((way(bare, depth + 1) for way in ways), key=lambda one: one.weight)
        if not found.weight:
            return _unfound(text)
        before = text[: len(text) - len(text.lstrip())]
        return found._replace(said=f"{before}{found.said}{text[len(text.rstrip()) :]}")

    def _named(self, text: str, depth: int) -> Found:
        """A text as one message without values."""
        return Found(len(LETTERS.findall(text)), self._fixed[text]) if text in self._fixed else _unfound(text)

    def _whole(self, text: str, depth: int) -> Found:
        """A text as one message."""
        if text in self._fixed:
            return self._named(text, depth)
        best, length = _unfound(text), 0  # of two that explain as much, the one with more text of its own
        if len(text) > LONGEST:
            return best
        for sentence in self._candidates(text):
            for values in sentence.values(text):
                found = {hole: self._found(value, depth) for hole, value in values.items()}
                weight = sentence.weight + sum(one.weight for one in found.values())
                said = sentence.translation.format(**{hole: one.said for hole, one in found.items()})
                strange = sum(one.strange for one in found.values())
                if _believed(sentence.weight, strange) and (weight, sentence.length) > (best.weight, length):
                    best, length = Found(weight, said, strange), sentence.length
        return best

    def _candidates(self, text: str) -> Iterator[Sentence]:
        for word in dict.fromkeys(("", *WORD.findall(text))):
            yield from self._by_word.get(word, ())

    def _bent(self, text: str, depth: int) -> Found:
        """A text as a message that was made a sentence: with a capital letter, a full stop, or both."""
        small, stop = text[0].lower() + text[1:], text.endswith(".")
        tries = ([small] if small != text else []) + ([text[:-1], small[:-1]] if stop else [])
        found = max((self._whole(one, depth) for one in tries), key=lambda one: one.weight, default=_unfound(text))
        ended = stop and found.weight and not found.said.endswith((".", *WIDE_STOPS))
        return found._replace(said=f"{found.said}。") if ended else found

    def _in_parts(self, text: str, depth: int) -> Found:
        """A text as messages beside each other, split where it falls apart first."""
        for level, separator in enumerate(PARTS):
            parts = separator.split(text)
            if len(parts) > 1:
                found = self._runs(parts, depth)
                return found if level < LOOSE or _believed(found.weight, found.strange) else _unfound(text)
        return _unfound(text)

    def _runs(self, parts: Sequence[str], depth: int) -> Found:
        """The best that there is for parts with what separates them between: a message may be several of them."""
        longest = MOST if len(parts) <= 2 * MOST else 1
        best = {len(parts) + 1: Found(0, "")}  # from a part on: what is the best for it and all that follow
        for start in range(len(parts) - 1, -1, -2):
            options: list[Found] = []
            for end in range(start + 1, min(len(parts), start + 2 * longest) + 1, 2):
                run = "".join(parts[start:end])
                several = (self._whole(run, depth), self._bent(run, depth)) if end > start + 1 else ()
                found = max(several, key=lambda one: one.weight) if several else self._found(run, depth)
                between = parts[end] if end < len(parts) else ""
                options.append(_joined(found, between, best[end + 1]))
            best[start] = max(options, key=lambda one: one.weight)
        return best[0]


def _joined(found: Found, between: str, rest: Found) -> Found:
    """Two parts together; after a wide full stop there is no space."""
    space = "" if found.said.endswith(WIDE_STOPS) and not between.strip(" ") else between
    return Found(found.weight + rest.weight, f"{found.said}{space}{rest.said}", found.strange + rest.strange)


def has_holes(message: str) -> bool:
    """Whether a message has values in braces; braces of another kind are part of a text."""
    try:
        return any(hole is not None for _, hole, _, _ in Formatter().parse(message))
    except ValueError:
        return False


def load(language: str) -> Catalog:
    """The catalog of a language, out of its .mo file."""
    with resources.as_file(resources.files("sriov_tui") / "locale") as folder:
        found = gettext.translation(DOMAIN, Path(folder), [language])
    # gettext looks messages up and does not list them; Django reads the same attribute for the same reason.
    messages = cast(dict[str, str], vars(found)["_catalog"])
    return Catalog({message: text for message, text in messages.items() if message and isinstance(message, str)})
