"""`sriov-tui plan`: what would be done, word for word; nothing is done."""

from __future__ import annotations

import argparse
from pathlib import Path

from sriov_tui import plan as plans
from sriov_tui.commands import common, following
from sriov_tui.hosts import trusted
from sriov_tui.message import NOTHING, say, verbatim
from sriov_tui.model import SriovError
from sriov_tui.reports import plan_markdown, plan_text, run_json
from sriov_tui.reports.brief import brief, warnings
from sriov_tui.services.answers import SAVED, load_answers
from sriov_tui.services.evaluation import evaluate
from sriov_tui.services.machine import gather_for, spec_for, state_dir_for, with_image
from sriov_tui.services.matching import matched


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "plan",
        help=say("show what would be done"),
        description=say(
            "Make the plan that the answers file asks for on this host and print it in full: every "
            "file, attribute and command, and how each is undone. Nothing is changed."
        ),
        epilog=say("exit status: 0 made, or nothing to do; 1 it could not be made; 2 findings block it"),
    )
    common.add_host_option(parser)
    parser.add_argument(
        "--answers", metavar="FILE", default="", help=say("an answers file (default: the one that the wizard saved)")
    )
    parser.add_argument(
        "--format", choices=("text", "json", "markdown"), default="text", help=say("how to print it (default: text)")
    )
    parser.add_argument("--output", metavar="PLAN", help=say("also save the plan as JSON, for `sriov-tui apply PLAN`"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Gather, plan, print, and save where asked."""
    facts = gather_for(args)
    spec = spec_for(args)
    choices = matched(load_answers(args.answers or state_dir_for(spec) / SAVED, common.remark), facts)
    facts = with_image(spec, facts, choices)
    state = evaluate(facts, choices)
    text = plan_text.describe(state.plan, facts)
    if args.format == "json":
        print(run_json.dumps(run_json.planned(state, text)))
    elif args.format == "markdown":
        common.print_lines(plan_markdown.markdown(state))
    else:
        if state.plan.steps:
            common.tell([brief(state.plan, facts), *warnings(state.plan, facts), NOTHING])
        common.print_lines(text)
        common.print_lines(following.foreseen(state))
    if any(finding.blocks for finding in state.findings):
        return 2
    if args.output:
        try:
            trusted.write(Path(args.output), plans.to_json(state.plan))
        except OSError as error:
            raise SriovError(verbatim(f"{args.output}: {error.strerror}."), say("Name another file.")) from error
    return 0
