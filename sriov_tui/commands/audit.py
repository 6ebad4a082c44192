"""`sriov-tui audit`: what is right and wrong, on standard output, without ever writing anything."""

from __future__ import annotations

import argparse

from checks import evaluate
from checks.asked import asked_for
from sriov_tui import report
from sriov_tui.commands import common
from sriov_tui.model import Choices, Level

EPILOG = """\
The audit only reads: it opens no file for writing and starts only commands that change
nothing. What it expects of the host is what /etc/yunion/host.conf asks for, or the
answers file given with --answers.

exit status:
  0  ready
  1  could not run
  2  not ready: a finding is as bad as --fail-on says
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "audit",
        help="say what is right and wrong; read-only",
        description="Check this host for SR-IOV as host.conf asks for it, and say what to do.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common.add_host_option(parser)
    parser.add_argument("--format", choices=report.FORMATS, default="text", help="how to print it (default: text)")
    parser.add_argument("--fail-on", choices=("warn", "fail"), default="fail", help="what counts as not ready")
    parser.add_argument("--answers", metavar="FILE", help="expect what this answers file wants")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Gather, check, print."""
    facts = common.gather_for(args)
    choices: Choices = common.load_answers(args.answers) if args.answers else asked_for(facts)
    findings, _ = evaluate(facts, choices)
    common.print_lines(report.render(args.format, facts, findings))
    bad = Level.FAIL if args.fail_on == "fail" else Level.WARN
    return 2 if report.worst(findings) >= bad else 0
