"""A file list: into folders, up again, until an image is chosen. Names are somebody else's text."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from screens import words
from screens.header import above
from screens.key_row import KeyRow
from screens.text import Text
from screens.widgets import Field, PushButton, Rows, TooSmall
from sriov_tui.message import NOTHING, say
from sriov_tui.model import SriovError

List = Callable[[str], tuple[tuple[str, bool], ...]]
"""A folder to the names in it: (name, whether it is a folder)."""
LONGEST = 4096  # bytes of a path


class PickScreen(ModalScreen[str]):
    """The path of a file; "" where nothing was chosen. What is in a folder is asked for when it is entered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f10,ctrl+q,ctrl+c", "cancel", "Cancel"),
        Binding("backspace,left", "up", "Folder above", show=False),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    def __init__(self, folder: str, listing: List) -> None:
        super().__init__()
        self.folder = folder
        self.listing = listing
        self.names: tuple[tuple[str, bool], ...] = ()

    def compose(self) -> ComposeResult:
        """The folder, what is in it, a field for a whole path, the way out."""
        yield from above(self)
        with Vertical(classes="box") as box:
            box.border_title = words.content(say("Choose an image of the vendor's driver"))
            yield Text("", id="folder", classes="crop")
            yield Rows(id="files")
            yield Text("", id="said", classes="crop")
            with Horizontal(classes="field"):
                yield Text(words.content(say("Or its path  ")), classes="cells")
                yield Field(hint="/root/MLNX_OFED_LINUX-....iso", most=LONGEST, id="path").add_class("digest")
            with Horizontal(classes="answers"):
                yield PushButton(say("Cancel"), "cancel")
        yield KeyRow((("Enter", say("Choose")), ("Backspace", say("Folder above")), ("Esc", say("Cancel"))))
        yield TooSmall()

    def on_mount(self) -> None:
        """Show the first folder."""
        self.enter(self.folder)
        self.query_one("#files").focus()

    def enter(self, folder: str) -> None:
        """Show another folder; where it cannot be read the list stays, with the reason."""
        try:
            found = self.listing(folder)
        except SriovError as error:
            self.query_one("#said", Text).update(words.content(words.line(error.title)))
            if self.names or folder == "/":
                return
            found = self.listing(folder := "/")
        else:
            self.query_one("#said", Text).update(
                words.content(NOTHING if any((not f for _, f in found)) else say("No image is in here."))
            )
        self.folder = folder
        self.names = ((("..", True),) if folder != "/" else ()) + found
        rows = [words.verbatim(f"{words.name(name)}{'/' if is_folder else ''}") for name, is_folder in self.names]
        self.query_one("#folder", Text).update(words.verbatim(words.name(folder), "bold"))
        files = self.query_one("#files", Rows)
        files.show(rows)
        first = next((index for index, (_, is_folder) in enumerate(self.names) if not is_folder), 0)
        files.highlighted = first if rows else None  # an image, where there is one

    @on(Rows.OptionSelected, "#files")
    def take(self, event: Rows.OptionSelected) -> None:
        """Enter goes into a folder, or chooses an image."""
        name, is_folder = self.names[event.option_index]
        path = posixpath.normpath(posixpath.join(self.folder, name))
        if is_folder:
            self.enter(path)
        else:
            self.dismiss(path)

    @on(Input.Submitted, "#path")
    def take_path(self, event: Input.Submitted) -> None:
        """A typed path is taken as it is: whether it is an image is told by the finding about it."""
        if event.value.strip():
            self.dismiss(event.value.strip())

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Choose nothing."""
        self.dismiss("")

    def action_up(self) -> None:
        """To the folder above."""
        self.enter(posixpath.dirname(self.folder))
