"""`sriov-tui apply`: carry out a plan, without a screen."""

from __future__ import annotations

import argparse
from pathlib import Path

from sriov_tui import plan as plans
from sriov_tui.commands import common, following
from sriov_tui.facts import HostFacts
from sriov_tui.hosts import trusted
from sriov_tui.message import lines, say
from sriov_tui.model import Plan, SriovError
from sriov_tui.reports import plan_text, run_json
from sriov_tui.run import store, view
from sriov_tui.services.answers import load_trusted_answers
from sriov_tui.services.evaluation import evaluate
from sriov_tui.services.machine import gather_for, open_host, spec_for, state_dir_for, with_image
from sriov_tui.services.matching import matched

TEXT = say(
    "Make the plan that an answers file asks for, or take one that `sriov-tui plan\n"
    "--output` saved, show it word for word, and after a yes carry it out.\n\n"
    "The work is done by a process of its own: it goes on when this terminal or the\n"
    "network goes away. What was there before is kept on disk before every change, so\n"
    "that `sriov-tui rollback` can put it back.\n"
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = following.register(subparsers, "apply", say("carry out a plan"), TEXT)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("plan", nargs="?", metavar="PLAN", help=say("a plan that `sriov-tui plan --output PLAN` saved"))
    source.add_argument("--answers", metavar="FILE", help=say("the answers file that the wizard saved"))
    parser.add_argument("--yes", action="store_true", help=say("do not ask"))
    parser.add_argument(
        "--new", action="store_true", help=say("start although an earlier run was cut off or waits for a reboot")
    )
    following.add_format_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Plan, show, ask, launch, follow, verify."""
    spec = spec_for(args)
    open_host(spec)
    facts = gather_for(args)
    plan = _from_answers(args.answers, spec, facts) if args.answers else _from_file(Path(args.plan), facts)
    return carry_out(plan, args, spec, facts)


def carry_out(plan: Plan, args: argparse.Namespace, spec: str, facts: HostFacts) -> int:
    """Show a plan, ask, launch the engine, follow it, verify; the exit status. `args` has `yes` and `new`."""
    state_dir = state_dir_for(spec)
    if held := store.holder(state_dir):
        raise store.busy(held)
    if not args.new:
        _refuse_unfinished(state_dir)
    tell = following.teller(args)
    tell(plan_text.describe(plan, facts))
    tell(following.foreseen(evaluate(with_image(spec, facts, plan.choices), plan.choices)))
    if not plan.steps:
        if args.format == "json":
            print(run_json.dumps(run_json.ended(None, "applied")))
        return 0
    following.need_root(spec, facts.root)
    if args.format == "json" and not args.yes:
        raise SriovError(
            say("With --format json nothing is asked."), say("Give --yes, too; `sriov-tui plan` shows the plan.")
        )
    following.confirm(args.yes, say("This will be done on {hostname}.", hostname=facts.hostname or say("this host")))
    run_dir = store.create(plan, spec, state_dir, facts)
    return following.conclude(following.launch_and_follow(run_dir, tell=tell), args, run_dir)


def _from_answers(path: str, spec: str, facts: HostFacts) -> Plan:
    choices = matched(load_trusted_answers(path, common.remark), facts)
    state = evaluate(with_image(spec, facts, choices), choices)
    blocking = [finding for finding in state.findings if finding.blocks]
    if blocking:
        hint = say("`sriov-tui audit` shows what to do.")
        raise SriovError(say("This host cannot be set up so:"), lines(*map(common.reason, blocking), hint))
    return state.plan


def _from_file(path: Path, facts: HostFacts) -> Plan:
    plan = plans.from_json(trusted.read_trusted(path), str(path))
    if differences := plans.changed(plan, facts):
        raise SriovError(
            say("This host is not as it was when the plan was made."),
            lines(*differences, say("Nothing was changed. Make a new plan with `sriov-tui plan`.")),
        )
    return plan


def _refuse_unfinished(state_dir: Path) -> None:
    earlier = view.unfinished(state_dir)
    if earlier is None or (outcome := view.view(earlier).outcome) in ("failed", "rollback-failed"):
        return
    raise SriovError(
        say("Run {name} is not finished: {outcome}.", name=earlier.name, outcome=outcome or say("it was cut off")),
        say("`sriov-tui resume` goes on with it, `sriov-tui rollback` takes it back, --new leaves it as it is."),
    )
