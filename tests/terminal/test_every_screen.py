"""Every screen and overlay in a pseudo-terminal: still at rest, little for a cursor key, ASCII in plain mode.

The long walks are left to `make terminal` (SRIOV_TUI_REST=5), which looks at each for as long as the promise says.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.terminal.tty import ROOT, Tty
from tests.terminal.walks import AT_WORK, CHINESE, FLEET, WIZARD, Walk

pytestmark = pytest.mark.subprocess
REST = float(os.environ.get("SRIOV_TUI_REST", "0.35"))
KEY, SCREEN = 900, 16_000
DRAWN = 0.4  # seconds without a byte after a key: its frames may come apart, and the late one is not the next key's
SETTLED = 1.0  # seconds without a byte: on a busy machine the last part of a screen comes late, and is no key's


def cursor_is_on_the_focus(tty: Tty) -> bool:
    """Whether the terminal's cursor is on a line in reverse video, in a field, or at the top of a text that scrolls.

    In a list without a line it is where the first one would be.
    """
    at = tty.screen.cursor
    cell = tty.screen.buffer[at.y][at.x]
    rows = tty.screen.display
    details = at.y > 0 and rows[at.y - 1].lstrip().startswith(("──", "--"))
    empty = not rows[at.y].strip() and any("Nothing here." in row for row in rows)
    return bool(cell.reverse or cell.underscore) or rows[at.y].lstrip()[:1] in ("│", "|") or details or empty


def look(tty: Tty, walk: Walk, plain: bool) -> None:
    """Go this way, and at each screen measure a cursor key and the silence after it."""
    for keys, text, downs, screen in walk:
        before = len(tty.sent)
        tty.press(*keys)
        tty.wait_for(text.replace("─", "-") if plain else text)
        assert tty.shown in ("", screen), text
        tty.read(quiet=SETTLED)
        assert len(tty.sent) - before < SCREEN, text
        assert cursor_is_on_the_focus(tty), f"{text}: the cursor is at {tty.screen.cursor.y}\n{tty.picture()}"
        for _ in range(downs):
            sent = len(tty.press("down") + tty.read(quiet=DRAWN))
            assert sent <= KEY, f"{text}: {sent} bytes for a cursor key\n{tty.picture()}"
        tty.read()
        rest = tty.read(quiet=REST, most=REST)
        assert rest == b"", f"{text}: {rest!r} at rest"


@pytest.mark.rest
@pytest.mark.parametrize("plain", [False, True])
def test_every_screen_is_still_at_rest_and_quick_under_the_cursor(plain: bool) -> None:
    arguments = ("welcome", "--plain") if plain else ("welcome",)
    with Tty(*arguments) as tty:
        look(tty, WIZARD, plain)
        tty.press("escape", "f10")
        assert tty.end() == 0
        assert tty.sent.isascii() or not plain


@pytest.mark.rest
def test_chinese_is_no_more_to_send() -> None:
    with Tty("demo", "connectx-driver", "--lang", "zh_CN") as tty:
        look(tty, CHINESE, plain=False)


@pytest.mark.rest
@pytest.mark.machine
@pytest.mark.parametrize("plain", [False, True])
def test_the_fleet_is_still_at_rest_and_quick_under_the_cursor(plain: bool, tmp_path: Path) -> None:
    argv = (sys.executable, "-m", "sriov_tui")
    host = ("audit", "--host", "tests/hosts/lab-idle", "--format", "json")
    audit = subprocess.run([*argv, *host], capture_output=True, text=True, cwd=ROOT).stdout
    for number in range(40):
        named = audit.replace('"host": "lab"', f'"host": "lab{number:03}"', 1)
        odd = named.replace('"arguments": "', '"arguments": "pci=nomsi ', number == 7)
        (tmp_path / f"lab{number:03}.json").write_text(odd)
    (tmp_path / "none.json").write_text("{}")
    with Tty(command=(*argv, "fleet", str(tmp_path), *(["--plain"] if plain else []))) as tty:
        look(tty, FLEET, plain)
        assert tty.sent.isascii() or not plain


def test_no_screen_is_left_out() -> None:
    source = "".join(path.read_text() for path in (ROOT / "screens").glob("*.py"))
    bases = {"BilingualScreen", "AssistedScreen", "FrameScreen", "StepScreen"}
    walked = {stop.screen for stop in (*WIZARD, *CHINESE, *FLEET)}
    assert walked | set(AT_WORK) == set(re.findall(r"^class (\w+Screen)\b", source, re.MULTILINE)) - bases


def test_a_wait_tells_the_seconds_and_nothing_else() -> None:
    with Tty("slow") as tty:
        tty.wait_for("F10 Quit")
        tty.press("f9", "f4")
        tty.wait_for("Troubleshooting")
        tty.press("enter")
        tty.wait_for("Looking at this host")
        assert tty.shown == "BusyScreen"
        assert 0 < len(tty.read(quiet=1.5, most=2.0)) < 400
        tty.wait_for("No cause was found")
        tty.read(quiet=SETTLED)
        assert cursor_is_on_the_focus(tty), "it is back where it was"


def test_a_run_at_work_tells_the_seconds_and_little_else() -> None:
    with Tty("running") as tty:
        tty.wait_for("Step 1 of 3")
        assert "a line" in tty.picture()
        told = tty.read(quiet=1.5, most=2.5)
        assert 0 < len(told) < 400


def test_when_its_parent_is_killed_the_terminal_is_restored(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    parent = f"echo $$ > {note}; {sys.executable} -m tests.terminal.program; true"
    with Tty(command=("sh", "-c", f"sh -c '{parent}'; sleep 30")) as tty:
        tty.wait_for("F10 Quit")
        os.kill(int(note.read_text()), signal.SIGKILL)
        until = time.monotonic() + 8
        while b"\x1b[?1049l" not in tty.sent and time.monotonic() < until:
            tty.read(0.1)
        assert all(mark in tty.sent for mark in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l"))


def test_it_ends_with_its_terminal_even_where_nobody_passes_sighup_on(tmp_path: Path) -> None:
    note = tmp_path / "status"
    os.mkfifo(note)
    command = f"trap '' HUP; {sys.executable} -m tests.terminal.program; echo $? >{note}"
    with Tty(command=("sh", "-c", command)) as tty:
        tty.wait_for("F10 Quit")
        tty.hang_up()
        assert note.read_text() == "129\n"
