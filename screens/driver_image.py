"""The part of the driver's step that chooses an image of the vendor's driver: which, its digest, how it is loaded."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget

from screens import words
from screens.text import Text
from screens.widgets import Field, Marks, PushButton
from sriov_tui.facts import HostFacts
from sriov_tui.message import Message, say
from sriov_tui.model import DriverChoice

DIGITS = 64  # of a SHA-256
HOME = "/root"
ABOUT = {
    "image": say(
        "Opens a file list. The file is an ISO or tgz of MLNX_OFED, or an rpm or deb of DOCA-Host, that was downloaded "
        "elsewhere and copied here; F2 on the finding below shows which one fits this host, and where the "
        "vendor has it."
    ),
    "sha256": say(
        "The SHA-256 that the vendor's page gives for the image: 64 digits. Nothing is installed "
        "without it, or if the file has a different one."
    ),
    "loading": say(
        "Space or Enter switches. Firmware: whether the installer may write newer firmware to the cards; leave it, "
        "unless you want that. Loading the driver now drops every link of these cards for some seconds; that is "
        "refused where one of them carries something."
    ),
}


@dataclass(frozen=True, slots=True)
class Images:
    """Where images come from: the names in a folder, and looking at one whole."""

    listing: Callable[[str], tuple[tuple[str, bool], ...]]
    look: Callable[[str], None]


def offered(facts: HostFacts) -> bool:
    """Whether there is a card that the vendor's driver is for."""
    return any(pf.mellanox for pf in facts.pfs or ())


def start(choice: DriverChoice) -> str:
    """The folder that the file list opens with."""
    return posixpath.dirname(choice.image) if choice.image.startswith("/") else HOME


def name(choice: DriverChoice) -> Message:
    """The chosen image, or that none is."""
    return (
        Message(words.name(posixpath.basename(choice.image)))
        if choice.image
        else say("none: the driver stays as it is")
    )


def widgets(choice: DriverChoice, facts: HostFacts) -> Iterable[Widget]:
    """A line for the image; for a chosen one also its digest, the firmware, and when it is loaded."""
    yield Horizontal(
        Text(words.assemble((say("Vendor's driver"), "bold"), "  "), classes="cells"),
        PushButton(say("Choose"), "image"),
        *((PushButton(say("Leave out"), "none"),) if choice.image else ()),
        Text(words.content(name(choice)), classes="card"),
        classes="field",
    )
    if not choice.image:
        return
    field = Field(choice.sha256, hint=say("64 digits from the vendor's page"), most=DIGITS, id="sha256")
    yield Horizontal(Text(words.content(say("SHA-256  ")), classes="cells"), field.add_class("digest"), classes="field")
    read = next((image.sha256 for image in facts.images if image.path == choice.image), "")
    if read:
        yield Text(words.assemble((say("it has   "), "dim"), words.verbatim(read, "dim")), classes="crop")
    yield Marks(lines(choice), id="loading")


def lines(choice: DriverChoice) -> list[Content]:
    """What else is chosen of an image, a mark on each line."""
    return [
        words.assemble(mark(choice.firmware), say("Update the card's firmware too, where the image has a newer one")),
        words.assemble(mark(choice.restart == "now"), say("Load the driver now instead of at the reboot: links drop")),
    ]


def mark(chosen: bool) -> str:
    """The mark of a line."""
    return "[x] " if chosen else "[ ] "


def changed(choice: DriverChoice, index: int) -> DriverChoice:
    """The choice with the mark of this line turned."""
    if index == 0:
        return replace(choice, firmware=not choice.firmware)
    return replace(choice, restart="boot" if choice.restart == "now" else "now")
