"""ifupdown: /etc/network/interfaces (interfaces(5)) and what it includes.

The stanzas of the carrier, its aliases and its VLANs get the bond's name and keep their options. The bond itself is
made by lines of iproute2 in `pre-up`: `bond-*` options work only where the package ifenslave is installed, these lines
everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from checks.bonding import (
    WHO,
    BondChanges,
    BondSpec,
    Files,
    NotMine,
    Unsupported,
    cleared,
    named_elsewhere,
    names_in,
    renamed,
    taken,
    unknown_setting,
)
from checks.bonding import config as configs
from checks.bonding.stanzas import DOWN, MAIN, UP, Stanza, split, stanzas
from checks.bonding.stanzas import read as read_stanzas
from sriov_tui.late import regex
from sriov_tui.message import say
from sriov_tui.model import Run

KNOWN = regex(
    r"address|netmask|broadcast|network|gateway|metric|mtu|pointopoint|scope|preferred-lifetime|dns-(nameservers?|"
    r"search|domain)|hostname|client|vendor|leasehours|leasetime|autoconf|accept_ra|dad-(attempts|interval)|privext|"
    r"request_prefix|dhcp|vlan[-_]raw[-_]device|vlan[-_]id"
)
"""Options that mean the same on a bond; of any other a person has to say what becomes of it."""
METHODS = ("static", "dhcp", "manual", "auto")
_SAFE = regex(
    r"(/s?bin/|/usr/s?bin/)?(ip link set (dev )?\S+ up$|"
    r"ip( -[46])? (a|ad|addr|address|r|ro|route|ru|rule|n|neigh) |route |sysctl |echo \S+ > ?/proc/sys/net/|"
    r"ip6?tables |logger |true$|:$)[^;&`$|]*(\|\| *(true|:))?( *2?> */dev/null)*"
)
"""Commands that act on addresses and routes: on a bond as on its port."""


def read(wanted: BondSpec, files: Files) -> configs.Configs:
    """What ifup gives each interface; the lines that make the bond itself are ours and count for nothing."""
    found = dict(read_stanzas(files))
    for now, metric in wanted.metrics:
        for name in {now, wanted.names.get(now, now)} & set(found):  # told or not, it is the same
            found[name] = replace(found[name], rest=frozenset(found[name].rest - {("metric", str(metric))}))
    if wanted.name in found:
        own = {("post-down", f"ip link delete {wanted.name} || true"), *(("pre-up", line) for line in _up(wanted))}
        bond = found[wanted.name]
        found[wanted.name] = replace(bond, rest=frozenset(bond.rest - own))
    return found


def make(wanted: BondSpec, files: Files) -> BondChanges:
    """The stanzas of the bond in the place of the carrier's, else at the end of the main file."""
    every = stanzas(files)
    mine = [stanza for stanza in every if wanted.carrier and _plain(stanza) == wanted.carrier]
    for stanza in every:
        _judge(wanted, stanza)
    if wanted.carrier and not mine:
        raise NotMine(say("No stanza of {main} configures {carrier}.", main=MAIN, carrier=wanted.carrier))
    bond = _bond(wanted, mine) if mine else {}
    reached = {stanza.path for stanza in every}
    texts = {path: "".join(_rewritten(wanted, split(path, files[path]), bond)) for path in files if path in reached}
    if not mine:
        text = texts.get(MAIN, "")
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        new = Stanza(MAIN, (f"iface {wanted.name} inet manual\n",))
        texts[MAIN] = text + gap + "".join(_bond(wanted, [new])[new])
    aliases = list(dict.fromkeys(stanza.iface for stanza in mine if ":" in stanza.iface))
    down = [*aliases, *(old for old, _ in wanted.vlans), *(port for port in wanted.ports if _known(every, port))]
    up = [wanted.name, *(renamed(alias, wanted.names) for alias in aliases), *(new for _, new in wanted.vlans)]
    return BondChanges(
        before=(*(Run(argv=("ifdown", name), undo=("ifup", name), fades=True) for name in down), cleared(wanted.name)),
        files={path: text for path, text in texts.items() if text != files.get(path)},
        after=tuple(Run(argv=("ifup", name), undo=("ifdown", "--force", name)) for name in up),
    )


def _plain(stanza: Stanza) -> str:
    """Its interface, of an alias such as eth0:1 the one that it stands on."""
    return stanza.iface.partition(":")[0]


def _judge(wanted: BondSpec, stanza: Stanza) -> None:
    """Unsupported where a stanza has a part in this that is not understood."""
    words, path = stanza.words, stanza.path
    if words[:1] == ["mapping"] and any(configs.fits(port, word) for port in wanted.ports for word in words[1:]):
        raise Unsupported(say("{path} has a mapping for {ports}.", path=path, ports=" and ".join(wanted.ports)))
    if stanza.lists and any(word[0] in "/!" or "=" in word for word in words[1:]):
        raise Unsupported(
            say("{path} lists interfaces by a pattern: {line}", path=path, line=" ".join(words)),
            say("Write the names of the interfaces there; then read the machine again."),
        )
    if words[:1] in (["no-auto-down"], ["no-scripts"], ["rename"]) and (old := names_in(" ".join(words), _old(wanted))):
        raise named_elsewhere(path, old, " ".join(words))
    name = _plain(stanza)
    if not name:
        return
    if name == wanted.name or (name in dict(wanted.vlans).values() and name not in dict(wanted.vlans)):
        raise taken(path, name)
    if name in wanted.ports and name != wanted.carrier and not stanza.idle:
        raise Unsupported(
            say("{path} configures {iface}, too.", path=path, iface=stanza.iface),
            say("Remove its stanza from {path}.", path=path),
        )
    if name in wanted.names:
        _understood(stanza)
    elif name not in wanted.ports and (old := names_in(" ".join(stanza.joined), _old(wanted))):
        line = next(line for line in stanza.joined if names_in(line, [old]))
        raise named_elsewhere(path, old, line.strip())


