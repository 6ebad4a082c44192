"""What the run screen offers after each outcome, and the sentences that go with it."""

from __future__ import annotations

from screens import words
from screens.confirm import ConfirmScreen
from sriov_tui.facts import HostFacts
from sriov_tui.message import Message, lines, plural, say
from sriov_tui.model import State

BUTTONS = (
    ("confirm", say("Confirm")),
    ("stop", say("Stop after this step")),
    ("resume", say("Go on")),
    ("reboot", say("Reboot now")),
    ("restart", say("To the start")),
    ("undo", say("Roll back")),
    ("summary", say("Summary")),
    ("quit", say("Quit")),
)
OFFERS = {
    "running": ("stop", "undo"),
    "to confirm": ("stop", "undo", "confirm"),
    "": ("resume", "undo", "quit", "summary"),
    "applied": ("quit", "restart", "undo", "summary"),
    "reboot": ("reboot", "undo", "quit", "summary"),
    "failed": ("undo", "resume", "quit", "summary"),
    "stopped": ("resume", "undo", "quit", "summary"),
    "unconfirmed": ("undo", "resume", "quit", "summary"),
    "rolled-back": ("restart", "quit", "summary"),
    "partly-back": ("undo", "restart", "quit", "summary"),
    "rollback-failed": ("undo", "restart", "quit", "summary"),
    "none": ("restart", "quit"),
}
LETTERS = (
    ("c", "confirm", say("Confirm")),
    ("s", "stop", say("Stop after step")),
    ("u", "undo", say("Roll back")),
    ("m", "summary", say("Summary")),
)
GOES_ON = say("The work goes on by itself, also when you quit or this session drops.")
TO_CONFIRM = say(
    "This step may have cut this host off. Press c if you can still reach it, or log in\nagain and "
    "run `sriov-tui confirm` there. Without either it is rolled back automatically."
)
EXCERPTS = {"running": GOES_ON, "to confirm": TO_CONFIRM}
GUESTS = 8
REBOOT = say(
    "The host restarts now. Every virtual machine on it stops; your session ends.\n"
    "Log in again afterwards and start sriov-tui: it goes on where it stopped.\n"
    "To reboot at another time, do not reboot here and quit."
)
REBOOT_SIMULATED = say("The simulated machine restarts and is up again at once. This host is not touched.")


def reboot_question(state: State) -> ConfirmScreen:
    """The question before a reboot, which the host's name answers."""
    host = state.facts.hostname or "reboot"
    text = REBOOT_SIMULATED if state.mode == "simulated" else lines(REBOOT, running_guests(state.facts))
    answers = (say("Do not reboot"), say("Reboot"))
    return ConfirmScreen(say("Reboot {host}?", host=host), words.content(text), answers, typed=host)


def running_guests(facts: HostFacts) -> Message:
    """What a reboot ends: the virtual machines by name, and how many containers."""
    if facts.guests is None:
        return say("Whether virtual machines run here is not known: look before you reboot.")
    count = len(facts.guests)
    shown = facts.guests[:GUESTS]
    names = say("{guests} and {count} more", guests=shown, count=count - GUESTS) if count > GUESTS else shown
    machines = (
        plural(
            "1 virtual machine runs here: {names}.", "{count} virtual machines run here: {names}.", count, names=names
        )
        if count
        else say("No virtual machine runs.")
    )
    return (
        say("{machines} {containers} containers run.", machines=machines, containers=facts.containers)
        if facts.containers
        else machines
    )
