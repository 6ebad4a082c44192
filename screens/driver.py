"""Step 3: the drivers of the chosen cards and the vfio modules, and the image that the vendor's driver comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input

from screens import driver_image, words
from screens.base import STEP_KEYS, StepScreen
from screens.file_picker import PickScreen
from screens.text import Text
from screens.waiting import with_word
from screens.widgets import Rows
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import Message, say
from sriov_tui.model import DriverChoice, Finding, Step

VFIO = ("vfio", "vfio_iommu_type1", "vfio_pci")


def yes_no(value: bool | None) -> str:
    """A fact as a word."""
    return "?" if value is None else say("yes") if value else say("no")


def pf_rows(pfs: Iterable[Pf], room: int) -> list[str]:
    """The driver of each PF, aligned, the header first."""
    rows = [
        (
            pf.address,
            pf.netdev or "-",
            say("none") if pf.driver == "" else pf.driver or "?",
            pf.driver_version or "?",
            pf.firmware_version or "?",
            yes_no(pf.autoprobe),
        )
        for pf in pfs
    ]
    return words.columns(
        (say("PCI address"), say("Interface"), say("Driver"), say("Version"), say("Firmware"), say("VF probing")),
        rows,
        (12, 11, 10, 14, 14, 10),
        room,
    )


def module_rows(facts: HostFacts) -> list[str]:
    """The vfio modules, aligned, the header first."""
    rows = []
    for name in VFIO:
        module = facts.module(name)
        at_boot = None if facts.modules_load is None else name in facts.modules_load
        loaded, available = (module.loaded, module.available) if module else (None, None)
        rows.append((name, yes_no(loaded), yes_no(available), yes_no(at_boot)))
    return words.columns((say("Module"), say("Loaded"), say("On disk"), say("Loaded at boot")), rows, (18, 6, 7, 14))


def planned(steps: Iterable[Step]) -> list[Content]:
    """What the plan will do about drivers."""
    titles = [words.line(step.title) for step in steps if step.id.startswith("driver.")]
    return [words.assemble((say("The plan will: "), "bold"), title) for title in titles]


class DriverScreen(StepScreen):
    """Drivers and modules as they are; for NVIDIA cards, an image of the vendor's driver to install."""

    STEP = 3
    ABOUT: ClassVar[dict[str, str]] = {
        "drivers": say("The ports with their drivers. Enter or F3 shows the whole card."),
        **driver_image.ABOUT,
    }
    images: driver_image.Images | None = None  # given by the app, where there is a machine to look at
    HELP_TEXT = say(
        "The driver of the card makes the VFs; vfio-pci hands them to virtual machines. The "
        "modules vfio, vfio_iommu_type1 and vfio_pci have to be loaded now and at each boot. VF "
        "probing has to be on: with sriov_drivers_autoprobe 0 the host-agent cannot bind a VF to "
        "vfio-pci. NVIDIA cards need the vendor's driver (MLNX_OFED, DOCA-OFED) for Open vSwitch offload "
        "only; it is installed out of an ISO, tgz, rpm or deb file on this host, whose SHA-256 you give."
    )

    KEYS = ((say("Space"), say("Mark")), *STEP_KEYS)

    def excerpt(self) -> Message:
        """What this is about."""
        return (
            say(
                "The card's own driver makes the VFs; vfio-pci hands them to virtual machines.\n"
                "Open vSwitch offload needs the vendor's driver: choose its image below."
            )
            if driver_image.offered(self.state.facts)
            else say(
                "The card's own driver makes the VFs; vfio-pci hands them to virtual machines.\n"
                "There is nothing to choose here: look, and go on."
            )
        )

    @property
    def pfs(self) -> list[Pf]:
        """The chosen PFs, or all that could be chosen."""
        facts, chosen = self.state.facts, {nic.address for nic in self.state.choices.chosen}
        could = [pf for pf in facts.pfs or () if pf.sriov_capable]
        return [pf for pf in facts.pfs or () if pf.address in chosen] or could

    def card_in_focus(self) -> str:
        """The marked PF."""
        at = next((rows.highlighted for rows in self.query("#drivers").results(Rows) if rows.has_focus), None)
        return "" if at is None else self.pfs[at].address

    def body(self) -> Iterable[Widget]:
        """The PFs chosen (or all that could be), then the modules."""
        facts = self.state.facts
        header, *rows = pf_rows(self.pfs, self.app.size.width - 3)
        yield Text(words.verbatim(header), classes="columns")
        yield (
            Rows([words.verbatim(text) for text in rows], id="drivers")
            if rows
            else Text(words.content(say("No card is chosen.")))
        )
        if driver_image.offered(facts):
            yield from driver_image.widgets(self.wish, facts)
        header, *rows = module_rows(facts)
        yield Text(words.verbatim(header), classes="columns spaced")
        yield Text(words.lines(words.verbatim(text) for text in rows))
        yield Text(words.lines([Content(""), *planned(self.state.plan.steps)]), id="planned")

    @property
    def wish(self) -> DriverChoice:
        """What is chosen of the vendor's driver."""
        return self.state.choices.driver

    async def take_wish(self, wish: DriverChoice) -> None:
        """Take another choice of the vendor's driver, and show what follows; of a new image the digest is asked."""
        focused = "sha256" if wish.image != self.wish.image and wish.image else self.focused.id if self.focused else ""
        self.choose(replace(self.state.choices, driver=wish))
        body = self.query_one("#body")
        await body.remove_children()
        await body.mount(*self.body())
        if focused and (found := self.query(f"#{focused}")):
            found.first().focus()

    def place_of(self, finding: Finding) -> Widget | None:
        """The digest where the image is chosen, else the button that chooses it."""
        if not finding.id.startswith("driver.image"):
            return None
        return next((found for id in ("sha256", "image") for found in self.query(f"#{id}")), None)

    @on(Button.Pressed, "#image,#none")
    def change(self, event: Button.Pressed) -> None:
        """Choose an image, or leave it out."""
        event.stop()
        self.change_wish(event.button.id or "")

    @work
    async def change_wish(self, what: str) -> None:
        """What the buttons do."""
        wish = self.wish
        if what == "image":
            path = await self.pick()
            if path:
                await self.take_wish(replace(wish, image=path, sha256=wish.sha256 if path == wish.image else ""))
        else:
            await self.take_wish(DriverChoice())

    @on(Rows.Toggled, "#loading")
    def turn(self, event: Rows.Toggled) -> None:
        """Turn the mark of firmware or of loading at once."""
        self.choose(replace(self.state.choices, driver=driver_image.changed(self.wish, event.index)))
        event.rows.show(driver_image.lines(self.wish))
        self.query_one("#planned", Text).update(words.lines([Content(""), *planned(self.state.plan.steps)]))

    async def pick(self) -> str:
        """A path out of the file list, its image looked at; "" for none."""
        images = self.images
        if images is None:
            self.say(say("This view has no files to choose from."))
            return ""
        path = await self.app.push_screen_wait(PickScreen(driver_image.start(self.wish), images.listing))
        if path:
            await with_word(self.app, lambda: images.look(path), say("Reading the image and making its SHA-256"))
        return path

    @on(Input.Changed, "#sha256")
    def take_digest(self, event: Input.Changed) -> None:
        """Take the digest as it is typed."""
        digest = event.value.strip().lower()
        if digest != self.wish.sha256:
            self.choose(replace(self.state.choices, driver=replace(self.wish, sha256=digest)))
            self.query_one("#planned", Text).update(words.lines([Content(""), *planned(self.state.plan.steps)]))

    @on(Rows.OptionSelected, "#drivers")
    def show_card(self) -> None:
        """Enter shows the whole card of the marked PF."""
        self.action_device()
