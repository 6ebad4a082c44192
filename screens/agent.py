"""Restart the host-agent from the result of a run: the question, its log as it comes, and what it reported."""

from __future__ import annotations

from collections.abc import Callable

from textual import work
from textual.content import Content

from screens import words
from screens.base import FrameScreen
from screens.confirm import ConfirmScreen
from screens.key_row import Keys
from screens.overlays import Overlay
from screens.result import ToDo
from screens.services import Services
from screens.text import Text
from screens.waiting import in_thread
from screens.widgets import Pane
from sriov_tui.message import Message, say
from sriov_tui.model import SriovError

RESTART = say("Restart")
OFFER = say("Enter or h restarts the host-agent here, and shows what it reports.")


class AgentScreen(Overlay):
    """What is told of the restart, line by line. It may be closed at any time: the restart is not stopped by it."""

    def __init__(self, restart: Callable[[Callable[[Message], None]], bool]) -> None:
        super().__init__(say("Restart the host-agent"))
        self.restart = restart
        self.told: list[tuple[str, str]] = [(say("The host-agent is being stopped."), "")]
        self.ended = False

    def text(self) -> Content:
        """All that was told."""
        return words.lines([words.content(text, style) for text, style in self.told])

    def on_mount(self) -> None:
        """Begin."""
        self.follow()

    @work
    async def follow(self) -> None:
        """Restart it and tell what comes; at the end whether it reported what was foreseen."""
        try:
            agrees = await in_thread(lambda: self.restart(self.pass_on))
        except SriovError as error:
            self.tell(error.title, "bold $error")
            self.tell(error.hint)
            agrees = None
        self.ended = True
        if agrees is not None:
            self.tell(
                say("It reported what was foreseen.") if agrees else say("That is not what was foreseen."),
                "bold $success" if agrees else "bold $error",
            )

    def pass_on(self, line: Message) -> None:
        """Have it told: this is called in the thread of the restart."""
        self.call_later(self.tell, line)

    def tell(self, line: str, style: str = "") -> None:
        """One more line, in sight."""
        self.told.append((line, style))
        self.query_one("Pane.text Text", Text).update(self.text())
        self.query_one(Pane).scroll_end(animate=False)


class RestartsAgent(FrameScreen):
    """A screen that offers the restart as the first thing to do, once a way for it was found."""

    services: Services
    letters: Keys
    interrupts: tuple[Message, ...] = ()

    def name_key(self, key: str, meaning: str) -> None:
        """Name one more key in the last row, once."""
        self.letters = ((key, meaning), *(one for one in self.letters if one[0] != key))
        self.name_working_keys()

    @work
    async def look_for_agent(self) -> None:
        """Offer the restart where there is a way; where there is none, the commands stand there anyway."""
        self.interrupts = ()
        if self.services.ask_agent is None:
            return
        try:
            self.interrupts = await in_thread(self.services.ask_agent)
        except SriovError:
            return
        todo = self.query_one("#todo", ToDo)
        todo.tell((OFFER, "", *todo.told))
        todo.focus()
        self.name_key("h", say("Agent"))

    def action_restart(self) -> None:
        """Restart the host-agent, where that is offered now."""
        if self.interrupts and self.query_one("#todo", ToDo).display:
            self.restart_agent()
        else:
            self.say(say("That is not possible now."))

    @work
    async def restart_agent(self) -> None:
        """Ask, restart, follow, and read the host again: the host-agent makes VFs and bridges at its start."""
        text = words.lines([part for line in self.interrupts for part in (words.content(line), Content(""))])
        host = words.name(self.state.facts.hostname)
        question = ConfirmScreen(say("Restart the host-agent of {host}?", host=host), text, (say("Leave it"), RESTART))
        if await self.app.push_screen_wait(question) != RESTART:
            return
        screen = AgentScreen(self.services.restart_agent)
        await self.app.push_screen_wait(screen)
        if not screen.ended:
            self.say(say("The restart goes on. F5 reads the host again."))
            return
        self.action_reread()
