"""Whatever runs at boot and writes sriov_numvfs: systemd's units, rc.local, cron, tmpfiles, hooks of network tools.

Only what is enabled counts, and of programs only scripts outside the distribution's own folders are looked into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sriov_tui.facts import HostFacts, MakerKind, VfMaker
from sriov_tui.late import regex
from sriov_tui.probe.makers import scripts
from sriov_tui.probe.makers.cards import by_path
from sriov_tui.probe.makers.places import WRITES, drop_ins, logical_lines, script_of, text_of
from sriov_tui.probe.source import Source

UNITS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
RC = ("/etc/rc.local", "/etc/rc.d/rc.local", "/etc/init.d/boot.local")
HOOKS = (  # openibd's hooks, then those of ifupdown, NetworkManager and the network scripts
    "/etc/infiniband",
    "/etc/network/if-pre-up.d",
    "/etc/network/if-up.d",
    "/etc/NetworkManager/dispatcher.d",
    "/etc/NetworkManager/dispatcher.d/pre-up.d",
    "/etc/networkd-dispatcher/routable.d",
)
INTERFACES, INTERFACES_D = "/etc/network/interfaces", "/etc/network/interfaces.d"
CRON = ("/etc/crontab", "/var/spool/cron/root", "/var/spool/cron/crontabs/root")
CRON_D = "/etc/cron.d"
TMPFILES = ("/etc/tmpfiles.d", "/run/tmpfiles.d", "/usr/lib/tmpfiles.d")
SYSFS = ("/etc/sysfs.conf", "/etc/sysfs.d")  # sysfsutils
_EXEC = regex(r"\s*Exec(?:Start|StartPre|StartPost|Condition)\s*=")
_PROGRAM = regex(r"(?<![\w./>$}-])/[\w./+-]+")
_TMPFILE = regex(r"\s*w[+!=~-]*\s+(?P<path>\S*sriov_numvfs)(?:\s+\S+){4}\s+(?P<count>\d+)\s*$")
_SYSFS = regex(r"\s*(?P<path>\S*sriov_numvfs)\s*=\s*(?P<count>\d+)\s*$")


def units(source: Source, facts: HostFacts, unread: list[str]) -> Iterator[VfMaker]:
    """The enabled units that write, or that start a script which does; ours are among them."""
    for name in sorted(_enabled(source, unread)):
        path, text = _unit(source, name, unread)
        for number, line in logical_lines(text):
            if _EXEC.match(line):
                yield from command(source, facts, "unit", path, number, line, unread)


def late(source: Source, facts: HostFacts, unread: list[str]) -> Iterator[VfMaker]:
    """rc.local, then cron's @reboot lines."""
    for path in RC:
        if source.exists(path) and source.reader.mode(path) & 0o111:
            yield from script(source, facts, "script", path, unread)
    names = source.names(CRON_D) or ()
    for path in (*CRON, *(f"{CRON_D}/{name}" for name in names)):
        text = text_of(source, path, unread) or ""
        for number, line in logical_lines(text):
            if line.lstrip().startswith("@reboot"):
                yield from command(source, facts, "cron", path, number, line, unread)


def early(source: Source, facts: HostFacts, unread: list[str]) -> Iterator[VfMaker]:
    """tmpfiles.d and sysfs.d: a path and its value on one line."""
    files = [(path, text, _TMPFILE) for path, text in drop_ins(source, TMPFILES, ".conf", unread)]
    if text := text_of(source, SYSFS[0], unread):
        files.append((SYSFS[0], text, _SYSFS))
    files += [(path, text, _SYSFS) for path, text in drop_ins(source, SYSFS[1:], ".conf", unread)]
    for path, text, pattern in files:
        for number, line in logical_lines(text) if WRITES.search(text) else ():
            if found := pattern.match(line):
                named = found["path"] if found["path"].startswith("/") else f"/sys/{found['path']}"
                yield VfMaker(kind="unit", path=path, line=number, text=line, count=found["count"],
                              start=found.start("count"), pfs=by_path(facts, named))  # fmt: skip


def hooks(source: Source, facts: HostFacts, unread: list[str]) -> Iterator[VfMaker]:
    """The scripts that network tools and openibd start as links come up, and the commands in ifupdown's file."""
    for folder in HOOKS:
        for name in source.names(folder) or ():
            yield from script(source, facts, "script", f"{folder}/{name}", unread)
    names = source.names(INTERFACES_D) or ()
    for path in (INTERFACES, *(f"{INTERFACES_D}/{name}" for name in names)):
        text = text_of(source, path, unread) or ""
        for number, line in enumerate(text.split("\n"), 1):
            if re.match(r"\s*(?:pre-up|up|post-up)\s", line):
                yield from command(source, facts, "script", path, number, line, unread)


def script(source: Source, facts: HostFacts, kind: MakerKind, path: str, unread: list[str]) -> Iterator[VfMaker]:
    """What a script writes."""
    text = script_of(source, path, unread)
    if text and WRITES.search(text):
        yield from scripts.makers(facts, kind, path, text)


def command(
    source: Source, facts: HostFacts, kind: MakerKind, path: str, number: int, line: str, unread: list[str]
) -> Iterator[VfMaker]:
    """What a command line writes, itself or by a script that it starts."""
    if WRITES.search(line):
        found = list(scripts.line_makers(facts, kind, path, number, line))
        if not found and not scripts.only_reads(line):
            found.append(VfMaker(kind=kind, path=path, line=number, text=line, count=""))
        yield from found
        return
    for program in [word for word in _PROGRAM.findall(line) if scripts.may_be_own(word)][:3]:
        text = script_of(source, program, unread)
        if text and WRITES.search(text):
            yield from scripts.makers(facts, kind, program, text, runs=path)


def _enabled(source: Source, unread: list[str]) -> set[str]:
    """The services that a target wants or requires."""
    found: set[str] = set()
    for folder in UNITS:
        names = source.names(folder)
        if names is None:
            unread.append(folder)
        for name in names or ():
            if name.endswith((".wants", ".requires")):
                found |= {unit for unit in source.names(f"{folder}/{name}") or () if unit.endswith(".service")}
    return found


def _unit(source: Source, name: str, unread: list[str]) -> tuple[str, str]:
    """The file of a unit, that of an instance "a@b.service" by its template; its %i stays as it is."""
    template = re.sub(r"@.*\.service$", "@.service", name)
    for folder in UNITS:
        for file in dict.fromkeys((name, template)):
            if text := text_of(source, f"{folder}/{file}", unread):
                return f"{folder}/{file}", text
    return "", ""
