"""What is decided before Textual is imported."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from sriov_tui.tui.terminal import environment


@pytest.mark.parametrize(
    ("environ", "encoding", "plain"),
    [
        ({"TERM": "xterm-256color"}, "utf-8", False),
        ({"TERM": "linux"}, "utf-8", True),
        ({"TERM": "vt100"}, "UTF-8", True),
        ({}, "utf-8", True),
        ({"TERM": "xterm"}, "iso8859-1", True),
        ({"TERM": "xterm"}, "", True),
    ],
)
def test_plain_mode_is_chosen_by_the_terminal(environ: dict[str, str], encoding: str, plain: bool) -> None:
    assert environment.prepare_environment(environ, encoding=encoding) is plain
    assert environment.prepare_environment(dict(environ), plain=True, encoding=encoding) is True


def test_textual_is_slowed_down_but_what_the_operator_set_stays() -> None:
    environ = {"TERM": "xterm", "TEXTUAL_FPS": "30"}
    environment.prepare_environment(environ, encoding="utf-8")
    assert environ["TEXTUAL_FPS"] == "30"
    assert environ["TEXTUAL_ANIMATIONS"] == "none"
    assert environ["TEXTUAL_DISABLE_KITTY_KEY"] == "1"
    assert environ["ESCDELAY"] == "400"


@pytest.mark.parametrize(
    ("environ", "theme"),
    [
        ({}, "ansi-dark"),
        ({"COLORTERM": "truecolor"}, "textual-dark"),
        ({"COLORTERM": "truecolor", "SSH_CONNECTION": "1 2 3 4"}, "ansi-dark"),
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, "ansi-dark"),
        ({"COLORTERM": "truecolor", "NO_COLOR": ""}, "textual-dark"),
        ({"COLORTERM": "truecolor", "TERM": "linux"}, "ansi-dark"),
    ],
)
def test_the_theme(environ: dict[str, str], theme: str) -> None:
    environ = {"TERM": "xterm"} | environ
    environment.prepare_environment(environ, encoding="utf-8")
    assert environ["TEXTUAL_THEME"] == theme
    assert environ.get("NO_COLOR") != ""


def test_where_no_screen_is_possible_it_says_what_to_use() -> None:
    for reason in (
        environment.refusal({"TERM": "dumb"}, tty=True),
        environment.refusal({"TERM": "unknown"}, tty=True),
        environment.refusal({"TERM": "xterm"}, tty=False),
    ):
        assert reason is not None
        assert "Use `sriov-tui audit`" in reason.hint
    assert environment.refusal({"TERM": "xterm"}, tty=True) is None


@pytest.mark.parametrize("text", ["─│╭╮ok…", "中文网卡", "a·b", "é\xa0", "▄█"])
def test_plain_text_is_ascii_of_the_same_width(text: str) -> None:
    assert environment.to_ascii(text).isascii()
    assert len(environment.to_ascii(text)) == cell_len(text)
