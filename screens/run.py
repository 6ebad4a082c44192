"""The run: its steps as the journal tells them, then the verified result, a reboot, or the way back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button

from screens import words
from screens.agent import RestartsAgent
from screens.confirm import ROLL_BACK, roll_back_question
from screens.key_row import Keys
from screens.overlays import TextScreen
from screens.result import ToDo, copy, next_steps
from screens.run_lines import conclusion, countdown, doing, elapsed, progress, stage_line, step_rows, verdict
from screens.run_offers import BUTTONS, EXCERPTS, GOES_ON, LETTERS, OFFERS, reboot_question
from screens.services import Nav, Services
from screens.text import Text
from screens.waiting import with_word
from screens.widgets import Pane, PushButton, Rows
from sriov_tui.message import say, sentences
from sriov_tui.model import Finding, Level, RunView, SriovError, State
from sriov_tui.reports.run_words import OUTCOMES

POLL = 0.25  # seconds between two looks at the journal, only while something runs
ROOM = 16  # rows of this screen that are neither steps nor output
PATIENCE = 90.0  # seconds that the engine may take to open its journal: 50 were seen on a host with no time to spare
GLANCE = 1.0  # the same, where nothing was begun: an engine that is at work has its journal open already


class RunScreen(RestartsAgent):
    """Follows a run. There is no Back here: only "stop after this step" and "roll back".

    `begin` starts it (None: it is there already); what the journal said before is not taken for its result.
    """

    HEADING = say("apply")
    AUTO_FOCUS = "#steps"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "confirm_or_copy", "Confirm, or copy"),
        Binding("s", "press('stop')", "Stop after this step"),
        Binding("u", "press('undo')", "Roll back"),
        Binding("m", "press('summary')", "Save as Markdown"),
        Binding("h", "restart", "Restart the host-agent"),
    ]
    KEYS = (("F1", say("Help")), ("F2", say("Explain")), ("F9", say("Audit")), ("F10", say("Quit")))
    HELP_TEXT = say(
        "A separate process does the work and keeps a journal; this screen only follows it. You may "
        "quit or lose the session: the work goes on, and sriov-tui opens here again. Stop waits for "
        "the end of the current step. Roll back undoes every step that was done, the last one first. "
        "A VF that a virtual machine holds is never removed. A step that may cut this session off is "
        "rolled back automatically unless you press c here, or run `sriov-tui confirm` in a new "
        "connection, before the time shown is over. At the end it begins with what to do next: c "
        "copies the marked command, or all commands of a marked sentence, where the terminal can "
        "(OSC 52). m saves what was done, and what the host shows now, as Markdown for a ticket. "
        "h restarts the host-agent of this node, after a question, where this host has a way for it."
    )
    ABOUT: ClassVar[dict[str, str]] = {
        "todo": say("What to do next. c or Enter copies the marked command, or all commands of the marked sentence."),
        "steps": say("The steps of the plan and how far each is: waiting, doing, done, failed, undone, or kept."),
        "undo": say("Takes every step back that was done, the last one first, after a question."),
        "summary": say("Saves what was done, and what the host shows now, as Markdown for a ticket, and shows it."),
        "resume": say("Goes on with the steps that are left."),
    }

    def __init__(self, state: State, services: Services, begin: Callable[[], None] | None = None) -> None:
        super().__init__(state, services.evaluate)
        self.services = services
        self.begin = begin
        self.view: RunView | None = None
        self.before: RunView | None = None
        self.until = 0.0
        self.timer: Timer | None = None
        self.undo_wanted = False
        self.verified = False
        self.offered = ""
        self.letters: Keys = ()

    @property
    def keys(self) -> Keys:
        """The letters of what is offered, and the keys of every screen."""
        return (*self.letters, *self.KEYS)

    def body(self) -> Iterable[Widget]:
        """Steps, the current operation, the last lines of output."""
        yield Text(words.content(say("Starting.")), id="now")
        yield ToDo(id="todo")
        yield Rows(id="steps")
        yield Text("", id="output")

    def excerpt(self) -> str:
        """What may happen to the session, and that it does not matter."""
        return GOES_ON

    def buttons(self) -> Iterable[Widget]:
        """Every button; `offer` shows those that make sense now."""
        for name, label in BUTTONS:
            yield PushButton(label, name)
        yield Text("", id="message")

    def relevant(self) -> tuple[Finding, ...]:
        """No findings while it runs; afterwards those that still stand in the way."""
        return words.worst_first(f for f in self.state.findings if f.level >= Level.WARN) if self.verified else ()

    def on_mount(self) -> None:
        """Start, and follow."""
        self.follow(self.begin)

    def follow(self, begin: Callable[[], None] | None) -> None:
        """Start something by the engine, if anything, and look at the journal until it ends."""
        self.before = self.services.view_run() if begin else None
        self.until = time.monotonic() + (PATIENCE if begin else GLANCE)
        self.verified = False
        self.query_one("#todo", ToDo).tell(())
        try:
            if begin:
                begin()
        except SriovError as error:
            self.offer("none" if self.view is None else self.view.outcome)
            self.tell(sentences(error.title, error.hint))
            return
        self.timer = self.set_interval(POLL, self.poll)
        self.offer("running")
        self.poll()

    def poll(self) -> None:
        """Look at the journal once."""
        view = self.services.view_run()
        fresh = view is not None and (self.before is None or view != self.before)
        if view is not None and fresh:
            self.before = None
            self.show(view)
        if view is not None and fresh and (view.running or (not view.outcome and time.monotonic() < self.until)):
            return
        if fresh or time.monotonic() >= self.until:
            self.settle(view if fresh else None)

    def show(self, view: RunView) -> None:
        """Show what the journal tells; a line that did not change is not painted again."""
        self.view = view
        self.query_one("#steps", Rows).show(step_rows(view))
        step = doing(view)
        at = [s.id for s in view.plan.steps].index(step.id) + 1 if step else 0
        where = say("Step {at} of {count_of_steps}", at=at, count_of_steps=len(view.plan.steps))
        if view.running and view.confirm_until:
            left = countdown(view, time.clock_gettime(time.CLOCK_BOOTTIME))
            self.tell(say("{where}, done. {left}", where=where, left=left), "bold $warning")
        else:
            gone = progress(view, time.time())
            self.tell(say("{where}, {gone}: {title}", where=where, gone=gone, title=step.title) if step else "")
        if view.running:
            self.offer("to confirm" if view.confirm_until else "running")
        output = [
            words.content(words.line(text), "dim")
            for text in view.output[-max(5, self.size.height - ROOM - len(view.states)) :]
        ]
        if bar := stage_line(view):
            output.insert(0, words.content(bar))
        told = self.query_one("#output", Text)
        told.set_class(True, "crop")
        told.update(words.lines([words.content(say("Last output")), *output] if output else []))

    def tell(self, sentence: str, style: str = "bold") -> None:
        """One line above the steps."""
        self.query_one("#now", Text).update(words.content(sentence, style))

    def settle(self, view: RunView | None) -> None:
        """It ended, or never began: say which, offer what is possible, verify an apply."""
        if self.timer:
            self.timer.stop()
        if view is None:
            self.offer("none")
            self.tell(
                say(
                    "The engine wrote no journal within {patience} s. `sriov-tui history` lists the runs.",
                    patience=f"{PATIENCE:.0f}",
                )
            )
            return
        if self.undo_wanted and view.outcome not in ("rolled-back", "partly-back", "rollback-failed"):
            self.undo_wanted = False
            self.follow(self.services.rollback_run)
            return
        sentence = OUTCOMES[view.outcome]
        self.tell(sentences(sentence, view.error))
        self.offer(view.outcome)
        self.query_one("#body", Pane).scroll_home(animate=False)
        if view.outcome in ("applied", "rolled-back"):
            self.verify(view)

    @work
    async def verify(self, view: RunView) -> None:
        """Read the host again: what the checks say now is the result, not our own records."""
        try:
            state = await with_word(self.app, self.services.gather, say("Reading the host again"))
        except SriovError as error:
            self.tell(sentences(say("The host could not be read again: {title}", title=error.title), error.hint))
            return
        choices = self.state.choices
        self.state = state if state.choices == choices else self.evaluate(choices)
        self.verified = True
        self.show_findings()
        if view.outcome == "rolled-back":
            return
        self.conclude(view)

    def conclude(self, view: RunView) -> None:
        """What came of an apply: first what to do next, then what will be reported, then what the checks say."""
        rows = verdict(view, self.state.findings)
        told, good = conclusion(view, self.state.findings)
        took = elapsed(view, time.time())
        self.tell(
            (say("{told} It took {took}.", told=told, took=took) if took else told),
            "bold $success" if good else "bold $error",
        )
        todo = self.query_one("#todo", ToDo)
        todo.tell(next_steps(view, self.state, good))
        if todo.told:
            todo.focus()
            self.name_key("c", say("Copy"))
        if good:
            self.look_for_agent()
        told_next = (say("The host-agent"), *self.state.forecast, "") if good and self.state.forecast else ()
        after = [words.content(words.line(text)) for text in told_next]
        output = self.query_one("#output", Text)
        output.set_class(False, "crop")
        output.update(words.lines([*after, words.content(say("Checked afterwards")), *rows]))
        self.query_one("#body", Pane).scroll_home(animate=False)

    def offer(self, outcome: str) -> None:
        """Show the buttons that make sense after this outcome."""
        if outcome == self.offered:
            return
        self.offered = outcome
        names = OFFERS[outcome]
        letters = tuple((key, label) for key, name, label in LETTERS if name in names)
        self.letters = letters
        self.name_working_keys()
        self.query_one("#excerpt", Text).update(words.content(EXCERPTS.get(outcome, "")))
        self.set_class(outcome not in EXCERPTS, "-bare")
        for name, _ in BUTTONS:
            self.query_one(f"#{name}").display = name in names
        if outcome not in EXCERPTS or isinstance(self.focused, Button | None):
            self.query_one(f"#{names[0]}").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button does what its key does."""
        self.action_press(event.button.id or "")

    def action_press(self, name: str) -> None:
        """Do what a button says, where it is offered."""
        if not self.query_one(f"#{name}").display:
            self.say(say("That is not possible now."))
            return
        actions: dict[str, Callable[[], object]] = {
            "confirm": self.confirm,
            "stop": self.stop_after_step,
            "resume": lambda: self.follow(self.services.resume_run),
            "reboot": self.ask_reboot,
            "restart": lambda: self.leave(Nav.BACK),
            "undo": self.ask_undo,
            "summary": self.save_summary,
            "quit": self.action_quit,
        }
        actions[name]()

    def action_confirm_or_copy(self) -> None:
        """While a step waits, keep it; at the end, copy what is marked of what to do next."""
        todo = self.query_one("#todo", ToDo)
        if todo.display:
            self.say(copy(self.app, todo.copied()))
        else:
            self.action_press("confirm")

    @on(Rows.OptionSelected, "#todo")
    def copy_selected(self, event: Rows.OptionSelected) -> None:
        """Enter copies, too; on the offer to restart the host-agent it asks."""
        event.stop()
        if self.interrupts and not event.option_index:
            self.action_restart()
        else:
            self.action_confirm_or_copy()

    def confirm(self) -> None:
        """Tell the run that this key arrived: the host can be reached."""
        try:
            self.services.confirm_run()
        except SriovError as error:
            self.say(sentences(error.title, error.hint))
            return
        self.say(say("Confirmed."))

    def stop_after_step(self) -> None:
        """Ask the engine to stop between two steps."""
        try:
            self.services.stop_run()
        except SriovError as error:
            self.say(sentences(error.title, error.hint))
            return
        self.say(say("It stops when the current step is done."))

    @work
    async def ask_undo(self) -> None:
        """Roll back after a question; where it still runs, stop first."""
        view = self.view
        if not view or await self.app.push_screen_wait(roll_back_question(view)) != ROLL_BACK:
            return
        if self.view and self.view.running:
            self.undo_wanted = True
            self.stop_after_step()
        else:
            self.follow(self.services.rollback_run)

    @work
    async def ask_reboot(self) -> None:
        """Reboot after the host's name was typed."""
        if await self.app.push_screen_wait(reboot_question(self.state)) == "Reboot":
            self.leave(Nav.REBOOT)

    def save_summary(self) -> None:
        """Write the run as Markdown, tell where, and show it."""
        try:
            path, lines = self.services.save_summary(self.state if self.verified else None)
        except SriovError as error:
            self.say(sentences(error.title, error.hint))
            return
        self.app.push_screen(
            TextScreen(say("Summary"), "\n".join((words.shown(say("Saved in {path}", path=path)), "", *lines)))
        )

    def action_back(self) -> None:
        """There is no Back here."""
        self.say(say("This key does not go back here; u rolls back."))

    def action_next(self) -> None:
        """There is no Next here."""
        self.say(say("Use the buttons: Tab moves to them."))

    def action_reread(self) -> None:
        """While it runs the journal is followed anyway; afterwards the host is read again."""
        if self.view and self.view.outcome in ("applied", "rolled-back"):
            self.verify(self.view)
