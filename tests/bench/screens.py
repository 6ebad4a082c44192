"""The wizard's first screen: how soon it is there, and what it and a key send over the line."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sriov_tui.hosts.machine_file import save
from sriov_tui.tui.terminal import environment as terminal
from tests.bench.table import Result, Row, compared
from tests.bench.terminal import SIZE, TimedTty
from tests.bench.timing import PROGRAM, TOP, CannotMeasure, alternate, environment
from tests.machines import two_igb

if TYPE_CHECKING:
    from textual.app import App
    from textual.widget import Widget

HELLO = (sys.executable, str(TOP / "tests/bench/hello.py"))
FOOTERS = {PROGRAM: "Quit", sys.executable: "hello"}
ROUNDS = 7
START_GOAL = 1.5
KEY_GOAL = 1500  # bytes; over a slow line more is felt
REST = 10.0  # seconds


def measure() -> Iterator[Result]:
    """The wizard on a recorded machine and the hello app, each in a terminal of 80x24 with 16 colours."""
    with tempfile.TemporaryDirectory(prefix="sriov-bench-") as folder:
        save(two_igb(), Path(folder))
        wizard = (PROGRAM, "--host", folder)
        hello = (*HELLO, json.dumps(_widgets(folder)))
        ours, other = alternate(lambda: first_screen(wizard)[0], lambda: first_screen(hello)[0], ROUNDS)
        yield compared("start to first complete screen", ours, other, "hello app, same widgets", START_GOAL)
        yield from traffic(wizard, hello)


def first_screen(argv: tuple[str, ...]) -> tuple[float, int]:
    """Seconds and bytes until the first complete screen."""
    with TimedTty(argv, environment()) as tty:
        return tty.first_screen(FOOTERS[argv[0]])


def traffic(wizard: tuple[str, ...], hello: tuple[str, ...]) -> Iterator[Result]:
    """Bytes of the first screen, of a cursor key in a list, and at rest; the list is that of step 1."""
    with TimedTty(hello, environment()) as tty:
        hello_bytes = tty.first_screen(FOOTERS[hello[0]])[1]
        tty.press("tab")
        hello_key = len(tty.press("down"))
    with TimedTty(wizard, environment()) as tty:
        first = tty.first_screen(FOOTERS[wizard[0]])[1]
        first_rest = len(tty.read(REST, REST))
        tty.press("f8")
        if "1/6" not in tty.picture():
            raise CannotMeasure(f"F8 did not lead to step 1:\n{tty.picture()}")
        key = len(tty.press("down"))
        rest = len(tty.read(REST, REST))
        if not tty.runs():
            raise CannotMeasure(f"the wizard ended with status {tty.status} while nobody did anything")
    beside = "{} hello app"
    yield Row(
        what="bytes of the first screen", ours=f"{first}", other=beside.format(hello_bytes), ratio=first / hello_bytes
    )
    yield Row(
        what="bytes of one cursor key in a list",
        ours=f"{key}",
        other=beside.format(hello_key),
        ratio=key / hello_key if hello_key else None,
        goal=f"below {KEY_GOAL}",
        met=0 < key < KEY_GOAL,
    )
    both = first_rest + rest
    yield Row(
        what=f"bytes in {REST:g} s at rest, first screen and step 1",
        ours=f"{first_rest} and {rest}",
        goal="0",
        met=both == 0,
    )


def _widgets(folder: str) -> list[dict[str, Any]]:
    """The widgets of the wizard's first screen, each by the kind of Textual's that it is, for the hello app."""
    terminal.prepare_environment(dict(os.environ))
    from sriov_tui.tui.app import SriovApp
    from sriov_tui.tui.session import Session

    session = Session(f"recorded:{folder}")
    return asyncio.run(_first_widgets(SriovApp(session.state(), session.services())))


async def _first_widgets(app: App[Any]) -> list[dict[str, Any]]:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        return [_node(widget) for widget in app.screen.children]


def _node(widget: Widget) -> dict[str, Any]:
    kinds = (kind.__name__ for kind in type(widget).__mro__ if kind.__module__.startswith("textual."))
    return {
        "kind": next(kinds),
        "columns": widget.size.width,
        "rows": widget.size.height,
        "shown": bool(widget.display),
        "children": [_node(child) for child in widget.children],
    }
