"""The guard: a test touches the real machine, or starts a real process, only where it says so.

    @pytest.mark.subprocess  may start real subprocesses
    @pytest.mark.machine     may open the machine that the tests run on

The refusal is no Exception, so that no `except Exception` in the program can hide it.
"""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sriov_tui import language
from sriov_tui.cli import COLLECTOR
from sriov_tui.hosts.local import LocalHost

_marks: set[str] | None = None  # of the test that runs now


class NotAsked(BaseException):
    """A test left its bounds without the mark that allows it."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note which marks the test has that runs now."""
    global _marks
    _marks = {mark.name for mark in item.iter_markers()}
    try:
        return (yield)
    finally:
        _marks = None


def guard(kind: type, mark: str, harmless: Callable[..., bool]) -> None:
    """Let instances of a class be made only by tests with this mark, or with harmless arguments."""
    original = kind.__init__  # type: ignore[misc]

    def init(self: object, *args: Any, **kwargs: Any) -> None:
        if _marks is not None and mark not in _marks and not harmless(*args, **kwargs):
            raise NotAsked(f"{kind.__name__}{args} in a test without @pytest.mark.{mark}")
        original(self, *args, **kwargs)

    kind.__init__ = init  # type: ignore[misc]


gc.set_threshold(*COLLECTOR)  # as in the program
os.environ["LANGUAGE"] = "en"  # whatever the locale of the machine that the tests run on

# A test that ends, or kills a process, loses nothing that was written; only the lab pulls a real plug.
os.fsync = lambda fd: None


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A test that speaks Chinese leaves English behind."""
    yield
    language.speak(language.ENGLISH)


guard(subprocess.Popen, "subprocess", lambda *args, **kwargs: False)
guard(LocalHost, "machine", lambda root="/": str(root).rstrip("/") != "")
