"""A fleet as text for people and as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from sriov_tui.fleet import age
from sriov_tui.fleet.changes import Change, changes
from sriov_tui.fleet.compare import outliers, shared
from sriov_tui.fleet.hosts import STATES, Fleet, FleetHost
from sriov_tui.fleet.supply import Supply, card_of, supply, unlisted
from sriov_tui.language import _, said
from sriov_tui.language.layout import printable
from sriov_tui.message import NOTHING, Message, join, plural, say
from sriov_tui.model import Finding, Level

TABLES = ("hosts", "findings", "outliers", "vfs", "changes")
NO_AUDIT = say("This host was expected and has no audit.")
NAMES = 20  # how many names a line of the text holds


def hosts_of(number: int) -> Message:
    """A number of hosts in words."""
    return plural("1 host", "{count} hosts", number)


def verdict(fleet: Fleet) -> Message:
    """One line on the whole."""
    states = ((len(fleet.in_state(state)), state) for state in STATES)
    words = ", ".join(f"{number} {state}" for number, state in states if number)
    broken = plural("1 file could not be read", "{count} files could not be read", len(fleet.broken))
    old, missing = len(fleet.all_stale), len(fleet.missing)
    stale = plural("1 audit is stale", "{count} audits are stale", old) if old else ""
    lacking = plural("1 expected host has no audit", "{count} expected hosts have no audit", missing) if missing else ""
    told = join(": ", (hosts_of(len(fleet.hosts)), words))
    return say("{told}.", told=join("; ", (told, broken if fleet.broken else "", stale, lacking)))


def some(names: Sequence[str]) -> Message:
    """The first names of a list, and how many there are more."""
    more = len(names) - NAMES
    return join(" ", (", ".join(names[:NAMES]), say("and {more} more", more=more) if more > 0 else ""))


def to_text(fleet: Fleet, before: Fleet | None = None) -> Iterator[str]:
    """Hosts by state, findings by number of hosts, outliers, what changed, files that are no audits."""
    yield verdict(fleet)
    yield from ("", say("Hosts by state"))
    for state in STATES:
        if hosts := fleet.in_state(state):
            yield join("", (f"  {state:<7} {len(hosts):>5}  ", some([host.name for host in hosts])))
    if fleet.missing:
        yield from ("", say("Expected, and without an audit"), join("", ("  ", some(fleet.missing))))
    if stale := fleet.all_stale:
        yield from ("", say("Stale audits"))
        yield from (join("", ("  ", join(": ", (host.name, fleet.stale(host))))) for host in stale)
    if before is not None:
        yield from ("", say("Changed since the audits before"))
        for change in changes(before, fleet):
            yield join("", (f"  {change.host}  {change_words(change)}  {change.id}  ", change.title))
    yield from ("", say("Findings by number of hosts"))
    for one in shared(fleet):
        yield f"  {len(one.hosts):>5}  {one.level.name:<4}  {one.id:<24} {_(one.title)}"
        yield join("", (" " * 15, some(one.hosts)))
    yield from ("", say("Who differs from the majority"))
    for out in outliers(fleet):
        yield say(
            "  {kind}, {what}: {usual} on {share} of {known} hosts",
            kind=out.kind,
            what=out.what,
            usual=out.usual,
            share=out.share,
            known=out.known,
        )
        yield join("", ("    ", join(": ", (out.value, some(out.hosts)))))
    yield from _supply_text(fleet)
    if fleet.broken:
        yield from ("", say("Could not be read"))
        yield from (join("", ("  ", join(": ", (one.file, one.reason)))) for one in fleet.broken)


def _supply_text(fleet: Fleet) -> Iterator[str]:
    """Where guests can go, and of which hosts that is not known."""
    yield from ("", say("Free VFs by card and wire"))
    for one in supply(fleet):
        yield join("", ("  ", supply_words(one)))
        yield join("", ("    ", some([_(place.words) for place in one.places])))
    if unknown := [*unlisted(fleet)]:
        yield join("", ("  ", join(": ", (say("Not known"), some(unknown)))))


def supply_words(one: Supply) -> Message:
    """A kind of VF, and how many of it are free."""
    return say("{card}, {wire}, {use}: {free} of {vfs} VFs free on hosts that are ready", card=one.card,
               wire=one.wire_words, use=one.use, free=one.free, vfs=one.vfs)  # fmt: skip


def change_words(change: Change) -> str:
    """The level before and now, as in "OK -> FAIL"; "-" where the finding was, or is, not there."""
    return " -> ".join(level.name if level is not None else "-" for level in (change.was, change.now))


def host_text(host: FleetHost, stale: str = "") -> Iterator[str]:
    """One host: what it is, its cards, and what is to be done there."""
    yield say(
        "{name}: {state}, audited {gathered_at} ({file})",
        name=host.name,
        state=host.state,
        gathered_at=age.shown(host.gathered_at) or say("at an unknown time"),
        file=host.file,
    )
    if stale:
        yield join("", ("  ", stale))
    for label, value in about(host):
        yield join("", ("  ", join(": ", (label, value))))
    for row in nic_rows(host):
        yield join("", ("  ", "  ".join(_(cell) for cell in row if cell)))
    for finding in host.open:
        yield from ("", f"{finding.level.name:<4}  {finding.id}  {finding.subject}: {_(finding.title)}")
        yield from (f"      {line}" for line in lines(finding))
    good = sum(finding.level < Level.WARN for finding in host.findings)
    yield from ("", plural("1 other finding is OK or INFO.", "{count} other findings are OK or INFO.", good))


def about(host: FleetHost) -> tuple[tuple[str, str], ...]:
    """What the host is, as label and value; unknown is said."""
    values = (
        (say("Machine"), host.machine),
        ("BIOS", host.bios),
        (say("System"), host.os),
        (say("Kernel"), host.kernel),
        (say("Kernel arguments"), host.arguments),
    )
    return tuple((label, say("unknown") if value is None else value) for label, value in values)


def nic_rows(host: FleetHost) -> Iterator[tuple[str, ...]]:
    """Address, interface, card, driver, firmware and VFs of each PF."""
    for nic in host.nics:
        place = say("{address} (slot {slot})", address=nic.address, slot=nic.slot) if nic.slot else nic.address
        driver = " ".join(filter(None, (nic.driver, nic.driver_version)))
        vfs = (
            NOTHING
            if nic.totalvfs is None
            else (
                say("? of {totalvfs} VFs", totalvfs=nic.totalvfs)
                if nic.numvfs is None
                else say("{numvfs} of {totalvfs} VFs", numvfs=nic.numvfs, totalvfs=nic.totalvfs)
            )
        )
        yield place, nic.interface or "", card_of(nic), driver, nic.firmware or "", vfs


def lines(finding: Finding) -> Iterator[str]:
    """A finding's reason, evidence and way out, line by line."""
    finding = said(finding)
    yield from finding.detail.splitlines()
    for one in finding.evidence:
        yield f"{one.source}: {' '.join(one.text.split())[:240]}"
    if finding.fix:
        yield _(say("What to do: {title}", title=finding.fix.title))
        yield from finding.fix.manual.splitlines()


