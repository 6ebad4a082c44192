"""The Textual app: holds the State, walks the screens, runs what they ask for.

Import this only after `terminal.prepare_environment`: Textual reads its settings at import.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from textual import work

from screens import words
from screens.audit import AuditScreen
from screens.base import FrameScreen, StepScreen
from screens.bios_iommu import IommuScreen
from screens.confirm import ConfirmScreen
from screens.device import DeviceScreen
from screens.driver import DriverScreen
from screens.driver_image import Images
from screens.hardware import HardwareScreen
from screens.header import Headline
from screens.home import HomeScreen
from screens.offload import OffloadScreen
from screens.overlays import Overlay, TextScreen
from screens.review import DiffScreen
from screens.run import RunScreen
from screens.services import Nav, Outcome, Services
from screens.troubleshoot import TroubleScreen
from screens.vfs import VfsScreen
from screens.waiting import with_word
from sriov_tui.language import _
from sriov_tui.language.layout import printable
from sriov_tui.message import NOTHING, Message, lines, say
from sriov_tui.model import Choices, SriovError, State
from sriov_tui.model.advice import Advice
from sriov_tui.tui.terminal import environment
from sriov_tui.tui.terminal_app import TerminalApp

WIZARD: tuple[type[StepScreen], ...] = (
    HardwareScreen,
    IommuScreen,
    DriverScreen,
    VfsScreen,
    OffloadScreen,
    DiffScreen,
)
Where = Literal["home", "run", "mend", "end"] | int


class SriovApp(TerminalApp):
    """The wizard on one State; every decision comes from a screen's Outcome, every act from Services."""

    opens: Where = "home"

    def __init__(self, state: State, services: Services, *, plain: bool = False) -> None:
        super().__init__(plain=plain)
        self.state = state
        self.services = services
        self.saved = state.choices
        self.begin: Callable[[], None] | None = None
        self.advice = Advice()
        self.left: tuple[Where, Choices] = ("home", state.choices)  # where mending was begun
        self.last_word = ""
        self.shown: FrameScreen = HomeScreen(state, services.evaluate)  # the last one of the walk

    def on_mount(self) -> None:
        """Start the walk."""
        super().on_mount()
        self.walk()

    @work(exclusive=True)
    async def walk(self) -> None:
        """From screen to screen, until one leads to the end."""
        run = self.state.run
        where: Where = "run" if run and run.running else self.opens
        while where != "end":
            self.shown = self.screen_for(where)
            outcome = await self.push_screen_wait(self.shown)
            self.take(outcome)
            where = await self.after(where, outcome)
        self.exit(0)

    def headline(self) -> Headline:
        """The first row of a box that is asked between two screens."""
        return self.shown.headline()

    def screen_for(self, where: Where) -> FrameScreen:
        """The screen to show there."""
        if where == "mend":
            mending = DiffScreen(self.state, self.services.evaluate)
            mending.save_plan = self.services.save_plan
            return mending
        if where == "run":
            begin, self.begin = self.begin, None
            return RunScreen(self.state, self.services, begin)
        if isinstance(where, int):
            screen = WIZARD[where](self.state, self.services.evaluate)
            listing, look = self.services.list_images, self.services.look_at_image
            if isinstance(screen, DiffScreen):
                screen.save_plan = self.services.save_plan
            if isinstance(screen, DriverScreen) and listing and look:
                screen.images = Images(listing, look)
            return screen
        return HomeScreen(
            self.state,
            self.services.evaluate,
            self.services.demos,
            list_runs=self.services.list_runs,
            ticket=self.services.ticket,
            can_read_only=self.services.open_read_only is not None and self.state.mode != "read-only",
        )

    def take(self, outcome: Outcome) -> None:
        """Take the choices that a screen hands back."""
        if outcome.choices != self.state.choices:
            self.state = self.services.evaluate(outcome.choices)

    async def after(self, where: Where, outcome: Outcome) -> Where:
        """Where to go after this outcome."""
        nav = outcome.nav
        if nav is Nav.QUIT:
            if not await self.may_quit():
                return where
            self.last_word = self.farewell(where)
            return "end"
        if nav is Nav.MEND or (where == "mend" and nav is not Nav.APPLY):
            return self.review_of_mending(where, nav)
        if nav is Nav.LANGUAGE:
            return where
        if nav is Nav.REREAD:
            await self.reread()
            return where
        if nav in (Nav.DEMO, Nav.READ_ONLY):
            return await self.open_other(nav, outcome.name, where)
        if nav in (Nav.APPLY, Nav.RESUME, Nav.ROLLBACK):
            return await self.to_run(nav, where)
        if nav is Nav.REBOOT:
            return await self.rebooted(where)
        if nav is Nav.JUMP:
            return await self.jump(int(outcome.name))
        return await self.along(where, nav)

    def review_of_mending(self, where: Where, nav: Nav) -> Where:
        """To the review of what mends a trouble, and from it back to where the operator was."""
        if nav is not Nav.MEND:
            came_from, choices = self.left
            self.state = self.services.evaluate(choices)
            return came_from
        plan, self.left = self.advice.plan, (where, self.state.choices)
        self.state = replace(
            self.state, choices=plan.choices, plan=plan, diff=self.advice.diff, findings=(), forecast=()
        )
        return "mend"

    async def along(self, where: Where, nav: Nav) -> Where:
        """The next or the previous screen; after a run, the start."""
        if where == "run":
            await self.reread()
            return "home"
        at = where if isinstance(where, int) else -1
        if nav is Nav.BACK:
            return at - 1 if at > 0 else "home"
        if self.state.mode != "read-only":
            await self.save()
        return at + 1 if at + 1 < len(WIZARD) else "end"

    async def jump(self, step: int) -> Where:
        """To another step; what was chosen is saved as Next does it."""
        if self.state.mode != "read-only":
            await self.save()
        return step - 1

    async def to_run(self, nav: Nav, where: Where) -> Where:
        """To the run screen, with what it shall begin."""
        plan, run = self.state.plan, self.state.run
        if nav is Nav.APPLY:
            if not await self.save():
                return where
            self.begin = lambda: self.services.start_run(plan)
        elif nav is Nav.ROLLBACK:
            self.begin = self.services.rollback_run
        else:
            self.begin = None if run and run.running else self.services.resume_run
        return "run"

    async def rebooted(self, where: Where) -> Where:
        """Reboot; a simulated machine is up again at once, of the real one this is the end."""
        if not await self.guard(self.services.reboot):
            return where
        if self.state.mode != "simulated":
            return "end"
        await self.reread()
        return "home"

    async def open_other(self, nav: Nav, name: str, where: Where) -> Where:
        """Go on with a simulated machine, or with this one read-only."""
        demo, read_only = self.services.open_demo, self.services.open_read_only
        try:
            if nav is Nav.DEMO and demo is not None:
                opened = await with_word(self, lambda: demo(name), say("Starting the simulated machine"))
            elif nav is Nav.READ_ONLY and read_only is not None:
                opened = await with_word(self, read_only, say("Reading the machine"))
            else:
                return where
        except SriovError as error:
            await self.complain(error)
            return where
        self.state, self.services = opened
        self.saved = self.state.choices
        return 0

    async def reread(self) -> None:
        """Read the machine again; the choices stay as they are."""
        choices = self.state.choices
        try:
            self.state = await with_word(self, self.services.gather, say("Reading the machine"))
        except SriovError as error:
            await self.complain(error)
            return
        if self.state.choices != choices:
            self.state = self.services.evaluate(choices)

    async def save(self) -> bool:
        """Save the choices; False where that failed, after saying why."""
        done = await self.guard(lambda: self.services.save_answers(self.state.choices))
        self.saved = self.state.choices if done else self.saved
        return done

    async def guard(self, act: Callable[[], None]) -> bool:
        """Do something; False where it failed, after saying why."""
        try:
            act()
        except SriovError as error:
            await self.complain(error)
            return False
        return True

    async def complain(self, error: SriovError) -> None:
        """Show an error with its way out."""
        await self.push_screen_wait(
            TextScreen(say("That did not work"), lines(error.title, " ", error.hint) if error.hint else error.title)
        )

    def farewell(self, where: Where) -> Message:
        """One line for the shell: what stands, and what to run next."""
        view = self.services.view_run() if where == "run" else None
        if view is not None:
            outcome = view.outcome or (say("at work") if view.running else say("cut off"))
            name = words.line(view.id)
            return say(
                "Run {name}: {outcome}. `sriov-tui history` shows more; `sriov-tui` opens at this run.",
                name=name,
                outcome=outcome,
            )
        if self.state.mode == "read-only" or self.state.choices != self.saved or not self.saved.chosen:
            return say("Nothing was changed.")
        return say("Your choices are saved, nothing else was changed. `sriov-tui plan` shows what they would do.")

    async def may_quit(self) -> bool:
        """Whether to quit: asked where choices are not saved yet."""
        if self.state.choices == self.saved or self.state.mode == "read-only":
            return True
        text = words.content(say("Your choices since the last Next are not saved yet."))
        answers = ("Stay", say("Save and quit"), say("Quit without saving"))
        answer = await self.push_screen_wait(ConfirmScreen("Quit?", text, answers))
        if answer == "Save and quit":
            return await self.save()
        return answer == "Quit without saving"

    def action_audit(self) -> None:
        """Every finding, over the screen that is shown."""
        if isinstance(self.screen, FrameScreen):
            below = self.screen
            audit = AuditScreen(below.state, self.services.evaluate, self.services.follow)
            self.push_screen(audit, lambda _: self.take_over(below, audit.state))

    def action_troubleshoot(self) -> None:
        """From a symptom to its cause, over the screen that is shown; from there to the review of what mends it."""
        if isinstance(self.screen, (AuditScreen, DeviceScreen, Overlay)):
            self.screen.dismiss(None)
            self.call_after_refresh(self.action_troubleshoot)
            return
        below, troubleshoot = self.screen, self.services.troubleshoot
        if not isinstance(below, FrameScreen) or troubleshoot is None:
            return

        def mend(advice: Advice | None) -> None:
            if advice is not None:
                self.advice = advice
                below.leave(Nav.MEND)

        self.push_screen(TroubleScreen(below.state, self.services.symptoms(), troubleshoot), mend)

    def take_over(self, below: FrameScreen, state: State) -> None:
        """What the audit saw change meanwhile, for the step below it."""
        if state.facts != below.state.facts and isinstance(below, StepScreen):
            below.choose(below.state.choices)
            self.state = below.state


def run_app(state: State, services: Services, *, plain: bool = False, mouse: bool = False) -> int:
    """Show the wizard; the exit status: 0, 1 after a crash, 128 + the signal's number."""
    environment.end_with_parent()
    app = SriovApp(state, services, plain=plain)
    app.run(mouse=mouse)
    if app.crash:
        kept = app.services.report_crash(app.crash)
        last = app.crash.strip().splitlines()[-1]
        where = say(" The details are in {kept}.", kept=kept) if kept else NOTHING
        told = say(
            "sriov-tui stopped by a fault of its own: {last}.{where} An apply goes on by itself.",
            last=last,
            where=where,
        )
        print(printable(_(told)), file=sys.stderr)
    elif app.last_word and not app.return_code:
        print(printable(_(app.last_word)))
    return app.return_code or 0
