"""Windows of 160 columns and more: the list of the ports and the marked card stand side by side."""

from __future__ import annotations

import pytest

from screens.hardware import WIDEST
from sriov_tui.tui.terminal_app import TerminalApp
from tests.screens.driving import opened
from tests.screens.fakes import fake


def test_the_style_and_the_screen_agree_on_the_width() -> None:
    assert (WIDEST, "-widest") in TerminalApp.HORIZONTAL_BREAKPOINTS


@pytest.mark.parametrize(("width", "beside"), [(80, False), (WIDEST - 1, False), (WIDEST, True), (200, True)])
async def test_the_marked_card_stands_beside_the_list(width: int, beside: bool) -> None:
    async with opened(fake(), size=(width, 40)) as app:
        assert ("PCI path" in app.picture) is beside
        assert "enp2s0" in app.picture


async def test_a_window_that_is_made_wider_shows_it_and_one_made_narrow_hides_it() -> None:
    async with opened(fake()) as app:
        before = app.picture
        await app.pilot.resize_terminal(200, 50)
        await app.settle()
        assert "PCI path" in app.picture
        await app.pilot.resize_terminal(80, 24)
        await app.settle()
        assert app.picture == before
