"""The wizard in both languages: switched while it runs, nothing lost, no screen left half in English."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screens.widgets import Rows
from sriov_tui import language
from sriov_tui.language import CHINESE, ENGLISH
from sriov_tui.language.layout import width
from sriov_tui.model import Choices, NicChoice, RunView
from sriov_tui.tui.app import WIZARD, SriovApp
from sriov_tui.tui.session import open_demo
from tests.samples import FIRST, igb_host
from tests.screens.driving import Driven, opened
from tests.screens.fakes import fake, plan
from tests.translation.test_coverage import foreign

CHOSEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"))
NAMES = ("Connection", "Family", "Controller", "eswitch    ")  # what makers and drivers call things


async def test_f6_switches_every_step_there_and_back() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        for screen in WIZARD:
            english = app.picture
            assert "F6 中文" in english.splitlines()[0]
            await app.press("f6")
            assert (app.name, language.spoken()) == (screen.__name__, CHINESE)
            assert "F6 English" in app.picture.splitlines()[0]
            assert "F10 退出" in app.picture.splitlines()[-1]
            await app.reach_all()
            await app.press("l" if app.name != "OffloadScreen" else "f6")
            assert (app.picture, language.spoken()) == (english, ENGLISH)
            await app.press("f8")


async def test_switching_keeps_what_was_typed_and_chosen() -> None:
    machine = fake()
    async with opened(machine) as app:
        await app.press("space", "f8", "f8", "f8", "f8", *"br1", "tab", *"net", "f6")
        assert "br1" in app.picture
        await app.press("f6", "f8")
        assert machine.saved[-1].nic(FIRST) == NicChoice(address=FIRST, use="sriov", bridge="br1", wire="net")


async def test_the_welcome_switches_too() -> None:
    async with opened(fake(igb_host(), mode="read-only")) as app:
        await app.press("l")
        assert app.name == "HomeScreen"
        assert "你不是 root" in app.picture or "采集文件" in app.picture


async def test_a_run_is_followed_on_in_the_other_language() -> None:
    run = RunView(id="1", plan=plan(CHOSEN), running=True, started_at="2026-01-01T00:00:00Z")
    machine = fake(choices=CHOSEN, run=run)
    machine.view = run
    async with opened(machine) as app:
        await app.until("Stop after this step")
        await app.press("f6")
        assert app.name == "RunScreen"
        await app.until("本步完成后停止")
        machine.view = replace(run, running=False, outcome="stopped")
        await app.until("已按要求在两个步骤之间停止。")


async def test_a_plain_terminal_stays_english_and_says_so() -> None:
    machine = fake()
    app = SriovApp(machine.state, replace(machine.services()), plain=True)
    app.opens = 0
    async with app.run_test(size=(80, 24)) as pilot:
        driven = Driven(app, pilot)
        await driven.until("step 1/6")
        assert "中文" not in driven.picture
        await driven.press("f6")
        assert language.spoken() == ENGLISH
        assert "ASCII only" in driven.words


def own(picture: str) -> str:
    """A picture without the lines that hold names of cards, commands and what was read."""
    lines = picture.splitlines()
    return "\n".join(line for line in lines if not any(name in line for name in NAMES))


@pytest.mark.parametrize("demo", ["two-igb", "connectx-6", "bond-ssh"])
async def test_no_screen_is_left_half_in_english(demo: str) -> None:
    language.speak(CHINESE)
    app = SriovApp(*open_demo(demo))
    async with app.run_test(size=(80, 24)) as pilot:
        driven = Driven(app, pilot)
        await driven.until("F8 配置")
        seen = [driven.picture]
        for keys in (
            "f1", "escape f8 space", "f1", "escape question_mark", "escape f2", "escape f3", "escape f9", "f2",
            "escape f1", "escape escape f8", "f1", "escape f8", "f1", "escape f8", "f1", "escape f8", "f1",
        ):  # fmt: skip
            await driven.press(*keys.split())
            seen.append(driven.picture)
    assert [line for picture in seen for line in own(picture).splitlines() if foreign(line)] == []


async def test_chinese_fills_its_lines() -> None:
    language.speak(CHINESE)
    async with opened(fake()) as app:
        await app.press("f8", "f8", "f1")
        lines = [line.strip("│ ") for line in app.picture.splitlines() if "vfio" in line]
        assert lines, app.picture
        assert all(width(line) > 56 for line in lines), app.picture
        assert app.app.screen.query_one("Pane").max_scroll_y == 0


async def test_f6_over_a_screen_speaks_the_other_language_and_those_below_follow() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press("f9", "down", "down")
        english, marked = app.picture, app.app.screen.query_one("#tree", Rows).highlighted
        await app.press("f2", "f6")
        assert "含义" in app.picture or "关闭" in app.picture
        assert app.name == "ExplainScreen"
        await app.press("escape")
        assert "F9 Esc 关闭" in app.picture, "the audit below follows"
        assert app.app.screen.query_one("#tree", Rows).highlighted == marked
        await app.press("escape")
        assert "F10 退出" in app.picture.splitlines()[-1], "and the step below that"
        await app.press("f9", "down", "down", "f6")
        assert app.picture == english
        await app.press("escape", "f3", "f6")
        assert "空格 展开 VF" in app.picture
        await app.press("f1", "f6", "escape", "escape")
        assert "F10 Quit" in app.picture.splitlines()[-1]
        assert app.name == "HardwareScreen"


@pytest.mark.parametrize("keys", ["f9", "f1", "f3"])
async def test_a_plain_terminal_stays_english_over_a_screen_too(keys: str) -> None:
    machine = fake(choices=CHOSEN)
    app = SriovApp(machine.state, replace(machine.services()), plain=True)
    app.opens = 0
    async with app.run_test(size=(80, 24)) as pilot:
        driven = Driven(app, pilot)
        await driven.until("step 1/6")
        await driven.press(keys)
        name = driven.name
        await driven.press("f6")
        assert (driven.name, width(driven.picture), language.spoken()) == (name, len(driven.picture), ENGLISH)
