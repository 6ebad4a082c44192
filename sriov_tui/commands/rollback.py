"""`sriov-tui rollback`: put back what a run changed."""

from __future__ import annotations

import argparse

from sriov_tui.commands import common, following
from sriov_tui.language import _
from sriov_tui.message import say
from sriov_tui.model import Plan, SriovError
from sriov_tui.run import journal, rollback, store, view
from sriov_tui.run.undo import undo_list
from sriov_tui.services.machine import state_dir_for

TEXT = say(
    "Put back what a run changed, newest change first: files with content, mode and\nowner, "
    "attributes with their value. It works from the journal of the run alone,\nalso after a reboot "
    "and after a run that was cut off.\n\nWith --step only that step and all that was done after it "
    "are undone: a later\nstep may depend on an earlier one.\n\nWhat somebody else has changed since "
    "is left, and named. VFs that a virtual machine\nholds are never taken away: the command then "
    "does nothing and names the process.\n"
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = following.register(subparsers, "rollback", say("put back what a run changed"), TEXT)
    parser.add_argument(
        "id", nargs="?", metavar="RUN", default="", help=say("its id, see `sriov-tui history`; the newest")
    )
    parser.add_argument(
        "--step", metavar="STEP", default="", help=say("from this step on: its number in the plan, or its id")
    )
    parser.add_argument("--yes", action="store_true", help=say("do not ask"))
    parser.add_argument("--force", action="store_true", help=say("put back also what somebody else changed since"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show, ask, launch, follow."""
    spec, host = following.open_to_change(args)
    state_dir = state_dir_for(spec)
    run_dir = store.find(args.id or getattr(store.latest_begun(state_dir), "name", ""), state_dir)
    store.check_journal(run_dir)
    if held := store.holder(run_dir.parent.parent):
        raise store.busy(held)
    step = _step(store.read_plan(run_dir), args.step) if args.step else ""
    events = journal.read(run_dir / journal.NAME)[0]
    todo = undo_list(events, step)
    if not todo:
        common.tell(
            [
                say("Run {run}: nothing is left to take back.", run=run_dir.name)
                if events
                else say("Run {run} never began: it changed nothing.", run=run_dir.name)
            ]
        )
        if step or not events or view.view(run_dir).outcome == "rolled-back":
            return 0
    else:
        facts = rollback.check(todo, host, args.force)
        cuts = rollback.cutting(run_dir, todo, host, facts)
        common.print_lines([_(say("Taking back run {name}:", name=run_dir.name)), *rollback.describe(todo)])
        common.tell(
            say("{step}: this may cut your SSH session, and is applied again unless you confirm it.", step=step.title)
            for step in cuts.values()
        )
        following.confirm(args.yes, say("This will be put back."))
    options = ["--rollback", *(["--force"] if args.force else []), *(["--step", step] if step else [])]
    return following.EXIT.get(following.launch_and_follow(run_dir, *options), 4)


def _step(plan: Plan, given: str) -> str:
    """The id of the step that was named by its number or its id."""
    for number, step in enumerate(plan.steps, 1):
        if given in (str(number), step.id):
            return step.id
    known = ", ".join(f"{number} {step.id}" for number, step in enumerate(plan.steps, 1))
    raise SriovError(
        say("The plan of this run has no step {given}.", given=repr(given)), say("Its steps: {known}.", known=known)
    )
