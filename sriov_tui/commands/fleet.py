"""`sriov-tui fleet`: the collected audits of many hosts, side by side."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from sriov_tui.commands import common
from sriov_tui.fleet import age, tables
from sriov_tui.fleet.expected import read_expected
from sriov_tui.fleet.hosts import Fleet, FleetHost
from sriov_tui.fleet.reading import read_fleet
from sriov_tui.message import say
from sriov_tui.model import SriovError

TEXT = say(
    "Read the audits of many hosts, a file HOST.json each as `sriov-tui audit --format\n"
    "json` prints it, and show the hosts by state, the findings by number of hosts, and\n"
    "who differs from the majority in firmware, driver, VF count or kernel arguments.\n"
    "A file that is no audit is named and left out. So are hosts that --expect names and\n"
    "that have no audit, and audits that are old or from the future.\n"
)
FORMATS = ("screen", "text", "csv", "html")


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "fleet",
        help=say("show the audits of many hosts side by side"),
        description=TEXT,
        epilog=say("exit status: 0 shown; 1 there is nothing to show"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder", metavar="DIR", type=Path, help=say("the folder of the audits; folders in it count, too")
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="screen",
        help=say("how to show it (default: screen); html is one page that needs no network"),
    )
    parser.add_argument(
        "--table", choices=tables.TABLES, default="hosts", help=say("which table csv prints (default: hosts)")
    )
    parser.add_argument(
        "--expect",
        metavar="FILE",
        type=Path,
        help=say("name the hosts without an audit; FILE has a host a line, or what `ansible-inventory --list` prints"),
    )
    parser.add_argument(
        "--before", metavar="DIR", type=Path, help=say("also show what changed since the audits in this folder")
    )
    parser.add_argument(
        "--stale-days",
        metavar="DAYS",
        type=_days,
        default=age.STALE_DAYS,
        help=say("mark audits that are this old (default: {days})", days=age.STALE_DAYS),
    )
    parser.add_argument("--show", metavar="HOST", help=say("only this host, in full, as text"))
    parser.add_argument("--plain", action="store_true", help=say("ASCII only, on the screen"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, compare, show."""
    expected = read_expected(args.expect) if args.expect else ()
    fleet = read_fleet(args.folder, expected, args.stale_days)
    before = read_fleet(args.before) if args.before else None
    if args.show is not None:
        host = _find(fleet, args.show)
        common.tell(tables.host_text(host, fleet.stale(host)))
    elif args.format == "text":
        common.tell(tables.to_text(fleet, before))
    elif args.format == "csv":
        if args.table == "changes" and before is None:
            raise SriovError(
                say("The table of changes needs the audits before."), say("Name their folder: --before DIR.")
            )
        _write([tables.to_csv(fleet, args.table, before)])
    elif args.format == "html":
        from sriov_tui.fleet.page import to_html

        _write(to_html(fleet, before))
    else:
        from sriov_tui import language
        from sriov_tui.tui.terminal import environment

        plain = environment.prepare(plain=args.plain)
        language.plain_only(plain)
        from sriov_tui.tui.fleet_app import run_fleet

        return run_fleet(fleet, plain=plain)
    return 0


def _days(given: str) -> int:
    days = int(given)
    if days < 1:
        raise argparse.ArgumentTypeError(say("{given} is not a number of days; write 1 or more", given=given))
    return days


def _find(fleet: Fleet, name: str) -> FleetHost:
    for host in fleet.hosts:
        if host.name == name:
            return host
    raise SriovError(
        say("There is no audit of {name} in this folder.", name=repr(name)), say("`--format text` lists the hosts.")
    )


def _write(parts: Iterable[str]) -> None:
    """Standard output, as UTF-8 whatever the locale."""
    for part in parts:
        sys.stdout.buffer.write(part.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()
