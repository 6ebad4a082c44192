"""The output of a command that may be endless: its newest part, and of the kernel log the lines that matter."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from sriov_tui.hosts.host import LOG_WORDS, MAX_LOG, MAX_OUTPUT

LONGEST_LINE = 1 << 16  # bytes
LOG_BOOT, LOG_NEWEST = 4 << 20, 8 << 20  # bytes of the kernel log that are looked through, at its beginning and end
BOOT_SHARE = MAX_LOG // 4  # bytes of what is kept that may be of the beginning where there is too much


class Tail:
    """Takes an output in pieces and keeps at most `limit` bytes of it, the newest, cut at the start of a line."""

    def __init__(self, limit: int = MAX_OUTPUT) -> None:
        self._limit = limit
        self._pieces: deque[bytes] = deque()
        self._size = 0

    def add(self, piece: bytes) -> None:
        """Take the next piece, of any length."""
        self._pieces.append(piece)
        self._size += len(piece)
        while self._size - len(self._pieces[0]) > self._limit:
            self._size -= len(self._pieces.popleft())

    def data(self) -> bytes:
        """What was kept."""
        return _newest(b"".join(self._pieces), self._limit)

    def text(self) -> str:
        """What was kept; bytes that are not UTF-8 as lone surrogates."""
        return self.data().decode("utf-8", "surrogateescape")


class KernelLog:
    """Takes the kernel log in pieces and keeps of its lines those with one of LOG_WORDS, at most MAX_LOG bytes.

    A log may have 100 MB: only its beginning, which tells of the boot, and its newest part are looked through.
    """

    def __init__(self) -> None:
        self._boot, self._full = b"", False
        self._newest = Tail(LOG_NEWEST)

    def add(self, piece: bytes) -> None:
        """Take the next piece, of any length."""
        if not self._full:
            room = LOG_BOOT - len(self._boot)
            self._boot += piece[:room]
            piece = piece[room:]
            if len(self._boot) == LOG_BOOT:  # the line that is cut here goes on in the next part
                end = self._boot.rfind(b"\n") + 1
                self._boot, piece = self._boot[:end], self._boot[end:] + piece
                self._full = True
        if piece:
            self._newest.add(piece)

    def text(self) -> str:
        """The lines that were kept."""
        kept = _lines(self._boot) + _lines(self._newest.data())
        if len(kept) > MAX_LOG:
            boot = kept[: kept.rfind(b"\n", 0, BOOT_SHARE) + 1]
            kept = boot + _newest(kept, MAX_LOG - len(boot))
        return kept.decode("utf-8", "surrogateescape")


def _newest(data: bytes, limit: int) -> bytes:
    if len(data) <= limit:
        return data
    cut = data[-limit:]
    return cut.partition(b"\n")[2] or cut


def _lines(block: bytes) -> bytes:
    """The lines of a block that hold one of the words. To look for words is much quicker than to split lines."""
    ends: dict[int, int] = {}
    for word in LOG_WORDS:
        at = block.find(word.encode())
        while at >= 0:
            end = block.find(b"\n", at) + 1 or len(block)
            ends[block.rfind(b"\n", 0, at) + 1] = end
            at = block.find(word.encode(), end)
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
