"""The proof of a recipe: what the tool will do by the new files, against the old ones and against the kernel.

A file that says less than the kernel has would lose it: such a move is refused by name. What comes by DHCP or from a
router is explained by that, an address for each; the rest has to stand in the files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from checks.bonding import BondChanges, BondSpec, Files, Unsupported
from checks.bonding.config import EMPTY, Config, Configs, compare, gateways, network
from sriov_tui.facts import Address, HostFacts, Link
from sriov_tui.message import Message, say

STATIC = (None, 3, 4)  # RTPROT_BOOT, RTPROT_STATIC; None is not known (include/uapi/linux/rtnetlink.h)
USUAL_MTU = 1500


def prove(
    facts: HostFacts,
    wanted: BondSpec,
    tool: str,
    read: Callable[[BondSpec, Files], Configs],
    files: Mapping[str, str],
    recipe: BondChanges,
) -> None:
    """Unsupported where the new files would not give what is there now."""
    after = {path: text for path, text in {**files, **recipe.files}.items() if text is not None}
    old, new = read(wanted, files), read(wanted, after)
    compare(wanted, old, new)
    if not wanted.carrier:
        return
    for name, then in wanted.names.items():
        if (link := facts.link(name)) is not None:
            link, there = _with_bridge(facts, wanted, link)
            _against_kernel(there, link, new.get(then, EMPTY), tool)


def _with_bridge(facts: HostFacts, wanted: BondSpec, link: Link) -> tuple[Link, HostFacts]:
    """What the bridge of Open vSwitch has of a port counts as the port's: at boot the files give it to that."""
    bridge = facts.link(wanted.switched.bridge) if wanted.switched and wanted.switched.old == link.name else None
    if bridge is None:
        return link, facts
    routes = tuple(
        replace(route, link=link.name) if route.link == bridge.name else route for route in facts.routes or ()
    )
    return replace(link, addresses=(*link.addresses, *bridge.addresses)), replace(facts, routes=routes)


def _against_kernel(facts: HostFacts, link: Link, got: Config, tool: str) -> None:
    _addresses(link, got, tool)
    _routes(facts, link, got, tool)
    mtu = got.mtu or USUAL_MTU
    if (
        link.mtu not in (0, mtu)
        and not ("dhcp4" in got.dynamic and got.mtu is None)
        and not _inherits(facts, link, got)
    ):
        raise _lost(link.name, say("the MTU {mtu}", mtu=link.mtu), tool)
    for above in facts.links or ():
        on_it = above.parent == link.name and above.kind == "vlan" and above.vlan is not None
        if on_it and above.vlan not in {number for _, number in got.vlans}:
            raise _lost(link.name, say("the VLAN {name}", name=above.name), tool)


def _inherits(facts: HostFacts, link: Link, got: Config) -> bool:
    """A VLAN that says nothing of its MTU has that of the link below it."""
    below = facts.link(link.parent) if link.kind == "vlan" else None
    return got.mtu is None and below is not None and below.mtu == link.mtu


def _addresses(link: Link, got: Config, tool: str) -> None:
    """Each address stands in the files, or came by what they ask for: of IPv4 one, of IPv6 as many as routers give."""
    static = {address.partition("/")[0] for address in got.addresses}
    missing = [address for address in link.addresses if address.scope == "global" and address.ip not in static]
    leases = 1 if "dhcp4" in got.dynamic else 0
    for address in missing:
        if ":" in address.ip:
            if got.dynamic & {"dhcp6", "ra"} or _by_router(got, address):
                continue
        elif leases and address.permanent is not True:
            leases -= 1
            continue
        elif leases and not got.addresses:
            leases -= 1  # an older dhclient gives its address no lifetime
            continue
        raise _lost(link.name, say("the address {ip}", ip=address.ip), tool)


def _by_router(got: Config, address: Address) -> bool:
    """The kernel takes an address from a router where no file says otherwise; such an address has a lifetime."""
    refuses = any(key in ("ipv6.method", "accept-ra", "Network.IPv6AcceptRA") and value in (
        "ignore", "disabled", "false", "no", "manual", "link-local") for key, value in got.rest)  # fmt: skip
    return address.permanent is not True and not refuses


def _routes(facts: HostFacts, link: Link, got: Config, tool: str) -> None:
    known = gateways(got)
    for route in facts.routes or ():
        if route.link != link.name or not route.gateway or route.protocol not in STATIC:
            continue
        six = ":" in route.gateway
        if got.dynamic & ({"dhcp6", "ra"} if six else {"dhcp4"}) or (six and route.gateway.startswith("fe80:")):
            continue
        to = route.destination if route.destination == "default" else network(route.destination)
        if (to, route.gateway) not in known:
            what = say("the route to {to} by {gateway}", to=route.destination, gateway=route.gateway)
            raise _lost(link.name, what, tool)


def _lost(name: str, what: Message, tool: str) -> Unsupported:
    return Unsupported(
        say("{name} has {what}, which the files of {tool} do not give it.", name=name, what=what, tool=tool),
        say("Write it into the files of {tool}, or remove it from {name}.", tool=tool, name=name),
    )
