"""The output of a command that may be endless: its newest part, and of the kernel log only what matters."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from sriov_tui.host import LOG_WORDS, MAX_LOG, MAX_OUTPUT, is_kernel_log

LONGEST_LINE = 1 << 16  # bytes


class Tail:
    """Takes an output in pieces and keeps at most `limit` bytes of it, the newest, cut at the start of a line.

    With `words`, only the lines that hold one of them; 100 MB without any pass in about a second.
    """

    def __init__(self, limit: int, words: Sequence[str] = ()) -> None:
        self._limit = limit
        self._words = tuple(word.encode() for word in words)
        self._begun = b""  # a line whose end is still to come
        self._pieces: deque[bytes] = deque()
        self._size = 0

    def add(self, piece: bytes) -> None:
        """Take the next piece, of any length."""
        if self._words:
            lines, newline, self._begun = (self._begun + piece).rpartition(b"\n")
            self._begun = self._begun[-self._limit :]
            piece = self._lines(lines + newline)
        self._pieces.append(piece)
        self._size += len(piece)
        while self._size - len(self._pieces[0]) > self._limit:
            self._size -= len(self._pieces.popleft())

    def text(self) -> str:
        """What was kept, in its order; bytes that are not UTF-8 as lone surrogates."""
        whole = b"".join((*self._pieces, self._lines(self._begun)))
        if len(whole) > self._limit:
            cut = whole[-self._limit :]
            whole = cut.partition(b"\n")[2] or cut
        return whole.decode("utf-8", "surrogateescape")

    def _lines(self, block: bytes) -> bytes:
        """The lines of a block that hold one of the words. Looking for words is much quicker than splitting lines."""
        ends: dict[int, int] = {}
        for word in self._words:
            at = block.find(word)
            while at >= 0:
                end = block.find(b"\n", at) + 1 or len(block)
                ends[block.rfind(b"\n", 0, at) + 1] = end
                at = block.find(word, end)
        return b"".join(block[start : ends[start]] for start in sorted(ends))


class Lines:
    """Takes an output in pieces and hands each of its lines on as text; of an endless line the last 64 KiB."""

    def __init__(self, output: Callable[[str], None]) -> None:
        self._output = output
        self._begun = b""

    def add(self, piece: bytes) -> None:
        """Take the next piece, of any length."""
        *lines, rest = (self._begun + piece).split(b"\n")
        self._begun = rest[-LONGEST_LINE:]
        for line in lines:
            self._output(line.decode("utf-8", "replace"))

    def end(self) -> None:
        """Hand the last line on, where nothing ended it."""
        if self._begun:
            self._output(self._begun.decode("utf-8", "replace"))


def tail_for(argv: Sequence[str]) -> Tail:
    """What to keep of the output of a read-only command."""
    return Tail(MAX_LOG, LOG_WORDS) if is_kernel_log(argv) else Tail(MAX_OUTPUT)
