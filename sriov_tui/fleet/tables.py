"""A fleet as text for people and as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from sriov_tui.fleet.compare import outliers, shared
from sriov_tui.fleet.hosts import STATES, Fleet, FleetHost
from sriov_tui.language import _, said
from sriov_tui.model import Finding, Level

TABLES = ("hosts", "findings", "outliers")
NAMES = 20  # how many names a line of the text holds


def counted(number: int, word: str) -> str:
    """A number and its noun: "1 host", "2 hosts"."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def verdict(fleet: Fleet) -> str:
    """One line on the whole."""
    states = ((len(fleet.in_state(state)), state) for state in STATES)
    words = ", ".join(f"{number} {state}" for number, state in states if number)
    broken = f"{counted(len(fleet.broken), 'file')} could not be read" if fleet.broken else ""
    told = ": ".join(filter(None, (counted(len(fleet.hosts), "host"), words)))
    return "; ".join(_(part) for part in (told, broken) if part) + "."


def some(names: Sequence[str]) -> str:
    """The first names of a list, and how many there are more."""
    more = len(names) - NAMES
    return ", ".join(names[:NAMES]) + (" " + _(f"and {more} more") if more > 0 else "")


def to_text(fleet: Fleet) -> Iterator[str]:
    """Hosts by state, findings by number of hosts, outliers, files that are no audits."""
    yield verdict(fleet)
    yield from ("", "Hosts by state")
    for state in STATES:
        if hosts := fleet.in_state(state):
            yield f"  {state:<5} {len(hosts):>5}  {some([host.name for host in hosts])}"
    yield from ("", "Findings by number of hosts")
    for one in shared(fleet):
        yield f"  {len(one.hosts):>5}  {one.level.name:<4}  {one.id:<24} {_(one.title)}"
        yield f"               {some(one.hosts)}"
    yield from ("", "Who differs from the majority")
    for out in outliers(fleet):
        yield f"  {out.kind}, {out.what}: {out.usual} on {out.share} of {out.known} hosts"
        yield f"    {out.value}: {some(out.hosts)}"
    if fleet.broken:
        yield from ("", "Could not be read")
        yield from (f"  {one.file}: {one.reason}" for one in fleet.broken)


def host_text(host: FleetHost) -> Iterator[str]:
    """One host: what it is, its cards, and what is to be done there."""
    yield f"{host.name}: {host.state}, audited {host.gathered_at or 'at an unknown time'} ({host.file})"
    for label, value in about(host):
        yield f"  {label}: {value}"
    for row in nic_rows(host):
        yield "  " + "  ".join(filter(None, row))
    for finding in host.open:
        yield from ("", f"{finding.level.name:<4}  {finding.id}  {finding.subject}: {_(finding.title)}")
        yield from (f"      {line}" for line in lines(finding))
    good = sum(finding.level < Level.WARN for finding in host.findings)
    yield from ("", _(f"{counted(good, 'other finding')} OK or INFO."))


def about(host: FleetHost) -> tuple[tuple[str, str], ...]:
    """What the host is, as label and value; unknown is said."""
    values = (
        ("Machine", host.machine),
        ("BIOS", host.bios),
        ("System", host.os),
        ("Kernel", host.kernel),
        ("Kernel arguments", host.arguments),
    )
    return tuple((label, "unknown" if value is None else value) for label, value in values)


def nic_rows(host: FleetHost) -> Iterator[tuple[str, ...]]:
    """Address, interface, card, driver, firmware and VFs of each PF."""
    for nic in host.nics:
        slot = f" (slot {nic.slot})" if nic.slot else ""
        driver = " ".join(filter(None, (nic.driver, nic.driver_version)))
        vfs = "" if nic.totalvfs is None else f"{'?' if nic.numvfs is None else nic.numvfs} of {nic.totalvfs} VFs"
        card = " ".join(filter(None, (nic.name, f"[{nic.model}]" if nic.model else "")))
        yield f"{nic.address}{slot}", nic.interface or "", card, driver, nic.firmware or "", vfs


def lines(finding: Finding) -> Iterator[str]:
    """A finding's reason, evidence and way out, line by line."""
    finding = said(finding)
    yield from finding.detail.splitlines()
    for one in finding.evidence:
        yield f"{one.source}: {' '.join(one.text.split())[:240]}"
    if finding.fix:
        yield _(f"What to do: {finding.fix.title}")
        yield from finding.fix.manual.splitlines()


def to_csv(fleet: Fleet, table: str) -> str:
    """One of TABLES as RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe."""
    head, rows = {"hosts": _hosts, "findings": _findings, "outliers": _outliers}[table](fleet)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


Rows = tuple[Sequence[str], Iterable[Sequence[object]]]


def _hosts(fleet: Fleet) -> Rows:
    head = ("host", "state", "fail", "skip", "warn", "kernel", "system", "machine", "vfs", "audited", "file", "reason")
    rows: list[Sequence[object]] = [
        (
            host.name,
            host.state,
            *(host.count(level) for level in (Level.FAIL, Level.SKIP, Level.WARN)),
            *(host.kernel, host.os, host.machine),
            sum(nic.numvfs or 0 for nic in host.nics),
            *(host.gathered_at, host.file, ""),
        )
        for host in fleet.hosts
    ]
    rows += [("", "UNREADABLE", *[""] * 8, one.file, one.reason) for one in fleet.broken]
    return head, rows


def _findings(fleet: Fleet) -> Rows:
    head = ("hosts", "level", "id", "title", "names")
    return head, ((len(o.hosts), o.level.name, o.id, o.title, " ".join(o.hosts)) for o in shared(fleet))


def _outliers(fleet: Fleet) -> Rows:
    head = ("host", "kind", "what", "value", "usual", "share", "known")
    return head, (
        (host, o.kind, o.what, o.value, o.usual, o.share, o.known) for o in outliers(fleet) for host in o.hosts
    )


def _cell(value: object) -> object:
    """A value as it may stand in a cell (OWASP, CSV injection)."""
    if not isinstance(value, str):
        return value
    shown = value.encode("utf-8", "backslashreplace").decode().replace("\0", "")
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@", "\t", "\r")) else shown
