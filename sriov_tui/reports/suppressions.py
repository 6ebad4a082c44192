"""Findings that somebody has accepted, with a reason: they are shown, and do not count."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from sriov_tui.bounded import read_file, toml
from sriov_tui.codec import DecodeError, decode
from sriov_tui.message import Message, say, verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level, SriovError

VERSION = 1
LIMIT = 256 << 10  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One `[[suppress]]` table: `subject` "" means every subject, `expires` the last day on which it counts."""

    id: str
    reason: str
    subject: str = ""
    expires: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.id, self.subject)))

    def means(self, finding: Finding) -> bool:
        """Whether it is about this finding."""
        return self.id == finding.id and self.subject in ("", finding.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionFile:
    """The whole file; see `load`."""

    version: int = VERSION
    suppress: tuple[Suppression, ...] = ()


def load(path: str) -> tuple[Suppression, ...]:
    """The suppressions in a TOML file; SriovError names the file, the place and the reason."""
    hint = say("Each [[suppress]] has an id and a reason; subject and expires (2027-01-31) may be left out.")
    try:
        found = decode(SuppressionFile, _dates_as_text(toml(read_file(path, LIMIT)[0])))
    except OSError as error:
        raise SriovError(
            verbatim(f"{path}: {error.strerror}."), say("Name the file that holds the suppressions.")
        ) from error
    except DecodeError as error:
        raise SriovError(verbatim(f"{path}: {error}."), hint) from error
    except ValueError as error:
        raise SriovError(say("{path} is not a TOML file: {error}.", path=path, error=str(error)), hint) from error
    if found.version != VERSION:
        raise SriovError(
            say("{path}: version {version} is not known.", path=path, version=found.version),
            say("This sriov-tui reads version {version}.", version=VERSION),
        )
    for number, entry in enumerate(found.suppress):
        _check(entry, f"{path}: suppress[{number}]", hint)
    return found.suppress


def split(
    findings: Sequence[Finding], suppressions: Sequence[Suppression], today: str
) -> tuple[tuple[Finding, ...], tuple[tuple[Finding, Suppression], ...]]:
    """The findings that count, and those that are suppressed on this day (ISO date) with what suppresses them."""
    valid = [entry for entry in suppressions if not _expired(entry, today)]
    counting: list[Finding] = []
    suppressed: list[tuple[Finding, Suppression]] = []
    for finding in findings:
        entry = next((entry for entry in valid if entry.means(finding)), None)
        if entry is None or finding.level is Level.OK:
            counting.append(finding)
        else:
            suppressed.append((finding, entry))
    return tuple(counting), tuple(suppressed)


def findings_about(
    suppressions: Sequence[Suppression],
    findings: Sequence[Finding],
    today: str,
    known: Collection[str],
    nearest: Callable[[str], str],
) -> Iterator[Finding]:
    """What is wrong with the suppressions themselves: unknown ids, dates that are over, and no finding to suppress."""
    for entry in dict.fromkeys(suppressions):
        given = Evidence("the file of suppressions", f"{entry}: {entry.reason}")
        if entry.id not in known:
            near = nearest(entry.id)
            yield Finding(
                id="audit.suppression-unknown",
                level=Level.WARN,
                subject=str(entry),
                title=say("There is no check {id}, so nothing is suppressed.", id=entry.id),
                evidence=(given,),
                fix=Fix(
                    title=say("Did you mean {near}?", near=near)
                    if near
                    else say("`sriov-tui audit --list` shows every id.")
                ),
            )
        elif _expired(entry, today):
            yield Finding(
                id="audit.suppression-expired",
                level=Level.WARN,
                subject=str(entry),
                title=say(
                    "The suppression of {entry} has expired on {expires}: the finding counts again.",
                    entry=str(entry),
                    expires=entry.expires,
                ),
                evidence=(given,),
                fix=Fix(title=say("Fix the finding, or review the reason and set a new date.")),
            )
        elif not any(entry.means(finding) and finding.level > Level.OK for finding in findings):
            yield Finding(
                id="audit.suppression-unused",
                level=Level.INFO,
                subject=str(entry),
                title=say("Suppression {entry} matches nothing on this host.", entry=str(entry)),
                evidence=(given,),
                fix=Fix(title=say("Remove it, unless other hosts need it.")),
            )


def _expired(entry: Suppression, today: str) -> bool:
    return bool(entry.expires) and entry.expires < today


def _check(entry: Suppression, where: str, hint: Message) -> None:
    if not entry.reason.strip():
        raise SriovError(
            say("{where}: the reason is empty.", where=where), say("Write why this finding is accepted, and by whom.")
        )
    if not entry.expires:
        return
    try:
        plain = datetime.date.fromisoformat(entry.expires).isoformat() == entry.expires
    except ValueError:
        plain = False
    if not plain:
        raise SriovError(
            say(
                "{where}.expires: {expires} is no date of the form 2027-01-31.",
                where=where,
                expires=repr(entry.expires),
            ),
            hint,
        )


def _dates_as_text(value: object) -> object:
    """TOML has dates of its own: `expires = 2027-01-31` means the same with quotes and without."""
    if isinstance(value, dict):
        return {key: _dates_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value
