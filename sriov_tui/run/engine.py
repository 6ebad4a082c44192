"""Applies a plan, operation by operation, from wherever its journal stands: apply and resume are one code path.

For each operation the journal gets, in this order and each on disk before the next: `before` (what undoes it, see
`sriov_tui.run.operations`), the act itself, `operation` with state "done" ("already" where nothing had to change).
An operation with a `before` and no `done` was cut: it is looked at again and done again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sriov_tui import plan as plans
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import Host
from sriov_tui.hosts.os_errors import sentence
from sriov_tui.message import NOTHING, say
from sriov_tui.model import Event, Operation, Outcome, Plan, Run, SriovError, Step, WriteFile, WriteSysfs
from sriov_tui.run import confirmation, seal, store
from sriov_tui.run.context import Context, Progress, boot_id, progress, text_of, whole
from sriov_tui.run.journal import NAME, Journal, read
from sriov_tui.run.kernel_errors import is_numvfs
from sriov_tui.run.operations import Before, attribute, capture, digests, file_record, file_state, perform, sweep
from sriov_tui.secrets.text import masked_line

OUTPUT_LINES, OUTPUT_WIDTH = 1000, 500  # of one operation's output, what the journal keeps


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInputs:
    """What one go of the engine is handed beside its context."""

    run_dir: Path
    known: Progress
    interrupted: Callable[[], bool]
    watch: confirmation.Watch


def apply(
    run_dir: Path,
    host: Host,
    gather: Callable[[], HostFacts] | None = None,
    interrupted: Callable[[], bool] = lambda: False,
    watch: confirmation.Watch = confirmation.ALONE,
) -> Outcome:
    """Bring a run to its end, or to the reboot, or to its first failure; the caller holds the lock.

    With `gather` the host is compared to the plan's assumptions before the first act. `interrupted` is asked
    between operations (a shutdown); the file `stop` in the run directory between steps (the operator).
    Nothing is undone here but a step that nobody confirmed. The outcome is the last line of the journal.
    """
    store.check_journal(run_dir)
    plan = store.read_plan(run_dir)
    events, _ = read(run_dir / NAME)
    known = progress(events)
    with Journal(run_dir / NAME) as journal:
        context = Context(host=host, journal=journal, boot_id=boot_id(host))
        context.record("start", state="resume" if events else "apply", before={} if events else _ground(plan, host))
        go = RunInputs(run_dir=run_dir, known=known, interrupted=interrupted, watch=watch)
        try:
            if waits := confirmation.pending(events):
                confirmation.close(context, run_dir, waits)
            _may_start(plan, known, gather)
            return _steps(context, plan, go)
        except confirmation.Undone as undone:
            return context.finish(undone.outcome, undone.text)
        except SriovError as error:
            return context.finish("failed", text_of(error))
        except OSError as error:
            return context.finish("failed", text_of(sentence(error)))
        except Exception as error:
            context.finish(
                "failed",
                say(
                    "A fault in sriov-tui itself: {error}\nSee {log} in {run_dir}.",
                    error=repr(error),
                    log=store.LOG,
                    run_dir=str(run_dir),
                ),
            )
            raise


def _ground(plan: Plan, host: Host) -> Before:
    """What the kernel's files say before the first act: once ours write them at a boot, it can no longer be read.

    A card that cannot have VFs yet has none.
    """
    found: Before = {}
    for _, _, _, operation in plans.operations(plan):
        if isinstance(operation, WriteSysfs):
            found |= {operation.path: "0"} if is_numvfs(operation.path) else {}
            with contextlib.suppress(SriovError):
                found[operation.path] = attribute(host, operation.path)
    return found


def _may_start(plan: Plan, known: Progress, gather: Callable[[], HostFacts] | None) -> None:
    if known.undoing:
        raise SriovError(
            say("A rollback of this run was begun"), say("Finish it with `sriov-tui rollback`; then make a new plan.")
        )
    if gather is None:
        return
    sentences = plans.changed(plan, gather(), started=bool(known.before), done=known.steps)
    if sentences:
        hint = say("Make a new plan.") if not known.before else say("Roll this run back, then make a new plan.")
        raise SriovError(
            say("This host is not as it was when the plan was made. {sentences}", sentences=" ".join(sentences)), hint
        )


def _steps(context: Context, plan: Plan, go: RunInputs) -> Outcome:
    numbered: dict[str, list[tuple[int, Operation]]] = {step.id: [] for step in plan.steps}
    for number, _, step, operation in plans.operations(plan):
        numbered[step.id].append((number, operation))
    stop = go.run_dir / store.STOP
    for index, step in enumerate(plan.steps):
        if index == plan.reboot_after and not _rebooted(context, go.known):
            return _reboot(context, go.known)
        if stop.exists():
            stop.unlink()
            return context.finish("stopped", say("Stopped before: {title}", title=step.title))
        if not _step(context, step, numbered[step.id], go):
            return context.finish("stopped", say("Ended from outside during: {title}", title=step.title))
    if plan.reboot_after == len(plan.steps) and not _rebooted(context, go.known):
        return _reboot(context, go.known)
    return context.finish("applied")


def _rebooted(context: Context, known: Progress) -> bool:
    """Whether the host was booted since this was asked for.

    A boot that came unasked does not count: after a power cut it may have taken the old menu, since a boot loader
    does not read what is still in a file system's journal.
    """
    return known.reboot_asked not in ("", context.boot_id)


def _reboot(context: Context, known: Progress) -> Outcome:
    again = say("The reboot has not happened yet. ") if known.reboot_asked else NOTHING
    return context.finish("reboot", say("{again}Reboot this host, then run `sriov-tui resume`.", again=again))


def _step(context: Context, step: Step, operations: list[tuple[int, Operation]], go: RunInputs) -> bool:
    """Do what is left of a step; False where we were interrupted in it."""
    left = [
        (number, operation)
        for number, operation in operations
        if _is_left(context, number, operation, operations, go.known)
    ]
    if not left and step.id in go.known.steps:
        return True
    context.record("step", step=step.id, state="doing", text=step.title)
    if step.confirm and left:
        confirmation.carry_out(
            context, go.run_dir, step, lambda: _operations(context, step, left, go), go.interrupted, go.watch
        )
    elif not _operations(context, step, left, go):
        return False
    context.record("step", step=step.id, state="done", text=step.title)
    return True


def _operations(context: Context, step: Step, left: list[tuple[int, Operation]], go: RunInputs) -> bool:
    """Do these operations of a step; False where we were interrupted between two."""
    end = go.watch.now() + step.within if step.within else None
    for number, operation in left:
        if go.interrupted():
            return False
        try:
            in_time = operation if end is None else _in_time(step, operation, end - go.watch.now())
            go.known.done[number] = _operation(context, step, number, in_time, go.known)
        except SriovError:
            context.record("step", step=step.id, state="failed")
            raise
    return True


def _in_time(step: Step, operation: Operation, seconds: float) -> Operation:
    """The operation with no more time than its step has left; SriovError where that is over."""
    if seconds <= 0:
        raise SriovError(
            say("{title} is not done within {seconds} s", title=step.title, seconds=f"{step.within:.0f}"),
            say("The output above says what its tool waits for; fix that, then start again."),
        )
    return replace(operation, timeout=min(operation.timeout, seconds)) if isinstance(operation, Run) else operation


def _is_left(
    context: Context, number: int, operation: Operation, operations: list[tuple[int, Operation]], known: Progress
) -> bool:
    """Whether it is to be done: not done yet, or an attribute, or what fades, that a boot has reset since."""
    done = known.done.get(number)
    if done is not None and isinstance(operation, Run) and operation.fades and done.boot_id != context.boot_id:
        return any(other not in known.done for other, _ in operations)
    if done is None or not isinstance(operation, WriteSysfs) or done.boot_id == context.boot_id:
        return done is None
    final = [other.value for _, other in operations if isinstance(other, WriteSysfs) and other.path == operation.path]
    try:
        return attribute(context.host, operation.path) != final[-1]
    except SriovError:
        return True


def _operation(context: Context, step: Step, number: int, operation: Operation, known: Progress) -> Event:
    host = context.host
    if isinstance(operation, WriteFile):
        sweep(host, operation.path)
    records = known.before.get(number, [])
    if not whole(records) or _is_stale(host, operation, records):
        fresh = _since_start(context, operation, capture(operation, host), known)
        for part, before in enumerate(fresh, 1):
            record = {**before, "part": str(part), "parts": str(len(fresh))}
            context.record("before", step=step.id, number=number, before=seal.sealed(record))
    try:
        acted = perform(operation, host, _output(context, step, number))
    except SriovError as error:
        left = _left(host, operation)
        context.record("operation", step=step.id, number=number, state="failed", text=text_of(error), before=left)
        raise
    state = "done" if acted else "already"
    context.record("operation", step=step.id, number=number, state=state, before=digests(operation, host))
    return Event(kind="operation", at="", boot_id=context.boot_id, number=number, state=state)


def _since_start(context: Context, operation: Operation, fresh: tuple[Before, ...], known: Progress) -> list[Before]:
    """After a boot, the value from before the run: our own files may have written this one."""
    value = known.ground.get(operation.path) if isinstance(operation, WriteSysfs) else None
    if value is None or known.ground_boot == context.boot_id:
        return list(fresh)
    return [{**record, "value": value} for record in fresh]


def _left(host: Host, operation: Operation) -> Before:
    """What a failed command left in its files, as far as it can be told."""
    try:
        return digests(operation, host)
    except SriovError:
        return {}


def _is_stale(host: Host, operation: Operation, before: list[Before]) -> bool:
    """Whether somebody changed a file between a cut write and now: it is neither the old content nor ours."""
    if not isinstance(operation, WriteFile):
        return False
    now = file_state(host, operation.path)
    record = file_record(now)
    same = all(before[0].get(key) == value for key, value in record.items())
    return not same and now.digest != before[0].get("wrote")


def _output(context: Context, step: Step, number: int) -> Callable[[str], None]:
    lines = 0

    def keep(line: str) -> None:
        nonlocal lines
        lines += 1
        if lines <= OUTPUT_LINES:
            text = masked_line(line[:OUTPUT_WIDTH])
            context.record("output", step=step.id, number=number, text=text)
        elif lines == OUTPUT_LINES + 1:
            context.record("note", step=step.id, number=number, text=say("Further output is not kept."))

    return keep
