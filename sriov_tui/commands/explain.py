"""`sriov-tui explain`: what a finding's id means, why it matters and how it is mended, on whatever host."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

from sriov_tui.codec import encode
from sriov_tui.commands import common
from sriov_tui.language import _
from sriov_tui.language.layout import wrap
from sriov_tui.model import Explanation, SriovError

WIDTH = 80  # columns
EPILOG = """\
ID is what stands behind the level in the output of `sriov-tui audit`, as in vfs.count.
Its beginning, as in vfs or hostconf.yaml, lists the ids that begin so; nothing lists all.

exit status:
  0  explained
  2  there is no such id
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "explain",
        help="tell what a finding means, why it matters, how to mend it",
        description="Tell what a finding of the audit means, why it matters, how it is mended, and where that "
        "knowledge is from. Nothing is read of this machine.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("id", metavar="ID", nargs="?", default="", help="the id of a finding, or its beginning")
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text", help="how to print it")
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
    hint = f"Did you mean {near}? " if near else ""
    return SriovError(f"There is no check {word!r}.", f"{hint}`sriov-tui explain` lists every id.")


def to_text(entry: Explanation) -> list[str]:
    """One explanation for a terminal."""
    lines = [f"{entry.id}: {entry.title}"]
    for heading, text in sections(entry):
        lines += ["", heading, *wrap(_(text), WIDTH, "  ", "  ")]
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
        ("What it means", entry.means),
        ("Why it matters", entry.matters),
        ("How to mend it", entry.mend),
        ("Source", entry.source),
    )


def listing(entries: Iterable[Explanation], form: str = "text") -> list[str]:
    """Every id with its title, a line each; as JSON the whole explanations."""
    if form == "json":
        return json.dumps([encode(entry) for entry in entries], indent=1).split("\n")
    if form == "markdown":
        rows = [f"| {entry.id} | {_(entry.title)} |" for entry in entries]
        return ["| id | what it looks at |", "| --- | --- |", *rows]
    lines = [f"{entry.id:<32} {_(entry.title)}" for entry in entries]
    return [*lines, "", "`sriov-tui explain ID` tells what an id means, why it matters and how it is mended."]
