"""One network card as a drawing of text: the way on the PCI bus, its ports, and what each is part of."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sriov_tui.cards import family_of, obstacle
from sriov_tui.facts import Bridge, HostFacts, Link, Pf, VfSetting
from sriov_tui.hostconf import Reading, parse_entry, reading_of
from sriov_tui.language import _
from sriov_tui.language.layout import pad
from sriov_tui.message import NOTHING, Message, Text, join, plural, say, verbatim
from sriov_tui.reports import vf_ranges
from sriov_tui.reports.offered import names

OVS = "ovs-system"  # the master that netlink shows for every port of an Open vSwitch bridge


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the drawing.

    `find` are words that it stands for without showing them; `fold` names the range of VFs that it
    shows ("" = none); `port` is the PCI address of the function that it belongs to ("" = the card).
    """

    text: str
    find: str = ""
    fold: str = ""
    port: str = ""


@dataclass(frozen=True, slots=True)
class _Node:
    text: str
    below: tuple[_Node, ...] = ()
    find: str = ""
    fold: str = ""
    port: str = ""


def _node(label: str, text: str, below: tuple[_Node, ...] = (), find: str = "") -> _Node:
    """A line of the drawing: what it is about, and what is so."""
    return _Node(f"{pad(_(label), 11)}{_(text)}", below, find)


def draw(facts: HostFacts, address: str, unfolded: Collection[str] = ()) -> list[Line]:
    """The card that the function at this address is a port of; ranges whose key is in `unfolded` stand VF by VF."""
    ports = [pf for pf in facts.pfs or () if slot(pf.address) == slot(address)]
    if not ports:
        return [Line(_(say("{address} is not among the network functions that were read.", address=address)))]
    reading = reading_of(facts)
    below = [*_way(ports[0]), *(_port(facts, reading, pf, unfolded) for pf in ports)]
    return list(_lines(_Node(_card(ports), tuple(below))))


def slot(address: str) -> str:
    """A PCI address without its function: all ports of one card have the same."""
    return address.rpartition(".")[0]


def cards(facts: HostFacts) -> list[str]:
    """The address of the first port of every card, in the order of the bus."""
    found = {slot(pf.address): pf.address for pf in sorted(facts.pfs or (), key=lambda pf: pf.address, reverse=True)}
    return [found[key] for key in sorted(found)]


def _lines(node: _Node, before: str = "", mark: str = "", after: str = "") -> Iterator[Line]:
    yield Line(f"{before}{mark}{node.text}", node.find, node.fold, node.port)
    for index, child in enumerate(node.below):
        last = index == len(node.below) - 1
        yield from _lines(child, before + after, "└─ " if last else "├─ ", "   " if last else "│  ")


def _card(ports: list[Pf]) -> str:
    number = sum(len(pf.netdevs or ()) or 1 for pf in ports)  # a ConnectX-3 has both ports on one function
    count = plural("1 port", "{count} ports", number)
    return _(join(", ", (ports[0].name or say("unknown card"), count)))


def _way(pf: Pf) -> Iterator[_Node]:
    """The bridges from the root down to the card, then the card's own link and place."""
    if pf.bridges is None:
        yield _node(say("PCI path"), say("the bridges above the card could not be read"))
    elif pf.bridges:
        *rest, root = pf.bridges
        yield _Node(_(say("PCI path")), tuple(_bridge(bridge, bridge is root) for bridge in (root, *reversed(rest))))
    if pf.pcie is not None:
        link = pf.pcie
        now, best = (
            f"{speed.removesuffix(' PCIe')} x{width}"
            for speed, width in ((link.speed, link.width), (link.max_speed, link.max_width))
        )
        yield _node("PCIe", now if now == best else say("{now}, at best {best}", now=now, best=best))
    if pf.numa_node not in (None, -1):
        yield _node(say("NUMA node"), f"{pf.numa_node}")
    if pf.path is not None:
        yield _node("sysfs", f"{pf.path}")


def _bridge(bridge: Bridge, root: bool) -> _Node:
    ari = {True: say("ARI on"), False: say("ARI off"), None: say("ARI unknown")}[bridge.ari_forwarding]
    controls = say("unknown") if bridge.acs is None else " ".join(bridge.acs) or say("off")
    acs = say("no ACS") if bridge.acs_capable is False else say("ACS {controls}", controls=controls)
    return _Node(
        _(
            say("{address}  root port, {ari}, {acs}", address=bridge.address, ari=ari, acs=acs)
            if root
            else say("{address}  bridge, {ari}, {acs}", address=bridge.address, ari=ari, acs=acs)
        )
    )


