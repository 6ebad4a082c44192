"""A gettext catalog that knows a sentence again with its values in it.

A message such as "{numvfs} of {totalvfs} VFs are there." is found in "3 of 7 VFs are there."; the values are
translated in turn, since they may be sentences themselves. Sentences that stand one after the other, in lines
or in a list are found one by one. What is not found stays English.
"""

from __future__ import annotations

import functools
import gettext
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import cast

DOMAIN = "sriov_tui"
LONGEST = 2000  # characters of a text that is looked for as a whole; of longer ones the lines are
MOST = 12  # parts of a text of which runs are looked for, too
PARTS = tuple(map(re.compile, (r"(\n)", r"(?<=[.!?])( +)", r"(; |: | {2,}| · )", r"(, | and )")))
LETTERS = re.compile(r"[^\W\d_]")
WORD = re.compile(r"[^\W\d_]{2,}")
NUMBER = re.compile(r"(?:count_of_\w+|count|number)\d*")  # what values are called that are numbers and nothing else
WIDE_STOPS = ("。", "！", "？", "：")
Found = tuple[int, str]
"""How many letters of the catalog's were found in a text, and the text said in the other language."""


class Sentence:
    """A message with holes for values."""

    def __init__(self, message: str, translation: str) -> None:
        self.translation = translation
        self.holes: list[str] = []
        self.texts: list[str] = []
        pattern = ""
        for text, hole, _, _ in Formatter().parse(message):
            self.texts.append(text)
            pattern += re.escape(text)
            if hole is not None:
                value = r"[\d.?]+" if NUMBER.fullmatch(hole) else ".*?"
                pattern += f"(?P={hole})" if hole in self.holes else f"(?P<{hole}>{value})"
                self.holes += [] if hole in self.holes else [hole]
        self.weight = len(LETTERS.findall("".join(self.texts)))
        self._pattern = pattern

    @functools.cached_property
    def regex(self) -> re.Pattern[str]:
        """What the sentence looks like; made when it is asked for first."""
        return re.compile(self._pattern, re.DOTALL)

    @property
    def key(self) -> str:
        """The longest whole word of its own, "" where there is none: a text without it is another one."""
        whole = (word for text in self.texts for word in re.findall(r"(?<!\w)[^\W\d_]{2,}(?!\w)", f"{text}"))
        inner = [word for word in whole if self._stands_free(word)]
        return max(inner, key=len, default="")

    def _stands_free(self, word: str) -> bool:
        """Whether no value may touch this word and make it another one."""
        for number, text in enumerate(self.texts):
            first, last = number == 0, number == len(self.texts) - 1
            for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text):
                if (found.start() or first) and (found.end() < len(text) or last):
                    return True
        return False

    def values(self, text: str) -> dict[str, str] | None:
        """The values in a text; None where it is not this sentence."""
        at = 0
        for part in self.texts:
            at = text.find(part, at)
            if at < 0:
                return None
            at += len(part)
        match = self.regex.fullmatch(text)
        return match.groupdict() if match else None


class Catalog:
    """The messages of one language."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self._fixed: dict[str, str] = {}
        self._by_word: dict[str, list[Sentence]] = {}
        continued = {m[2:]: text.lstrip("，；,; ") for m, text in messages.items() if m.startswith((", ", "; "))}
        for message, translation in (continued | dict(messages)).items():
            if any(hole is not None for _, hole, _, _ in _parsed(message)):
                sentence = Sentence(message, translation)
                self._by_word.setdefault(sentence.key, []).append(sentence)
            else:
                self._fixed[message] = translation
        self._found = functools.lru_cache(maxsize=8192)(self._look_for)

    def say(self, text: str) -> str:
        """A text in this language, with the space around it."""
        return self._found(text)[1]

    def _look_for(self, text: str) -> Found:
        bare = text.strip()
        if not LETTERS.search(bare):
            return 0, text
        weight, said = max(self._whole(bare), self._in_parts(bare), key=lambda found: found[0])
        if not weight:
            return 0, text
        before = text[: len(text) - len(text.lstrip())]
        return weight, f"{before}{said}{text[len(text.rstrip()) :]}"

    def _whole(self, text: str) -> Found:
        """A text as one message."""
        if text in self._fixed:
            return len(LETTERS.findall(text)), self._fixed[text]
        best: tuple[int, int, str] = (0, 0, text)  # of two that explain as much, the one with more words of its own
        if len(text) > LONGEST:
            return 0, text
        for sentence in self._candidates(text):
            values = sentence.values(text)
            if values is None:
                continue
            found = {hole: self._found(value) for hole, value in values.items()}
            weight = sentence.weight + sum(one for one, _ in found.values())
            if (weight, sentence.weight) > best[:2]:
                said = sentence.translation.format(**{hole: one for hole, (_, one) in found.items()})
                best = weight, sentence.weight, said
        return best[0], best[2]

    def _candidates(self, text: str) -> Iterator[Sentence]:
        for word in {"", *WORD.findall(text)}:
            yield from self._by_word.get(word, ())

    def _in_parts(self, text: str) -> Found:
        """A text as messages beside each other, split where it falls apart first."""
        for separator in PARTS:
            parts = separator.split(text)
            if len(parts) > 1:
                return self._runs(parts)
        return 0, text

    def _runs(self, parts: Sequence[str]) -> Found:
        """The best that there is for parts with what separates them between: a message may be several of them."""
        longest = MOST if len(parts) <= 2 * MOST else 1
        ends = {len(parts) + 1: (0, "")}  # from a part on: what is the best for it and all that follow
        for start in range(len(parts) - 1, -1, -2):
            options: list[Found] = []
            for end in range(start + 1, min(len(parts), start + 2 * longest) + 1, 2):
                run = "".join(parts[start:end])
                weight, said = self._found(run) if end == start + 1 else self._whole(run)
                rest_weight, rest = ends[end + 1]
                between = parts[end] if end < len(parts) else ""
                options.append((weight + rest_weight, _joined(said, between, rest)))
            ends[start] = max(options, key=lambda found: found[0])
        return ends[0]


def _joined(said: str, between: str, rest: str) -> str:
    """Two parts together; after a wide full stop there is no space."""
    return said + rest if said.endswith(WIDE_STOPS) and not between.strip(" ") else said + between + rest


def _parsed(message: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(Formatter().parse(message))
    except ValueError:  # braces that are part of the text
        return []


def load(language: str) -> Catalog:
    """The catalog of a language, out of its .mo file."""
    with resources.as_file(resources.files("sriov_tui") / "locale") as folder:
        found = gettext.translation(DOMAIN, Path(folder), [language])
    # gettext looks messages up and does not list them; Django reads the same attribute for the same reason.
    messages = cast(dict[str, str], vars(found)["_catalog"])
    return Catalog({message: text for message, text in messages.items() if message and isinstance(message, str)})
