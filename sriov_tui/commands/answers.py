"""`sriov-tui answers`: the keys of the answers file, an example of one, and its JSON Schema."""

from __future__ import annotations

import argparse
import json

from sriov_tui.commands import common
from sriov_tui.language import _
from sriov_tui.language.layout import wrap
from sriov_tui.message import say

WIDTH = 80  # columns


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "answers",
        help=say("explain the answers file"),
        description=say(
            "Explain every key of the answers file, which `plan` and `apply` take and the wizard saves. "
            "Nothing is read from this machine."
        ),
        epilog=say("`sriov-tui answers --example >answers.toml` makes a file to start from."),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--example", action="store_true", help=say("print an answers file with every key"))
    what.add_argument("--schema", action="store_true", help=say("print the JSON Schema of the file, for programs"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the keys, the example or the schema."""
    from sriov_tui.services import answers_keys

    if args.schema:
        print(json.dumps(answers_keys.schema(), indent=1))
    elif args.example:
        common.print_lines(answers_keys.example().splitlines())
    else:
        for key in answers_keys.all_keys():
            print(f"{key.name} {_(answers_keys.described(key))}")
            common.print_lines(wrap(_(key.means), WIDTH, "  ", "  "))
    return 0
