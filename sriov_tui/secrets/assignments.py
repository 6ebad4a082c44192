"""Secrets that are called so: NAME=VALUE, NAME: VALUE, "NAME": "VALUE", --NAME VALUE, NAME VALUE, in files and in logs.

A scan over the text, in which each pattern begins where a word begins: its time grows with the text and no faster.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest

from sriov_tui.late import regex
from sriov_tui.secrets.hiding import Span
from sriov_tui.secrets.names import Secret, is_harmless, secret

_NAME = regex(r"(?<![\w.@-])([\w.@-]++)((?:\\{0,7}['\"])?[ \t]{0,16}(?:=>|==|[:=]))[ \t]{0,64}")
_QUOTED = regex(r"\\{0,7}\"((?:[^\"\\\n]|\\[^\"\n]){1,120})\\{0,7}\"[ \t]{0,16}(?::|=>?)[ \t]{0,64}")
_SWITCH = regex(r"(?<!\S)--?([\w.-]{2,64})[ \t]{1,8}(?!-)")
_DIRECTIVE = regex(r"(?m)^[ \t]*+(?:set[ \t]++)?([\w.-]++)[ \t]++(?![:=])")
_ASKED = regex(r"(?m)^[ \t]*+\?[ \t]++['\"]?([\w.-]++)['\"]?[ \t\r]*+\n[ \t]*+:[ \t]++([^\n]++)")
_GRUB = regex(r"(?m)^[ \t]*+password(?:_pbkdf2)?[ \t]++(?:--md5[ \t]++|\S++[ \t]++)?(\S++)")
_SAID = regex(r"(?i)(?:password|passwd|passphrase|secret|token|credential|密码|口令)")
_BLOCK = regex(r"(?:[&!][^\s]*[ \t]+)*[|>][-+\d]{0,3}[ \t\r]*(?:#.*)?")
_SECTION = regex(r"(?m)\A\[[\w-]+\][ \t\r]*$")  # as INI files begin: NAME = VALUE, and blanks in both
_CLOSERS = "]})>,;.\"'\\"
_HEADERS = ("authorization", "cookie")
# Programs that take a secret behind a switch that does not say so, by what their manuals call it.
_PROGRAMS = regex(
    r"\b(sshpass|mysql\w{0,12}|mariadb\w{0,12}|ipmitool|curl|ldap\w{2,10}|redis-cli|smbclient|htpasswd|rpcclient)\b"
    r"(?=[ \t])"
)
_SHORT = {
    "sshpass": "p",
    "ipmitool": "PK",
    "curl": "uU",
    "redis-cli": "a",
    "smbclient": "U",
    "rpcclient": "U",
    "net": "U",
}
_WORDS_AFTER = 40
_OBJECT, _NEAR = "secret,", 80  # `-object secret,id=...,data=...` of QEMU
_BRACKETS = {"[": "]", "{": "}", "(": ")"}
_BRACKET = regex(r"[\[\](){}]")
_QUOTE, _BLANKS, _ANY_WORD = regex("[\"'`]"), regex(r"[ \t]*"), regex(r"\S+")
_OPENING, _BARE = regex(r"\\{0,7}[\"']"), regex(r"[^\s\"'`]*+")
_WHOLE = regex(r"(?m)([\"'])((?:(?!\1)[^\n])*)\1[ \t\r]*(?:#[^\n]*)?$")
_FAR = 400  # characters: no name that begins a line, and no switch of a program, is that far
_NESTED = 8 << 10  # characters of a list or a table that are looked through


def spans(text: str, config: bool) -> Iterator[Span]:
    """Where such secrets are. In a configuration file a value takes its whole line, and what is indented below it."""
    lines = _Lines(text)
    sections = config and bool(_SECTION.match(text))
    for pattern, name_of in ((_NAME, str), (_QUOTED, _decoded)):
        hidden = 0  # up to here all is hidden: what is in it need not be looked at
        for match in pattern.finditer(text):
            if match.start() < hidden:
                continue
            sure = secret(name_of(match[1]))
            if match[1] == "data" and _OBJECT in text[max(0, match.start() - _NEAR) : match.start()]:
                sure = Secret.STRONG
            if sure:
                setting = _Setting(match.start(), match.end(), match[1], sure)
                for span in _value(text, lines, setting, config, sections):
                    hidden = max(hidden, span[1])
                    yield span
    for match in _SWITCH.finditer(text):
        if secret(match[1]):
            yield _word(text, match.end(), lines)
    yield from _by_program(text, lines)
    if config:
        yield from (match.span(1) for match in _GRUB.finditer(text))
        yield from (match.span(2) for match in _ASKED.finditer(text) if secret(match[1]))
        yield from _directives(text, lines)
        yield from _comments(text)


class _Lines:
    """Where the line of a place begins and ends; to look for that at each place anew takes the square of a line."""

    def __init__(self, text: str) -> None:
        self._ends = [match.start() for match in re.finditer("\n", text)] + [len(text)]

    def start(self, at: int) -> int:
        """Where the line of this place begins."""
        index = bisect_left(self._ends, at)
        return self._ends[index - 1] + 1 if index else 0

    def end(self, at: int) -> int:
        """Where it ends, the newline not counted."""
        return self._ends[min(bisect_left(self._ends, at), len(self._ends) - 1)]


@dataclass(frozen=True, slots=True)
class _Setting:
    """A name that begins at `start`, with a value that begins at `at`."""

    start: int
    at: int
    name: str
    sure: Secret


def _decoded(name: str) -> str:
    """A quoted name with its escapes told: the same as pass\\u0077ord is password."""
    return re.sub(r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))", lambda found: chr(int(found[1] or found[2], 16)), name)


def _value(text: str, lines: _Lines, of: _Setting, config: bool, sections: bool) -> Iterator[Span]:
    """The value of a setting."""
    at, sure = of.at, of.sure
    line_start, line_end = lines.start(of.start), lines.end(at)
    before = text[line_start : of.start].strip(" \t-#;?&*\"'") if of.start - line_start < _FAR else "far"
    if config and (before in ("", "export", "set", "{") or (sections and "=" not in before)):
        rest = text[at:line_end]
        if rest[:1] in _BRACKETS:
            yield _bracketed(text, at)
        elif not _BLOCK.fullmatch(rest) and not is_harmless(rest, sure):
            yield _line(text, at, line_end)
        if sure is Secret.STRONG or _BLOCK.fullmatch(rest):
            yield from _indented(text, lines, line_start, line_end)
    elif any(header in of.name.casefold() for header in _HEADERS) and ":" in text[of.start : at]:
        at += text[at : at + 1] == '"'
        closing = _QUOTE.search(text, at, line_end)
        yield at, closing.start() if closing else line_end
    elif text[at : at + 1] in ("[", "{"):
        yield _bracketed(text, at)
    else:
        begin, end = _word(text, at, lines)
        if not is_harmless(text[begin:end], sure):
            yield begin, end


def _line(text: str, at: int, end: int) -> Span:
    """The rest of a line without the quotes around it."""
    if quoted := _WHOLE.match(text, at, end):
        return quoted.span(2)
    return at, at + len(text[at:end].rstrip())


def _indented(text: str, lines: _Lines, line_start: int, line_end: int) -> Iterator[Span]:
    """The lines that go on with a value: indented more than its name, items of a list, and empty ones between."""
    indent = _BLANKS.match(text, line_start, line_end).end() - line_start  # type: ignore[union-attr]
    empty = text[line_start:line_end].rstrip().endswith(":")
    at = line_end + 1
    while at < len(text):
        end = lines.end(at)
        begin = _BLANKS.match(text, at, end).end()  # type: ignore[union-attr]
        item = empty and begin - at == indent and text.startswith("- ", begin)
        if begin < end and text[begin] != "\r" and begin - at <= indent and not item:
            return
        yield at, end
        at = end + 1


def _bracketed(text: str, at: int) -> Span:
    """All of a list or a table in brackets, or as far as it is looked at."""
    depth = 0
    for found in _BRACKET.finditer(text, at, at + _NESTED):
        depth += 1 if found[0] in _BRACKETS else -1
        if depth == 0:
            return at + 1, found.start()
    return at + 1, min(len(text), at + _NESTED)


def _word(text: str, at: int, lines: _Lines) -> Span:
    """The value of a setting among others: quoted, with backslashes where its quotes have some, or to white space."""
    if quote := _OPENING.match(text, at):
        return quote.end(), _closing(text, quote[0], quote.end(), lines.end(quote.end()))
    stop = _BARE.match(text, at).end()  # type: ignore[union-attr]
    while stop > at and text[stop - 1] in _CLOSERS:
        stop -= 1
    return at, stop


def _closing(text: str, quote: str, at: int, most: int) -> int:
    """Where the same quote is met again, itself not escaped; else the end of the line."""
    while (found := text.find(quote, at, most)) >= 0:
        before = found - 1
        while before >= at and text[before] == "\\":
            before -= 1
        if (found - 1 - before) % 2 == 0:
            return found
        at = found + len(quote)
    return most


def _by_program(text: str, lines: _Lines) -> Iterator[Span]:
    """Passwords behind switches of one letter, as in `sshpass -p` and `mysql -p`."""
    found = list(_PROGRAMS.finditer(text))
    for match, following in zip_longest(found, found[1:]):
        program = match[1]
        letters = _SHORT.get(program, "w" if program.startswith("ldap") else "p")
        most = min(lines.end(match.end()), match.end() + _FAR, following.start() if following else len(text))
        words = list(islice(_ANY_WORD.finditer(text, match.end(), most), _WORDS_AFTER))
        for word, after in zip_longest(words, words[1:]):
            if word[0][:1] != "-" or word[0][1:2] not in tuple(letters):
                continue
            if len(word[0]) > 2:
                yield word.start() + 2, word.end()
            elif after is not None and not program.startswith(("mysql", "mariadb")):
                yield after.span()
        if program == "htpasswd" and words:
            yield words[-1].span()


def _directives(text: str, lines: _Lines) -> Iterator[Span]:
    """`wpa-psk VALUE`, `private-key VALUE`: a name, white space and the value, as interfaces(5) has it."""
    for match in _DIRECTIVE.finditer(text):
        sure, end = secret(match[1]), lines.end(match.end())
        if sure and match[1] not in ("password", "password_pbkdf2") and not is_harmless(text[match.end() : end], sure):
            yield _line(text, match.end(), end)


def _comments(text: str) -> Iterator[Span]:
    """What a comment says behind the word: "# the old password was ..."."""
    for comment in re.finditer(r"(?<![^\s\0\ufeff])[#;][^\n]*", text):
        if said := _SAID.search(comment[0]):
            yield comment.start() + said.end(), comment.end()
