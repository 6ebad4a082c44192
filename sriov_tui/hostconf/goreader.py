"""Bytes to characters as go-yaml v2.4.0's reader takes them: piece by piece, and only as far as it has to look.

What stands behind the first document may be anything, as long as the pieces of 512 bytes that the reader needs are
text (readerc.go). Its test for a byte order mark looks at the first character in its buffer, wherever it reads just
now: after a second mark it skips one character of every line, until the buffer moves on (is_bom in yamlprivateh.go).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.error import FileMark
from ruamel.yaml.reader import Reader

from sriov_tui.hostconf.nodes import BOM, BREAKS, YamlError

_PIECE = 512
_ANY_BREAK = re.compile(f"[{BREAKS}]")
# Named one by one, since to compile "none of what is allowed" takes 5 ms of each start.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's characters, without the byte order mark that tells the encoding.

    `limits` are the numbers of characters that are there after each piece, and `error` is met by whoever looks beyond
    the last of them. None where the pieces cannot matter.
    """

    text: str
    encoding: str
    marked: bool
    limits: tuple[int, ...] | None = None
    error: YamlError | None = None


def decode(data: bytes) -> Decoded:
    """The characters of a file; never raises."""
    encoding, start = "utf-8", 0
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding, start = ("utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"), 2
    elif data.startswith(codecs.BOM_UTF8):
        start = 3
    try:
        text = data[start:].decode(encoding)
    except UnicodeDecodeError:
        text = data[start:].decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")
    else:
        if BOM not in text and not _FORBIDDEN.search(text):
            return Decoded(text, encoding, start > 0)
    limits, error = _pieces(data, encoding, start)
    return Decoded(text, encoding, start > 0, limits, error)


def _pieces(data: bytes, encoding: str, start: int) -> tuple[tuple[int, ...], YamlError | None]:
    limits: list[int] = []
    count, end = 0, _PIECE
    while True:
        piece = data[start:end]
        try:
            text, bad = piece.decode(encoding), None
        except UnicodeDecodeError as error:
            text, bad = piece[: error.start].decode(encoding), error
        control = _FORBIDDEN.search(text)
        if control:
            return tuple(limits), YamlError(
                "control", f"control character U+{ord(control.group()):04X}", count + control.start()
            )
        last = end >= len(data)
        cut = bad is not None and bad.start + _width(piece, bad.start, encoding) > len(piece)
        if bad is not None and not cut:
            return tuple(limits), _not_text(piece, bad, encoding, count + len(text))
        count += len(text)
        limits.append(count)
        if last:
            return tuple(limits), None if bad is None else _not_text(piece, bad, encoding, count)
        start += len(piece) if bad is None else bad.start
        end = start + _PIECE


def _width(piece: bytes, at: int, encoding: str) -> int:
    """The bytes that a character takes by its first ones."""
    if encoding == "utf-8":
        lead = piece[at]
        return 2 if 0xC0 <= lead < 0xE0 else 3 if 0xE0 <= lead < 0xF0 else 4 if 0xF0 <= lead < 0xF8 else 1
    high = piece[at + 1 : at + 2] if encoding == "utf-16-le" else piece[at : at + 1]
    return 4 if high and 0xD8 <= high[0] < 0xDC else 2


def _not_text(piece: bytes, bad: UnicodeDecodeError, encoding: str, index: int) -> YamlError:
    shown = " ".join(f"{byte:02x}" for byte in piece[bad.start : bad.end])
    return YamlError("encoding", f"byte {shown} is not {encoding.upper()}", index)


class TextReader(Reader):
    """The characters with a place in them; lines end where YAML 1.1 says."""

    def __init__(self, decoded: Decoded, loader: Any) -> None:
        super().__init__(None, loader=loader)
        self._limits = list(decoded.limits or ())
        self._error = decoded.error
        text = decoded.text
        self._length = self._limits[-1] if self._limits else 0 if self._error else len(text)
        self.buffer = text[: self._length] + "\0" * 16
        self.name = "host.conf"
        self.base = 0  # the first character in go-yaml's buffer
        self.loaded = 1 << 62 if decoded.limits is None else 0

    @property
    def stream(self) -> Any:
        return None

    @stream.setter
    def stream(self, value: Any) -> None:
        return None

    def need(self, length: int, at: int | None = None) -> None:
        """Look at this many characters from here: go-yaml fills its buffer, which begins here then, if it has to."""
        place = self.pointer if at is None else at
        if place + length <= self.loaded:
            return
        self.base = place
        while self.loaded < place + length:
            if self._limits:
                self.loaded = self._limits.pop(0)
            elif self._error is not None:
                raise self._error
            else:
                self.loaded = max(self.loaded, self._length) + 1
                return

    def starts_with_mark(self) -> bool:
        """Whether go-yaml believes to stand at a byte order mark."""
        return self.column == 0 and self.buffer[self.base] == BOM

    def get_mark(self) -> FileMark:
        return FileMark(self.name, self.index, self.line, self.column)

    def peek(self, index: int = 0) -> str:
        if self.pointer + index >= self.loaded:
            self.need(index + 1)
        return self.buffer[self.pointer + index]

    def prefix(self, length: int = 1) -> str:
        return self.buffer[self.pointer : self.pointer + length]

    def skip(self) -> None:
        """Go one character on, in the same line whatever it is."""
        self.pointer += 1
        self.index += 1
        self.column += 1

    def forward(self, length: int = 1, ahead: int = 1) -> None:
        """Go on, with a look at the next `ahead` characters after each."""
        start = self.pointer
        chunk = self.buffer[start : start + length]
        while start + length + ahead > self.loaded:
            self.need(ahead, max(start + 1, self.loaded - ahead + 1))
        self.pointer += length
        self.index += length
        if not _ANY_BREAK.search(chunk):
            self.column += length
            return
        for offset, char in enumerate(chunk):
            if char in BREAKS and not (char == "\r" and self.buffer[start + offset + 1] == "\n"):
                self.line += 1
                self.column = 0
            else:
                self.column += 1
