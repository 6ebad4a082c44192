"""What the run screen offers after each outcome, and the sentences that go with it."""

from __future__ import annotations

from sriov_tui.facts import HostFacts

BUTTONS = (
    ("confirm", "Confirm"),
    ("stop", "Stop after this step"),
    ("resume", "Go on"),
    ("reboot", "Reboot now"),
    ("restart", "To the start"),
    ("undo", "Roll back"),
    ("summary", "Summary"),
    ("quit", "Quit"),
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
    ("c", "confirm", "Confirm"),
    ("s", "stop", "Stop after step"),
    ("u", "undo", "Roll back"),
    ("m", "summary", "Summary"),
)
GOES_ON = "The work goes on by itself, also when you quit or this session drops."
TO_CONFIRM = (
    "This step may have cut this host off. Press c to tell that you can still reach it, or\n"
    "log in again and run `sriov-tui confirm` there. Without either it is undone by itself."
)
EXCERPTS = {"running": GOES_ON, "to confirm": TO_CONFIRM}
GUESTS = 8
REBOOT = (
    "The host restarts now. Every virtual machine on it stops; your session ends.\n"
    "Log in again afterwards and start sriov-tui: it goes on where it stopped.\n"
    "To reboot at another time, do not reboot here and quit."
)
REBOOT_SIMULATED = "The simulated machine restarts and is up again at once. This host is not touched."


def running_guests(facts: HostFacts) -> str:
    """What a reboot ends: the virtual machines by name, and how many containers."""
    if facts.guests is None:
        return "Whether virtual machines run here is not known: look before you reboot."
    count = len(facts.guests)
    names = ", ".join(facts.guests[:GUESTS]) + (f" and {count - GUESTS} more" if count > GUESTS else "")
    machines = f"{count} virtual machines run here: {names}." if count else "No virtual machine runs."
    return f"{machines} {facts.containers} containers run." if facts.containers else machines
