"""A function that runs beside others. `concurrent.futures` does this too, and imports logging for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Beside(Generic[Answer]):
    """Runs at once in a thread of its own; `result` waits for it, and raises what it raised."""

    def __init__(self, act: Callable[[], Answer]) -> None:
        self._answer: list[Answer] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(act,))
        self._thread.start()

    def result(self) -> Answer:
        """What it gave."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._answer[0]

    def _run(self, act: Callable[[], Answer]) -> None:
        try:
            self._answer.append(act())
        except BaseException as error:
            self._error = error
