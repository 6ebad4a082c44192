"""The image of the vendor's driver on its screen: a file list, its digest, and the ways to load it; hostile names."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sriov_tui.facts import Source
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, DriverChoice, NicChoice, SriovError
from tests.samples import FIRST, igb_host, igb_pf
from tests.screens.driving import Driven, opened
from tests.screens.fakes import Fake, fake

CHOSEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="w"))
HOST = igb_host(source=Source(), pfs=(replace(igb_pf(), vendor=0x15B3, driver="mlx5_core"),))
LONG = "x" * 300 + ".iso"
FOLDERS = {
    "/": (("root", True), ("srv", True)),
    "/root": (("[bold] 中文网卡", True), ("a\x1b[31m\n.iso", False), ("driver.iso", False), (LONG, False)),
    "/root/[bold] 中文网卡": (),
}


def machine(looked: list[str]) -> Fake:
    """A host with a ConnectX, and folders to look into."""
    made = fake(HOST, CHOSEN)

    def listing(folder: str) -> tuple[tuple[str, bool], ...]:
        if folder not in FOLDERS:
            raise SriovError(verbatim(f"{folder} cannot be listed: Permission denied"))
        return FOLDERS[folder]

    services = made.services

    made.services = lambda: replace(services(), list_images=listing, look_at_image=looked.append)  # type: ignore[method-assign]
    return made


async def focus_on(app: Driven, id: str, tries: int = 1500) -> None:
    """Wait until this widget of the driver's step has the focus: the step is shown anew once a choice is made."""
    for _ in range(tries):
        focused = app.app.screen.focused
        if app.name == "DriverScreen" and focused is not None and focused.id == id:
            await app.settle()
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{id} does not get the focus:\n{app.picture}")


async def test_an_image_is_chosen_from_the_list_and_its_digest_typed() -> None:
    looked: list[str] = []
    async with opened(machine(looked)) as app:
        await app.press("f8", "f8")
        assert "none: the driver stays as it is" in app.picture
        await app.tab_to("image")
        await app.press("enter")
        assert app.name == "PickScreen"
        assert "[bold] 中文网卡/" in app.picture
        await app.press("up", "enter")
        await app.until("No image is in here.")
        await app.press("backspace", "down", "enter")
        await focus_on(app, "sha256")
        assert looked == ["/root/driver.iso"]
        await app.press(*"ABC")
        assert app.app.screen.state.choices.driver == DriverChoice(image="/root/driver.iso", sha256="abc")  # type: ignore[attr-defined]


async def test_firmware_restart_and_leaving_it_out() -> None:
    made = machine([])
    wish = DriverChoice(image="/root/driver.iso", sha256="0" * 64)
    made.state = made.evaluate(replace(CHOSEN, driver=wish))
    async with opened(made) as app:
        await app.press("f8", "f8")
        await app.tab_to("loading")
        assert "[ ] Update the card's firmware too" in app.picture
        await app.press("enter", "down", "space")
        assert "[x] Update the card's firmware too" in app.picture
        assert "[x] Load the driver now" in app.picture
        choice = app.app.screen.state.choices.driver  # type: ignore[attr-defined]
        assert (choice.firmware, choice.restart, choice.sha256) == (True, "now", "0" * 64)
        await app.tab_to("none")
        await app.press("enter")
        await app.until("none: the driver stays as it is")
        assert app.app.screen.state.choices.driver == DriverChoice()  # type: ignore[attr-defined]


async def test_a_typed_path_a_folder_that_cannot_be_read_and_cancel() -> None:
    looked: list[str] = []
    made = machine(looked)
    made.state = made.evaluate(replace(CHOSEN, driver=DriverChoice(image="/secret/x.iso")))
    async with opened(made) as app:
        await app.press("f8", "f8")
        await app.tab_to("image")
        await app.press("enter")
        await app.until("/secret cannot be listed: Permission denied")
        await app.press("escape")
        assert app.name == "DriverScreen"
        assert looked == []
        await focus_on(app, "image")
        await app.press("enter", "tab", *"/a.iso", "enter")
        await focus_on(app, "sha256")
        assert looked == ["/a.iso"]


async def test_a_host_without_such_a_card_is_offered_nothing() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press("f8", "f8")
        assert "Vendor's driver" not in app.picture
        assert "There is nothing to choose here" in app.picture
