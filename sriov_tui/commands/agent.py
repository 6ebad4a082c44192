"""`sriov-tui agent`: what the host-agent will report after its next start, and whether it did."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import asdict, dataclass
from typing import Any

from checks import agent
from checks.host_agent import guest_commands
from checks.host_agent.devices import Device
from checks.host_agent.forecast import Forecast
from sriov_tui.bounded import read_file, read_stream
from sriov_tui.commands import common, following
from sriov_tui.late import regex
from sriov_tui.message import say, verbatim
from sriov_tui.model import SriovError
from sriov_tui.probe import gather
from sriov_tui.run import store
from sriov_tui.services import agent_restart, cluster
from sriov_tui.services.machine import open_host, open_reader, spec_for, state_dir_for

TABLE = 1 << 20  # bytes
_ADDRESS = regex(r"\b(?:[0-9a-f]{4}:)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])\b", re.IGNORECASE)
_IDS = regex(r"\b[0-9a-f]{4}:[0-9a-f]{4}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The devices of a climc table against the prediction, by address."""

    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    different: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether the table shows exactly what was foreseen."""
        return not (self.missing or self.unexpected or self.different)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "agent",
        help=say("say what the host-agent will report after its next start"),
        description=say(
            "Foresee, from this host and its host.conf, which devices the Cloudpods host-agent will "
            "report after its next start, or the one error that makes it report none, and what it "
            "will change; then the commands that give one to a virtual machine. Nothing is changed "
            "unless --restart is given."
        ),
        epilog=say(
            "exit status: 0 devices are expected, or none are asked for; 1 the question cannot be "
            "answered, or the outcome depends on what could not be read or on chance; 2 an error or "
            "a silent loss is foreseen, the comparison shows a difference, or after --restart the "
            "host-agent reported something else"
        ),
    )
    common.add_host_option(parser)
    parser.add_argument("--json", action="store_true", help=say("print JSON"))
    parser.add_argument(
        "--compare",
        metavar="FILE",
        help=say(
            "compare with a table of `climc isolated-device-list --host HOST --limit 0` in FILE (- = standard input)"
        ),
    )
    parser.add_argument(
        "--log",
        action="store_true",
        help=say("also print what the log of this node's host-agent says about devices (with kubectl, read-only)"),
    )
    parser.add_argument(
        "--restart",
        action="store_true",
        help=say("restart the host-agent of this node alone, after a yes, and follow its log to what it reports"),
    )
    parser.add_argument("--yes", action="store_true", help=say("with --restart: do not ask"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Gather, foresee, print; compare where asked."""
    import json

    if args.restart:
        return _restart(spec_for(args), args.yes)
    reader = open_reader(spec_for(args))
    facts = gather(reader)
    forecast = agent.forecast(facts)
    comparison = compare(forecast, _table(args.compare)) if args.compare else None
    pod = cluster.find(reader, facts.hostname)
    log = cluster.log(reader, pod) if args.log else ()
    if args.json:
        document = {"forecast": _document(forecast), "reports": len(forecast.devices), "pod": asdict(pod)}
        if comparison is not None:
            document["comparison"] = asdict(comparison) | {"agrees": comparison.agrees}
        if args.log:
            document["log"] = list(log)
        print(json.dumps(document, indent=2))
    else:
        common.tell(agent.lines(forecast))
        common.tell(_compared(comparison) if comparison else cluster.commands(facts, pod.name))
        common.tell(() if comparison else guest_commands.lines(forecast))
        common.tell(("", pod.why) if pod.why and not comparison else ())
        common.tell(("", say("The log:")) if args.log else ())
        common.print_lines(log)
    good = forecast.starts and not any(
        part.error or part.skipped or (part.items and not part.devices) for part in (forecast.sriov, forecast.offload)
    )
    if good and (forecast.unseen or forecast.doubts) and comparison is None:
        return 1
    return 0 if good and (comparison is None or comparison.agrees) else 2


def _restart(spec: str, yes: bool) -> int:
    """Say what it interrupts, have it confirmed, restart, follow; 2 where it did not report what was foreseen."""
    host = open_host(spec)
    facts = gather(host)
    following.need_root(spec, facts.root)
    if held := store.holder(state_dir_for(spec)):
        raise store.busy(held)
    way = agent_restart.way_of(host, facts)
    common.tell(agent_restart.ask(facts, way))
    following.confirm(yes, say("Restart the host-agent of {host}?", host=facts.hostname))
    answer = agent_restart.carry_out(host, facts, way, lambda line: common.tell([line]))
    return 0 if answer.agrees else 2


def compare(forecast: Forecast, table: str) -> Comparison:
    """Compare a climc table with the prediction; vendor:device is compared where the table's line has one.

    Raises SriovError for one page of several.
    """
    seen: dict[str, str] = {}
    for line in _nics(table):
        address = _ADDRESS.search(line)
        if address:
            seen[address.group(1).lower()] = line
    expected: dict[str, Device] = {device.addr: device for device in forecast.devices}
    different = []
    for addr in sorted(expected.keys() & seen.keys()):
        want = expected[addr].vendor_device_id
        ids = [word.lower() for word in _IDS.findall(seen[addr])]
        if want and ids and want not in ids:
            different.append(say("{addr}: {ids} in place of {want}", addr=addr, ids=ids[0], want=want))
    return Comparison(
        missing=tuple(sorted(expected.keys() - seen.keys())),
        unexpected=tuple(sorted(seen.keys() - expected.keys())),
        different=tuple(different),
    )


def _nics(table: str) -> list[str]:
    """The rows about network cards: the table holds GPUs and disks too, which its column Dev_type tells."""
    pages = re.search(r"\bPages:\s*([0-9]+)", table)
    if pages and int(pages[1]) > 1:
        raise SriovError(
            say("The table is one page of {pages}: the other pages may hold the missing devices.", pages=pages[1]),
            say("Save the whole table: climc isolated-device-list --host HOST --limit 0."),
        )
    rows = [[cell.strip() for cell in line.split("|")] for line in table.splitlines()]
    head = next((row for row in rows if "dev_type" in map(str.lower, row)), None)
    if head is None:
        return table.splitlines()
    column = [cell.lower() for cell in head].index("dev_type")
    return [" | ".join(row) for row in rows if len(row) == len(head) and row[column] == "NIC"]


def _table(path: str) -> str:
    try:
        data = read_stream(sys.stdin.buffer, TABLE, path) if path == "-" else read_file(path, TABLE)[0]
    except OSError as error:
        raise SriovError(
            verbatim(f"{path}: {error.strerror}."), say("Save the table of climc in a file, or pipe it in.")
        ) from error
    return data.decode("utf-8", "replace")


def _document(forecast: Forecast) -> dict[str, Any]:
    """For JSON; a device is a tuple that `asdict` would leave one."""
    document = asdict(forecast)
    for part in (forecast.sriov, forecast.offload):
        name = "sriov" if part is forecast.sriov else "offload"
        document[name]["devices"] = [device._asdict() for device in part.devices]
    return document


def _compared(comparison: Comparison) -> list[str]:
    if comparison.agrees:
        return ["", say("The table shows exactly these devices.")]
    return [
        "",
        say("The table differs:"),
        *(say("  {addr} is not in the table", addr=addr) for addr in comparison.missing),
        *(say("  {addr} is in the table, but was not expected", addr=addr) for addr in comparison.unexpected),
        *(f"  {line}" for line in comparison.different),
    ]
