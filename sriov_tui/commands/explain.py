"""`sriov-tui explain`: what a finding's id means, why it matters and how it is mended, on whatever host."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

from sriov_tui.codec import encode
from sriov_tui.commands import common
from sriov_tui.language import _
from sriov_tui.language.layout import wrap
from sriov_tui.message import NOTHING, say
from sriov_tui.model import Explanation, SriovError

WIDTH = 80  # columns
EPILOG = say(
    "ID is what follows the level in the output of `sriov-tui audit`, as in vfs.count.\nIts "
    "beginning, as in vfs or hostconf.yaml, lists the ids that begin with it; without ID, "
    "all.\n\nexit status:\n  0  explained\n  2  there is no such id\n"
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "explain",
        help=say("explain what a finding means, why it matters, how to fix it"),
        description=say(
            "Explain what a finding of the audit means, why it matters, how to fix it, and where "
            "that knowledge is from. Nothing is read from this machine."
        ),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("id", metavar="ID", nargs="?", default="", help=say("the id of a finding, or its beginning"))
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text", help=say("how to print it"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Explain one id, or list those that are meant."""
    from checks.explained import explain, matching

    if args.id and (entry := explain(args.id)):
        print_for(_one(entry, args.format), args.format)
        return 0
    found = matching([args.id] if args.id else [])
    if not found:
        common.complain(unknown(args.id))
        return 2
    print_for(listing(found, args.format), args.format)
    return 0


def print_for(lines: Iterable[str], form: str) -> None:
    """Print lines for people, or JSON as it is."""
    common.print_lines(lines) if form == "json" else common.tell(lines)


def _one(entry: Explanation, form: str) -> list[str]:
    if form == "json":
        return listing([entry], form)
    return to_markdown(entry) if form == "markdown" else to_text(entry)


def unknown(word: str) -> SriovError:
    """There is no such id: the error, with the nearest one that there is."""
    from checks.explained import nearest

    near = nearest(word)
    hint = say("Did you mean {near}? ", near=near) if near else NOTHING
    return SriovError(
        say("There is no check {word}.", word=repr(word)), say("{hint}`sriov-tui explain` lists every id.", hint=hint)
    )


def to_text(entry: Explanation) -> list[str]:
    """One explanation for a terminal."""
    lines = [f"{entry.id}: {_(entry.title)}"]
    for heading, text in sections(entry):
        lines += ["", _(heading), *wrap(_(text), WIDTH, "  ", "  ")]
    return lines


def to_markdown(entry: Explanation) -> list[str]:
    """One explanation as a page of a manual."""
    lines = [f"# {entry.id}", "", f"{_(entry.title)}."]
    for heading, text in sections(entry):
        lines += ["", f"## {_(heading)}", "", _(text).replace("<", "&lt;")]
    return lines


def sections(entry: Explanation) -> tuple[tuple[str, str], ...]:
    """The parts of an explanation, with their headings."""
    return (
        (say("What it means"), entry.means),
        (say("Why it matters"), entry.matters),
        (say("How to fix it"), entry.mend),
        (say("Source"), entry.source),
    )


def listing(entries: Iterable[Explanation], form: str = "text") -> list[str]:
    """Every id with its title, a line each; as JSON the whole explanations."""
    if form == "json":
        return json.dumps([encode(entry) for entry in entries], indent=1).split("\n")
    if form == "markdown":
        rows = [f"| {entry.id} | {_(entry.title)} |" for entry in entries]
        return [say("| id | what it looks at |"), "| --- | --- |", *rows]
    lines = [f"{entry.id:<32} {_(entry.title)}" for entry in entries]
    return [*lines, "", say("`sriov-tui explain ID` explains what an id means, why it matters and how to fix it.")]
