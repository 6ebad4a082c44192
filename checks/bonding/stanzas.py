"""The files of ifupdown as it reads them (interfaces(5), ifupdown's config.c): includes followed, lines joined."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.bonding import Files, Unsupported
from checks.bonding.config import Config, Gathered, cidr, route
from sriov_tui.late import regex
from sriov_tui.message import say

MAIN = "/etc/network/interfaces"
FOLDERS = ("/etc/network/interfaces.d", "/run/network/interfaces.d")  # what is read of a host beside it
KEYWORDS = (
    "iface",
    "auto",
    "mapping",
    "source",
    "source-directory",
    "no-auto-down",
    "no-scripts",
    "rename",
    "template",
)
_KEYWORD = regex(rf"\s*({'|'.join(KEYWORDS)}|allow-\S+)(\s|$)")
_ROUTE = regex(r"ip (?:-[46] )?route (?:add|replace|append|prepend) (?P<to>\S+)(?: via (?P<by>\S+))?(?P<more>.*)")
_RULE = regex(r"ip (?P<family>-[46] )?rule add (?P<rule>.*)")
_QUIET = regex(r"\s*(\|\|\s*(true|:)|2>\s*/dev/null|>\s*/dev/null)\s*")
UP = ("up", "post-up", "pre-up")
DOWN = ("down", "pre-down", "post-down")


@dataclass(frozen=True, slots=True)
class Stanza:
    """Lines of a file that belong together: a keyword's line and its options, or what stands before the first."""

    path: str
    lines: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The words of its first line, joined where it goes on."""
        return self.joined[0].split()

    @property
    def joined(self) -> list[str]:
        """Its lines as ifupdown reads them: one that ends in a backslash goes on in the next."""
        return "".join(self.lines).replace("\\\r\n", " ").replace("\\\n", " ").splitlines() or [""]

    @property
    def iface(self) -> str:
        """The interface that it configures, "" where it is about something else."""
        return self.words[1] if self.words[:1] == ["iface"] and len(self.words) > 1 else ""

    @property
    def options(self) -> list[tuple[str, str]]:
        """Its options with their values."""
        found = []
        for line in self.joined[1:]:
            if line.strip() and line.strip()[0] != "#":
                key, *value = line.split()
                found.append((key, " ".join(value)))
        return found

    @property
    def idle(self) -> bool:
        """Whether it gives the interface no address and does nothing else."""
        return self.words[-1] == "manual" and not self.options

    @property
    def lists(self) -> bool:
        """Whether it is an `auto`, an `allow-...` or the like: a list of interfaces."""
        return bool(self.words) and (
            self.words[0] in ("auto", "no-auto-down", "no-scripts") or self.words[0].startswith("allow-")
        )


def stanzas(files: Files) -> list[Stanza]:
    """Every stanza of the files that ifup reads, in its order; one that it does not reach is not in force."""
    found: list[Stanza] = []
    _follow(MAIN, files, found, [])
    return found


def _follow(path: str, files: Files, found: list[Stanza], seen: list[str]) -> None:
    if path in seen:
        return
    seen.append(path)
    for stanza in split(path, files.get(path, "")):
        found.append(stanza)
        if stanza.words[:1] in (["source"], ["source-directory"]):
            for pattern in stanza.words[1:]:
                for included in _included(path, pattern, stanza.words[0] == "source-directory", files):
                    _follow(included, files, found, seen)


def _included(path: str, pattern: str, folder: bool, files: Files) -> Iterator[str]:
    """The files of a `source` line; Unsupported where they are none that were read."""
    full = posixpath.normpath(posixpath.join(posixpath.dirname(path), pattern))
    at = full if folder else posixpath.dirname(full)
    if at not in FOLDERS or re.search(r"[$`~{]", pattern):
        raise Unsupported(
            say("{path} includes {pattern}, which is not read here.", path=path, pattern=pattern),
            say("Move what it configures into {folder}; then read the machine again.", folder=FOLDERS[0]),
        )
    for name in sorted(posixpath.basename(file) for file in files if posixpath.dirname(file) == at):
        if re.fullmatch(r"[\w-]+", name) if folder else _fits(name, posixpath.basename(full)):
            yield f"{at}/{name}"


def _fits(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern) and (not name.startswith(".") or pattern.startswith("."))


def split(path: str, text: str) -> Iterator[Stanza]:
    """The stanzas of one file."""
    lines: list[str] = []
    joined = False
    for line in text.splitlines(keepends=True):
        if lines and _KEYWORD.match(line) and not joined:
            yield from _trimmed(path, lines)
            lines = []
        lines.append(line)
        joined = line.rstrip("\r\n").endswith("\\")
    yield from _trimmed(path, lines)


def _trimmed(path: str, lines: list[str]) -> Iterator[Stanza]:
    """Blank lines and comments at the end stand before the next stanza; they are one of their own."""
    end = len(lines)
    while end > 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    if lines:
        yield Stanza(path, tuple(lines[:end]))
    if lines[end:]:
        yield Stanza(path, ("", *lines[end:]))


# -- what an interface gets --------------------------------------------------------------------------------------------


def read(files: Files) -> dict[str, Config]:
    """What ifup gives each interface; that of an alias such as eth0:1 is the interface's."""
    found: dict[str, Gathered] = {}
    for stanza in stanzas(files):
        if stanza.iface:
            _read(stanza, found.setdefault(stanza.iface.partition(":")[0], Gathered()))
            if above := vlan_of(stanza):
                found.setdefault(above[0], Gathered()).vlans.append((stanza.iface.partition(":")[0], above[1]))
    return {name: gathered.config for name, gathered in found.items()}


