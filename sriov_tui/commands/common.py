"""What the commands share: an option that names the machine, and how they print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from sriov_tui.language import _
from sriov_tui.language.layout import printable
from sriov_tui.message import Message, join, say
from sriov_tui.model import Finding, SriovError


def add_host_option(parser: argparse._ActionsContainer) -> None:
    """`--host FILE`: work on a recording, or on a simulated machine, instead of this one."""
    parser.add_argument(
        "--host",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help=say(
            "work on the recording FILE (made by `sriov-tui collect`) instead of this machine; "
            "`simulated:DIR` opens a simulated machine, which can be changed"
        ),
    )


def complain(error: SriovError) -> int:
    """Print an error for the operator on standard error; exit status 1."""
    lines = (f"sriov-tui: {_(error.title)}", *_(error.hint).splitlines())  # with names that others chose
    print("\n  ".join(printable(line) for line in lines), file=sys.stderr)
    return 1


def reason(finding: Finding) -> Message:
    """Why a plan is refused: the title, and the detail below it, which names who and what is concerned."""
    return join("\n", (join("", (f"{finding.id} {finding.subject}: ", finding.title)), finding.detail))


def remark(message: Message) -> None:
    """Print something that the operator should know, on standard error; the work goes on."""
    print("sriov-tui:", printable(_(message)), file=sys.stderr)  # with names that others chose


def tell(lines: Iterable[str]) -> None:
    """Print lines for people, in their language."""
    print_lines(map(_, lines))


def print_lines(lines: Iterable[str]) -> None:
    """Print lines as they are; characters that the terminal cannot show are replaced, controls made visible."""
    for line in lines:
        print(shown(line))


def shown(line: str) -> str:
    """A line as the terminal can show it: what its encoding has not is replaced, controls are made visible."""
    encoding = sys.stdout.encoding or "ascii"
    return printable(line).encode(encoding, "backslashreplace").decode(encoding)
