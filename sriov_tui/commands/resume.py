"""`sriov-tui resume`: go on with the last run, or watch it."""

from __future__ import annotations

import argparse

from sriov_tui.commands import following
from sriov_tui.language import _
from sriov_tui.message import say
from sriov_tui.model import SriovError
from sriov_tui.run import store
from sriov_tui.run import view as run_view
from sriov_tui.services.machine import state_dir_for

TEXT = say(
    "Continue the newest run: after the reboot that it waits for, after a stop or a\nfailure whose "
    "cause is fixed, or after it was cut off. If it is running right\nnow, watch it.\n"
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = following.register(subparsers, "resume", say("go on with the last run, or watch it"), TEXT)
    following.add_format_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Attach where it runs, else launch the engine again."""
    spec, _host = following.open_to_change(args)
    run_dir = store.find("", state_dir_for(spec))
    view = run_view.view(run_dir)
    tell = following.teller(args)
    if view.running:
        return following.conclude(following.follow(run_dir, 0, tell=tell), args, run_dir)
    if view.outcome in ("rolled-back", "partly-back"):
        how = say("was taken back") if view.outcome == "rolled-back" else say("was taken back in part")
        raise SriovError(
            say("Run {name} {how}.", name=run_dir.name, how=how), say("`sriov-tui apply` makes a new one.")
        )
    if view.outcome == "applied":
        tell([_(say("Run {name} is finished; there is nothing to go on with.", name=run_dir.name))])
        return following.conclude(view.outcome, args, run_dir)
    return following.conclude(following.launch_and_follow(run_dir, tell=tell), args, run_dir)
