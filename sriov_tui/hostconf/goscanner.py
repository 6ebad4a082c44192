"""Text to YAML tokens as go-yaml v2.4.0 splits it, by overriding what ruamel.yaml's scanner does differently.

The differences: tabs, plain scalars, line ends, anchors, directives, tags, escapes, block scalars, byte order marks.
Found by feeding mutated files to both and comparing what came out.
"""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml.scanner import ScannerError

from sriov_tui.hostconf.goscalars import BLANKZ, REST_OF_LINE, GoScalars
from sriov_tui.hostconf.nodes import BREAKS

_SPACES = re.compile(" *")
_SPACES_TABS = re.compile(r"[ \t]*")
_ANCHOR = re.compile(f"[&*][0-9A-Za-z_-]+(?=[{BLANKZ}?:,\\]}}%@`])")


class _Queue(list[Any]):
    """Tokens not yet taken; what should stand before the first of them goes to the end, as in go-yaml."""

    def insert(self, index: Any, token: Any) -> None:
        if index < 0:
            self.append(token)
        else:
            super().insert(index, token)


class GoScanner(GoScalars):
    """ruamel's scanner with go-yaml's rules for white space, keys, anchors and scalars."""

    def __init__(self, loader: Any) -> None:
        self.reader = loader.reader
        super().__init__(loader)
        self.tokens = _Queue(self.tokens)
        self._levels: dict[int, int] = {}  # of tokens that may be keys: the flow level
        self._numbers: dict[int, int] = {}  # the last such token of each flow level
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
        return self._levels.get(self.tokens_taken) in self.possible_simple_keys

    # go-yaml knows by a token's number whether it may be a key. At the end of a flow collection it forgets the number
    # that came with its beginning: that of an empty one itself, which is then handed out before its colon is seen.

    def save_possible_simple_key(self) -> None:
        super().save_possible_simple_key()
        if self.allow_simple_key:
            self._numbers[self.flow_level] = self._next_number()
            self._levels[self._next_number()] = self.flow_level

    def remove_possible_simple_key(self) -> None:
        if self.flow_level in self.possible_simple_keys:
            self._levels.pop(self._numbers[self.flow_level], None)
        super().remove_possible_simple_key()

    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:
        number = self._next_number()
        super().fetch_flow_collection_start(TokenClass, to_push)
        self._numbers[self.flow_level] = number

    def fetch_flow_collection_end(self, TokenClass: Any) -> None:
        level = self.flow_level
        super().fetch_flow_collection_end(TokenClass)
        if level:
            self._levels.pop(self._numbers[level], None)

    def fetch_value(self) -> None:
        if self.flow_level in self.possible_simple_keys:
            self._levels.pop(self._numbers[self.flow_level], None)
        super().fetch_value()

    def _next_number(self) -> int:
        return int(self.tokens_taken + len(self.tokens))

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
        self._levels.pop(key.token_number, None)
        if key.required:
            problem = "could not find expected ':'"
            raise ScannerError("while scanning a simple key", key.mark, problem, self.reader.get_mark())

    def scan_to_next_token(self) -> None:
        reader = self.reader
        while True:
            reader.need(1)
            if reader.starts_with_mark():
                reader.skip()
            self.take(_SPACES_TABS if self.flow_context or not self.allow_simple_key else _SPACES)
            if reader.peek() == "#":
                self.take(REST_OF_LINE)
            if reader.peek() not in BREAKS:
                reader.need(4)
                return
            self.take_break()
            if not self.flow_context:
                self.allow_simple_key = True

    def scan_anchor(self, TokenClass: Any) -> Any:
        reader = self.reader
        start = reader.get_mark()
        match = _ANCHOR.match(reader.buffer, reader.pointer)
        if not match:
            raise ScannerError("while scanning an anchor", start, "expected a name of letters and digits", start)
        reader.forward(match.end() - reader.pointer)
        return TokenClass(match.group()[1:], start, reader.get_mark())
