"""`sriov-tui confirm`: tell a run that this host can still be reached."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from sriov_tui.commands import common, following
from sriov_tui.hosts import ssh_connection
from sriov_tui.message import Message, say
from sriov_tui.model import SriovError
from sriov_tui.run import confirmation, store
from sriov_tui.run import view as run_view
from sriov_tui.run.confirmation import Pending
from sriov_tui.services.machine import state_dir_for

TEXT = say(
    "A step that may cut your SSH session is rolled back automatically unless somebody\nshows that "
    "the host can still be reached: log in again and run this there. It counts\nonly in a connection "
    "that was opened after the step began; at a console, the word\nyes is asked for instead.\n"
)
PATIENCE = 330.0  # seconds: a step in the middle of its act is confirmed when it is done


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "confirm",
        help=say("keep a step that would otherwise be rolled back"),
        description=TEXT,
        epilog=say("exit status: 0 confirmed; 1 refused, or nothing waits; 4 it was already rolled back"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common.add_host_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Judge this connection, confirm, and tell what the run made of it."""
    spec, _host = following.open_to_change(args)
    run_dir = store.find("", state_dir_for(spec))
    waits = confirmation.of(run_dir)
    if waits is None:
        raise SriovError(
            say("Nothing waits for a confirmation in run {name}.", name=run_dir.name),
            say("`sriov-tui history` shows more."),
        )
    how = _how(waits, ssh_connection.connection(), ssh_connection.since())
    title = next(step.title for step in store.read_plan(run_dir).steps if step.id == waits.step)
    return _conclude(run_dir, waits, how, title)


def _how(waits: Pending, here: str, since: float | None) -> Message:
    """How it is confirmed; SriovError where this proves nothing."""
    again = say("Log in again in a new connection, outside tmux and screen, and run `sriov-tui confirm` there.")
    if not here:
        if not sys.stdin.isatty():
            raise SriovError(say("This is no SSH connection, and nobody is here to ask."), again)
        following.confirm(False, say("This is a console, not a new SSH connection. The step will stay."))
        return say("at a console")
    if here == waits.connection:
        raise SriovError(say("The run was started from this very connection: that it lives proves nothing yet."), again)
    if since is None:
        raise SriovError(say("When this connection was opened cannot be found out."), again)
    if since < waits.armed:
        raise SriovError(say("This connection was made before the step began."), again)
    client, port, *_ = [*here.split(), "", ""]
    return say("by a new connection from {client} port {port}", client=client, port=port)


def _conclude(run_dir: Path, waits: Pending, how: Message, title: Message) -> int:
    deadline = time.monotonic() + PATIENCE
    while (now := confirmation.of(run_dir)) and now.armed == waits.armed:
        if now.acted:
            confirmation.confirm(run_dir, waits, how)
        if time.monotonic() > deadline:
            raise SriovError(say("The run does not answer."), say("`sriov-tui resume` shows its state."))
        time.sleep(confirmation.POLL)
    view = run_view.view(run_dir)
    kept = dict(view.states).get(waits.step) == "done" or view.outcome not in ("unconfirmed", "failed")
    common.tell(
        [
            (
                say("Confirmed: {title}.", title=title)
                if kept
                else say("Too late, it was rolled back: {title}.", title=title)
            )
        ]
    )
    return 0 if kept else 4
