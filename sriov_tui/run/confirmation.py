"""Confirm or revert: a step that may cut the operator off is undone by itself unless somebody confirms it in time.

The journal gets, each on disk before the next: `confirm` "armed" before the first act, "waiting" after the last one,
then "confirmed", or "expired" and, when the step is undone, "closed". Time is CLOCK_BOOTTIME: no clock jump moves it.
The engine keeps the timer; `guard`, a process of its own, takes over where the engine has died; where both did,
the next `resume` undoes the step.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sriov_tui.hosts import trusted
from sriov_tui.hosts.host import Host
from sriov_tui.hosts.os_errors import told
from sriov_tui.message import NOTHING, Message, Text, lines, say, sentences
from sriov_tui.model import Event, Outcome, SriovError, Step
from sriov_tui.run import redo, store, undo
from sriov_tui.run.context import Context, boot_id, text_of
from sriov_tui.run.journal import NAME, Journal, read

CONFIRMED = "confirmed"  # in the run directory: the token of what is confirmed, and by whom
ROOM = 4096  # bytes that the file for a confirmation has from the beginning
POLL = 0.25  # seconds
STUCK, SLOW = 10.0, 1200.0  # seconds after which an engine that waits, and one that works, does no more
HOW = say("Log in again in a new connection and run `sriov-tui confirm` there; in the wizard press c.")


def boottime() -> float:
    """Seconds since the host was booted; the same for every process, and no clock setting moves it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _nothing() -> None:
    """No guard: the engine's own timer is all there is, as in a test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What keeps the time: `guard` starts the process that takes over, and returns once it watches.

    `end` ends an engine that is stuck; False where that process is none of ours.
    """

    guard: Callable[[], None] = _nothing
    end: Callable[[Path, int], bool] = store.end_engine
    now: Callable[[], float] = boottime
    sleep: Callable[[float], None] = time.sleep


