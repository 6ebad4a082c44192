"""Simulated Open vSwitch: its database, the daemon that reads hw-offload when it starts, its log and its flows.

simulation["ovs"] = {"unit", "version", "running", "config", "bridges", "in_force", "log", "traffic"}.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_dir, put_file, remove
from sriov_tui.simulated.drivers import link_row
from sriov_tui.simulated.links import row_of

PROGRAM, LOG = "/usr/bin/ovs-vsctl", "/var/log/openvswitch/ovs-vswitchd.log"
GROUP = "/sys/fs/cgroup/system.slice/ovs-vswitchd.service"
DATABASE = (
    "ovs-vsctl -t 5 -f json -- --columns=ovs_version,other_config list Open_vSwitch"
    " -- --columns=name,ports,datapath_type list Bridge"
    " -- --columns=_uuid,name,interfaces list Port -- --columns=_uuid,name list Interface"
)
PORTS = "ovs-vsctl -t 5 -f json -- --columns=name,interfaces,tag,trunks,vlan_mode,other_config list Port"
GREP = f"grep -aiF -e ovs-vswitchd (Open vSwitch) -e flow api -e flow hw offload -e ingress qdisc -e probe tc: {LOG}"
EVERY = "ovs-appctl -T 5 dpctl/dump-flows"
DATAPATH = "ovs-system"
Output = Callable[[str], None]


def install(machine: Machine, unit: str = "openvswitch-switch", version: str = "3.1.0") -> None:
    """Open vSwitch is installed and runs, without bridges; `unit` is openvswitch-switch on Debian."""
    put_file(machine, PROGRAM, b"", 0o755)
    put_file(machine, f"/usr/lib/systemd/system/{unit}.service", "[Unit]\n")
    machine.simulation["ovs"] = {
        "unit": unit, "version": version, "running": False, "config": {}, "bridges": {}, "in_force": False, "log": [],
        "traffic": False,
    }  # fmt: skip
    _add_link(machine, DATAPATH)
    _start(machine)


def _state(machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = machine.simulation.get("ovs", {})
    return found


def boot(machine: Machine) -> None:
    """The daemon starts with the machine."""
    if _state(machine):
        _start(machine)
        attach(machine)


def attach(machine: Machine) -> None:
    """The daemon takes the links that are ports of its bridges."""
    for ports in _state(machine).get("bridges", {}).values():
        for row in filter(None, (row_of(machine, port) for port in ports)):
            row["master"] = row["master"] or (row_of(machine, DATAPATH) or {}).get("index", 0)


def _start(machine: Machine) -> None:
    ovs = _state(machine)
    ovs |= {"running": True, "in_force": ovs["config"].get("hw-offload") == "true"}
    ovs["log"].append(f"bridge|INFO|ovs-vswitchd (Open vSwitch) {ovs['version']}")
    if ovs["in_force"]:
        ovs["log"].append("netdev|INFO|netdev: Flow API Enabled")


def offloads_on(machine: Machine, netdevs: list[str]) -> bool:
    """Whether the daemon holds offloaded rules on one of these links."""
    ovs = _state(machine)
    ports = {port for ports in ovs.get("bridges", {}).values() for port in ports}
    return bool(ovs and ovs["running"] and ovs["in_force"] and ports & set(netdevs))


def vsctl(machine: Machine, arguments: list[str], output: Output) -> int:
    """`ovs-vsctl` with the commands that change offload, bridges and ports."""
    ovs = _state(machine)
    if not ovs:
        output("ovs-vsctl: not found on the simulated machine")
        return 127
    if arguments[:1] == ["-t"]:
        arguments = arguments[2:]
    return _transaction(machine, arguments, output) if "--" in arguments else _one_command(machine, arguments, output)


def _one_command(machine: Machine, arguments: list[str], output: Output) -> int:
    ovs = _state(machine)
    match [word for word in arguments if word not in ("--no-wait", "--may-exist", "--if-exists")]:
        case ["br-exists", bridge]:
            return 0 if bridge in ovs["bridges"] else 2
        case ["set", "Open_vSwitch", ".", *settings] if settings and all(map(_is_setting, settings)):
            ovs["config"] |= dict(word.removeprefix("other_config:").split("=", 1) for word in settings)
        case ["remove", "Open_vSwitch", ".", "other_config", *keys] if keys:
            for key in keys:
                ovs["config"].pop(key, None)
        case ["add-br", bridge]:
            ovs["bridges"].setdefault(bridge, [bridge])
            if row_of(machine, bridge) is None:
                _add_link(machine, bridge)
        case ["add-port", bridge, port, *_]:
            return _add_port(machine, bridge, port, output)
        case ["del-port", *words] if words:
            return _delete_port(machine, words[-1], "--if-exists" in arguments, output)
        case _:
            output(f"ovs-vsctl {' '.join(arguments)}: not simulated")
            return 2
    return 0


def _transaction(machine: Machine, arguments: list[str], output: Output) -> int:
    """Commands with "--" between them: all of them, or none."""
    before = {bridge: list(ports) for bridge, ports in _state(machine)["bridges"].items()}
    words, commands = list(arguments), []
    while words:
        end = words.index("--") if "--" in words else len(words)
        commands += [words[:end]] if words[:end] else []
        words = words[end + 1 :]
    for command in commands:
        if status := _one_command(machine, command, output):
            _state(machine)["bridges"] = before
            return status
    return 0


def _is_setting(word: str) -> bool:
    return word.startswith("other_config:") and "=" in word


def _add_port(machine: Machine, bridge: str, port: str, output: Output) -> int:
    bridges = _state(machine)["bridges"]
    if bridge not in bridges:
        output(f"ovs-vsctl: no bridge named {bridge}")
        return 1
    row = row_of(machine, port)
    if row is None:
        output(f"ovs-vsctl: Error detected while setting up '{port}': could not open network device {port} "
               "(No such device).  See ovs-vswitchd log for details.")  # fmt: skip
    else:
        row["master"] = (row_of(machine, DATAPATH) or {}).get("index", 0)
    if port not in bridges[bridge]:
        bridges[bridge].append(port)
    return 0


def _delete_port(machine: Machine, port: str, quiet: bool, output: Output) -> int:
    found = [ports for ports in _state(machine)["bridges"].values() if port in ports]
    if not found and not quiet:
        output(f"ovs-vsctl: no port named {port}")
        return 1
    for ports in found:
        ports.remove(port)
    if (row := row_of(machine, port)) is not None:
        row["master"] = 0
    return 0


def _add_link(machine: Machine, name: str) -> None:
    rows = machine.netlink.setdefault("links", [])
    index = 1 + max((row["index"] for row in rows), default=0)
    rows.append(link_row(name, "02:00:00:00:00:fe", kind="openvswitch") | {"index": index})


def systemctl(machine: Machine, arguments: list[str], output: Output) -> int:
    """`systemctl start|stop|restart|is-active` of Open vSwitch's unit; 5 for a unit that is not there."""
    ovs = _state(machine)
    match arguments:
        case ["is-active", unit] if ovs and unit.removesuffix(".service") == ovs["unit"]:
            output("active" if ovs["running"] else "inactive")
            return 0 if ovs["running"] else 3
        case ["start" | "stop" | "restart" as verb, unit]:
            if not ovs or unit.removesuffix(".service") not in (ovs["unit"], "ovs-vswitchd"):
                output(f"Failed to {verb} {unit}: Unit {unit} not found.")
                return 5
            if verb == "stop":
                ovs["running"] = False
            elif verb == "restart" or not ovs["running"]:
                _start(machine)
            return 0
    output(f"systemctl {' '.join(arguments)}: not simulated")
    return 2


