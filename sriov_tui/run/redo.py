"""Applying a step again that was taken back: what nobody confirmed of a rollback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sriov_tui import plan as plans
from sriov_tui.model import Event, SriovError
from sriov_tui.run import store
from sriov_tui.run.context import Context, text_of
from sriov_tui.run.journal import NAME, read
from sriov_tui.run.operations import digests, perform


def redo(context: Context, run_dir: Path, step_id: str) -> Iterator[str]:
    """Do again, in the plan's order, what was undone of a step; yields a line for each operation that fails.

    The plan tells what to do, so that every "before" of the journal stays what it was: the run can be taken back.
    """
    last: dict[int, Event] = {}
    for event in read(run_dir / NAME)[0]:
        if event.kind == "operation" and event.number is not None:
            last[event.number] = event
    title = ""
    for number, _, step, operation in plans.operations(store.read_plan(run_dir)):
        if step.id != step_id or number not in last or last[number].state not in ("undone", "failed"):
            continue
        title = step.title
        try:
            perform(operation, context.host, lambda line: None)
            context.record(
                "operation", step=step_id, number=number, state="done", before=digests(operation, context.host)
            )
        except SriovError as error:
            context.record("operation", step=step_id, number=number, state="failed", text=text_of(error))
            yield text_of(error)
    context.record("step", step=step_id, state="done", text=title)
