"""Names of hosts, of their domains and of virtual machines: where a recording tells them, and what stands for them.

A host may be called "debian" or "ice": such a word of the system is replaced only where it stands for the host alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sriov_tui.hosts.machine import Machine
from sriov_tui.late import regex
from sriov_tui.privacy.pseudonyms import Words, numbered

HOSTNAME = "/proc/sys/kernel/hostname"
SYSTEM = ("/sys/", "/lib/", "/usr/", "/etc/os-release")  # words that are there are no names of ours
PROGRAMS = ("lspci", "ethtool", "modinfo", "systemd-detect-virt", "devlink")
LOGS = ("dmesg", "journalctl")
_OPERATORS = ("/var/", "/opt/", "/home/", "/srv/", "/mnt/", "/disks/", "/data/")  # names there are given by people
_QUOTED = r"(?:'([^'\n]{2,80})'|\"([^\"\n]{2,80})\"|([^\s,'\"]{2,80}))"
_GUESTS = (
    regex(rf"(?:^|\s)-name\s+(?:guest=)?{_QUOTED}"),
    regex(rf"\bguest={_QUOTED}"),
    regex(r"/libvirt/qemu/(?:autostart/)?()()([^/\s]{2,80}?)\.(?:xml|log|pid|monitor)\b"),
    regex(r'^\{"uuid": "[^"]*", "name": "()()([^"\n]{2,80})"\}$'),
    regex(r"\bdomain-\d+-()()([\w.-]{2,80})/"),
)
_SCOPE = regex(r"\bmachine-qemu\\x2d\d+\\x2d((?:[\w.]|\\x[0-9a-f]{2}){2,200}?)\.scope")
_ESCAPED = regex(r"\\x([0-9a-f]{2})")
_URL_HOST = regex(r"://(?:[^/@\s]*@)?([A-Za-z][\w-]*(?:\.[\w-]+)+)")
_OWN_NAME = regex(r"(?m)^\s*host_?name\s*:\s*['\"]?([A-Za-z0-9][\w.-]*)")
_OPTION = regex(r"(?m)^[ \t-]*([\w-]+)[ \t]*:")
_SEARCH = regex(r"(?m)^(?:search|domain)[ \t]+(.*)")
# Parts of domains that tell of nobody: of registries, and of clusters and houses in general.
_ANYBODY = frozenset((
    "com", "net", "org", "edu", "gov", "mil", "int", "info", "arpa", "co", "ac", "cn", "hk", "tw", "io", "cloud",
    "local", "localdomain", "localhost", "lan", "internal", "intranet", "home", "svc", "cluster", "default", "corp",
    "private", "test", "example", "invalid", "onion", "prod", "host", "node", "server", "docker", "registry",
))  # fmt: skip


def guests_in(texts: Iterable[str]) -> set[str]:
    """Names of virtual machines, from command lines, logs and paths."""
    found = set()
    for text in texts:
        found |= {name for pattern in _GUESTS for names in pattern.findall(text) for name in names if name}
        found |= {_ESCAPED.sub(lambda match: chr(int(match[1], 16)), name) for name in _SCOPE.findall(text)}
    return {name.removeprefix("guest=") for name in found} - {"guest", "debug-threads=on", "$@"}


def guests(machine: Machine, texts: Iterable[str]) -> tuple[Words, Words]:
    """What stands for virtual machines: wherever it stands, and in command lines, where each word is a name."""
    others = numbered(guests_in(texts), "vm")
    system = " ".join(_system_words(machine))
    log = " ".join(done.out for line, done in machine.queries.items() if line.startswith(LOGS))
    free = {
        name: other
        for name, other in others.items()
        if not Words({name: other}).found_in(f"{system} {log}" if name.isalpha() else system)
    }
    return Words(free), Words(others)


def hosts(machine: Machine, texts: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Names of hosts and what stands for them: those replaced wherever they stand, and those only as a whole text."""
    own = machine.files.get(HOSTNAME, b"").decode("utf-8", "replace").strip()
    short, _, domain = own.partition(".")
    settings = [
        data.decode("utf-8", "replace") for path, data in machine.files.items() if path.startswith("/etc/yunion/")
    ]
    more = {name for text in settings for pattern in (_URL_HOST, _OWN_NAME) for name in pattern.findall(text)}
    searched = machine.files.get("/etc/resolv.conf", b"").decode("utf-8", "replace")
    named = {name.partition(".")[2] for name in more} | {
        name for line in _SEARCH.findall(searched) for name in line.split()
    }
    domains = {part for name in (domain, *named) for part in _domains(name)}
    members = _members(domains)
    more |= {name for text in texts for name in members.findall(text)} if members else set()
    more -= {own, short, "", *domains}
    labels = {label for name in domains for label in name.split(".")[:-1] if _tells(label)}
    others = (
        numbered(labels, "name")
        | numbered(more, "host", 2)
        | numbered(domains - {domain}, "domain", 2)
        | ({domain: "domain-1"} if domain else {})
        | ({short: "host-1"} if short else {})
    )
    system = " ".join(_system_words(machine))
    free = {name: other for name, other in others.items() if not Words({name: other}).found_in(system)}
    exact = {own: "host-1"} if short and short not in free else {}
    return free, exact


def _domains(name: str) -> Iterator[str]:
    """A domain and those above it, as far as they belong to somebody."""
    parts = name.strip(".").split(".")
    if parts[-2:] == ["cluster", "local"]:
        return  # Kubernetes' own, the same in most clusters
    for at in range(len(parts) - 1):
        if any(map(_tells, parts[at:-1])):
            yield ".".join(parts[at:])
    if len(parts) > 1 and name and not any(map(_tells, parts[:-1])):
        yield name


def _tells(label: str) -> bool:
    return len(label) > 3 and label.casefold() not in _ANYBODY and not label.isdigit()


def _members(domains: set[str]) -> re.Pattern[str] | None:
    """Names of hosts in one of these domains."""
    choice = "|".join(map(re.escape, sorted(domains, key=lambda name: (-len(name), name))))
    return re.compile(rf"(?i)(?<![\w.-])((?:[a-z0-9][\w-]{{0,62}}\.){{1,4}}(?:{choice}))(?![\w-])") if choice else None


def _system_words(machine: Machine) -> Iterator[str]:
    for path in (path for table in (machine.dirs, machine.files, machine.links) for path in table):
        if not path.startswith(_OPERATORS):
            yield _SCOPE.sub("", _GUESTS[2].sub("", path))
    yield from (
        _SCOPE.sub("", name) for path, names in machine.dirs.items() if path.startswith(SYSTEM) for name in names
    )
    for path, data in machine.files.items():
        if path == "/etc/os-release":
            yield data.decode("utf-8", "replace")
        elif path.startswith("/etc/yunion/"):  # the names of options
            yield from _OPTION.findall(data.decode("utf-8", "replace"))
    yield from (done.out for line, done in machine.queries.items() if line.startswith(PROGRAMS))
    yield from (row["name"] for row in machine.netlink.get("links", ()))
