"""What every Textual app of ours is: one look, signals that restore the terminal, a crash in one line.

Import this only after `terminal.prepare_environment`: Textual reads its settings at import.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
import traceback
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import WorkerFailed

from sriov_tui.tui.terminal import environment

LEAVING = ("f10", "ctrl+q", "ctrl+c")


class Unpainted(Screen[None]):
    """The screen below all others, current for a moment between two of them: what the terminal shows stays meanwhile.

    Textual would lay it out and send it, so that on a slow line or a busy host the terminal is empty for that long.
    """

    def _compositor_refresh(self) -> None:
        """Send nothing."""


class TerminalApp(App[int], inherit_bindings=False):
    """An app for a terminal over SSH; `crash` is the traceback that ended it, or ""."""

    TITLE = "sriov-tui"
    CSS_PATH: ClassVar[str] = "../../screens/style.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (70, "-narrow"), (100, "-wide"), (160, "-widest")]  # noqa: RUF012 - Textual declares it as a plain attribute
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall"), (24, "-full"), (34, "-high")]  # noqa: RUF012 - Textual declares it as a plain attribute
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "repaint", show=False),
        Binding("ctrl+q,ctrl+c", "leave", show=False),
    ]

    def __init__(self, *, plain: bool = False) -> None:
        super().__init__(driver_class=environment.driver(plain=plain))
        self.crash = ""
        self.set_class(plain, "-plain")

    def get_default_screen(self) -> Screen[None]:
        """What is below the first screen."""
        return Unpainted(id="_default")

    def on_mount(self) -> None:
        """Take the signals that would otherwise leave the terminal in disorder."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(RuntimeError, ValueError):  # not in the main thread: a test
                loop.add_signal_handler(number, self.exit, None, 128 + number)
        if not self.is_headless:
            gone = functools.partial(self.exit, None, 128 + signal.SIGHUP)
            environment.when_gone(0, functools.partial(loop.call_soon_threadsafe, gone))

    @property
    def too_small(self) -> bool:
        """Whether the window shows nothing but that it is too small."""
        return bool(self.screen_stack) and any(self.screen.has_class(name) for name in ("-tiny", "-short"))

    def action_repaint(self) -> None:
        """Paint everything again, after something else wrote to the terminal."""
        if repaint := getattr(self._driver, "repaint", None):
            repaint()
        self.screen.refresh(layout=True)

    async def on_event(self, event: events.Event) -> None:
        """In a window that is too small for what a key would do, no key does anything unseen: only leaving works."""
        if isinstance(event, events.Key) and not event.is_forwarded and self.too_small:
            if event.key in LEAVING:
                self.action_leave()
            return
        await super().on_event(event)

    def action_leave(self) -> None:
        """Quit from where no screen takes the key."""
        self.exit(0)

    def _print_error_renderables(self) -> None:
        """Keep a crash for one line after the terminal is restored, instead of pages of locals."""
        self._exit_renderables.clear()
        if self._exception is not None:
            error = self._exception
            cause = error.error if isinstance(error, WorkerFailed) else error
            self.crash = "".join(traceback.format_exception(cause))
