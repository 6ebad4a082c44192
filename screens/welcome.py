"""Before the steps, only where there is something to say: no SR-IOV NIC, no root, not the real machine, a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from screens import words
from screens.base import FrameScreen, Nav
from screens.confirm import ROLL_BACK, roll_back_question
from screens.text import Text
from screens.widgets import PushButton, Rows
from sriov_tui.language import source_words
from sriov_tui.message import Message, plural, say
from sriov_tui.model import Evaluate, RunView, State


def unfinished(run: RunView | None) -> bool:
    """Whether a run waits for something: it still runs, waits for a reboot, was cut off, or failed half-way."""
    return run is not None and (run.running or run.outcome in ("", "reboot", "stopped", "failed", "unconfirmed"))


def needed(state: State) -> bool:
    """Whether the wizard has to say something before step 1."""
    able = any(pf.sriov_capable for pf in state.facts.pfs or ())
    return not able or state.facts.root is not True or not words.acts_here(state) or unfinished(state.run)


def reasons(state: State) -> list[Message]:
    """What is particular here, in words."""
    facts = state.facts
    parts: list[Message] = []
    if "simulated" in (state.mode, facts.source.kind):
        parts.append(
            say(
                "This is a simulated machine ({name}). Nothing that you do here touches a real host.",
                name=facts.source.name,
            )
        )
    elif facts.source.kind != "machine":
        parts.append(
            say("This is a {source}: you can look at everything and change nothing.", source=source_words(facts.source))
        )
    if facts.pfs is None:
        parts.append(say("The PCI devices of this host could not be read, so that its network cards are unknown."))
    elif not any(pf.sriov_capable for pf in facts.pfs) and any(pf.sriov_capable is None for pf in facts.pfs):
        parts.append(
            plural(
                "Whether the 1 network function of this host has SR-IOV cannot be seen.",
                "Whether any of the {count} network functions of this host has SR-IOV cannot be seen.",
                len(facts.pfs),
            )
        )
    elif not any(pf.sriov_capable for pf in facts.pfs):
        many = len(facts.pfs)
        some = (
            say("1 network function, without SR-IOV")
            if many == 1
            else say("{many} network functions, none with SR-IOV", many=many)
        )
        seen = some if many else say("no network card at all")
        parts.append(say("This host has no SR-IOV network card that can be seen: {seen}.", seen=seen))
    if facts.root is not True:
        parts.append(
            say(
                "You are not root: some things cannot be read and nothing can be changed. `sudo sriov-tui` can do both."
            )
        )
    if facts.container:
        parts.append(
            say(
                "This is a container ({container}): run sriov-tui on the host itself.",
                container=words.name(facts.container),
            )
        )
    return parts


def run_lines(state: State) -> list[Content]:
    """What is known of the run that is not finished, and what a reboot changed."""
    run = state.run
    if run is None or not unfinished(run):
        return []
    done = sum(1 for _, step_state in run.states if step_state == "done")
    told = {
        "reboot": (
            say("The reboot comes next.")
            if done == len(run.states)
            else say("It waits for the steps after the reboot.")
        ),
        "stopped": say("You stopped it between two steps."),
        "unconfirmed": say("A step was not confirmed in time, so it was rolled back."),
        "failed": say("It failed: {error}.", error=words.line(run.error) or say("see its journal")),
        "": (say("It is at work now.") if run.running else say("It was cut off in the middle.")),
    }[run.outcome if run.outcome in ("reboot", "stopped", "failed", "unconfirmed") else ""]
    parts = [
        words.content(
            say(
                "An apply started {started_at} is not finished: {done} of {count_of_states} steps done.",
                started_at=words.name(run.started_at),
                done=done,
                count_of_states=len(run.states),
            ),
            "bold",
        )
    ]
    parts.append(words.content(told))
    parts += [words.content(say("The reboot changed: {change}", change=words.line(change))) for change in state.changes]
    if run.outcome == "reboot" and not state.changes:
        parts.append(words.content(say("The host has not been rebooted since."), "$warning"))
    return parts


class WelcomeScreen(FrameScreen):
    """Says what this is about to be, and offers the ways on with one key each."""

    HEADING = say("welcome")
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "demo", "Demo machine"),
        Binding("v", "read_only", "Read-only view"),
        Binding("r", "read_only", "Read-only view"),
        Binding("c", "next", "Continue"),
    ]
    HELP_TEXT = say(
        "sriov-tui walks from a network card in a slot to virtual functions that the Cloudpods "
        "host-agent reports. On a simulated machine everything can be tried; nothing of it "
        "touches this host. The read-only view shows this host and the plan, and changes nothing."
    )

    def __init__(
        self, state: State, evaluate: Evaluate, demos: tuple[tuple[str, str], ...] = (), *, can_read_only: bool = False
    ) -> None:
        super().__init__(state, evaluate)
        self.going_on = unfinished(state.run) and state.mode != "read-only"
        self.demos = () if self.going_on else demos
        self.can_read_only = can_read_only

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Only what is possible here."""
        demo = (("d", say("Demo")),) if self.demos else ()
        look = (("r", say("Read-only")),) if self.can_read_only else ()
        return (
            ("F8", (say("Go on") if self.going_on else say("Next"))),
            *demo,
            *look,
            ("F1", say("Help")),
            ("F5", say("Re-read")),
            ("F4", say("Trouble")),
            ("F9", say("Audit")),
            ("q", say("Quit")),
        )

    def excerpt(self) -> Message:
        """What the program does."""
        return say("From a card in a slot to virtual functions (VFs) that the host-agent reports.")

    def body(self) -> Iterable[Widget]:
        """The reasons, the unfinished run, the simulated machines."""
        texts = [words.content(text) for text in reasons(self.state)]
        yield Text(words.lines([*run_lines(self.state), *texts]), id="reasons")
        if self.demos:
            yield Text(words.content(say("\nSimulated machines (d or Enter opens the marked one)")), classes="title")
            rows = [words.assemble((f"{name:<12}  ", "bold"), words.line(text)) for name, text in self.demos]
            yield Rows(rows, id="demos")
            yield Text("", id="demo")

    def buttons(self) -> Iterable[Widget]:
        """One button for each way on."""
        run = self.state.run
        if self.going_on and run is not None:
            yield PushButton((say("Watch it") if run.running else say("Go on with it")), "next")
            if not run.running:
                yield PushButton(say("Roll it back"), "undo")
        else:
            yield PushButton(say("F8 Next"), "next")
        if self.can_read_only:
            yield PushButton(say("Read-only view"), "readonly")
        yield Text("", id="message")
        yield PushButton(say("Quit"), "quit")

    def on_mount(self) -> None:
        """No findings here; the focus is on what is likely wanted."""
        self.query_one("#findings").display = False
        able = any(pf.sriov_capable for pf in self.state.facts.pfs or ())
        # At once: `focus()` waits for a frame, and the first screen would be complete a tenth of a second later.
        self.set_focus(self.query_one("#demos" if self.demos and not able else "#next"))

    def action_next(self) -> None:
        """Go on with the unfinished run if there is one, else to step 1."""
        self.leave(Nav.RESUME if self.going_on else Nav.NEXT)

    def action_back(self) -> None:
        """There is nothing before this."""
        self.say(say("This is the first screen. F10 quits."))

    def action_reread(self) -> None:
        """Read the machine again."""
        self.leave(Nav.REREAD)

    def action_demo(self) -> None:
        """Open the marked simulated machine."""
        if not self.demos:
            self.say(say("There is no simulated machine to open here."))
            return
        self.leave(Nav.DEMO, self.demos[self.query_one("#demos", Rows).highlighted or 0][0])

    def action_read_only(self) -> None:
        """Look at this host without changing anything."""
        if self.can_read_only:
            self.leave(Nav.READ_ONLY)
        else:
            self.leave(Nav.NEXT)

    @on(Rows.OptionHighlighted, "#demos")
    def tell_demo(self, event: Rows.OptionHighlighted) -> None:
        """The marked machine's sentence in full."""
        self.query_one("#demo", Text).update(words.content(self.demos[event.option_index][1]))

    @on(Rows.OptionSelected, "#demos")
    def open_demo(self) -> None:
        """Enter opens the marked simulated machine."""
        self.action_demo()

    @work
    async def ask_undo(self) -> None:
        """Roll back after a question."""
        run = self.state.run
        if run and await self.app.push_screen_wait(roll_back_question(run)) == ROLL_BACK:
            self.leave(Nav.ROLLBACK)

    def on_button_pressed(self, event: object) -> None:
        """The buttons that only this screen has."""
        name = getattr(getattr(event, "button", None), "id", "")
        if name == "undo":
            self.ask_undo()
        elif name == "quit":
            self.action_quit()
        elif name == "readonly":
            self.action_read_only()
