"""Scalars, tags and directives as go-yaml v2.4.0 scans them (scannerc.go): white space, folding, escapes, indents."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from ruamel.yaml.scanner import Scanner, ScannerError
from ruamel.yaml.tokens import DirectiveToken, ScalarToken, TagToken

from sriov_tui.hostconf.nodes import BREAKS

BLANKZ = f" \t{BREAKS}\0"
MARKER = re.compile(f"(---|\\.\\.\\.)(?=[{BLANKZ}])")
BLANKS = re.compile(r"[ \t]+")
REST_OF_LINE = re.compile(f"[^{BREAKS}\0]*")
_PLAIN_BLOCK = re.compile(f"(?:[^{BLANKZ}:]|:(?![{BLANKZ}]))+")
_PLAIN_FLOW = re.compile(rf"(?:[^{BLANKZ}:,?\[\]{{}}]|:(?![{BLANKZ}]))+")
_QUOTED = {"'": re.compile(f"[^'{BLANKZ}]+"), '"': re.compile(f'[^"\\\\{BLANKZ}]+')}
_HEADER = re.compile("(?:(?P<x>[+-])(?P<a>[1-9])?|(?P<b>[1-9])(?P<y>[+-])?)?")
_HEX = re.compile("[0-9A-Fa-f]+")
_URI = re.compile(r"[-0-9A-Za-z_;/?:@&=+$,.!~*'()\[\]%]*")
_HANDLE = re.compile("![-0-9A-Za-z_]*!?")
_OCTETS = re.compile(
    "%[0-7][0-9A-Fa-f]|%[CDcd][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]|%[Ee][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){2}"
    "|%[Ff][0-7](?:%[89ABab][0-9A-Fa-f]){3}"
)
_YAML = re.compile(r"%YAML[ \t]+([0-9]{1,2})\.([0-9]{1,2})(?![0-9])[ \t]*")
_TAG = re.compile(rf"%TAG[ \t]+(!(?:[-0-9A-Za-z_]*!)?)[ \t]+({_URI.pattern})(?=[{BLANKZ}])[ \t]*")
_ESCAPES = {
    "0": "\0", "a": "\x07", "b": "\x08", "t": "\t", "\t": "\t", "n": "\n", "v": "\x0b", "f": "\x0c", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "'": "'", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_CODES = {"x": 2, "u": 4, "U": 8}


class GoScalars(Scanner):
    """The part of the scanner that reads one token's text."""

    reader: Any = None
    yaml_version: Any
    tag_directives: Any
    allow_simple_key: bool
    indent: int

    def refuse(self, problem: str, mark: Any = None) -> NoReturn:
        """Raise what go-yaml would end with."""
        raise ScannerError("while scanning", None, problem, mark or self.reader.get_mark())

    def take(self, pattern: re.Pattern[str], ahead: int = 1) -> str:
        """Go over what the pattern matches here; "" where it does not."""
        reader = self.reader
        match = pattern.match(reader.buffer, reader.pointer)
        if not match or match.end() == reader.pointer:
            return ""
        reader.forward(match.end() - reader.pointer, ahead)
        return match.group()

    def take_break(self) -> str:
        """Go over one line break, if one is here."""
        self.reader.need(2)
        return str(self.scan_line_break())

    def at_marker(self) -> bool:
        """Whether `---` or `...` stands here, alone at the beginning of a line."""
        reader = self.reader
        return reader.column == 0 and MARKER.match(reader.buffer, reader.pointer) is not None

    def scan_directive(self) -> Any:
        reader = self.reader
        start = reader.get_mark()
        match = _YAML.match(reader.buffer, reader.pointer) or _TAG.match(reader.buffer, reader.pointer)
        if match is None:
            self.refuse("found unknown or incomplete directive")
        reader.forward(match.end() - reader.pointer)
        value: Any
        if match.re is _YAML:
            name = "YAML"
            value = self.yaml_version = (int(match[1]), int(match[2]))
        else:
            name, value = "TAG", (match[1], self._uri(match[2]))
            self.tag_directives.append(value)
        end = reader.get_mark()
        self._end_of_line()
        return DirectiveToken(name, value, start, end)

    def _end_of_line(self) -> None:
        """Over white space and a comment to the next line; nothing else may stand there."""
        self.take(BLANKS)
        if self.reader.peek() == "#":
            self.take(REST_OF_LINE)
        if self.reader.peek() not in BREAKS + "\0":
            self.refuse("expected a comment or a line break")
        self.take_break()

    def _uri(self, text: str) -> str:
        plain = _OCTETS.sub(_octets, text)
        if "%" in _OCTETS.sub("", text):
            self.refuse("expected the escape sequence of a character")
        return plain

    def scan_tag(self) -> Any:
        reader = self.reader
        start = reader.get_mark()
        handle: str | None = None
        if reader.peek(1) == "<":
            reader.forward(2)
            suffix = self.take(_URI)
            if not suffix or reader.peek() != ">":
                self.refuse("expected the end of a tag")
            reader.forward()
        else:
            handle = self.take(_HANDLE)
            suffix = self.take(_URI)
            if len(handle) > 1 and handle.endswith("!"):
                if not suffix:
                    self.refuse("expected the name of a tag")
            else:
                handle, suffix = "!", handle[1:] + suffix
                if not suffix:
                    handle, suffix = None, "!"
        if reader.peek() not in BLANKZ:
            self.refuse("expected white space or a line break after a tag")
        return TagToken((handle, self._uri(suffix)), start, reader.get_mark())

    def scan_block_scalar(self, style: Any, rt: Any = False) -> Any:
        reader = self.reader
        start = reader.get_mark()
        reader.forward()
        header = _HEADER.match(self.take(_HEADER))
        assert header is not None, "the header may be empty"
        chomping = header["x"] or header["y"]
        self._end_of_line()
        increment = int(header["a"] or header["b"] or 0)
        indent = max(self.indent, 0) + increment if increment else 0
        end, indent, rest = self._block_breaks(indent)
        text, first, before_blank = "", "", False
        while reader.column == indent and reader.peek() != "\0":
            blank = reader.peek() in " \t"
            if style == ">" and not before_blank and not blank and first == "\n":
                text += rest or " "
            else:
                text += first + rest
            before_blank = blank
            text += self.take(REST_OF_LINE)
            first = self.take_break()
            end, indent, rest = self._block_breaks(indent)
        text += (first if chomping != "-" else "") + (rest if chomping == "+" else "")
        return ScalarToken(text, False, start, end, style)

    def _block_breaks(self, indent: int) -> tuple[Any, int, str]:
        """Over spaces and empty lines: where they end, the indentation (0 = not known yet), and the line breaks."""
        reader = self.reader
        end, breaks, widest = reader.get_mark(), "", 0
        while True:
            while (not indent or reader.column < indent) and reader.peek() == " ":
                reader.forward()
            widest = max(widest, reader.column)
            if (not indent or reader.column < indent) and reader.peek() == "\t":
                self.refuse("found a tab character where an indentation space is expected")
            if reader.peek() not in BREAKS:
                return end, indent or max(widest, self.indent + 1, 1), breaks
            breaks += self.take_break()
            end = reader.get_mark()

    def scan_flow_scalar(self, style: Any) -> Any:
        reader = self.reader
        start = reader.get_mark()
        reader.forward()
        text = ""
        while True:
            reader.need(4)
            if self.at_marker():
                self.refuse("found unexpected document separator")
            if reader.peek() == "\0":
                self.refuse("found unexpected end of stream")
            word, broken = self._flow_word(style)
            text += word
            if reader.peek() == style:
                reader.forward()
                return ScalarToken(text, False, start, reader.get_mark(), style)
            text += self._gap(broken, 0)[0]

    def _flow_word(self, style: str) -> tuple[str, bool]:
        """The text up to white space or the end, and whether it ended by an escaped line break."""
        reader, text = self.reader, ""
        while (char := reader.peek()) not in BLANKZ:
            if word := self.take(_QUOTED[style], 2):
                text += word
            elif char == style and not (style == "'" and reader.peek(1) == "'"):
                break
            elif style == "'":
                text += char
                reader.forward(2)
                reader.need(2)
            elif reader.peek(1) in BREAKS:
                reader.need(3)
                reader.forward()
                self.scan_line_break()
                return text, True
            else:
                text += self._escaped()
                reader.need(2)
        return text, False

    def _escaped(self) -> str:
        reader = self.reader
        char = reader.peek(1)
        if char in _ESCAPES:
            reader.forward(2)
            return _ESCAPES[char]
        if char not in _CODES:
            self.refuse("found unknown escape character")
        reader.forward(2)
        reader.need(_CODES[char])
        digits = reader.prefix(_CODES[char])
        code = int(digits, 16) if _HEX.fullmatch(digits) else -1
        if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            self.refuse("found an escape code that is no character")
        reader.forward(len(digits))
        return chr(code)

    def scan_plain(self) -> Any:
        reader = self.reader
        start = end = reader.get_mark()
        indent = self.indent + 1
        pattern = _PLAIN_FLOW if self.flow_context else _PLAIN_BLOCK
        text, gap, broken = "", "", False
        while True:
            reader.need(4)
            if self.at_marker() or reader.peek() == "#":
                break
            word = self.take(pattern, 2)
            if word:
                text += gap + word
                gap, broken = "", False
                end = reader.get_mark()
            if reader.peek() not in " \t" + BREAKS:
                break
            more, broken_here = self._gap(broken, indent)
            gap, broken = gap + more, broken or broken_here
            if not self.flow_context and reader.column < indent:
                break
        if broken:
            self.allow_simple_key = True
        return ScalarToken(text, True, start, end)

    def _gap(self, broken: bool, indent: int) -> tuple[str, bool]:
        """White space inside a scalar, folded; and whether it held a line break. `broken`: one came before it."""
        reader = self.reader
        blanks, breaks = "", []
        while reader.peek() in " \t" + BREAKS:
            match = BLANKS.match(reader.buffer, reader.pointer)
            if not match:
                breaks.append(self.take_break())
                continue
            if breaks or broken:
                tab = match.group().find("\t")
                if tab >= 0 and reader.column + tab < indent:
                    self.refuse("found a tab character that violates indentation")
            else:
                blanks += match.group()
            reader.forward(match.end() - reader.pointer)
        if broken:
            return "".join(breaks), True
        if not breaks:
            return blanks, False
        first, rest = breaks[0], "".join(breaks[1:])
        return (rest or " ") if first == "\n" else first + rest, True


def _octets(match: re.Match[str]) -> str:
    return bytes.fromhex(match.group().replace("%", "")).decode("utf-8", "replace")
