"""Links (with their hw-tc-offload feature), addresses and routes, as the plain values of `Reader.netlink`."""

from __future__ import annotations

from typing import Any

from sriov_tui.hosts.ethtool import hw_tc_offload

MAIN_TABLE = 254  # RT_TABLE_MAIN
SCOPES = {0: "global", 200: "site", 253: "link", 254: "host"}  # include/uapi/linux/rtnetlink.h
BOND_MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")
IFF_UP = 1


def dumps() -> dict[str, list[dict[str, Any]]]:
    """The three dumps in one go; OSError where netlink is not to be had.

    VF information is never asked for: dumps with it fail above about 100 VFs
    (pyroute2 issues 751, 813 and 1044), and sysfs tells more.
    """
    from pyroute2 import IPRoute  # 0.2 s, so only here
    from pyroute2.netlink.exceptions import NetlinkError

    try:
        with IPRoute() as netlink:
            links = [_link(message) for message in netlink.get_links()]
            features = hw_tc_offload(link["name"] for link in links)
            return {
                "links": [link | {"hw_tc_offload": features.get(link["name"])} for link in links],
                "addresses": [_address(message) for message in netlink.get_addr()],
                "routes": [
                    _route(message)
                    for message in netlink.get_routes()
                    if message.get_attr("RTA_TABLE") == MAIN_TABLE and message.get_attr("RTA_OIF")
                ],
            }
    except NetlinkError as error:
        raise OSError(error.code, str(error)) from error


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
        "phys_switch_id": (message.get_attr("IFLA_PHYS_SWITCH_ID") or "").replace(":", ""),
    }


def _address(message: Any) -> dict[str, Any]:
    return {
        "index": message["index"],
        "ip": message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS"),
        "prefixlen": message["prefixlen"],
        "scope": SCOPES.get(message["scope"], str(message["scope"])),
    }


def _route(message: Any) -> dict[str, Any]:
    destination = message.get_attr("RTA_DST")
    return {
        "destination": f"{destination}/{message['dst_len']}" if destination else "default",
        "link": message.get_attr("RTA_OIF"),
        "gateway": message.get_attr("RTA_GATEWAY") or "",
    }
