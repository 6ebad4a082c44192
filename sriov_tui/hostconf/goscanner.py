"""Text to YAML tokens as go-yaml v2.4.0 splits it, by overriding what ruamel.yaml's scanner does differently.

The differences: tabs, plain scalars, line ends, anchors, directives, escapes. Found by feeding
mutated files to both and comparing what came out.
"""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml.error import FileMark
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner, ScannerError
from ruamel.yaml.tokens import ScalarToken

BREAKS = "\r\n\x85\u2028\u2029"
_BLANKZ = f" \t{BREAKS}\0"
_PLAIN_BLOCK = re.compile(f"(?:[^{_BLANKZ}:]|:(?![{_BLANKZ}]))+")
_PLAIN_FLOW = re.compile(rf"(?:[^{_BLANKZ}:,?\[\]{{}}]|:(?![{_BLANKZ}]))+")
_BLANKS = re.compile(r"[ \t]+")
_SPACES = re.compile(" *")
_SPACES_TABS = re.compile(r"[ \t]*")
_COMMENT = re.compile(f"[^{BREAKS}\0]*")
_ANY_BREAK = re.compile(f"[{BREAKS}]")
_ANCHOR = re.compile(f"[&*][0-9A-Za-z_-]+(?=[{_BLANKZ}?:,\\]}}%@`])")
_HEADER = re.compile(f"(?:(?P<x>[+-])(?P<a>[1-9])?|(?P<b>[1-9])(?P<y>[+-])?)?(?=[{_BLANKZ}#])")
_MARKER = re.compile(r"(---|\.\.\.)(?=[ \t\r\n\x85\u2028\u2029\0])")


class TextReader(Reader):
    """The whole text in memory; lines end where YAML 1.1 says."""

    def __init__(self, text: str, loader: Any) -> None:
        super().__init__(None, loader=loader)
        self.buffer = text + "\0" * 8
        self.name = "host.conf"

    @property
    def stream(self) -> Any:
        return None

    @stream.setter
    def stream(self, value: Any) -> None:
        return None

    def get_mark(self) -> FileMark:
        return FileMark(self.name, self.index, self.line, self.column)

    def peek(self, index: int = 0) -> str:
        return self.buffer[self.pointer + index]

    def prefix(self, length: int = 1) -> str:
        return self.buffer[self.pointer : self.pointer + length]

    def forward(self, length: int = 1) -> None:
        start = self.pointer
        chunk = self.buffer[start : start + length]
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


