"""`sriov-tui device`: the whole picture of a network card, as a drawing of text."""

from __future__ import annotations

import argparse
import sys

from sriov_tui.commands import common
from sriov_tui.facts import HostFacts
from sriov_tui.message import say
from sriov_tui.model import SriovError
from sriov_tui.reports.card import cards, draw, slot
from sriov_tui.services.machine import gather_for

TEXT = say(
    "Draw a network card: the bridges above it, its ports with driver and link, the bond,\n"
    "bridge or Open vSwitch that each is part of, the lines of host.conf about it, and its\n"
    "virtual functions with driver, IOMMU group and holder. Without a name, every card.\n"
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "device",
        help=say("draw a network card with all that belongs to it"),
        description=TEXT,
        epilog=say("exit status: 0 drawn; 1 there is no such card, or the machine cannot be read"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common.add_host_option(parser)
    parser.add_argument("--each", action="store_true", help=say("a line for each VF, instead of ranges"))
    parser.add_argument("name", nargs="?", metavar="CARD", default="", help=say("a PCI address or an interface"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the card, or all of them with an empty line between."""
    facts = gather_for(args)
    wanted = [_address(facts, args.name)] if args.name else cards(facts)
    unfolded = {vf.address for pf in facts.pfs or () for vf in pf.vfs} if args.each else set()
    for number, address in enumerate(wanted):
        lines = [line.text for line in draw(facts, address, unfolded)]
        common.print_lines(map(_shown, ["", *lines] if number else lines))
    return 0


def _shown(line: str) -> str:
    """With - and | for the lines of the drawing, where the terminal has none."""
    if (sys.stdout.encoding or "").lower().replace("-", "") == "utf8":
        return line
    return line.replace("├─", "|-").replace("└─", "`-").replace("│", "|")


def _address(facts: HostFacts, name: str) -> str:
    """The PCI address of a card by any of its ports, by an interface, or by a VF."""
    for pf in facts.pfs or ():
        if name in (pf.address, slot(pf.address), *(pf.netdevs or ()), *(vf.address for vf in pf.vfs)):
            return pf.address
    there = ", ".join(f"{pf.address} {pf.netdev}".strip() for pf in facts.pfs or ()) or say("none")
    raise SriovError(
        say("There is no network card {name} here.", name=repr(name)), say("Network functions: {there}.", there=there)
    )