def _old(wanted: BondSpec) -> list[str]:
    """What has another name then, or belongs to the bond."""
    return list(dict.fromkeys([*wanted.ports, *(old for old, new in wanted.names.items() if old != new)]))


def _understood(stanza: Stanza) -> None:
    words = stanza.words
    if len(words) != 4 or words[2] not in ("inet", "inet6") or words[3] not in METHODS:
        raise unknown_setting(stanza.path, " ".join(words), stanza.iface)
    for key, value in stanza.options:
        if key in (*UP, *DOWN):
            if not _SAFE.fullmatch(value):
                raise unknown_setting(stanza.path, f"{key} {value}", stanza.iface)
        elif not KNOWN.fullmatch(key):
            raise unknown_setting(stanza.path, key, stanza.iface)


def _known(every: list[Stanza], port: str) -> bool:
    return any(stanza.iface == port and not stanza.idle for stanza in every)


def _rewritten(wanted: BondSpec, own: Iterator[Stanza], bond: dict[Stanza, list[str]]) -> Iterator[str]:
    for stanza in own:
        if stanza in bond:
            yield from bond[stanza]
        elif stanza.words and (stanza.words[0] == "auto" or stanza.words[0].startswith("allow-")):
            yield from _listed(wanted, stanza)
        elif stanza.iface not in wanted.ports:
            yield from _other(wanted, stanza)


def _listed(wanted: BondSpec, stanza: Stanza) -> Iterator[str]:
    """`auto` and `allow-hotplug` without the ports and the VLANs: these come with the bond, and after it."""
    gone = {*wanted.ports, *dict(wanted.vlans)}
    words = [stanza.words[0], *(word for word in stanza.words[1:] if word.partition(":")[0] not in gone)]
    if words == stanza.words:
        yield from stanza.lines
    elif len(words) > 1:
        yield f"{' '.join(words)}\n"


def _other(wanted: BondSpec, stanza: Stanza) -> Iterator[str]:
    """VLANs stand on the bond now; every other stanza is as it was."""
    if _plain(stanza) not in dict(wanted.vlans):
        yield from stanza.lines
        return
    yield from _moved(wanted, stanza)


def _moved(wanted: BondSpec, stanza: Stanza) -> list[str]:
    """Its lines with the new names, and the metric that its routes have by DHCP.

    dhcpcd makes that of the interface's index (dhcpcd.conf(5), metric), and a bond's is a later one: the default route
    of another card would win.
    """
    lines = [renamed(line, wanted.names) for line in stanza.lines]
    metric = dict(wanted.metrics).get(stanza.iface)
    if metric and stanza.words[2:4] == ["inet", "dhcp"] and "metric" not in dict(stanza.options):
        lines = [*lines[:-1], _ended(lines[-1]), f"    metric {metric}\n"]
    return lines


def _ended(line: str) -> str:
    """With its end, which the last one of a file may lack."""
    return line if line.endswith("\n") else f"{line}\n"


def _bond(wanted: BondSpec, mine: list[Stanza]) -> dict[Stanza, list[str]]:
    """Each of the carrier's stanzas as one of the bond: the first makes it, the last removes it."""
    made = {}
    own = [stanza for stanza in mine if ":" not in stanza.iface]
    aliases = [renamed(stanza.iface, wanted.names) for stanza in mine if ":" in stanza.iface]
    for stanza in mine:
        lines = _moved(wanted, stanza)
        lines[-1] = _ended(lines[-1])
        if own and stanza == own[0]:
            ports = [f"iface {port} inet manual\n" for port in wanted.ports]
            names = dict.fromkeys([wanted.name, *aliases, *(new for _, new in wanted.vlans)])
            head = [f"# {WHO}: a bond of {' and '.join(wanted.ports)}.\n", *ports, f"auto {' '.join(names)}\n"]
            lines = [*head, lines[0], *(f"    pre-up {line}\n" for line in _up(wanted)), *lines[1:]]
        if own and stanza == own[-1]:
            lines.append(f"    post-down ip link delete {wanted.name} || true\n")
        made[stanza] = lines
    if not own:
        raise unknown_setting(mine[0].path, mine[0].words[1], wanted.carrier)
    return made


def _up(wanted: BondSpec) -> Iterator[str]:
    """The commands that make the bond."""
    options = {name: value for name, value in wanted.options.items() if name != "primary"}
    words = " ".join(f"{name} {value}" for name, value in options.items())
    add = f"ip link add {wanted.name} address {wanted.mac} type bond mode {wanted.mode} {words}"
    yield f"test -e /sys/class/net/{wanted.name} || {add}"
    for port in wanted.ordered:
        yield f"ip link set {port} down"
        yield f"ip link set {port} master {wanted.name}"
    if "primary" in wanted.options:
        yield f"ip link set {wanted.name} type bond primary {wanted.options['primary']}"
