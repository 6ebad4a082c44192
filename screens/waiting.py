"""Slow work beside the screen: in a thread that never keeps the program from ending, with a word if it takes long."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from screens import words
from screens.header import above
from screens.text import Text
from sriov_tui.message import say

T = TypeVar("T")
QUIET = 0.3  # seconds of work without a word
SHOWN = 1.0  # seconds that a word stays, so that it never flickers


async def in_thread(work: Callable[[], T]) -> T:
    """Await `work` run in a daemon thread; its exception is raised here. Quitting does not wait for it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if not future.cancelled():
            future.set_exception(error) if error else future.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        value, error = None, None
        try:
            value = work()
        except BaseException as caught:
            error = caught
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=run, name="sriov-work", daemon=True).start()
    return await future


class BusyScreen(ModalScreen[None]):
    """One sentence and the seconds that it takes so far, one character a second."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
        self.since = time.monotonic()

    def compose(self) -> ComposeResult:
        """The box."""
        yield from above(self)
        with Vertical(classes="box small"):
            yield Text(words.content(self.sentence), id="busy")

    def on_mount(self) -> None:
        """Count the seconds."""
        self.set_interval(1.0, self.tick)

    def tick(self) -> None:
        """Show how long it takes so far."""
        self.query_one("#busy", Text).update(
            words.content(
                say("{sentence} {time} s", sentence=self.sentence, time=f"{time.monotonic() - self.since:.0f}")
            )
        )


async def with_word(app: App[Any], work: Callable[[], T], sentence: str) -> T:
    """Await `work` in a thread; where it takes longer than a moment, say so over the screen."""
    task = asyncio.ensure_future(in_thread(work))
    await asyncio.wait([task], timeout=QUIET)
    if task.done():
        return task.result()
    busy = BusyScreen(sentence)
    await app.push_screen(busy)
    try:
        await asyncio.wait([task, asyncio.ensure_future(asyncio.sleep(SHOWN))], return_when=asyncio.ALL_COMPLETED)
    finally:
        busy.dismiss(None)
    return task.result()
