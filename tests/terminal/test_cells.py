"""The memory of the terminal's cells: what it sends shows the same picture, in fewer bytes."""

from __future__ import annotations

import random

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import set_cell_size

from sriov_tui.tui.terminal.cells import Cells

STYLES = ("", "1", "36", "1;97;44", "7", "4", "39;49", "7;31", "2;39;49", "43;30")


def picture(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """Every cell with what of its style can be seen there."""
    rows: list[list[tuple[object, ...]]] = []
    for y in range(screen.lines):
        row: list[tuple[object, ...]] = []
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            shape = (cell.bg, cell.reverse, cell.underscore)
            row.append((cell.data, *shape) if cell.data.strip() else (" ", *shape, cell.fg if cell.reverse else ""))
            if cell.data.strip():
                row[-1] = (*row[-1], cell.fg, cell.bold)
        rows.append(row)
    return rows


def frame(rng: random.Random, columns: int, rows: int) -> str:
    """Some rows as Textual writes them: place, styled text, reset."""
    parts = []
    for y in rng.sample(range(rows), rng.randint(1, rows)):
        x, parts_of_row = rng.randrange(columns), []
        left = columns - x
        while left > 0:
            text = "".join(rng.choice(("a", " ", "  ", "中", "─", "[x]")) for _ in range(rng.randint(1, 6)))
            width = sum(2 if char == "中" else 1 for char in text)
            if width > left:
                break
            style = rng.choice(STYLES)
            parts_of_row.append(f"\x1b[{style}m{text}\x1b[0m" if style else text)
            left -= width
        parts.append(f"\x1b[{y + 1};{x + 1}H{''.join(parts_of_row)}\n")
    return "".join(parts) + f"\x1b[{rng.randint(1, rows)};{rng.randint(1, columns)}H"


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("erase", [True, False])
def test_the_picture_is_the_same(seed: int, erase: bool) -> None:
    rng, columns, rows = random.Random(seed), 40, 8
    direct, slim = pyte.Screen(columns, rows), pyte.Screen(columns, rows)
    for screen in (direct, slim):
        screen.reset_mode(7 << 5)
    cells, sent, given = Cells(erase=erase), 0, 0
    cells.forget((columns, rows))
    first, second = pyte.Stream(direct), pyte.Stream(slim)
    blank = "".join(f"\x1b[{y + 1};1H{' ' * columns}" for y in range(rows))
    for number in range(25):
        data = frame(rng, columns, rows) if number else blank
        first.feed(data.replace("\n", ""))
        out = cells.feed(data)
        second.feed(out)
        given, sent = given + len(data), sent + len(out)
        assert picture(slim) == picture(direct)
    assert sent < given * 0.9


def test_the_same_frame_again_costs_nothing() -> None:
    cells = Cells()
    cells.forget((20, 4))
    data = "\x1b[1;1H\x1b[1;97;44m head \x1b[0m\n\x1b[2;1Hbody\x1b[4;2H"
    assert cells.feed(data)
    assert cells.feed(data) == ""


def test_what_is_no_text_goes_through_untouched_and_in_place() -> None:
    cells = Cells()
    cells.forget((20, 4))
    assert cells.feed("\x1b[?25l\x1b[?2026$p") == "\x1b[?25l\x1b[?2026$p"
    assert cells.feed("\x1b[1;1Ha\x1b]22;default\x07") == "\x1b[1;1Ha\x1b[1;2H\x1b]22;default\x07"
    assert cells.feed("\x1b[?1049l\x1b[?25h") == "\x1b[?1049l\x1b[?25h"


def test_after_forgetting_everything_is_sent_again() -> None:
    cells = Cells()
    cells.forget((20, 4))
    data = "\x1b[1;1Hhello\x1b[1;1H"
    cells.feed(data)
    cells.forget((20, 4))
    assert "hello" in cells.feed(data)


def shown(rows: list[str], size: tuple[int, int]) -> str:
    """What Textual writes to paint these rows."""
    return "".join(f"\x1b[{y + 1};1H{text:<{size[0]}}" for y, text in enumerate(rows))


@pytest.mark.parametrize("by", [1, -1, 2, -3, 4])
def test_rows_that_moved_are_moved_by_the_terminal(by: int) -> None:
    size = (60, 20)
    lines = [f"line {n} {'abcdefgh'[n % 8] * (20 + n % 7)}" for n in range(40)]
    cells, screen = Cells(), pyte.Screen(*size)
    stream = pyte.Stream(screen)
    cells.forget(size)
    stream.feed(cells.feed(shown(["head", *lines[10:28], "foot"], size)))
    sent = cells.feed(shown(["head", *lines[10 + by : 28 + by], "foot"], size))
    stream.feed(sent)
    assert [row.rstrip() for row in screen.display] == ["head", *lines[10 + by : 28 + by], "foot"]
    assert len(sent) < 60 * abs(by) + 60
    stream.feed(cells.feed(shown(["head", *lines[:18], "foot"], size)))
    assert [row.rstrip() for row in screen.display] == ["head", *lines[:18], "foot"]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.lists(st.sampled_from(["", "a" * 30, "b" * 40, "c" * 25, "中" * 20]), min_size=12, max_size=12), max_size=5
    ),
)
def test_whatever_is_painted_after_another_shows_right(frames: list[list[str]]) -> None:
    size = (50, 12)
    cells, screen = Cells(), pyte.Screen(*size)
    stream = pyte.Stream(screen)
    cells.forget(size)
    for frame in frames:
        painted = "".join(f"\x1b[{y + 1};1H{set_cell_size(text, size[0])}" for y, text in enumerate(frame))
        stream.feed(cells.feed(painted))
        assert ["".join(char for char in row).rstrip() for row in screen.display] == frame