def to_csv(fleet: Fleet, table: str, before: Fleet | None = None) -> str:
    """One of TABLES as RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe."""
    makers = {"hosts": _hosts, "findings": _findings, "outliers": _outliers, "vfs": _vfs}
    head, rows = _changes(before or Fleet(), fleet) if table == "changes" else makers[table](fleet)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


Rows = tuple[Sequence[str], Iterable[Sequence[object]]]


def _hosts(fleet: Fleet) -> Rows:
    head = (
        "host",
        "state",
        "fail",
        "skip",
        "warn",
        "kernel",
        "system",
        "machine",
        "vfs",
        "audited",
        "file",
        "reason",
        "stale",
    )
    rows: list[Sequence[object]] = [
        (
            host.name,
            host.state,
            *(host.count(level) for level in (Level.FAIL, Level.SKIP, Level.WARN)),
            *(host.kernel, host.os, host.machine),
            sum(nic.numvfs or 0 for nic in host.nics),
            *(host.gathered_at, host.file, "", fleet.stale(host)),
        )
        for host in fleet.hosts
    ]
    rows += [("", "UNREADABLE", *[""] * 8, one.file, one.reason, "") for one in fleet.broken]
    rows += [(name, "MISSING", *[""] * 11) for name in fleet.missing]
    return head, rows


def _findings(fleet: Fleet) -> Rows:
    head = ("hosts", "level", "id", "title", "names")
    return head, ((len(o.hosts), o.level.name, o.id, o.title, " ".join(o.hosts)) for o in shared(fleet))


def _outliers(fleet: Fleet) -> Rows:
    head = ("host", "kind", "what", "value", "usual", "share", "known")
    return head, (
        (host, o.kind, o.what, o.value, o.usual, o.share, o.known) for o in outliers(fleet) for host in o.hosts
    )


def _vfs(fleet: Fleet) -> Rows:
    head = ("card", "use", "wire", "host", "state", "stale", "address", "numa", "vfs", "held", "free")
    return head, (
        (
            one.card,
            one.use,
            one.wire,
            p.host,
            p.state,
            *("yes" if p.stale else "", p.address, p.numa),
            p.vfs,
            p.held,
            p.free,
        )
        for one in supply(fleet)
        for p in one.places
    )


def _changes(before: Fleet, fleet: Fleet) -> Rows:
    head = ("host", "id", "subject", "was", "now", "title")
    return head, (
        (one.host, one.id, one.subject, *change_words(one).split(" -> "), one.title) for one in changes(before, fleet)
    )


def _cell(value: object) -> object:
    """A value as it may stand in a cell (OWASP, CSV injection)."""
    if not isinstance(value, str):
        return value
    shown = "\n".join(map(printable, value.split("\n")))
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@", "\t")) else shown
