"""The other language at any time: F6 on a screen says all of it anew, and those below follow when it is closed."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.events import ScreenResume
from textual.screen import Screen, ScreenResultType

from screens.widgets import Rows
from sriov_tui import language


class BilingualScreen(Screen[ScreenResultType]):
    """A screen that is composed anew where another language is spoken now; its lists keep their marked lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "language", "Language"),
        Binding("l", "letter('language')", show=False),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A letter stands for a function key only where there is no field: there letters are typed, or nothing."""
        if action == "letter":
            return not any(field.display for field in self.query("#body Field"))
        return super().check_action(action, parameters)

    async def action_letter(self, action: str) -> None:
        """Do what the letter stands for."""
        await self.app.run_action(action, self)

    def on_mount(self) -> None:
        """Fill it for the first time."""
        self.spoken = language.spoken()
        self.fill()

    def fill(self) -> None:
        """Show what compose leaves open."""

    def action_language(self) -> None:
        """Speak the other language; plain ASCII has English only."""
        if self.app.has_class("-plain"):
            self.refuse_language()
            return
        language.speak(language.other())
        self.call_later(self.follow_language)

    def refuse_language(self) -> None:
        """Tell, where there is room for it, that there is no other language here."""

    @on(ScreenResume)
    def shown_again(self) -> None:
        """The screen that was above may have spoken another language."""
        self.call_after_refresh(self.follow_language)

    async def follow_language(self) -> None:
        """Say everything in the language that is spoken now."""
        if self.is_current and self.spoken != language.spoken():
            self.spoken = language.spoken()
            await self.say_again()

    async def say_again(self) -> None:
        """Everything anew; the marked lines and the focus stay where they are."""
        marked = {rows.id: rows.highlighted for rows in self.query(Rows)}
        focused = self.focused.id if self.focused else None
        await self.recompose()
        self.fill()
        for rows in self.query(Rows):
            rows.highlighted = marked.get(rows.id, rows.highlighted)
        for widget in self.query(f"#{focused}") if focused else ():
            widget.focus()
