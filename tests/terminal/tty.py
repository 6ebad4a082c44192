"""A program in a pseudo-terminal: keys in, bytes and the picture out."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import pyte

ROOT = Path(__file__).parents[2]
KEYS = {
    "down": b"\x1b[B",
    "up": b"\x1b[A",
    "tab": b"\t",
    "enter": b"\r",
    "space": b" ",
    "escape": b"\x1b",
    "f1": b"\x1bOP",
    "f2": b"\x1bOQ",
    "f3": b"\x1bOR",
    "f4": b"\x1bOS",
    "f5": b"\x1b[15~",
    "f6": b"\x1b[17~",
    "f7": b"\x1b[18~",
    "f8": b"\x1b[19~",
    "f9": b"\x1b[20~",
    "f10": b"\x1b[21~",
    "ctrl+l": b"\x0c",
}


class Tty:
    """The wizard on a fake machine in a terminal of this size."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def __init__(
        self,
        *arguments: str,
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] | None = None,
        command: tuple[str, ...] = (),
    ) -> None:
        argv = command or (sys.executable, "-m", "tests.terminal.program", *arguments)
        self.screen = pyte.Screen(*size)
        self.stream = pyte.ByteStream(self.screen)
        self.sent = b""
        keep = {name: value for name, value in os.environ.items() if not name.startswith("TEXTUAL")}
        for name in ("COLORTERM", "NO_COLOR", "TMUX"):
            keep.pop(name, None)
        self._folder = tempfile.TemporaryDirectory(prefix="sriov-tty-")
        self._told = Path(self._folder.name) / "screen"
        keep |= {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "SHOWN": str(self._told), **(environment or {})}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            time.sleep(0.02)
            os.chdir(ROOT)
            os.execvpe(argv[0], argv, keep)
        self.resize(*size)
        self.status: int | None = None

    def resize(self, columns: int, rows: int) -> None:
        """Tell the program another size."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def read(self, quiet: float = 0.25, most: float = 8.0) -> bytes:
        """All that comes until nothing came for `quiet` seconds."""
        out, end = b"", time.monotonic() + most
        while time.monotonic() < end:
            ready, _, _ = select.select([self.fd], [], [], quiet)
            try:
                part = os.read(self.fd, 65536) if ready else b""
            except OSError:
                part = b""
            if not part:
                break
            out += part
        self.sent += out
        self.stream.feed(out)
        return out

    def wait_for(self, text: str, most: float = 40.0) -> bytes:
        """All that comes until this text stands on the screen and it is quiet."""
        out, end = b"", time.monotonic() + most
        while time.monotonic() < end:
            out += self.read(0.12)
            if text in self.picture():
                return out
        raise AssertionError(f"{text!r} did not come:\n{self.picture()}")

    def press(self, *keys: str) -> bytes:
        """Press keys one after the other; what they brought."""
        out = b""
        for key in keys:
            os.write(self.fd, KEYS.get(key, key.encode()))
            select.select([self.fd], [], [], 1.0)
            out += self.read(0.12)
        return out

    @property
    def shown(self) -> str:
        """The class of the screen that is shown, where the program is that of the tests; else ""."""
        return self._told.read_text() if self._folder and self._told.exists() else ""

    def picture(self) -> str:
        """The screen as text."""
        return "\n".join(row.rstrip() for row in self.screen.display)

    def end(self, number: int = 0, most: float = 40.0) -> int:
        """Send a signal, if any, and wait for the end; the exit status as a shell tells it."""
        if number:
            os.kill(self.pid, number)
        until = time.monotonic() + most
        while time.monotonic() < until:
            self.read(0.05, 0.3)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.read(0.05)
                self.status = os.waitstatus_to_exitcode(status)
                return self.status
        raise AssertionError(f"it did not end:\n{self.picture()}")

    def hang_up(self) -> None:
        """Take the terminal away, as a window that is closed does."""
        os.dup2(os.open(os.devnull, os.O_RDWR), self.fd)

    def __enter__(self) -> Tty:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
        if self._folder is not None:
            self._folder.cleanup()
