"""`sriov-tui history`: what was done on this host by us."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sriov_tui.commands import common, following
from sriov_tui.language import _
from sriov_tui.language.layout import pad
from sriov_tui.message import say
from sriov_tui.model import RunView, SriovError
from sriov_tui.reports import plan_text, run_json
from sriov_tui.reports.run_words import outcome_word
from sriov_tui.run import context, journal, store
from sriov_tui.run import view as run_view
from sriov_tui.services.machine import open_reader, spec_for, state_dir_for
from sriov_tui.services.tickets import summary

TEXT = say(
    "List the runs on this host, oldest first: when, with what outcome, how many steps.\n"
    "With the id of a run, show its plan and everything that its journal holds; as Markdown\n"
    "a summary to be pasted into a ticket, with what the host showed when it was read again.\n"
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "history",
        help=say("show what was done"),
        description=TEXT,
        epilog=say("exit status: 0 shown; 1 there is no such run, or it cannot be read"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common.add_host_option(parser)
    parser.add_argument("id", nargs="?", metavar="RUN", default="", help=say("show this run in full"))
    parser.add_argument(
        "--format",
        choices=("text", "markdown", "json"),
        default="text",
        help=say("how to print it; markdown is of one run (default: text)"),
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the list, or one run."""
    spec = spec_for(args)
    state_dir = state_dir_for(spec)
    if args.format == "json":
        found = (store.find(args.id, state_dir),) if args.id else store.list_runs(state_dir)
        print(run_json.dumps(_document(found, context.boot_id(open_reader(spec)))))
        return 0
    if args.id or args.format == "markdown":
        run_dir = store.find(args.id, state_dir)
        common.print_lines(summary(run_dir)) if args.format == "markdown" else _show(run_dir)
        return 0
    found = store.list_runs(state_dir)
    if not found:
        common.tell([say("No run is kept below {state_dir}. Reading it needs root.", state_dir=str(state_dir))])
        return 0
    head = f"{pad(_(say('run')), 18)} {pad(_(say('outcome')), 16)} {pad(_(say('steps')), 6)} {_(say('host'))}"
    common.print_lines([head, *map(_row, found)])
    return 0


def _document(found: tuple[Path, ...], boot_id: str) -> dict[str, Any]:
    views: list[RunView] = []
    unreadable: list[str] = []
    for run_dir in found:
        try:
            views.append(run_view.view(run_dir))
        except SriovError:
            unreadable.append(run_dir.name)
    return run_json.listed(views, boot_id, unreadable)


def _row(run_dir: Path) -> str:
    try:
        view = run_view.view(run_dir)
    except SriovError as error:
        return f"{run_dir.name:<18} {pad(_(say('unreadable')), 16)} {_(error.title)}"
    done = sum(state == "done" for _, state in view.states)
    row = f"{run_dir.name:<18} {pad(_(outcome_word(view)), 16)} {done:>2}/{len(view.states):<3} {view.plan.host}"
    return f"{row}  {_(view.error).splitlines()[0]}" if view.error else row


def _show(run_dir: Path) -> None:
    view = run_view.view(run_dir)
    events = journal.read(run_dir / journal.NAME)[0]
    common.print_lines(
        [
            _(say("Run {id} on {host}: {view}", id=view.id, host=view.plan.host, view=outcome_word(view))),
            "",
            *plan_text.describe(view.plan),
            "",
        ]
    )
    common.print_lines(line for event in events for line in following.line(event))
