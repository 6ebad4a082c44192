"""`sriov-tui` without a command: the wizard."""

from __future__ import annotations

import argparse

from sriov_tui.beside import Beside
from sriov_tui.commands import common
from sriov_tui.message import say
from sriov_tui.services.machine import facts_of, spec_for

DEMO = "two-igb"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The wizard's own options; they stand before any command."""
    group = parser.add_argument_group(say("options of the wizard"))
    common.add_host_option(group)
    group.add_argument(
        "--demo",
        metavar="NAME",
        nargs="?",
        const=DEMO,
        help=say("walk through on a simulated machine (default: {demo})", demo=DEMO),
    )
    group.add_argument("--read-only", action="store_true", help=say("look at everything, change nothing"))
    group.add_argument(
        "--plain", action="store_true", help=say("ASCII only, for terminals that show anything else badly")
    )
    group.add_argument(
        "--mouse", action="store_true", help=say("let the mouse click; the terminal's own selection then ends")
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prepare the terminal, read the machine, show the first screen."""
    from sriov_tui import language
    from sriov_tui.tui.terminal import environment

    plain = environment.prepare(plain=args.plain)
    language.plain_only(plain)
    # To import Textual takes as long as to read a machine.
    facts = None if args.demo else Beside(lambda: facts_of(spec_for(args)))
    from sriov_tui.tui.app import run_app
    from sriov_tui.tui.session import Session, open_demo

    if facts is None:
        state, services = open_demo(args.demo)
    else:
        session = Session(spec_for(args), read_only=args.read_only, facts=facts.result())
        state, services = session.state(), session.services()
    return run_app(state, services, plain=plain, mouse=args.mouse)
