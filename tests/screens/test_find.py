"""Looking for text: the same keys in every list."""

from __future__ import annotations

from screens.widgets import Rows
from sriov_tui.model import Choices, NicChoice
from sriov_tui.tui.app import WIZARD
from tests.samples import FIRST
from tests.screens.driving import Driven, opened
from tests.screens.fakes import fake

CHOSEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"))


def marked(app: Driven, id: str) -> str:
    """The marked line of a list."""
    rows = app.app.screen.query_one(f"#{id}", Rows)
    assert rows.highlighted is not None
    return str(rows.get_option_at_index(rows.highlighted).prompt)


async def test_the_list_follows_what_is_typed_and_n_and_shift_n_go_on() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press("f9", "slash", *"vfs")
        assert "2 ports can give VFs" in marked(app, "tree")
        assert "1 of 2" in app.picture
        await app.press("enter", "n")
        assert "0 VFs now" in marked(app, "tree")
        assert "2 of 2  n N Next, previous / Change Esc End" in app.picture
        await app.press("n")
        assert "2 ports can give VFs" in marked(app, "tree")
        await app.press("N")
        assert "0 VFs now" in marked(app, "tree")
        await app.press("escape")
        assert "F9 Esc Close" in app.picture
        await app.press("escape")
        assert app.name == "HardwareScreen"


async def test_up_and_down_go_from_match_to_match_while_typing_and_escape_ends_it() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press(*["f8"] * 5, "slash", *"write", "down")
        assert f"write 7 to /sys/bus/pci/devices/{FIRST}/sriov_numvfs" in marked(app, "review")
        await app.press("up")
        assert "which rewrites" in marked(app, "review")
        await app.press("escape")
        assert app.app.screen.focused is app.app.screen.query_one("#review")
        assert "which rewrites" in marked(app, "review")


async def test_what_is_not_there_is_said_and_moves_nothing() -> None:
    async with opened(fake()) as app:
        await app.press("down", "slash", *"[/]")
        assert "not found" in app.picture
        assert "enp2s0" in marked(app, "pfs")
        await app.press("escape", "slash")
        assert "not found" not in app.picture


async def test_n_does_nothing_once_the_search_is_over() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press("slash", *"enp", "enter", "n")
        assert app.name == "HardwareScreen"
        assert "enp2s0" in marked(app, "pfs")
        await app.press("escape", "up", "n")
        assert "enp1s0" in marked(app, "pfs")
        assert app.name == "HardwareScreen"


async def test_leaving_the_list_ends_the_search() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press("slash", *"enp", "enter", "tab")
        assert "F10 Quit" in app.picture
        await app.press("n")
        assert app.name == "HardwareScreen"


async def test_every_step_has_a_list_to_look_in() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        for _ in WIZARD:
            await app.press("slash")
            assert "Enter List" in app.picture
            await app.press("escape")
            assert app.picture.splitlines()[-1].endswith("F10 Quit")
            await app.press("f8")
