"""A run of a plan: the lines of its journal, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sriov_tui.message import Text
from sriov_tui.model.plans import Plan

EventKind = Literal["start", "step", "before", "operation", "output", "note", "confirm", "finished"]


StepState = Literal["waiting", "doing", "done", "failed", "undone", "kept"]


Outcome = Literal[
    "", "applied", "reboot", "failed", "stopped", "unconfirmed", "rolled-back", "partly-back", "rollback-failed"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a run's journal.

    `before` holds what undoes the operation (see `sriov_tui.run.engine`); it is on disk before
    the act. `number` counts the operations of the whole plan from 0.
    """

    kind: EventKind
    at: str
    boot_id: str = ""
    step: str = ""
    number: int | None = None
    state: str = ""
    text: Text = ""
    before: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as the screens and `history` show it, computed from its plan and journal alone."""

    id: str = ""
    plan: Plan = Plan()
    states: tuple[tuple[str, StepState], ...] = ()  # step id -> state, in plan order
    outcome: Outcome = ""  # "" = still running, or cut off
    error: Text = ""
    output: tuple[Text, ...] = ()  # last lines
    started_at: str = ""
    finished_at: str = ""
    boot_id: str = ""  # of the boot in which it last ended
    running: bool = False  # an engine holds the lock now
    waited: float = (
        0.0  # seconds between start and end in which nothing was done: it waited for a person, or was cut off
    )
    waits_since: str = ""  # when what it waits for now began; "" = it is at work
    usual: Text = ""  # how long the step at work usually takes, where that is more than a moment
    stage: tuple[int, int, Text] | None = None  # of the driver's installer: which of how many, and what happens there
    confirm_until: float = 0.0  # CLOCK_BOOTTIME when the step at work is undone unless confirmed; 0 = nothing waits
