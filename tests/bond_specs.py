"""Random network configurations of a port, as an operator means them.

A `Spec` is what is meant; `bond_written` writes it down as a tool has it. Its `bad` is a thing of which a move has to
be refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

NICS = {"ens1": "02:00:00:00:00:01", "ens2": "02:00:00:00:00:02", "ens3": "02:00:00:00:00:03"}
PORT = "ens2"  # the one that carries something
Files = dict[str, str]


@dataclass(frozen=True)
class Spec:
    """What one interface shall have; `vlans` those above it. `bad` is (kind, the word that a refusal has to say)."""

    name: str
    v4: tuple[str, ...] = ()
    v6: tuple[str, ...] = ()
    dhcp4: bool = False
    gateway: str = ""
    routes: tuple[tuple[str, str], ...] = ()
    dns: tuple[str, ...] = ()
    mtu: int = 0
    vlan: int = 0
    vlans: tuple[Spec, ...] = ()
    bad: tuple[str, str] = ("", "")


@dataclass
class Written:
    """The files, and which of them are about another interface alone: these must stay as they are."""

    files: Files = field(default_factory=dict)
    others: list[str] = field(default_factory=list)


def spec(random: Random, tool: str) -> Spec:
    """A configuration of PORT."""
    own = _layer3(random, PORT, 0)
    numbers = random.sample(range(2, 4094), random.choice([0, 0, 1, 1, 2]))
    vlans: list[Spec] = []
    for number in numbers:
        plain = tool in ("NetworkManager", "netplan", "systemd-networkd") and random.random() < 0.3
        above = _layer3(random, f"v{number}" if plain else f"{PORT}.{number}", 64 + len(vlans))
        vlans.append(replace(above, vlan=number, gateway="", dhcp4=False, mtu=0))
    bad = random.choice(BAD[tool]) if random.random() < 0.3 else ("", "")
    return replace(own, vlans=tuple(vlans), bad=bad)


def _layer3(random: Random, name: str, net: int) -> Spec:
    v4 = tuple(f"10.{net}.0.{host}/24" for host in sorted(random.sample(range(10, 250), random.choice([0, 1, 1, 2]))))
    v6 = tuple(f"2001:db8:{net + 1:x}::{host:x}/64" for host in random.sample(range(1, 999), random.choice([0, 0, 1])))
    dhcp4 = not v4 or random.random() < 0.15
    gateway = f"10.{net}.0.1" if v4 and not dhcp4 and random.random() < 0.8 else ""
    routes = (
        tuple((f"172.{16 + n}.0.0/16", f"10.{net}.0.{n + 2}") for n in range(random.choice([0, 0, 1, 2]))) if v4 else ()
    )
    dns = tuple(random.sample(["10.0.0.53", "192.0.2.53"], random.choice([0, 1, 2]))) if v4 else ()
    mtu = random.choice([0, 0, 9000, 1500])
    return Spec(name, v4, v6, dhcp4, gateway, routes, dns, mtu)


BAD: dict[str, list[tuple[str, str]]] = {
    "ifupdown": [("option", "wpa-driver"), ("hook", "ethtool"), ("mapping", "mapping"), ("bridge", "bridge_ports"),
                 ("source", "/opt/net"), ("free", "ens1"), ("taken", "bond0"), ("tie", "inet")],
    "network-scripts": [("key", "TEAM_MASTER"), ("key", "BRIDGE"), ("shell", "IPADDR9"), ("free", "ens1"),
                        ("taken", "bond0"), ("tie", "ifcfg-copy"), ("onboot", "ONBOOT")],
    "NetworkManager": [("section", "802-1x"), ("section", "tc"), ("free", "ens1"), ("taken", "bond0"), ("tie", "twin"),
                       ("refers", "vpn"), ("unmanaged", "ens2"), ("onboot", "autoconnect")],
    "systemd-networkd": [("key", "Network.Bridge"), ("section", "QDisc"), ("match", "Driver"), ("free", "ens1"),
                         ("taken", "bond0")],
    "netplan": [("key", "openvswitch"), ("key", "auth"), ("glob", "fits"), ("free", "ens1"), ("taken", "bond0"),
                ("bridge", "bridges"), ("run", "/run/netplan")],
}  # fmt: skip
