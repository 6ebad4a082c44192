"""The wizard walked by keys alone: each key is pressed when the screen has answered the last."""

from __future__ import annotations

from tests.lab.machine import NETDEVS, PFS, LabError
from tests.lab.screen import Screen

STEPS = 6
BRIDGE, WIRE = "br1", "bcast1"
_SCROLL_BAR = "▁▂▃▄▅▆▇█▔"


def open_wizard(screen: Screen) -> None:
    """From Home to the first step."""
    screen.wait_for("F8")
    screen.act("F8")
    screen.wait_for(f"step 1/{STEPS}")
    screen.settle()


def next_step(screen: Screen, number: int) -> str:
    """F8 to this step."""
    screen.act("F8")
    screen.wait_for(f"step {number}/{STEPS}")
    return screen.settle()


def row_of(screen: Screen, text: str) -> str:
    """The one row of the screen with this text."""
    rows = [row for row in screen.text().splitlines() if text in row]
    if len(rows) != 1:
        raise LabError(f"{len(rows)} rows with {text!r}:\n{screen.text()}")
    return rows[0]


def choose(screen: Screen, port: int) -> None:
    """On step 1: move down to this port and choose it."""
    for _ in range(port):
        screen.act("Down")
    screen.act("Space")
    for index, address in enumerate(PFS):
        mark = "[x]" if index == port else "[ ]"
        row_of(screen, f"{mark}  {address}")


def to_review(screen: Screen, port: int) -> list[str]:
    """From step 1 to step 6, choosing one port and its network; the lines of the review."""
    open_wizard(screen)
    choose(screen, port)
    for number in range(2, STEPS):
        next_step(screen, number)
    row_of(screen, f"{PFS[port]} {NETDEVS[port]}")
    screen.write(BRIDGE)
    screen.act("Tab")
    screen.write(WIRE)
    next_step(screen, STEPS)
    return review(screen)


def review(screen: Screen) -> list[str]:
    """All lines of the review on step 6: down line by line, until the cursor leaves the list at its end."""
    lines, end = _page(screen)
    while screen.cursor()[1] < end:
        screen.press(*["Down"] * 3)  # long lines are wrapped: less than a page, so that each look overlaps the last
        screen.settle()
        page, end = _page(screen)
        overlap = next(n for n in range(min(len(page), len(lines)), -1, -1) if n == 0 or lines[-n:] == page[:n])
        if not overlap:
            raise LabError(f"a page that does not go on where the last ended:\n{lines[-3:]}\n{page}")
        lines += page[overlap:]
    return lines


def _page(screen: Screen) -> tuple[list[str], int]:
    """The visible lines of the list on step 6, and the row below its last."""
    rows = screen.text().splitlines()
    start = next(index for index, row in enumerate(rows) if "word for word" in row) + 2
    end = next(index for index, row in enumerate(rows) if row.startswith(("─", "  [ ")))
    return [row[1:79].rstrip(_SCROLL_BAR + " ") for row in rows[start:end]], end


def shown_diff(lines: list[str]) -> str:
    """The diff of host.conf among the lines of the review."""
    start = max(index for index, line in enumerate(lines) if line.lstrip().startswith("--- "))
    indent = len(lines[start]) - len(lines[start].lstrip())
    end = next(index for index, line in enumerate(lines) if index > start and line.strip().startswith("Undo: "))
    return "".join(f"{line[indent:] or ' '}\n" for line in lines[start:end])


def apply(screen: Screen) -> None:
    """On step 6: apply, and say yes to the question."""
    screen.act("F8")
    screen.wait_for("Apply this plan?")
    screen.act("Tab")
    screen.press("Enter")
