"""`sriov-tui guide`: the documents on a host that has no browser and no network, searched by whatever words."""

from __future__ import annotations

import argparse

from sriov_tui.commands import common
from sriov_tui.message import say
from sriov_tui.model import SriovError

WIDTH = 80  # columns


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "guide",
        help=say("read and search the documents"),
        description=say(
            "Show what the documents say about these words: a command or a heading of the Cloudpods guide, a key, "
            "an option. Nothing is read from this machine."
        ),
        epilog=say(
            "WORDS may be the name of a page: then all of it is shown. Without WORDS the pages are listed.\n\n"
            "exit status:\n  0  shown\n  2  nothing speaks of these words\n"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="WORDS", help=say("what to look for, in English or Chinese"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List the pages, show one, or search them all."""
    from sriov_tui.language import CHINESE, spoken
    from sriov_tui.services import documents

    query = " ".join(args.words)
    language = CHINESE if documents.HAN.search(query) else spoken()
    if not query:
        for page in documents.pages(language):
            common.print_lines([f"{page:<16} {documents.title(language, page)}"])
        common.tell(["", say("`sriov-tui guide PAGE` shows a page, `sriov-tui guide WORDS` what speaks of the words.")])
        return 0
    whole = query in documents.pages(language)
    found = documents.passages(language, query) if whole else documents.search(query, language)
    if not found:
        common.complain(
            SriovError(
                say("Nothing in the documents speaks of {words}.", words=repr(query)),
                say("Try fewer words, `sriov-tui troubleshoot` for a symptom, or `sriov-tui explain` for an id."),
            )
        )
        return 2
    before = ""
    for passage in found:
        title = [] if passage.heading == before else [passage.heading, ""]
        common.print_lines([*title, *documents.shown(passage, WIDTH), ""])
        before = passage.heading
    return 0