def _port(facts: HostFacts, reading: Reading | None, pf: Pf, unfolded: Collection[str]) -> _Node:
    link = facts.link(pf.netdev) if pf.netdev else None
    ssh = say("  YOUR SSH SESSION") if facts.carries_session(pf.address) else NOTHING
    if ssh and facts.ssh is not None and facts.ssh.untraced:
        ssh = say("  YOUR SSH SESSION?")
    group = (
        say("no IOMMU group")
        if pf.iommu_group is None
        else say("IOMMU group {iommu_group}", iommu_group=pf.iommu_group)
    )
    parts = [
        _node(say("driver"), _driver(pf)),
        *_links(facts, pf),
        *_above(facts, link),
        *(_node("host.conf", text) for text in _listed(facts, reading, pf)),
        *_switch(pf, link),
        *_firmware(pf),
        _vfs(pf, unfolded),
        *_settings(facts, pf),
        *_unusable(facts, pf),
    ]
    names = join(", ", pf.netdevs or (say("no interface"),))
    return _Node(_(join("", (pf.address, "  ", join(", ", (names, group)), ssh))), tuple(parts), port=pf.address)


def _links(facts: HostFacts, pf: Pf) -> Iterator[_Node]:
    """The state of each interface of a function; its name only where there are several."""
    names = pf.netdevs or ("",)
    for name in names:
        state = _state(facts.link(name) if name else None)
        yield _node(say("link"), join(": ", (name, state)) if len(names) > 1 else state)


def _driver(pf: Pf) -> Message:
    name = say("unknown") if pf.driver is None else pf.driver or say("none is bound")
    firmware = say("firmware {firmware_version}", firmware_version=pf.firmware_version) if pf.firmware_version else ""
    return join(", ", (join(" ", (name, pf.driver_version or "")), firmware))


def _state(link: Link | None) -> Message:
    if link is None:
        return say("no interface is known of this port")
    up = {True: say("up"), False: say("up, no cable"), None: say("up, cable unknown")}
    state = up[link.carrier] if link.up else say("down")
    addresses = [f"{a.ip}/{a.prefixlen}" for a in link.addresses if a.scope == "global"]
    return join(", ", [state, f"MTU {link.mtu}", link.mac or say("no MAC"), *addresses])


def _above(facts: HostFacts, link: Link | None) -> Iterator[_Node]:
    """The bond, the bridge or the Open vSwitch that the port is part of, and theirs in turn."""
    seen: set[str] = set()
    while link is not None and link.master and link.name not in seen:
        seen.add(link.name)
        above = facts.link(link.master)
        if above is not None and above.bond is not None:
            others = ", ".join(port for port in above.bond.ports if port != link.name) or say("no other port")
            addresses = [f"{a.ip}/{a.prefixlen}" for a in above.addresses if a.scope == "global"]
            bond = say("{name} ({mode}) with {others}", name=above.name, mode=above.bond.mode, others=others)
            yield _node("bond", join(", ", (bond, *addresses)))
        elif link.master == OVS:
            bridge = next((one.name for one in facts.ovs.bridges or () if link.name in one.ports), "")
            yield _node(
                "OVS",
                say(
                    "{name} is a port of {bridge}",
                    name=link.name,
                    bridge=bridge or say("Open vSwitch, of which bridge is unknown"),
                ),
            )
        else:
            yield _node("bridge", f"{link.master}{f' ({above.kind})' if above and above.kind else ''}")
        link = above
    for vlan in facts.links or ():
        if vlan.parent and vlan.parent in seen:
            yield _node("VLAN", say("{name} on {parent}", name=vlan.name, parent=vlan.parent))


def _listed(facts: HostFacts, reading: Reading | None, pf: Pf) -> Iterator[str]:
    """The lines of host.conf about a port, or about its bond, and the wire that its VFs get by them."""
    if reading is None or not reading.loads:
        yield (
            say("is not there, or cannot be read")
            if reading is None
            else say("does not load: the host-agent would not start")
        )
        return
    own = names(facts, pf)
    entries = [entry for text in reading.options.networks if (entry := parse_entry(text)) and entry.iface in own]
    for entry in entries:
        wire = say("wire {wire}", wire=entry.wire) if entry.wire else say("address {ip}", ip=entry.ip)
        yield say(
            "networks, {reading}: {text}  (bridge {bridge}, {wire})",
            reading=_where(reading, "networks", entry.text),
            text=entry.text,
            bridge=entry.bridge,
            wire=wire,
        )
    if not entries:
        yield say("networks: has no entry for this port")
    lists = (("sriov_nics", reading.options.sriov_nics), ("ovs_offload_nics", reading.options.ovs_offload_nics))
    found = [
        join(": ", (join(", ", (key, _where(reading, key, name))), name))
        for key, items in lists
        for name in items
        if name in own
    ]
    yield from found or [say("sriov_nics and ovs_offload_nics: do not list this port")]


def _where(reading: Reading, key: str, item: str) -> Message:
    file, colon, line = reading.place(key, item).partition(":")
    return (
        say("line {line}", line=line)
        if colon and file == "host.conf"
        else (say("{file} line {line}", file=file, line=line) if colon else verbatim(file))
    )


