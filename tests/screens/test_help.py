"""F1 tells what has the focus, ? every key, F2 the finding that belongs to the marked card."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual.binding import Binding

from screens.audit import AuditScreen
from screens.base import FrameScreen
from screens.device import DeviceScreen
from screens.help import ABOUT, AssistedScreen
from screens.home import HomeScreen
from screens.overlays import KEYS, HelpScreen
from screens.run import RunScreen
from sriov_tui.model import Choices, NicChoice
from sriov_tui.tui.app import WIZARD
from tests.samples import FIRST
from tests.screens.driving import opened
from tests.screens.fakes import fake

CHOSEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov"))
NAMES = {"question_mark": "?", "slash": "/", "ctrl+g": "Ctrl+G"}


async def test_help_is_about_what_has_the_focus() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press("f1")
        assert "Space or Enter selects the marked one or leaves it unchanged" in app.words
        await app.press("escape", "tab", "f1")
        assert "the worst first" in app.words
        await app.press("escape", *["f8"] * 4, "f1")
        assert "The name of a bridge for this card" in app.words
        await app.press("escape", "tab", "f1")
        assert "The name of the platform network (wire)" in app.words


def test_help_names_the_documents_that_are_there_without_a_network() -> None:
    assert "`sriov-tui guide WORDS` searches the documents" in HelpScreen("x", "y", "z").text().plain


async def test_every_stop_of_tab_has_help_of_its_own() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        for _ in WIZARD:
            for _ in range(8):
                screen = app.app.screen
                assert isinstance(screen, AssistedScreen)
                name = (screen.focused.id or "").rstrip("0123456789").rstrip("-") if screen.focused else ""
                assert name in ABOUT | screen.ABOUT or name == "body", name
                assert screen.about_focus()
                await app.press("tab")
            await app.press("escape", "f8")
            if app.name == "OffloadScreen":
                await app.press("b", "r", "1", "tab", "w")


async def test_f2_explains_what_is_wrong_with_the_marked_card() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press("f8", "f8", "f8", "f8", "f2")
        assert "hostconf.network-entry" in app.words


def keys_of(bindings: Iterable[object]) -> set[str]:
    """The first key of each binding that is shown: the one that the screen tells."""
    shown = (binding for binding in bindings if isinstance(binding, Binding) and binding.show)
    return {binding.key.split(",")[0] for binding in shown}


@pytest.mark.parametrize("kind", [*WIZARD, HomeScreen, RunScreen, AuditScreen, DeviceScreen, FrameScreen])
def test_every_key_is_listed_or_stands_on_its_screen(kind: type[AssistedScreen[object]]) -> None:
    listed = " ".join(key for key, _ in KEYS) + " Esc"
    own = {
        "c",
        "s",
        "u",
        "m",
        "d",
        "v",
        "r",
        "x",
    }  # of the run, the review and Home: in their last row while they count
    for part in kind.__mro__:
        for key in keys_of(part.__dict__.get("BINDINGS", ())):
            told = NAMES.get(key, key.capitalize() if len(key) > 1 else key)
            assert told.replace("Escape", "Esc") in listed or key in own, key
