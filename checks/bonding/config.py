"""What a tool's files give an interface, in one form for all tools; and the proof that a move loses nothing.

A tool's `read` says what the tool itself will do: files that are shadowed, not included or not in force count for
nothing. The proof reads the files as they are and as they will be, and compares.
"""

from __future__ import annotations

import fnmatch
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from checks.bonding import BondSpec, Unsupported, renamed
from sriov_tui.message import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What an interface gets: `addresses` in CIDR form, `dynamic` out of dhcp4, dhcp6 and ra, `routes` as "TO via BY".

    `vlans` are (name, number); `rest` every other setting of it as (key, value), in the tool's own words.
    """

    addresses: frozenset[str] = frozenset()
    dynamic: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    dns: tuple[str, ...] = ()
    mtu: int | None = None
    vlans: frozenset[tuple[str, int]] = frozenset()
    rest: frozenset[tuple[str, str]] = frozenset()

    @property
    def idle(self) -> bool:
        """Whether it gives the interface nothing of its own: no address, route, rule or VLAN."""
        return not (self.addresses or self.dynamic or self.routes or self.rules or self.vlans)

    def with_names(self, names: Mapping[str, str]) -> Config:
        """The same with interfaces called by other names."""
        return replace(
            self,
            routes=frozenset(renamed(route, names) for route in self.routes),
            rules=frozenset(renamed(rule, names) for rule in self.rules),
            vlans=frozenset((names.get(name, name), number) for name, number in self.vlans),
            rest=frozenset((key, renamed(value, names)) for key, value in self.rest),
        )


@dataclass(slots=True)
class Gathered:
    """A `Config` while it is being read."""

    addresses: list[str] = field(default_factory=list)
    dynamic: list[str] = field(default_factory=list)
    routes: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    dns: list[str] = field(default_factory=list)
    mtu: int | None = None
    vlans: list[tuple[str, int]] = field(default_factory=list)
    rest: list[tuple[str, str]] = field(default_factory=list)

    def add(self, key: str, value: str) -> None:
        """Any other setting."""
        self.rest.append((key, value))

    def set_mtu(self, text: str) -> None:
        """An MTU as a file has it; 0 and words are none."""
        self.mtu = int(text) if text.isdigit() and text != "0" else self.mtu

    @property
    def config(self) -> Config:
        """What was gathered."""
        sets = {name: frozenset(getattr(self, name))
                for name in ("addresses", "dynamic", "routes", "rules", "vlans", "rest")}  # fmt: skip
        return Config(dns=tuple(self.dns), mtu=self.mtu, **sets)


Configs = Mapping[str, Config]
"""Interface -> what it gets."""
EMPTY = Config()


def fits(name: str, pattern: str) -> bool:
    """Whether a shell glob fits a name."""
    return fnmatch.fnmatchcase(name, pattern)


def cidr(address: str, length: str = "") -> str:
    """An address in one form: `192.0.2.7/24`; as it is where it is none."""
    try:
        return str(ipaddress.ip_interface(f"{address}/{length}" if length and "/" not in address else address))
    except ValueError:
        return f"{address}/{length}" if length else address


def route(to: str, by: str = "", more: str = "") -> str:
    """A route in one form: "default via 192.0.2.1"; `more` is what the tool says beside."""
    if to in ("0.0.0.0/0", "::/0", "default", "0.0.0.0", "::"):
        to = "default"
    words = [to, *(["via", by] if by else []), *([more] if more else [])]
    return " ".join(words)


def gateways(config: Config) -> set[tuple[str, str]]:
    """(destination, gateway) of its routes."""
    found = set()
    for text in config.routes:
        words = text.split()
        to = words[0] if words[0] == "default" else network(words[0])
        found.add((to, words[words.index("via") + 1] if "via" in words[:-1] else ""))
    return found


def network(text: str) -> str:
    """A destination as the kernel has it, host bits cleared."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return text


def compare(wanted: BondSpec, before: Configs, after: Configs) -> None:
    """Unsupported unless each interface gets under its new name what it got, and every other one what it got."""
    names = wanted.names
    for old, new in names.items():
        _same(new, before.get(old, EMPTY).with_names(names), after.get(new, EMPTY))
    for port in wanted.ports:
        if not after.get(port, EMPTY).idle:
            raise Unsupported(say("{port} would keep a configuration of its own beside the bond.", port=port))
    moved = {*names, *names.values(), *wanted.ports, wanted.name}
    for name in sorted({*before, *after} - moved):
        _same(name, before.get(name, EMPTY).with_names(names), after.get(name, EMPTY))


def _same(name: str, old: Config, new: Config) -> None:
    for part in fields(Config):
        then, now = getattr(old, part.name), getattr(new, part.name)
        if then != now:
            raise Unsupported(
                say(
                    "The new files would not give {name} the same {setting}: {old} before, {new} after.",
                    name=name,
                    setting=part.name,
                    old=_text(then),
                    new=_text(now),
                )
            )


def _text(value: object) -> str:
    if isinstance(value, (frozenset, tuple)):
        return ", ".join(sorted(" ".join(map(str, v)) if isinstance(v, tuple) else str(v) for v in value)) or "-"
    return "-" if value is None else str(value)
