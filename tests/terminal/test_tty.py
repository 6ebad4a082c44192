"""The wizard in a pseudo-terminal: bytes, restore, plain mode, exit statuses."""

from __future__ import annotations

import os
import re
import signal
import time

import pytest

from tests.terminal.tty import Tty

pytestmark = pytest.mark.subprocess
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l")


def test_bytes_of_the_first_screen_of_keys_and_at_rest() -> None:
    with Tty() as tty:
        first = len(tty.wait_for("F10 Quit"))
        keys = {"down": len(tty.press("down")), "space": len(tty.press("space")), "tab": len(tty.press("tab"))}
        step = len(tty.press("f8") + tty.wait_for("step 2/6") + tty.read(0.5))
        rest = len(tty.read(quiet=1.5, most=1.5))
        assert rest == 0
        assert first < 4_000
        assert max(keys.values()) < 900, keys
        assert step < 4_000
        tty.press("f8", "f8", "f8")
        tty.wait_for("step 5/6")
        tty.press("tab", "tab")
        tty.read(0.5)
        scrolled = [len(tty.press("down")) for _ in range(3)]
        assert max(scrolled) < 900


def test_the_whole_walk_draws_right_and_ends_with_status_0() -> None:
    with Tty() as tty:
        tty.wait_for("step 1/6 Hardware")
        assert "REAL" in tty.picture()
        tty.press("space")
        for number in range(2, 6):
            tty.press("f8")
            tty.wait_for(f"step {number}/6")
        tty.read(0.5)
        tty.press("b", "r", "1", "tab", "n")
        tty.press("f8")
        tty.wait_for("step 6/6 Review and apply")
        slim = tty.picture()
        tty.press("ctrl+l")
        assert tty.picture() == slim
        tty.press("f8", "tab", "enter")
        tty.wait_for("done     3  List enp1s0 in host.conf")
        tty.wait_for("Checked afterwards")
        tty.read(0.5)
        tty.press("q")
        assert tty.end() == 0
        assert all(mark in tty.sent for mark in RESTORED)
        assert b"\x1b[?1000h" not in tty.sent  # no mouse
        assert b"\x1b[>" not in tty.sent  # no kitty keys


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_terminal_and_is_told(number: int) -> None:
    with Tty() as tty:
        tty.wait_for("F10 Quit")
        assert tty.end(number) == 128 + number
        assert all(mark in tty.sent for mark in RESTORED)


def test_a_terminal_that_goes_away_ends_the_program() -> None:
    tty = Tty()
    tty.wait_for("F10 Quit")
    os.close(tty.fd)
    until = time.monotonic() + 40
    ended = 0
    while not ended and time.monotonic() < until:
        ended, _ = os.waitpid(tty.pid, os.WNOHANG)
        time.sleep(0.05)
    if not ended:
        os.kill(tty.pid, signal.SIGKILL)
        os.waitpid(tty.pid, 0)
    assert ended


def test_a_crash_restores_the_terminal_and_says_one_line() -> None:
    with Tty("crash") as tty:
        tty.wait_for("F10 Quit")
        tty.press("f5")
        assert tty.end() == 1
        after = tty.sent.rpartition(b"\x1b[?1049l")[2].decode()
        assert "sriov-tui stopped by a fault of its own: RuntimeError: as the test asked." in after
        assert "Traceback" not in after


@pytest.mark.parametrize(
    ("arguments", "environment"), [(("--plain",), {}), ((), {"TERM": "linux"}), ((), {"PYTHONIOENCODING": "latin-1"})]
)
def test_plain_mode_sends_ascii_only_and_asks_the_terminal_nothing(
    arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    with Tty(*arguments, environment=environment) as tty:
        tty.wait_for("F10 Quit")
        tty.press("space", "f9")
        tty.press("escape", "f8")
        tty.wait_for("step 2/6")
        assert tty.sent.isascii()
        assert set(re.findall(rb"\x1b\[\?(\d+)", tty.sent)) <= {b"1049", b"25", b"7", b"2004"}
        assert "-Findings: 1 WARN" in tty.picture()


def test_without_colours_the_marked_row_is_still_seen() -> None:
    with Tty(environment={"NO_COLOR": "1", "COLORTERM": "truecolor"}) as tty:
        tty.wait_for("F10 Quit")
        colours = re.findall(rb"\x1b\[([\d;]*)m", tty.sent)
        assert not [c for c in colours if any(30 <= int(p or 0) <= 48 or int(p or 0) >= 90 for p in c.split(b";"))]
        row = next(y for y, text in enumerate(tty.screen.display) if "0000:01:00.0" in text)
        assert tty.screen.buffer[row][3].reverse


def test_an_escape_sequence_in_two_halves_is_one_key() -> None:
    with Tty() as tty:
        tty.wait_for("F10 Quit")
        os.write(tty.fd, b"\x1b")
        time.sleep(0.15)
        os.write(tty.fd, b"[B")
        tty.read()
        row = next(y for y, text in enumerate(tty.screen.display) if "0000:02:00.0" in text)
        assert tty.screen.buffer[row][3].reverse


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"TERM": "unknown"}])
def test_a_terminal_that_cannot_show_a_screen_is_told_what_to_use(environment: dict[str, str]) -> None:
    with Tty(environment=environment) as tty:
        assert tty.end() == 2
        assert b"Use `sriov-tui audit`" in tty.sent


def test_what_is_typed_ahead_goes_into_the_next_field() -> None:
    with Tty() as tty:
        tty.wait_for("step 1/6")
        tty.press("space", "f8", "f8", "f8", "f8")
        tty.wait_for("step 5/6")
        tty.read(0.5)
        os.write(tty.fd, b"br1\tbcast1")
        tty.wait_for("bcast1")
        assert re.search(r"bridge br1 +wire bcast1", tty.picture())