def _switch(pf: Pf, link: Link | None) -> Iterator[_Node]:
    """The card's own switch (eswitch): its mode, the representors of the VFs, and what offload needs."""
    if pf.eswitch is not None:
        modes = (("inline", pf.eswitch.inline_mode), ("encap", pf.eswitch.encap_mode))
        more = "".join(f", {name} {mode}" for name, mode in modes if mode)
        yield _node("eswitch", f"{pf.eswitch.mode}{more}")
    if names := [one.netdev for one in pf.representors or ()]:
        span = names[0] if len(names) == 1 else say("{names} to {names2}", names=names[0], names2=names[-1])
        yield _node(
            "eswitch",
            say("{count_of_names} representors: {span}", count_of_names=len(names), span=span),
            find=" ".join(names),
        )
    if pf.lag is not None:
        yield _node("LAG", f"{pf.lag.state} {pf.lag.type} {', '.join(pf.lag.members)}".rstrip())
    told = {
        True: say("compat/devlink/mode is there, as the host-agent needs it"),
        False: say("no compat/devlink/mode: plain VFs only"),
        None: say("unknown: whether there is a compat/devlink/mode could not be read"),
    }
    feature = link.hw_tc_offload if link else None
    tc: Text = ""
    if feature is not None and pf.compat_devlink:
        tc = say("hw-tc-offload on") if feature.on else say("hw-tc-offload off")
    yield _node(say("offload"), join(", ", (told[pf.compat_devlink], tc)))


def _firmware(pf: Pf) -> Iterator[_Node]:
    """The firmware settings that matter for VFs, now and after the next boot."""
    for one in pf.nvconfig or ():
        then = NOTHING if one.next in (None, one.current) else say(", {next} after the next boot", next=one.next)
        yield _node(say("firmware"), join("", (one.name, " ", one.current or say("unknown"), then)))


def _unusable(facts: HostFacts, pf: Pf) -> Iterator[_Node]:
    """Why the port provides no VFs as it is; a missing capability has its line already."""
    found = obstacle(facts, pf)
    if found is not None and found.kind != "no-capability":
        yield _node("VFs", found.title)


def _settings(facts: HostFacts, pf: Pf) -> Iterator[_Node]:
    """What the port has set for each VF, as `ip link` shows it: a line for each."""
    link = facts.link(pf.netdev)
    rows = link.vfs or () if link else ()
    if rows:
        nodes = tuple(_Node(_setting(vf), find=f"{vf.mac or ''}", port=pf.address) for vf in rows)
        yield _node(say("VF table"), say("MAC address, VLAN, and what the port allows"), nodes)


def _setting(vf: VfSetting) -> str:
    """One line, in the words of `ip link`."""

    def switch(name: str, on: bool | None) -> str:
        return "" if on is None else verbatim(f"{name} {'on' if on else 'off'}")

    vlan = verbatim(f"vlan {vf.vlan}" + (f" qos {vf.qos}" if vf.qos else ""))
    parts = (
        verbatim(f"VF {vf.index:<4}"),
        vf.mac or "",
        vlan if vf.vlan else "",
        switch("spoofchk", vf.spoofchk),
        switch("trust", vf.trust),
        verbatim(f"link-state {vf.link_state}") if vf.link_state else "",
        verbatim(f"max_tx_rate {vf.max_tx_rate}") if vf.max_tx_rate else "",
        verbatim(f"min_tx_rate {vf.min_tx_rate}") if vf.min_tx_rate else "",
        verbatim(f"dropped rx {vf.rx_dropped} tx {vf.tx_dropped}") if vf.rx_dropped or vf.tx_dropped else "",
    )
    return "  ".join(part for part in parts if part)


def _vfs(pf: Pf, unfolded: Collection[str]) -> _Node:
    if pf.sriov_capable is False:
        family = family_of(pf)
        hidden = say("none: no SR-IOV capability is visible; this model has one, so its firmware or the BIOS hides it")
        return _node("VFs", hidden if family and family.vfs else say("none: the card shows no SR-IOV capability"))
    now, total = ("?" if value is None else str(value) for value in (pf.numvfs, pf.totalvfs))
    probe = NOTHING if pf.autoprobe is not False else say(", VF probing is off")
    nodes = []
    for part in vf_ranges.fold(pf.vfs):
        split = part.key in unfolded
        shown = [vf_ranges.Range((vf,)) for vf in part.vfs] if split else [part]
        fold = part.key if len(part.vfs) > 1 else ""
        nodes += [_Node(one.text(), find=one.every_word(), fold=fold, port=pf.address) for one in shown]
    return _node("VFs", say("{now} now, {total} offered{probe}", now=now, total=total, probe=probe), tuple(nodes))