ALONE = Watch()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A step that is undone at `until` (CLOCK_BOOTTIME of the boot `boot_id`) unless confirmed.

    `connection` is the SSH_CONNECTION that the run was started from; `armed` is when the step began; its text is
    the token that a confirmation must bring.
    """

    step: str
    until: float
    armed: float
    boot_id: str
    connection: str
    acted: bool
    expired: bool = False  # nobody confirmed in time: it is being undone
    back: bool = False  # it is its undo that waits: unless confirmed, the step is applied again


class Undone(Exception):
    """A step was undone, or could not be: the outcome of the run and its text."""

    def __init__(self, outcome: Outcome, text: Text) -> None:
        super().__init__(text)
        self.outcome = outcome
        self.text = text


def pending(events: tuple[Event, ...]) -> Pending | None:
    """What waits for a confirmation, by the journal; None where nothing does."""
    found: Pending | None = None
    for event in events:
        match event:
            case Event(kind="confirm", state="armed" | "waiting"):
                found = Pending(
                    step=event.step,
                    until=float(event.before["until"]),
                    armed=float(event.before["armed"]),
                    boot_id=event.boot_id,
                    connection=event.before["connection"],
                    acted=event.state == "waiting",
                    back="back" in event.before,
                )
            case Event(kind="confirm", state="expired") if found is not None:
                found = replace(found, expired=True)
            case Event(kind="confirm", state="confirmed" | "closed"):
                found = None
            case Event(kind="finished", state="rolled-back" | "partly-back" | "rollback-failed"):
                found = None
            case _:
                pass
    return found


def of(run_dir: Path) -> Pending | None:
    """What waits for a confirmation in this run now."""
    return pending(read(run_dir / NAME)[0])


@told
def confirm(run_dir: Path, waits: Pending, how: str) -> None:
    """Confirm: the process that keeps the time sees it within a second and writes it into the journal."""
    _put(run_dir, f"{waits.armed!r}\n{how}\n")


def _put(run_dir: Path, text: str) -> None:
    """Write the file in place, always the same length: its room was taken before the step, so no full disk refuses."""
    data = text.encode("utf-8", "replace")[:ROOM].ljust(ROOM)
    fd = os.open(run_dir / CONFIRMED, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(fd, data, 0)
        os.fsync(fd)
    finally:
        os.close(fd)


def confirmed(run_dir: Path, waits: Pending) -> str:
    """How it was confirmed; "" where it was not, or something else was."""
    try:
        token, _, how = trusted.read_trusted(run_dir / CONFIRMED).decode("utf-8", "replace").partition("\n")
    except SriovError:
        return ""
    return how.strip() or "by hand" if token == repr(waits.armed) else ""


def carry_out(
    context: Context,
    run_dir: Path,
    step: Step,
    act: Callable[[], bool],
    interrupted: Callable[[], bool],
    watch: Watch,
    back: bool = False,
) -> None:
    """Do a step by `act` (False = ended from outside) and wait for its confirmation; else undo it and raise Undone.

    With `back`, `act` takes the step back, and what nobody confirms is that: the step is applied again.
    """
    told(_put)(run_dir, "")
    waits = _say(context, step, "armed", watch.now(), watch.now(), back)
    outcome: Outcome = "unconfirmed"
    try:
        watch.guard()
        reason: Text = say("It was ended from outside.") if not act() else NOTHING
        reason = reason or _wait(context, run_dir, step, waits, interrupted, watch)
    except SriovError as error:
        outcome, reason = "failed", text_of(error)
    if reason:
        raise Undone(*_undo(context, run_dir, waits, reason, outcome))


def close(context: Context, run_dir: Path, waits: Pending) -> None:
    """End what a process that died left open: confirmed where somebody did confirm, else undone, which is raised."""
    if how := confirmed(run_dir, waits):
        context.record("confirm", step=waits.step, state="confirmed", text=say("Confirmed {how}.", how=how))
        return
    same = waits.boot_id == context.boot_id
    reason = (
        say("The engine ended before it was confirmed.") if same else say("The host went down before it was confirmed.")
    )
    raise Undone(*_undo(context, run_dir, waits, reason, "unconfirmed"))


def guard(run_dir: Path, host: Host, watch: Watch) -> Outcome:
    """Watch a run until nothing waits for a confirmation; undo the step at its time where no engine is left to do it.

    Returns the outcome where it had to act, "" where the engine did.
    """
    boot = boot_id(host)
    while (waits := of(run_dir)) is not None and waits.boot_id == boot:
        due = watch.now() >= waits.until or confirmed(run_dir, waits)
        held = store.holder(run_dir.parent.parent)
        if due and held is None:
            with suppress(SriovError), store.locked(run_dir):  # taken by another one: look again
                return _take_over(run_dir, host)
        if held and _is_stuck(waits, watch.now()) and watch.end(run_dir, held[0]):
            return _take_over(run_dir, host)  # it has ended, or does so as soon as the kernel lets it
        watch.sleep(POLL)
    return ""


def _is_stuck(waits: Pending, now: float) -> bool:
    """Whether an engine that still holds the lock does its work no more: it was stopped, or the kernel holds it.

    While it waits it looks several times a second; an act, or an undo, may take as long as the kernel needs.
    """
    return now >= waits.until + (STUCK if waits.acted and not waits.expired else SLOW)


def _take_over(run_dir: Path, host: Host) -> Outcome:
    waits = of(run_dir)
    if waits is None:
        return ""
    with Journal(run_dir / NAME) as journal:
        context = Context(host=host, journal=journal, boot_id=boot_id(host), ignore_journal_errors=True)
        try:
            close(context, run_dir, waits)
        except Undone as undone:
            return context.finish(undone.outcome, undone.text)
        return context.finish("stopped", say("Confirmed after the engine had ended. `sriov-tui resume` goes on."))


def _say(context: Context, step: Step, state: str, armed: float, start: float, back: bool) -> Pending:
    connection = context.host.environment().get("SSH_CONNECTION", "")
    found = Pending(
        step=step.id,
        until=start + step.confirm,
        armed=armed,
        boot_id=context.boot_id,
        connection=connection,
        acted=state == "waiting",
        back=back,
    )
    text = sentences(_how_long(step, back), _away(step, start - armed)) if found.acted else NOTHING
    before = {"until": repr(found.until), "armed": repr(armed), "connection": connection}
    before |= {"back": "yes"} if back else {}
    context.record("confirm", step=step.id, state=state, text=text, before=before)
    return found


def _away(step: Step, seconds: float) -> Message:
    """How long a link was away, as measured: no longer than the commands took that changed it."""
    if step.disrupts not in ("link", "ssh"):
        return NOTHING
    took = f"{seconds:.1f}"
    return say("The change took {took} s; the link was away for no longer than that.", took=took)


def _how_long(step: Step, back: bool) -> Message:
    seconds = int(step.confirm)
    if back:
        return sentences(say("Confirm within {seconds} s, else this step is applied again.", seconds=seconds), HOW)
    return sentences(say("Confirm within {seconds} s, otherwise this step is rolled back.", seconds=seconds), HOW)


def _wait(
    context: Context, run_dir: Path, step: Step, armed: Pending, interrupted: Callable[[], bool], watch: Watch
) -> Message:
    """Until somebody confirms: then "", else why the step is to be undone."""
    waits = _say(context, step, "waiting", armed.armed, watch.now(), armed.back)
    while True:
        late = watch.now() >= waits.until
        if how := confirmed(run_dir, waits):  # it stays, also where the journal cannot take that any more
            ignore_journal_errors = replace(context, ignore_journal_errors=True)
            ignore_journal_errors.record(
                "confirm", step=step.id, state="confirmed", text=say("Confirmed {how}.", how=how)
            )
            return NOTHING
        if late:
            return say("Nobody confirmed it within {confirm} s.", confirm=f"{step.confirm:.0f}")
        if (run_dir / store.STOP).exists():
            (run_dir / store.STOP).unlink()
            return say("You asked to stop before it was confirmed.")
        if interrupted():
            return say("It was ended from outside before it was confirmed.")
        watch.sleep(min(POLL, max(0.0, waits.until - watch.now())))


def _undo(context: Context, run_dir: Path, waits: Pending, reason: Text, outcome: Outcome) -> tuple[Outcome, Text]:
    """Undo the step, whatever the disk says: a journal that cannot be written must not keep the link away."""
    ignore_journal_errors = replace(context, ignore_journal_errors=True)
    ignore_journal_errors.record("confirm", step=waits.step, state="expired", text=reason)
    if waits.back:
        return _redo(ignore_journal_errors, run_dir, waits, reason, outcome)
    todo = tuple(one for one in undo.undo_list(read(run_dir / NAME)[0]) if one.step == waits.step)
    problems = list(undo.undo(ignore_journal_errors, todo, force=False))
    if not todo:
        ignore_journal_errors.record("step", step=waits.step, state="undone")
    ignore_journal_errors.record("confirm", step=waits.step, state="closed")
    if problems:
        return "failed", lines(reason, say("The step could not be rolled back:"), *problems)
    return outcome, say(
        "{reason} The step was undone.\nEarlier steps remain applied. {outcome}", reason=reason, outcome=_next(outcome)
    )


def _redo(
    ignore_journal_errors: Context, run_dir: Path, waits: Pending, reason: Text, outcome: Outcome
) -> tuple[Outcome, Text]:
    problems = list(redo.redo(ignore_journal_errors, run_dir, waits.step))
    ignore_journal_errors.record("confirm", step=waits.step, state="closed")
    if problems:
        return "rollback-failed", lines(reason, say("Applying the step again did not work:"), *problems)
    again = say("Earlier steps remain applied. `sriov-tui rollback` tries again to take them back.")
    return outcome, lines(sentences(reason, say("The step was applied again.")), again)


def _next(outcome: Outcome) -> Message:
    tries = say("tries it again") if outcome == "unconfirmed" else say("continues once the cause is fixed")
    return say("`sriov-tui resume` {tries}, `sriov-tui rollback` takes back the rest, too.", tries=tries)
