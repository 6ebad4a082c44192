"""`sriov-tui confirm`: tell a run that this host can still be reached."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from sriov_tui.commands import common, following
from sriov_tui.hosts import ssh_connection
from sriov_tui.model import SriovError
from sriov_tui.run import confirmation, store
from sriov_tui.run import view as run_view
from sriov_tui.run.confirmation import Pending
from sriov_tui.services.machine import open_host, spec_for, state_dir_for

TEXT = """\
A step that may cut your SSH session is undone by itself unless somebody shows
that the host can still be reached: log in again and run this there. It counts
only in a connection that was made after the step began; at a console the word
yes is asked for instead.
"""
PATIENCE = 330.0  # seconds: a step in the middle of its act is confirmed when it is done


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "confirm",
        help="keep a step that is undone otherwise",
        description=TEXT,
        epilog="exit status: 0 confirmed; 1 refused, or nothing waits; 4 it was undone already",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common.add_host_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Judge this connection, confirm, and tell what the run made of it."""
    spec = spec_for(args)
    host = open_host(spec)
    following.need_root(spec, host.environment().get("euid") == "0")
    run_dir = store.find("", state_dir_for(spec))
    waits = confirmation.of(run_dir)
    if waits is None:
        raise SriovError(f"Nothing waits for a confirmation in run {run_dir.name}.", "`sriov-tui history` tells more.")
    how = _how(waits, ssh_connection.connection(), ssh_connection.since())
    title = next(step.title for step in store.read_plan(run_dir).steps if step.id == waits.step)
    return _conclude(run_dir, waits, how, title)


def _how(waits: Pending, here: str, since: float | None) -> str:
    """How it is confirmed; SriovError where this proves nothing."""
    again = "Log in again in a new connection, outside tmux and screen, and run `sriov-tui confirm` there."
    if not here:
        if not sys.stdin.isatty():
            raise SriovError("This is no SSH connection, and nobody is here to ask.", again)
        following.confirm(False, "This is a console, not a new SSH connection. The step will stay.")
        return "at a console"
    if here == waits.connection:
        raise SriovError("The run was started from this very connection: that it lives proves nothing yet.", again)
    if since is None:
        raise SriovError("It cannot be told when this connection was made.", again)
    if since < waits.armed:
        raise SriovError("This connection was made before the step began.", again)
    client, port, *_ = [*here.split(), "", ""]
    return f"by a new connection from {client} port {port}"


def _conclude(run_dir: Path, waits: Pending, how: str, title: str) -> int:
    deadline = time.monotonic() + PATIENCE
    while (now := confirmation.of(run_dir)) and now.armed == waits.armed:
        if now.acted:
            confirmation.confirm(run_dir, waits, how)
        if time.monotonic() > deadline:
            raise SriovError("The run does not answer.", "`sriov-tui resume` tells where it stands.")
        time.sleep(confirmation.POLL)
    view = run_view.view(run_dir)
    kept = dict(view.states).get(waits.step) == "done" or view.outcome not in ("unconfirmed", "failed")
    common.tell([f"Confirmed: {title}." if kept else f"Too late, it was undone: {title}."])
    return 0 if kept else 4
