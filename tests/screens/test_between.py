"""Between two screens the terminal keeps the one that it shows: no empty picture is sent."""

from __future__ import annotations

import pytest
from textual.app import App

from sriov_tui.facts import Source
from sriov_tui.tui.terminal_app import Unpainted
from tests.samples import igb_host
from tests.screens.driving import opened
from tests.screens.fakes import fake


async def test_the_empty_screen_below_is_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    display = App._display

    def note(self: App[int], screen: object, renderable: object) -> None:
        sent.append(type(screen).__name__)
        display(self, screen, renderable)  # type: ignore[arg-type]

    monkeypatch.setattr(App, "_display", note)
    async with opened(fake(igb_host(source=Source()))) as app:
        for key in ("f8", "f8", "f7", "f5", "f6"):
            await app.press(key)
        assert type(app.app.screen_stack[0]) is Unpainted
    assert len({*sent}) >= 3
    assert Unpainted.__name__ not in sent
