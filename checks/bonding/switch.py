"""A port of a running Open vSwitch bridge gives way to the bond: how every Cloudpods host is after its agent ran.

The address is on the bridge (`eth1/br0/IP` in host.conf; the host-agent's hostbridge.go moved it there), and stays
there all the time. The tool's files are for the next boot; until then everything is done by iproute2 and ovs-vsctl, the
port and the bond changed in one transaction of the database, host.conf in the same step. The agent then finds bridge,
address and interface as it wants them, and moves nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from checks.bonding import BondChanges, BondSpec, NotMine, Switched, Unsupported, removed, tools, wish
from sriov_tui import hostconf
from sriov_tui.facts import HostFacts, TextFile
from sriov_tui.message import Message, say
from sriov_tui.model import HOST_CONF, Operation, Run, SriovError, WriteFile

OVS = ("ovs-vsctl", "-t", "20")
USUAL_MTU = 1500


def choose(facts: HostFacts, wanted: BondSpec) -> tuple[str, BondChanges]:
    """The tool that makes this bond, and what it takes; Unsupported where none can, or host.conf could not follow."""
    switched = wanted.switched
    if switched is None:
        return tools.choose(facts, wanted)
    if more := wish.beside(facts, wanted):
        raise Unsupported(
            say("Beside its port of {bridge}, {port} carries {more}.", bridge=switched.bridge, port=wanted.carrier,
                more=more),
            say("Free it of them: only the port of the bridge can move over."),
        )  # fmt: skip
    _plain_port(facts, switched)
    conf_after(facts, wanted)
    tool, recipe = _by_files(facts, wanted, switched)
    return tool, replace(recipe, told=(*recipe.told, told(facts, switched)))


def _by_files(facts: HostFacts, wanted: BondSpec, switched: Switched) -> tuple[str, BondChanges]:
    """The tool whose files make the bond at boot; where none configures the port, it needs no address there."""
    try:
        return tools.choose(facts, wanted)
    except NotMine:
        bridge = facts.link(switched.bridge)
        if switched.vlan or bridge is None or any(address.scope == "global" for address in bridge.addresses):
            raise
    return tools.choose(facts, replace(wanted, carrier="", vlans=(), switched=None))


def _plain_port(facts: HostFacts, switched: Switched) -> None:
    """Unsupported unless the database tells nothing of the port but its name: tags and the like would be lost."""
    if switched.new == switched.old:
        raise Unsupported(
            say("The VLAN {name} is a port of {bridge} and would keep its name, so two links would have it.",
                name=switched.old, bridge=switched.bridge),
            say("Name it after its interface, such as eth1.100; then read the machine again."),
        )  # fmt: skip
    if facts.ovs.plain_ports is None:
        raise Unsupported(
            say("What Open vSwitch is told about its port {port} could not be read.", port=switched.old),
            say("See `ovs-vsctl list Port {port}`; then read the machine again.", port=switched.old),
        )
    if switched.old not in facts.ovs.plain_ports:
        raise Unsupported(
            say("The port {port} of {bridge} has a tag, trunks or a bond of its own in Open vSwitch.",
                port=switched.old, bridge=switched.bridge),
            say("Make the bond by hand; then read the machine again."),
        )  # fmt: skip


def operations(facts: HostFacts, wanted: BondSpec, recipe: BondChanges) -> tuple[Operation, ...]:
    """Make the bond of the free port, write the files, change the ports of the bridge, and take the other port in.

    Without a bridge of Open vSwitch everything is the tool's.
    """
    switched = wanted.switched
    if switched is None:
        return tools.operations(facts, wanted, recipe)
    conf = _host_conf(facts, wanted)
    return (
        Run(argv=(*OVS, "br-exists", switched.bridge)),
        *_make(facts, wanted, switched),
        *tools.writes(facts, recipe),
        *((conf,) if conf else ()),
        *_change(facts, wanted, switched),
        tools.enslaved(wanted),
    )


def _make(facts: HostFacts, wanted: BondSpec, switched: Switched) -> Iterator[Run]:
    free = next(port for port in wanted.ports if port != wanted.carrier)
    options = {key: value for key, value in wanted.options.items() if key != "primary"}
    words = " ".join(f"{key} {value}" for key, value in options.items())
    add = f"ip link add {wanted.name} address {wanted.mac} type bond mode {wanted.mode} {words}"
    link, below = facts.link(free), facts.link(wanted.carrier)
    yield Run(argv=("ip", "link", "set", free, "down"), undo=("ip", "link", "set", free, "up")
              if link and link.up else (), fades=True)  # fmt: skip
    yield Run(
        argv=("sh", "-c", f"test -e /sys/class/net/{wanted.name} || {add}"), undo=removed(wanted.name), fades=True
    )
    yield Run(argv=("ip", "link", "set", free, "master", wanted.name), fades=True)
    if below and below.mtu not in (0, USUAL_MTU):
        yield Run(argv=("ip", "link", "set", wanted.name, "mtu", str(below.mtu)), fades=True)
    if switched.vlan:
        make = f"ip link add link {wanted.name} name {switched.new} type vlan id {switched.vlan}"
        yield Run(argv=("sh", "-c", f"test -e /sys/class/net/{switched.new} || {make}"), fades=True)
        yield Run(argv=("ip", "link", "set", switched.new, "up"), fades=True)
    yield Run(argv=("ip", "link", "set", wanted.name, "up"), fades=True)


def _change(facts: HostFacts, wanted: BondSpec, switched: Switched) -> Iterator[Run]:
    """The moment without a link: from the transaction until the bond is up with both ports."""
    carrier, old, new, bridge = wanted.carrier, switched.old, switched.new, switched.bridge
    yield Run(
        argv=(*OVS, "--", "--if-exists", "del-port", bridge, old, "--", "--may-exist", "add-port", bridge, new),
        undo=(*OVS, "--", "--if-exists", "del-port", bridge, new, "--", "--may-exist", "add-port", bridge, old),
    )
    if switched.vlan:
        again = f"ip link add link {carrier} name {old} type vlan id {switched.vlan}"
        yield Run(argv=("ip", "link", "set", old, "down"), undo=("ip", "link", "set", old, "up"), fades=True)
        yield Run(argv=removed(old), undo=("sh", "-c", f"test -e /sys/class/net/{old} || {again}"), fades=True)
    yield Run(argv=("ip", "link", "set", carrier, "down"), undo=("ip", "link", "set", carrier, "up"), fades=True)
    yield Run(
        argv=("ip", "link", "set", carrier, "master", wanted.name),
        undo=("ip", "link", "set", carrier, "nomaster"),
        fades=True,
    )
    if "primary" in wanted.options:
        yield Run(argv=("ip", "link", "set", wanted.name, "type", "bond", "primary", carrier), fades=True)
    if "NetworkManager" in (facts.network_managers or ()):  # as the agent does with its interfaces, until the boot
        for name in (wanted.name, *wanted.ports):
            yield Run(argv=("nmcli", "device", "set", name, "managed", "no"), fades=True)


def _host_conf(facts: HostFacts, wanted: BondSpec) -> WriteFile | None:
    """host.conf with the new names, in the same step: sdnagent would look for the port that is gone."""
    file, text = facts.file(HOST_CONF), conf_after(facts, wanted)
    if file is None or file.text is None or text is None or text == file.text:
        return None
    mode = file.mode if file.mode is not None else 0o644
    return WriteFile(path=HOST_CONF, text=text, mode=mode, expect=file.sha256)


def conf_after(facts: HostFacts, wanted: BondSpec) -> str | None:
    """The text of host.conf once the step is done; Unsupported where the names cannot be changed there."""
    file = facts.file(HOST_CONF)
    if file is None or file.text is None:
        return None
    try:
        return hostconf.rename(file.text, wanted.names)
    except SriovError as error:
        raise Unsupported(error.title, error.hint or say("Rename them there by hand.")) from error


def left_by(facts: HostFacts, wanted: BondSpec | None, file: TextFile) -> TextFile:
    """host.conf as the step of this bond leaves it: what is still to be written is compared with that."""
    text = conf_after(facts, wanted) if wanted is not None and wanted.switched else None
    if text is None:
        return file
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return replace(file, text=text, sha256=digest)


def told(facts: HostFacts, switched: Switched) -> Message:
    """What the agents do afterwards, by the host-agent's hostbridge.go and sdnagent's hostconfig.go."""
    bridge = facts.link(switched.bridge)
    ips = tuple(address.ip for address in bridge.addresses if address.scope == "global") if bridge else ()
    if not ips:
        return say(
            "{new} takes the place of {old} in {bridge} and in host.conf. Within 13 s sdnagent restarts. At its next "
            "start the host-agent finds the bridge with its port, and changes nothing.",
            new=switched.new, old=switched.old, bridge=switched.bridge,
        )  # fmt: skip
    return say(
        "{new} takes the place of {old} in {bridge} and in host.conf; {ips} stays on {bridge}. Within 13 s sdnagent "
        "restarts. At its next start the host-agent finds the bridge with its address and its port, and moves nothing.",
        new=switched.new, old=switched.old, bridge=switched.bridge, ips=ips,
    )  # fmt: skip
