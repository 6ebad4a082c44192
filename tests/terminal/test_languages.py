"""The program in a terminal with a Chinese locale: Chinese at once, F6 to English, ASCII where no more is shown."""

from __future__ import annotations

import sys

import pytest

from sriov_tui.language import PLAIN
from tests.terminal.tty import Tty

pytestmark = pytest.mark.subprocess
CHINESE = {"LANG": "zh_CN.UTF-8", "LC_ALL": "", "LANGUAGE": "", "PYTHONUTF8": "1"}
DEMO = (sys.executable, "-m", "sriov_tui", "--demo")


def test_a_chinese_locale_gives_a_chinese_wizard_and_f6_an_english_one() -> None:
    with Tty(command=DEMO, environment=CHINESE) as tty:
        tty.wait_for("退出")
        assert "这是一台模拟机" in tty.picture()
        tty.press("f6")
        tty.wait_for("This is a simulated machine")
        changed = len(tty.press("f6"))
        tty.wait_for("这是一台模拟机")
        assert changed < 4_000
        tty.press("q")
        assert tty.end() == 0
        assert "没有做任何修改。" in tty.sent.decode()


@pytest.mark.parametrize("words", [("--plain",), ("--lang", "zh", "--plain")])
def test_a_plain_terminal_is_told_kindly_that_it_has_english(words: tuple[str, ...]) -> None:
    with Tty(command=(*DEMO, *words), environment=CHINESE) as tty:
        tty.wait_for("This is a simulated machine")
        assert tty.sent.isascii()
        assert PLAIN.encode() in tty.sent
        tty.press("q")
        assert tty.end() == 0