def vlan_of(stanza: Stanza) -> tuple[str, int] | None:
    """(interface below, number) of a VLAN: by its name, or by its options."""
    options = {key.replace("_", "-"): value for key, value in stanza.options}
    name = stanza.iface.partition(":")[0]
    below, dot, number = name.rpartition(".")
    below = options.get("vlan-raw-device", below if dot and number.isdigit() else "")
    number = options.get("vlan-id") or (re.search(r"\d+$", name) or [""])[0]
    return (below, int(number)) if below and number.isdigit() else None


def _read(stanza: Stanza, into: Gathered) -> None:
    family, method = [*stanza.words[2:4], "", ""][:2]
    options = dict(stanza.options)
    if method == "dhcp":
        into.dynamic.append("dhcp6" if family == "inet6" else "dhcp4")
    elif method == "auto":
        into.dynamic.append("ra")
    elif method not in ("static", "manual", "loopback"):
        into.add("method", " ".join(stanza.words[2:]))
    for key, value in stanza.options:
        if key == "address" and method == "static":
            into.addresses.append(cidr(value, options.get("netmask", "")))
        elif key == "gateway":
            into.routes.append(route("default", value, f"metric {options['metric']}" if "metric" in options else ""))
        elif not _told_elsewhere(key, options) and not _other(key, value, into):
            into.add(key, value)


def _told_elsewhere(key: str, options: dict[str, str]) -> bool:
    """Whether an option is a part of another one."""
    return (
        (key == "netmask" and "address" in options)
        or (key == "metric" and "gateway" in options)
        or key in ("vlan-raw-device", "vlan_raw_device", "vlan-id", "vlan_id")
    )


def _other(key: str, value: str, into: Gathered) -> bool:
    """Take an option that has a form of its own; False where it has none."""
    plain = _QUIET.sub("", value)
    if key == "mtu" and value.isdigit():
        into.set_mtu(value)
    elif key in ("dns-nameservers", "dns-nameserver"):
        into.dns += value.split()
    elif key in UP and (hook := _ROUTE.fullmatch(plain)):
        into.routes.append(route(hook["to"], hook["by"] or "", hook["more"].strip()))
    elif key in UP and (hook := _RULE.fullmatch(plain)):
        into.rules.append(f"{hook['family'] or ''}{hook['rule']}")
    else:
        return False
    return True
