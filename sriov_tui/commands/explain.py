"""`sriov-tui explain`: what a finding or a cause is about, why it matters and how it is fixed, on whatever host."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sriov_tui.codec import encode
from sriov_tui.commands import common
from sriov_tui.language import _
from sriov_tui.language.layout import wrap
from sriov_tui.late import regex
from sriov_tui.message import NOTHING, lines, say
from sriov_tui.model import Explanation, SriovError

if TYPE_CHECKING:
    from checks.troubleshooting import Entry
    from sriov_tui.services.trouble_search import Hit

WIDTH = 80  # columns
ID = regex(r"[a-z]+\.[a-z.-]+")
HITS = 8  # of a search
SHOWN = 4  # messages of a cause
EPILOG = say(
    "ID is what stands behind the level in the output of `sriov-tui audit`, as in vfs.count,\n"
    "or the id of a cause, as in vf.partial. Its beginning, as in vfs or hostconf.yaml, lists\n"
    "the ids that begin so; nothing lists all. Any other words are looked for in the\n"
    "explanations, causes and symptoms, in English and in Chinese.\n\n"
    "exit status:\n  0  explained\n  2  nothing fits these words\n"
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "explain",
        help=say("explain a finding or a cause, or look for words"),
        description=say(
            "Explain what a finding of the audit means, why it matters, how to fix it, and where "
            "that knowledge is from. Nothing is read from this machine."
        ),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "words",
        metavar="WORDS",
        nargs="*",
        help=say("the id of a finding or a cause, its beginning, or words to look for"),
    )
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text", help=say("how to print it"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Explain one id, list those that are meant, or what fits the words best."""
    from checks.explained import explain, matching

    words = " ".join(args.words)
    if words and (entry := explain(words) or caused(words)):
        print_for(_one(entry, args.format), args.format)
        return 0
    found = (*matching([words]), *causes(words)) if words else matching([])
    if found:
        print_for(listing(found, args.format), args.format)
        return 0
    from sriov_tui.services.trouble_search import search

    hits = () if ID.fullmatch(words) else search(words)[:HITS]
    if not hits:
        common.complain(unknown(words))
        return 2
    print_for(hit_lines(hits, args.format), args.format)
    return 0


def caused(word: str) -> Explanation | None:
    """A cause of troubleshooting as an explanation, by its id or by a number that it had before."""
    from checks.troubleshooting import entry

    one = entry(word)
    return None if one is None else _of_cause(one)


def causes(beginning: str) -> tuple[Explanation, ...]:
    """The causes whose ids begin so, up to a dot or a dash."""
    from checks.explained import covers
    from checks.troubleshooting import ENTRIES

    return tuple(sorted((_of_cause(one) for one in ENTRIES if covers(beginning, one.id)), key=lambda one: one.id))


def _of_cause(one: Entry) -> Explanation:
    shown = [say("{where} ({versions}): {line}", where=pattern.where, versions=pattern.versions, line=pattern.lines[0])
             for pattern in one.patterns[:SHOWN]]  # fmt: skip
    return Explanation(
        id=one.id,
        title=one.cause,
        means=lines(say("Looked at: {looks_at}.", looks_at=one.looks_at), *shown),
        matters=say("It is a cause that `sriov-tui troubleshoot {id}` looks for on this host.", id=one.id),
        fix=lines(one.fix.title, one.fix.manual, one.fix.verify),
        source=one.source,
    )


def hit_lines(hits: Iterable[Hit], form: str) -> list[str]:
    """What fits the words best, a line each."""
    if form == "json":
        return json.dumps([encode(hit) for hit in hits], indent=1).split("\n")
    rows = [f"{hit.id:<28} {_(hit.title)}" for hit in hits]
    return [
        *rows,
        "",
        _(say("`sriov-tui explain ID` explains a finding or a cause; `sriov-tui troubleshoot ID` looks on this host.")),
    ]


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
        say("There is no check {word}.", word=repr(word)),
        say("{hint}`sriov-tui explain` lists every id.", hint=hint),
    )


def to_text(entry: Explanation) -> list[str]:
    """One explanation for a terminal."""
    rows = [f"{entry.id}: {_(entry.title)}"]
    for heading, text in sections(entry):
        told = (line for part in _(text).splitlines() for line in wrap(part, WIDTH, "  ", "  "))
        rows += ["", _(heading), *told]
    return rows


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
        (say("How to fix it"), entry.fix),
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
