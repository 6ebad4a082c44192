"""What became better or worse since the audits before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sriov_tui.fleet.hosts import Fleet, FleetHost
from sriov_tui.model import Finding, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A finding of a host whose level changed, WARN or worse before or now; None = it was, or is, not there."""

    host: str
    id: str
    subject: str
    was: Level | None
    now: Level | None
    title: str


def changes(before: Fleet, now: Fleet) -> tuple[Change, ...]:
    """Of the hosts that both have: what became worse first, then by host and id."""
    earlier = {host.name: host for host in before.hosts}
    found = [one for host in now.hosts if host.name in earlier for one in _of(earlier[host.name], host)]
    return tuple(sorted(found, key=lambda one: ((one.was or 0) >= (one.now or 0), one.host, one.id, one.subject)))


def _of(before: FleetHost, now: FleetHost) -> Iterator[Change]:
    old, new = _worst(before), _worst(now)
    for id, subject in {**old, **new}:
        was, is_now = old.get((id, subject)), new.get((id, subject))
        levels = (was.level if was else None, is_now.level if is_now else None)
        if levels[0] != levels[1] and max(level or Level.OK for level in levels) >= Level.WARN:
            title = (is_now or was or now.findings[0]).title
            yield Change(host=now.name, id=id, subject=subject, was=levels[0], now=levels[1], title=title)


def _worst(host: FleetHost) -> Mapping[tuple[str, str], Finding]:
    """A host's findings by id and subject; of several the worst."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in sorted(host.findings, key=lambda finding: finding.level):
        found[finding.id, finding.subject] = finding
    return found
