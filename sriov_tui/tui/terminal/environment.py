"""What must be decided before Textual is imported: colours, speed, keys, and whether there is a terminal at all.

Textual reads these environment variables once, at import; so `prepare_environment` comes first.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from sriov_tui.message import say
from sriov_tui.model import SriovError
from sriov_tui.tui.terminal.cells import Cells

if TYPE_CHECKING:
    from textual.driver import Driver

DEFAULTS = {
    "TEXTUAL_FPS": "60",  # a new screen takes two or three frames; what did not change is not sent, see `Cells`
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_SMOOTH_SCROLL": "0",
    "TEXTUAL_DISABLE_KITTY_KEY": "1",  # no exotic keys are needed, and it stays on after a kill
    "ESCDELAY": "400",  # milliseconds: an escape sequence may arrive in two halves
}
SHAPES = {
    "-": "─━▔▁‐–—·",
    "|": "│┃║▏▎▍▌▕▐",
    "+": "┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝",
    "=": "═",
    "#": "█▇▆▅▊▉▋▓■",
    "_": "▂▃▄",
    ".": "░▒…",
    "*": "•",
    ">": "→▶",
    "<": "←◀",
    "^": "↑▲",
    "v": "↓▼✓",
    "x": "×✗",
    '"': "“”",
    "'": "‘’",
    " ": "\xa0",
}
ASCII = str.maketrans({shape: sign for sign, shapes in SHAPES.items() for shape in shapes})


def refusal(environ: MutableMapping[str, str] = os.environ, *, tty: bool | None = None) -> SriovError | None:
    """Why no screen can be shown here, with what to use instead; None where one can."""
    instead = say("Use `sriov-tui audit`, `sriov-tui plan` and `sriov-tui apply`, which need no screen.")
    if tty is None:
        tty = all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stderr__))
    if not tty:
        return SriovError(say("There is no terminal here (standard input and standard error have to be one)."), instead)
    if environ.get("TERM") in ("dumb", "unknown"):
        return SriovError(say("This terminal (TERM={term}) cannot show a screen.", term=environ["TERM"]), instead)
    return None


def prepare(*, plain: bool = False) -> bool:
    """Make ready for the screen; whether plain ASCII is to be used. SriovError where no screen can be shown."""
    if error := refusal():
        raise error
    return prepare_environment(plain=plain)


def prepare_environment(
    environ: MutableMapping[str, str] = os.environ, *, plain: bool = False, encoding: str | None = None
) -> bool:
    """Set what Textual reads at import, and return whether plain ASCII is to be used.

    What the operator has set stays. `encoding` is that of standard error, on which Textual draws.
    """
    for name, value in DEFAULTS.items():
        environ.setdefault(name, value)
    if environ.get("NO_COLOR") == "":
        del environ["NO_COLOR"]  # no-color.org: only a non-empty value counts, Textual takes any
    term = environ.get("TERM", "")
    if encoding is None:
        encoding = getattr(sys.__stderr__, "encoding", None) or ""
    plain = (
        plain or term == "" or term == "linux" or term.startswith("vt") or encoding.lower().replace("-", "") != "utf8"
    )
    rich_colours = environ.get("COLORTERM") in ("truecolor", "24bit") and "SSH_CONNECTION" not in environ
    environ.setdefault(
        "TEXTUAL_THEME", "textual-dark" if rich_colours and not plain and "NO_COLOR" not in environ else "ansi-dark"
    )
    if environ["TEXTUAL_THEME"].startswith("ansi"):
        environ.setdefault("TEXTUAL_COLOR_SYSTEM", "standard")
    return plain


def to_ascii(text: str) -> str:
    """The same text in as many cells with ASCII only: lines become - and |, a wide character two question marks."""
    if text.isascii():
        return text
    from rich.cells import cell_len

    text = text.translate(ASCII)
    return text if text.isascii() else "".join(c if c.isascii() else "?" * cell_len(c) for c in text)


def end_with_parent() -> None:
    """Have the kernel send SIGHUP when the parent dies, as `sudo` may: the terminal is then somebody else's again."""
    import ctypes
    import signal

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGHUP), 0, 0, 0)


def when_gone(descriptor: int, then: Callable[[], object]) -> None:
    """Call `then`, in a thread of its own, once the terminal behind this descriptor is gone.

    SIGHUP goes to the head of the session alone, which may keep it from us; Textual would then read the end of file
    for ever.
    """
    import select
    import threading

    poll = select.poll()
    poll.register(descriptor, 0)  # the kernel tells POLLHUP and POLLERR unasked

    def wait() -> None:
        poll.poll()
        then()

    threading.Thread(target=wait, daemon=True).start()


PR_SET_PDEATHSIG = 1  # include/uapi/linux/prctl.h
QUESTIONS = ("\x1b[?2026$p", "\x1b[?2048$p", "\x1b[?1004h", "\x1b[?1004l", "\x1b[<u", "\x1b]22;")


def driver(*, plain: bool) -> type[Driver]:
    """A driver that sends only the cells that changed; in plain mode ASCII alone, and no questions to the terminal.

    Old consoles show such questions as text. `repaint` makes the next frame a whole one.
    """
    from textual.drivers.linux_driver import LinuxDriver

    class SlimDriver(LinuxDriver):
        """LinuxDriver behind a memory of the terminal's cells."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._cells = Cells(erase=not plain)
            self._known = (0, 0)

        def write(self, data: str) -> None:
            """Send what changes."""
            if plain and data.startswith(QUESTIONS):
                return
            size = self._get_terminal_size()
            if size != self._known:
                self._known = size
                self._cells.forget(size)
            slim = self._cells.feed(to_ascii(data) if plain else data)
            if slim:
                super().write(slim)

        def repaint(self) -> None:
            """Forget what was sent."""
            self._known = (0, 0)

    return SlimDriver
