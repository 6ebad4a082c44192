"""A program in a pseudo-terminal whose bytes are kept with the time at which they came."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from typing import Self

import pyte

from tests.bench.timing import TOP, CannotMeasure
from tests.terminal.tty import Tty

SIZE = 80, 24
QUIET = 0.8  # seconds without a byte after which a screen counts as complete
MOST = 30.0

Picture = list[list[tuple[object, ...]]]


class TimedTty(Tty):
    """A terminal of 80x24 around any command; its size is set before the program can ask for it."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self.screen = pyte.Screen(*SIZE)
        self.stream = pyte.ByteStream(self.screen)
        self.sent = b""
        self.status = None
        self.arrivals: list[tuple[float, bytes]] = []
        self.began = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
            os.chdir(TOP)
            os.execve(argv[0], list(argv), environment)

    def __enter__(self) -> Self:
        return self

    def read(self, quiet: float = QUIET, most: float = MOST) -> bytes:
        """As in Tty; the picture is drawn only afterwards, so that drawing it delays nothing."""
        out, end = b"", time.perf_counter() + most
        while (left := end - time.perf_counter()) > 0:
            ready, _, _ = select.select([self.fd], [], [], min(quiet, left))
            try:
                part = os.read(self.fd, 65536) if ready else b""
            except OSError:
                part = b""
            if not part:
                break
            self.arrivals.append((time.perf_counter() - self.began, part))
            out += part
        self.sent += out
        self.stream.feed(out)
        return out

    def now(self) -> float:
        """Seconds since its start, by the clock of `arrivals`."""
        return time.perf_counter() - self.began

    def runs(self) -> bool:
        """Whether the program has not ended yet."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                self.read(0.1)
        return self.status is None

    def first_screen(self, footer: str) -> tuple[float, int]:
        """Seconds until the first complete screen stood there, and the bytes that it took.

        Complete is the screen that stays once nothing comes any more: the first moment is looked for at which the
        terminal showed exactly that, colours included. Its last row has to hold the word `footer`.
        """
        limit = time.perf_counter() + MOST
        while footer not in self.screen.display[-1] and time.perf_counter() < limit and self.runs():
            self.read()
        if footer not in self.screen.display[-1]:
            took = time.perf_counter() - self.began
            raise CannotMeasure(f"no screen with {footer!r} in its last row after {took:.0f} s:\n{self.picture()}")
        return first_time(self.arrivals), len(self.sent)


def first_time(arrivals: Sequence[tuple[float, bytes]]) -> float:
    """When the terminal first showed what it shows at the end."""
    pictures = _drawn(arrivals)
    return next(at for (at, _), shown in zip(arrivals, pictures, strict=True) if shown == pictures[-1])


def _drawn(arrivals: Sequence[tuple[float, bytes]]) -> list[Picture]:
    screen = pyte.Screen(*SIZE)
    stream = pyte.ByteStream(screen)
    pictures: list[Picture] = []
    for _, part in arrivals:
        stream.feed(part)
        rows = [[screen.buffer[y][x] for x in range(SIZE[0])] for y in range(SIZE[1])]
        pictures.append([[(cell.data, cell.fg, cell.bg, cell.bold, cell.reverse) for cell in row] for row in rows])
    return pictures