class GoScanner(Scanner):
    """ruamel's scanner with go-yaml's rules for white space, plain scalars, anchors and escapes."""

    ESCAPE_REPLACEMENTS = {k: v for k, v in Scanner.ESCAPE_REPLACEMENTS.items() if k != "/"}  # noqa: RUF012
    reader: Any = None

    def __init__(self, loader: Any) -> None:
        self.reader = loader.reader
        super().__init__(loader)
        self._ready = False  # no more tokens are needed until the first one is taken

    # The queue of tokens. ruamel looks through all possible keys before and after every token, which takes half the
    # time, and with deep brackets the square of it. They stand in the order of their places: one look at the first.

    def check_token(self, *choices: Any) -> bool:
        if not self._ready:
            self._fill()
        return bool(self.tokens) and (not choices or isinstance(self.tokens[0], choices))

    def peek_token(self) -> Any:
        if not self._ready:
            self._fill()
        return self.tokens[0] if self.tokens else None

    def get_token(self) -> Any:
        if not self._ready:
            self._fill()
        if not self.tokens:
            return None
        self._ready = False
        self.tokens_taken += 1
        return self.tokens.pop(0)

    def _fill(self) -> None:
        while self.need_more_tokens():
            self.fetch_more_tokens()
        self._ready = True

    def need_more_tokens(self) -> bool:
        if self.done:
            return False
        if not self.tokens:
            return True
        self.stale_possible_simple_keys()
        return bool(self.next_possible_simple_key() == self.tokens_taken)

    def next_possible_simple_key(self) -> Any:
        for key in self.possible_simple_keys.values():
            return key.token_number
        return None

    def stale_possible_simple_keys(self) -> None:
        keys, reader = self.possible_simple_keys, self.reader
        while keys:
            level = next(iter(keys))
            key = keys[level]
            if key.line == reader.line and reader.index - key.index <= 1024:
                return
            self._drop(level)

    def _drop(self, level: int) -> None:
        key = self.possible_simple_keys.pop(level)
        if key.required:
            problem = "could not find expected ':'"
            raise ScannerError("while scanning a simple key", key.mark, problem, self.reader.get_mark())

    def scan_to_next_token(self) -> None:
        reader = self.reader
        while True:
            blanks = _SPACES_TABS if self.flow_context or not self.allow_simple_key else _SPACES
            self._skip(blanks)
            if reader.peek() == "#":
                self._skip(_COMMENT)
            if not self.scan_line_break():
                return
            if not self.flow_context:
                self.allow_simple_key = True

    def _skip(self, pattern: re.Pattern[str]) -> None:
        reader = self.reader
        match = pattern.match(reader.buffer, reader.pointer)
        if match and match.end() > reader.pointer:
            reader.forward(match.end() - reader.pointer)

    def scan_anchor(self, TokenClass: Any) -> Any:
        reader = self.reader
        start = reader.get_mark()
        match = _ANCHOR.match(reader.buffer, reader.pointer)
        if not match:
            raise ScannerError("while scanning an anchor", start, "expected a name of letters and digits", start)
        reader.forward(match.end() - reader.pointer)
        return TokenClass(match.group()[1:], start, reader.get_mark())

    def scan_directive_name(self, start_mark: Any) -> Any:
        name = super().scan_directive_name(start_mark)
        if name not in ("YAML", "TAG"):
            raise ScannerError("while scanning a directive", start_mark, "found unknown directive name", start_mark)
        return name

    def scan_block_scalar_indicators(self, start_mark: Any) -> Any:
        reader = self.reader
        match = _HEADER.match(reader.buffer, reader.pointer)
        if not match:
            problem = "expected chomping or indentation indicators"
            raise ScannerError("while scanning a block scalar", start_mark, problem, reader.get_mark())
        reader.forward(match.end() - reader.pointer)
        digit = match["a"] or match["b"]
        return {"+": True, "-": False}.get(match["x"] or match["y"] or ""), int(digit) if digit else None

    def scan_block_scalar_ignored_line(self, start_mark: Any) -> Any:
        self._skip(_SPACES_TABS)
        return super().scan_block_scalar_ignored_line(start_mark)

    def scan_block_scalar_indentation(self) -> Any:
        found = super().scan_block_scalar_indentation()
        self._refuse_tab(self.reader.column + 1)
        return found

    def scan_block_scalar_breaks(self, indent: int) -> Any:
        found = super().scan_block_scalar_breaks(indent)
        self._refuse_tab(indent)
        return found

    def _refuse_tab(self, indent: int) -> None:
        if self.reader.column < indent and self.reader.peek() == "\t":
            problem = "found a tab character where an indentation space is expected"
            raise ScannerError("while scanning a block scalar", None, problem, self.reader.get_mark())

    def scan_plain(self) -> Any:
        reader = self.reader
        start = end = reader.get_mark()
        indent = self.indent + 1
        pattern = _PLAIN_FLOW if self.flow_context else _PLAIN_BLOCK
        text, gap, broken = "", "", False
        while reader.peek() != "#" and not (reader.column == 0 and _MARKER.match(reader.buffer, reader.pointer)):
            match = pattern.match(reader.buffer, reader.pointer)
            if match:
                text += gap + match.group()
                gap, broken = "", False
                reader.forward(match.end() - reader.pointer)
                end = reader.get_mark()
            if reader.peek() not in " \t" + BREAKS:
                break
            more, broken_here = self._plain_gap(indent, start, broken)
            gap, broken = gap + more, broken or broken_here
            if not self.flow_context and reader.column < indent:
                break
        if broken:
            self.allow_simple_key = True
        return ScalarToken(text, True, start, end)

    def _plain_gap(self, indent: int, start: Any, broken: bool) -> tuple[str, bool]:
        """White space inside a plain scalar, folded; and whether it held a line break."""
        reader = self.reader
        blanks, breaks = "", []
        while reader.peek() in " \t" + BREAKS:
            match = _BLANKS.match(reader.buffer, reader.pointer)
            if not match:
                breaks.append(self.scan_line_break())
                continue
            if breaks or broken:
                tab = match.group().find("\t")
                if tab >= 0 and reader.column + tab < indent:
                    problem = "found a tab character that violates indentation"
                    raise ScannerError("while scanning a plain scalar", start, problem, reader.get_mark())
            else:
                blanks += match.group()
            reader.forward(match.end() - reader.pointer)
        if not breaks:
            return blanks, False
        first, rest = breaks[0], "".join(breaks[1:])
        return (rest or " ") if first == "\n" else first + rest, True
