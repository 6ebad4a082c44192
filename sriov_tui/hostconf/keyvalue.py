"""The `key = value` form that the host-agent falls back to where a file is not the YAML that it wants."""

from __future__ import annotations

from dataclasses import dataclass

from sriov_tui.hostconf import options
from sriov_tui.hostconf.scalars import lossy

_SEPARATORS = " :,\t\n}]"
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_LONGEST = 65_536  # bytes: Go's bufio.Scanner refuses a longer line


@dataclass(frozen=True, slots=True)
class KeyValues:
    """What the fallback makes of a file: (token, line, strings) in order, or the one message it dies with."""

    message: str
    line: int
    entries: tuple[tuple[str, int, tuple[str, ...]], ...]


def parse(data: bytes, known: frozenset[str] = options.ALL) -> KeyValues:
    """Read a file line by line as the fallback does; `line` counts from 1 and is 0 where all is well."""
    entries: list[tuple[str, int, tuple[str, ...]]] = []
    seen: set[str] = set()
    for number, raw in enumerate(data.split(b"\n"), 1):
        if len(raw) >= _LONGEST:
            return KeyValues("bufio.Scanner: token too long", number, ())
        line = lossy(raw).split("#", 1)[0].strip(_SPACE)
        if not line or line[0] == "[":
            continue
        if line.find("=") <= 0:
            return KeyValues(f"Misformated line: {line}", number, ())
        key, _, value = line.partition("=")
        name = options.token(key)
        if name in seen:  # the first one counts here
            continue
        words = _words(name, value.strip(" ")) if name in known else ()
        if words is None:
            return KeyValues(f"panic at the value of {name}", number, ())
        if words or name not in known:
            seen.add(name)
            entries.append((name, number, words))
    return KeyValues("", 0, tuple(entries))


def _words(name: str, value: str) -> tuple[str, ...] | None:
    """The strings for an option; () where the value is ignored, None where the host-agent panics."""
    if not options.is_list(name):
        quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
        words = _split(value if quoted else f'"{value}"')
        if words is None or len(words) != 1:
            return words if words is None else ()
        try:
            options.check(name, words[0])
        except options.BadValue:
            return ()
        return words
    if not value:
        return None
    return _split(value.strip("()") if value[0] == "(" else value.strip("[]"))


def _split(text: str) -> tuple[str, ...] | None:
    words: list[str] = []
    place = 0
    while place < len(text):
        word, place = _word(text, place)
        words.append(word)
        place = _skip(text, place)
        if place < len(text):
            if text[place] not in _SEPARATORS:
                return None
            place += 1
    return tuple(words)


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _word(text: str, place: int) -> tuple[str, int]:
    place = _skip(text, place)
    quote = text[place] if place < len(text) and text[place] in "\"'" else ""
    ends = quote or _SEPARATORS
    place += bool(quote)
    word = ""
    while place < len(text):
        char = text[place]
        if quote and char == "\\":
            if place + 1 == len(text):
                return word, place
            word += _ESCAPES.get(text[place + 1], text[place + 1])
            place += 2
        elif char in ends:
            return word, place + bool(quote)
        else:
            word += char
            place += 1
    return word, place
