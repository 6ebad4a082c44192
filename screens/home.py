"""Where the program opens: the host and its state, its cards, the last run, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from screens import words
from screens.base import FrameScreen
from screens.confirm import ROLL_BACK, roll_back_question
from screens.demos import DemosScreen
from screens.history import HistoryScreen
from screens.key_row import Keys
from screens.services import Nav
from screens.text import Text
from screens.widgets import PushButton
from sriov_tui.language import _, source_words
from sriov_tui.message import NOTHING, Message, plural, say
from sriov_tui.model import Evaluate, RunView, State
from sriov_tui.reports.audit import Report
from sriov_tui.reports.run_words import outcome_word

CARDS = 6  # lines of ports


def unfinished(run: RunView | None) -> bool:
    """Whether a run waits for something: it still runs, waits for a reboot, was cut off, or failed half-way."""
    return run is not None and (run.running or run.outcome in ("", "reboot", "stopped", "failed", "unconfirmed"))


def standing(state: State) -> list[Content]:
    """How the host is, in one line; below it what blocks first."""
    report = Report(facts=state.facts, findings=state.findings)
    host = words.name(state.facts.hostname) or _(say("this host"))
    style = "$success" if report.ready else "$error" if report.failing else "$warning"
    parts = [words.assemble((f"{host}  ", "bold"), words.verbatim(report.verdict, style))]
    if failing := words.worst_first(report.failing):
        more = plural("(and 1 more: F9)", "(and {count} more: F9)", len(failing) - 1) if failing[1:] else NOTHING
        parts.append(words.assemble(say("Blocked by: {title}", title=failing[0].title), " ", more))
    return parts


def cards(state: State) -> list[Content]:
    """The ports that can provide VFs, a line for each, with what they provide now."""
    able = [pf for pf in state.facts.pfs or () if pf.sriov_capable]
    rows = [
        (
            pf.address,
            pf.netdev or "-",
            pf.driver or say("none"),
            say("{made} of {offered} VFs", made=words.made(pf), offered=words.offered(pf)),
            words.link_word(state.facts, pf),
            words.used_by(state.facts, pf),
        )
        for pf in able[:CARDS]
    ]
    told = [words.verbatim(text) for text in words.columns([""] * 6, rows, (12, 12, 10, 16, 8, 20))[1:]]
    more = len(able) - CARDS
    return told + (
        [words.content(plural("and 1 more port", "and {count} more ports", more), "dim")] if more > 0 else []
    )


def last_run(run: RunView | None) -> list[Content]:
    """The last run with its outcome, where it is finished; an unfinished one is told in full by `run_lines`."""
    if run is None or unfinished(run):
        return []
    done = sum(1 for _, state in run.states if state == "done")
    told = say(
        "Last run, {when} UTC: {outcome}, {done} of {count} steps. h shows every run.",
        when=words.name(run.started_at)[:16].replace("T", " "),
        outcome=outcome_word(run),
        done=done,
        count=len(run.states),
    )
    return [words.content(told)]


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
        "reboot": after_reboot(run, state.facts.kernel.boot_id or "", done == len(run.states)),
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
    return parts


def after_reboot(run: RunView, boot_id: str, done: bool) -> Message:
    """What a run waits for that asked for a reboot: the reboot, or what comes after the one that was."""
    if not boot_id or not run.boot_id:
        return say("It asked for a reboot. Whether the host was rebooted since is not known.")
    if boot_id == run.boot_id:
        return say("The reboot comes next: the host has not been rebooted since.")
    if done:
        return say("The host was rebooted since. What is left is to check what it brought.")
    return say("The host was rebooted since: the steps after the reboot come next.")


class HomeScreen(FrameScreen):
    """Says what this is about to be, and offers the ways on with one key each."""

    HEADING = say("home")
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "history", "History"),
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
        self,
        state: State,
        evaluate: Evaluate,
        demos: tuple[tuple[str, str], ...] = (),
        *,
        list_runs: Callable[[], tuple[RunView, ...]] = tuple,
        ticket: Callable[[str], tuple[str, ...]] = lambda name: (),
        can_read_only: bool = False,
    ) -> None:
        super().__init__(state, evaluate)
        self.going_on = unfinished(state.run) and state.mode != "read-only"
        self.demos = () if self.going_on else demos
        self.can_read_only = can_read_only
        self.list_runs = list_runs
        self.ticket = ticket

    @property
    def keys(self) -> Keys:
        """Only what is possible here."""
        demo = (("d", say("Demo")),) if self.demos else ()
        look = (("r", say("Read-only")),) if self.can_read_only else ()
        return (
            ("F8", (say("Go on") if self.going_on else say("Set up"))),
            ("h", say("History")),
            *demo,
            *look,
            ("F1", say("Help")),
            ("F4", say("Trouble")),
            ("F9", say("Audit")),
            ("q", say("Quit")),
        )

    def excerpt(self) -> Message:
        """What the program does."""
        return say("From a card in a slot to virtual functions (VFs) that the host-agent reports.")

    def body(self) -> Iterable[Widget]:
        """How the host is, the runs, the cards, what is particular here."""
        yield Text(words.lines(standing(self.state)), id="standing")
        told = [*run_lines(self.state), *last_run(self.state.run)]
        told += [words.content(text) for text in reasons(self.state)]
        if told:
            yield Text(words.lines(told), id="reasons", classes="spaced")
        if found := cards(self.state):
            yield Text(words.lines([words.content(say("Cards"), "bold"), *found]), id="cards", classes="crop spaced")

    def buttons(self) -> Iterable[Widget]:
        """One button for each way on."""
        run = self.state.run
        if self.going_on and run is not None:
            yield PushButton((say("Watch it") if run.running else say("Go on with it")), "next")
            if not run.running:
                yield PushButton(say("Roll it back"), "undo")
        else:
            yield PushButton(say("F8 Set up"), "next")
        if self.can_read_only:
            yield PushButton(say("Read-only view"), "readonly")
        yield Text("", id="message")
        yield PushButton(say("Quit"), "quit")

    def on_mount(self) -> None:
        """No findings here; the focus is on what is likely wanted."""
        self.query_one("#findings").display = False
        # At once: `focus()` waits for a frame, and the first screen would be complete a tenth of a second later.
        self.set_focus(self.query_one("#next"))

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
        """Offer the simulated machines."""
        if self.demos:
            self.app.push_screen(DemosScreen(self.demos), self.open_demo)
        else:
            self.say(say("There is no simulated machine to open here."))

    def open_demo(self, name: str | None) -> None:
        """Open the one that was picked."""
        if name:
            self.leave(Nav.DEMO, name)

    def action_history(self) -> None:
        """Show every run."""
        can_undo = self.state.mode != "read-only"
        screen = HistoryScreen(self.state.facts.hostname, self.list_runs(), self.ticket, can_undo=can_undo)
        self.app.push_screen(screen, lambda answer: self.leave(Nav.ROLLBACK) if answer else None)

    def action_read_only(self) -> None:
        """Look at this host without changing anything."""
        if self.can_read_only:
            self.leave(Nav.READ_ONLY)
        else:
            self.leave(Nav.NEXT)

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
