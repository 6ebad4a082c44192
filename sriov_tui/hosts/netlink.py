"""Links (with hw-tc-offload and their VFs), addresses, routes and ways, as the plain values of `Reader.netlink`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sriov_tui.facts import BOND_MODES
from sriov_tui.hosts.ethtool import hw_tc_offload
from sriov_tui.hosts.rtnetlink import Rtnetlink
from sriov_tui.hosts.sockets import plain

MAIN_TABLE = 254  # RT_TABLE_MAIN
SCOPES = {0: "global", 200: "site", 253: "link", 254: "host"}  # include/uapi/linux/rtnetlink.h
IFF_UP = 1
IFA_F_PERMANENT = 0x80  # include/uapi/linux/if_addr.h
VF, SKIP_STATS = 1, 8  # RTEXT_FILTER_VF, RTEXT_FILTER_SKIP_STATS of include/uapi/linux/rtnetlink.h
WITH_STATS = 64  # VFs of a port up to which their counters are asked for: the list has to fit into 64 KiB
LINK_STATES = ("auto", "enable", "disable")  # IFLA_VF_LINK_STATE_* of include/uapi/linux/if_link.h


def dumps(session: str = "") -> dict[str, list[dict[str, Any]]]:
    """The dumps in one go, and by which link the kernel answers each connection of `session` (see `ssh_connection`).

    OSError where netlink is not to be had.

    VF information is asked for of one port at a time: dumps with it fail above about 100 VFs
    (pyroute2 issues 751, 813 and 1044).
    """
    with Rtnetlink() as netlink:
        links = [_link(message) for message in netlink.links()]
        features = hw_tc_offload(link["name"] for link in links)
        return {
            "links": [link | {"hw_tc_offload": features.get(link["name"])} for link in links],
            "vfs": [row for link in links for row in _vfs(netlink, link["index"], _number_of_vfs(link["name"]))],
            "addresses": [_address(message) for message in netlink.addresses()],
            "routes": [
                row
                for message in netlink.routes()
                if message.get_attr("RTA_TABLE") == MAIN_TABLE
                for row in _routes(message)
            ],
            "ways": [way for words in _fours(session) for way in _way(netlink, *words)],
        }


def _link(message: Any) -> dict[str, Any]:
    info = message.get_attr("IFLA_LINKINFO")
    kind = (info.get_attr("IFLA_INFO_KIND") if info else None) or ""
    data = info.get_attr("IFLA_INFO_DATA") if info else None
    carrier = message.get_attr("IFLA_CARRIER")
    mode = data.get_attr("IFLA_BOND_MODE") if kind == "bond" and data else None
    return {
        "name": message.get_attr("IFLA_IFNAME"),
        "index": message["index"],
        "kind": kind,
        "arphrd": message["ifi_type"],
        "mac": message.get_attr("IFLA_ADDRESS") or "",
        "mtu": message.get_attr("IFLA_MTU") or 0,
        "up": bool(message["flags"] & IFF_UP),
        "carrier": None if carrier is None else bool(carrier),
        "master": message.get_attr("IFLA_MASTER") or 0,
        "parent": message.get_attr("IFLA_LINK") or 0,
        "vlan": data.get_attr("IFLA_VLAN_ID") if kind == "vlan" and data else None,
        "bond_mode": BOND_MODES[mode] if mode is not None and mode < len(BOND_MODES) else None,
        "phys_port_name": message.get_attr("IFLA_PHYS_PORT_NAME") or "",
        "xdp": _xdp(message),
        "phys_switch_id": (message.get_attr("IFLA_PHYS_SWITCH_ID") or "").replace(":", ""),
    }


def _number_of_vfs(name: str) -> int:
    try:
        return int(Path(f"/sys/class/net/{name}/device/sriov_numvfs").read_text())
    except (OSError, ValueError):
        return 0  # no PF


def _vfs(netlink: Rtnetlink, index: int, number: int) -> Iterator[dict[str, Any]]:
    """What the port of this index has set for its VFs, as `ip link` shows it; nothing where its driver does not say."""
    if not number:
        return
    try:
        answers = netlink.link(index, VF if number <= WITH_STATS else VF | SKIP_STATS)
    except OSError:
        return
    for answer in answers:
        told = answer.get_attr("IFLA_VFINFO_LIST")
        for info in told.get_attrs("IFLA_VF_INFO") if told else ():
            yield {"link": index, **vf_row(info)}


def vf_row(info: Any) -> dict[str, Any]:
    """One VF of IFLA_VFINFO_LIST; a driver leaves out what it does not have (~0), and that is None here."""

    def of(attribute: str, field: str) -> Any:
        found = info.get_attr(f"IFLA_VF_{attribute}")
        value = found[field] if found else None
        return None if value == 0xFFFFFFFF else value

    def flag(attribute: str) -> bool | None:
        value = of(attribute, attribute.lower())
        return None if value is None else bool(value)

    state, counters = of("LINK_STATE", "link_state"), info.get_attr("IFLA_VF_STATS")
    return {
        "vf": of("MAC", "vf"),
        "mac": of("MAC", "mac"),
        "vlan": of("VLAN", "vlan"),
        "qos": of("VLAN", "qos"),
        "spoofchk": flag("SPOOFCHK"),
        "trust": flag("TRUST"),
        "link_state": LINK_STATES[state] if state is not None and state < len(LINK_STATES) else None,
        "min_tx_rate": of("RATE", "min_tx_rate"),
        "max_tx_rate": of("RATE", "max_tx_rate"),
        "rx_dropped": counters.get_attr("IFLA_VF_STATS_RX_DROPPED") if counters else None,
        "tx_dropped": counters.get_attr("IFLA_VF_STATS_TX_DROPPED") if counters else None,
    }


def _xdp(message: Any) -> bool | None:
    """Whether an XDP program is attached; None on a kernel that does not tell."""
    told = message.get_attr("IFLA_XDP")
    return None if told is None else bool(told.get_attr("IFLA_XDP_ATTACHED"))


def _address(message: Any) -> dict[str, Any]:
    return {
        "index": message["index"],
        "ip": message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS"),
        "prefixlen": message["prefixlen"],
        "scope": SCOPES.get(message["scope"], str(message["scope"])),
        "permanent": bool(message["flags"] & IFA_F_PERMANENT),
    }


def _routes(message: Any) -> Iterator[dict[str, Any]]:
    """A route, once for each next hop."""
    destination = message.get_attr("RTA_DST")
    to = f"{destination}/{message['dst_len']}" if destination else "default"
    row = {"destination": to, "protocol": message["proto"], "metric": message.get_attr("RTA_PRIORITY") or 0}
    if message.get_attr("RTA_OIF"):
        yield row | {"link": message.get_attr("RTA_OIF"), "gateway": message.get_attr("RTA_GATEWAY") or ""}
    for hop in message.get_attr("RTA_MULTIPATH") or ():
        yield row | {"link": hop["oif"], "gateway": hop.get_attr("RTA_GATEWAY") or ""}


def _fours(session: str) -> Iterator[tuple[str, str]]:
    """The client and the server of each connection."""
    words = session.split()
    for at in range(0, len(words) - 3, 4):
        yield words[at], words[at + 2]


def _way(netlink: Rtnetlink, client: str, server: str) -> Iterator[dict[str, Any]]:
    """The link by which the kernel answers a client, by all its tables and rules; nothing where it tells none."""
    to, by = plain(client), plain(server)
    if to is None or by is None or to.version != by.version or "%" in server:
        return  # a link-local address tells its link itself
    try:
        answers = netlink.way(to.packed, by.packed)
    except OSError:
        return
    for answer in answers:
        if answer.get_attr("RTA_OIF"):
            yield {"client": client, "server": server, "link": answer.get_attr("RTA_OIF")}
