"""Open vSwitch: its database, its daemon's log, and the flows that the cards forward."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sriov_tui.facts import HostFacts, OpenVswitch, OvsBridge
from sriov_tui.message import say
from sriov_tui.probe.source import Source, installed, service_runs

UNITS = ("openvswitch", "openvswitch-switch")  # RHEL's and Debian's name
UNIT_FOLDERS = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
PIDFILE = "/run/openvswitch/ovs-vswitchd.pid"
LOG = "/var/log/openvswitch/ovs-vswitchd.log"
DATABASE = (
    "ovs-vsctl", "-t", "5", "-f", "json",
    "--", "--columns=ovs_version,other_config", "list", "Open_vSwitch",
    "--", "--columns=name,ports,datapath_type", "list", "Bridge",
    "--", "--columns=_uuid,name,interfaces", "list", "Port",
    "--", "--columns=_uuid,name", "list", "Interface",
)  # fmt: skip
PORTS = ("ovs-vsctl", "-t", "5", "-f", "json", "--", "--columns=name,interfaces,tag,trunks,vlan_mode,other_config",
         "list", "Port")  # fmt: skip
LOG_WORDS = ("ovs-vswitchd (Open vSwitch)", "flow api", "flow hw offload", "ingress qdisc", "probe tc:")
START = LOG_WORDS[0]
FLOWS = ("ovs-appctl", "-T", "5", "dpctl/dump-flows")
TIMEOUT = 8.0  # seconds; on a Cloudpods host these commands may be wrappers that start a container, and hang
SAMPLE = 5
LOG_LINES = 60


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`ovs`; no command where it is not installed, and one where no card could offload."""
    there = installed(source, "ovs-vsctl")
    if not there:
        return {"ovs": OpenVswitch(installed=there)}
    ovs = OpenVswitch(installed=True, unit=_unit(source), running=_running(source))
    done = source.ask(DATABASE, TIMEOUT)
    if done.status:
        source.problem(
            "ovs-vsctl", (done.err.strip().splitlines() or [say("exit status {status}", status=done.status)])[-1]
        )
        return {"ovs": ovs}  # the others would hang too
    try:
        ovs = replace(ovs, **database(done.out))
    except (ValueError, KeyError, TypeError, IndexError):
        source.problem("ovs-vsctl", say("an answer that is not understood: {out}", out=repr(done.out[:60])))
    if _has_hardware(facts, ovs):
        ovs = replace(ovs, plain_ports=_plain_ports(source))
    if ovs.hw_offload or any(pf.mellanox for pf in facts.pfs or ()):
        ovs = replace(ovs, log=_log(source))
    return {"ovs": replace(ovs, **_flows(source)) if ovs.hw_offload and ovs.running is not False else ovs}


def _has_hardware(facts: HostFacts, ovs: OpenVswitch) -> bool:
    """Whether a port of a card, its bond, or a VLAN on them is a port of a bridge: a bond may take its place."""
    names = {name for pf in facts.pfs or () for name in pf.netdevs or ()}
    names |= {link.name for link in facts.links or () if link.bond and names & set(link.bond.ports)}
    names |= {link.name for link in facts.links or () if link.parent in names}
    return any(names & set(bridge.ports) for bridge in ovs.bridges or ())


def _plain_ports(source: Source) -> tuple[str, ...] | None:
    """The ports that are one interface with nothing set; None where that was not read."""
    done = source.ask(PORTS, TIMEOUT)
    try:
        rows = _rows(done.out.splitlines()[0]) if done.status == 0 else None
        return None if rows is None else tuple(sorted(row["name"] for row in rows if _is_plain(row)))
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _is_plain(row: dict[str, Any]) -> bool:
    """Whether a row of Port is one interface, and nothing else is set; a set of one stands as that one."""
    empty = all(row[key] == ["set", []] for key in ("tag", "trunks", "vlan_mode"))
    return empty and row["other_config"] == ["map", []] and row["interfaces"][0] == "uuid"


def _unit(source: Source) -> str | None:
    lists = [source.names(folder) for folder in UNIT_FOLDERS]
    names = {name for names in lists for name in names or ()}
    found = next((unit for unit in UNITS if f"{unit}.service" in names), "")
    return found or (None if None in lists else "")


def _running(source: Source) -> bool | None:
    """By the service's processes, or by the process that the pid file names: in a container it may be another."""
    runs = service_runs(source, "ovs-vswitchd.service")
    if runs:
        return True
    there = source.exists(PIDFILE)
    if not there:
        return runs if there is None else False
    pid = source.text(PIDFILE) or ""
    return True if pid.isdigit() and source.text(f"/proc/{pid}/comm") == "ovs-vswitchd" else None


def database(text: str) -> dict[str, Any]:
    """Version, offload settings and bridges out of DATABASE's answer: one JSON table a line, in the order asked."""
    switch, bridges, ports, interfaces = (_rows(line) for line in text.splitlines() if line.strip())
    config = dict(_many(switch[0]["other_config"], "map")) if switch else {}
    name_of = {row["_uuid"][1]: row["name"] for row in interfaces}
    names_of = {}
    for row in ports:
        members = {name_of[member] for _, member in _many(row["interfaces"], "set") if member in name_of}
        names_of[row["_uuid"][1]] = {row["name"], *members}
    return {
        "version": _one(switch[0]["ovs_version"]) if switch else None,
        "hw_offload": config.get("hw-offload", "false") == "true",
        "tc_policy": config.get("tc-policy", "none"),
        "bridges": tuple(
            OvsBridge(
                name=row["name"],
                ports=tuple(sorted({n for _, port in _many(row["ports"], "set") for n in names_of.get(port, ())})),
                datapath=_one(row["datapath_type"]) or "system",
            )
            for row in sorted(bridges, key=lambda row: str(row["name"]))
        ),
    }


def _rows(line: str) -> list[dict[str, Any]]:
    table = json.loads(line)
    return [dict(zip(table["headings"], row, strict=True)) for row in table["data"]]


def _many(value: Any, kind: str) -> list[Any]:
    """An OVSDB set or map (RFC 7047, 5.1): a set of one stands as that one."""
    return list(value[1]) if value[0] == kind else [value]


def _one(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _log(source: Source) -> tuple[str, ...] | None:
    """The lines that matter since the daemon's last start; the log says with each start whether it offloads."""
    if not source.exists(LOG):
        return None
    words = [part for word in LOG_WORDS for part in ("-e", word)]
    done = source.ask(("grep", "-aiF", *words, LOG))
    if done.status > 1:
        source.problem(LOG, done.err.strip() or say("exit status {status}", status=done.status))
        return None
    lines = done.out.splitlines()
    starts = [number for number, line in enumerate(lines) if START in line]
    return tuple(lines[starts[-1] if starts else 0 :][:LOG_LINES])


def _flows(source: Source) -> dict[str, Any]:
    offloaded = _dump(source, (*FLOWS, "type=offloaded"))
    every = _dump(source, FLOWS) if offloaded is not None else None
    return {
        "offloaded": None if offloaded is None else len(offloaded),
        "flows": None if every is None else len(every),
        "offloaded_sample": tuple(offloaded or ())[:SAMPLE],
    }


def _dump(source: Source, argv: tuple[str, ...]) -> list[str] | None:
    done = source.ask(argv, TIMEOUT)
    if done.status == 0:
        return [line for line in done.out.splitlines() if "actions:" in line]
    source.problem(
        " ".join(argv), (done.err.strip().splitlines() or [say("exit status {status}", status=done.status)])[-1]
    )
    return None
