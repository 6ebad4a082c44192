"""How a run and its steps stand, in words: the one place for screens, commands and tickets."""

from __future__ import annotations

from sriov_tui.message import Message, say
from sriov_tui.model import Outcome, RunView, StepState

STATES: dict[StepState, Message] = {
    "waiting": say("waiting"),
    "doing": say("doing"),
    "done": say("done"),
    "failed": say("failed"),
    "undone": say("undone"),
    "kept": say("kept"),
}
OUTCOME_WORDS: dict[Outcome, Message] = {
    "applied": say("applied"),
    "reboot": say("reboot"),
    "failed": say("failed"),
    "stopped": say("stopped"),
    "unconfirmed": say("unconfirmed"),
    "rolled-back": say("rolled-back"),
    "partly-back": say("partly-back"),
    "rollback-failed": say("rollback-failed"),
}
OUTCOMES: dict[Outcome, Message] = {
    "": say("The run was cut off. Resume it, or roll back."),
    "applied": say("All steps are done."),
    "reboot": say("The steps before the reboot are done. The rest waits for the reboot."),
    "failed": say("A step failed. Nothing more happens by itself: fix the cause and resume, or roll back."),
    "stopped": say("Stopped between two steps, as requested."),
    "unconfirmed": say("A step was not confirmed in time, so it was rolled back."),
    "rolled-back": say("Rolled back: everything that the run changed is as it was before."),
    "partly-back": say("The last steps were rolled back; earlier steps remain applied."),
    "rollback-failed": say("The rollback is incomplete. `sriov-tui history` shows what is left to do by hand."),
}


def outcome_word(run: RunView) -> Message:
    """How a run stands, in one word or two."""
    if run.running:
        return say("running")
    return OUTCOME_WORDS.get(run.outcome) or (say("cut off") if run.started_at else say("not started"))


def state_word(state: str) -> Message:
    """A step's state as the journal has it; a word of a newer version is shown as it is."""
    return next((word for known, word in STATES.items() if known == state), Message(state))