# -- what can be read of it --------------------------------------------------------------------------------------------


def follow(machine: Machine) -> None:
    """Let the read-only commands say what is so now."""
    ovs = _state(machine)
    if not ovs:
        return
    machine.queries[DATABASE] = Completed(0, _database(ovs), "")
    machine.queries[PORTS] = Completed(0, _ports(ovs), "")
    times = (f"2026-01-01T00:{number // 60:02}:{number % 60:02}.000Z|{number:05}" for number in range(len(ovs["log"])))
    lines = "".join(f"{time}|{line}\n" for time, line in zip(times, ovs["log"], strict=True))
    put_file(machine, LOG, lines)
    machine.queries[GREP] = Completed(0 if lines else 1, lines, "")
    if ovs["running"]:
        put_dir(machine, GROUP)
    else:
        remove(machine, GROUP)
    offloaded, others = _flows(machine, ovs)
    stopped = Completed(1, "", "ovs-appctl: cannot connect to ovs-vswitchd\n")
    machine.queries[EVERY] = Completed(0, offloaded + others, "") if ovs["running"] else stopped
    machine.queries[f"{EVERY} type=offloaded"] = Completed(0, offloaded, "") if ovs["running"] else stopped


def _database(ovs: dict[str, Any]) -> str:
    names = sorted({port for ports in ovs["bridges"].values() for port in ports})
    tables: tuple[tuple[str, list[list[Any]]], ...] = (
        ("ovs_version,other_config", [[ovs["version"], ["map", sorted(map(list, ovs["config"].items()))]]]),
        ("name,ports,datapath_type", [[name, ["set", [["uuid", f"p-{port}"] for port in ports]], ""]
                                      for name, ports in sorted(ovs["bridges"].items())]),
        ("_uuid,name,interfaces", [[["uuid", f"p-{name}"], name, ["uuid", f"i-{name}"]] for name in names]),
        ("_uuid,name", [[["uuid", f"i-{name}"], name] for name in names]),
    )  # fmt: skip
    return "".join(json.dumps({"data": data, "headings": headings.split(",")}) + "\n" for headings, data in tables)


def _ports(ovs: dict[str, Any]) -> str:
    """Every port with nothing set, but for a tag where the machine says so: {"tags": {"eth0": 7}}."""
    names = sorted({port for ports in ovs["bridges"].values() for port in ports})
    none, tags = ["set", []], ovs.get("tags", {})
    rows = [[name, ["uuid", f"i-{name}"], tags.get(name, none), none, none, ["map", []]] for name in names]
    headings = ["name", "interfaces", "tag", "trunks", "vlan_mode", "other_config"]
    return json.dumps({"data": rows, "headings": headings}) + "\n"


def _flows(machine: Machine, ovs: dict[str, Any]) -> tuple[str, str]:
    """With traffic each port has a flow; the card takes those of representors that may be offloaded."""
    offloaded, others = "", ""
    for bridge, ports in sorted(ovs["bridges"].items()) if ovs["traffic"] else ():
        for port in (port for port in ports if port != bridge):
            flow = f"recirc_id(0),in_port({port}),eth_type(0x0800), packets:9, bytes:900, used:0.5s, actions:{bridge}\n"
            if ovs["in_force"] and ovs["config"].get("tc-policy") != "skip_hw" and _by_card(row_of(machine, port)):
                offloaded += flow
            else:
                others += flow
    return offloaded, others


def _by_card(row: dict[str, Any] | None) -> bool:
    return bool(row and row.get("phys_switch_id") and str(row.get("hw_tc_offload", "")).startswith("on"))
