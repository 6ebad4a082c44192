"""How old an audit is: what was true last month says little about today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sriov_tui.message import NOTHING, Message, plural, say

STALE_DAYS = 7
SKEW = timedelta(hours=1)  # how far the clocks of a host and of this machine may differ


def time_of(text: str) -> datetime | None:
    """The time that an audit gives, in UTC; None where it gives none. Without a time zone it is taken for UTC."""
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def shown(text: str) -> str:
    """The time of an audit to the minute and in UTC, whatever zone the host is in; "" where there is none."""
    found = time_of(text)
    return "" if found is None else f"{found:%Y-%m-%d %H:%M} UTC"


def stale(text: str, now: datetime, days: int = STALE_DAYS) -> Message:
    """Why an audit of this time says nothing about today, or NOTHING."""
    found = time_of(text)
    if found is None:
        return say("The time of this audit is unknown.")
    if found > now + SKEW:
        return say("This audit is from the future ({time}). Check the clock of the host.", time=shown(text))
    old = (now - found).days
    return plural("This audit is 1 day old.", "This audit is {count} days old.", old) if old >= days else NOTHING
