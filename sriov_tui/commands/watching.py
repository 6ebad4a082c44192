"""`sriov-tui audit --watch`: the audit, then each change of it as it comes, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from sriov_tui.codec import encode
from sriov_tui.commands import common
from sriov_tui.hosts.host import Watcher
from sriov_tui.language import _
from sriov_tui.message import say
from sriov_tui.model import SriovError
from sriov_tui.reports.audit import Report, to_text
from sriov_tui.services.watching import Change, compare, level_words, settled

FORMATS = ("text", "json")
VERSION = 1  # of the documents
HOW = say("Watching for changes. Ctrl-C ends.")


def check_format(form: str) -> None:
    """SriovError for a format that has an end."""
    if form not in FORMATS:
        raise SriovError(
            say("--format {form} is for a whole report, and --watch has no end.", form=form), say("Use text or json.")
        )


def watch(watcher: Watcher, look: Callable[[], Report], form: str) -> bool:
    """Print the audit, then what changes; whether the machine was ready when that was ended.

    In JSON each line is a document: the first has every finding as one that came.
    """
    ready = False
    with _ended_by_sigterm(), _closing(watcher):
        try:
            report = look()
            ready = report.ready
            _say(
                [_document(report, compare((), report.findings))] if form == "json" else [*to_text(report), "", _(HOW)]
            )
            while settled(watcher):
                before, report = report, look()
                ready = report.ready
                if changes := compare(before.findings, report.findings):
                    _say([_document(report, changes)] if form == "json" else _lines(report, changes))
        except KeyboardInterrupt:
            return ready
    return ready


def _lines(report: Report, changes: Iterable[Change]) -> list[str]:
    lines = []
    for change in changes:
        finding = change.finding
        title = _(finding.title if change.now else say("(gone) {title}", title=finding.title))
        lines.append(
            f"{report.facts.gathered_at}  {level_words(change)}  {finding.id:<26} {finding.subject:<14} {title}"
        )
    return lines


def _document(report: Report, changes: Iterable[Change]) -> str:
    listed = [
        {
            "was": change.was and change.was.level.name,
            "now": change.now and change.now.level.name,
            "finding": encode(change.finding),
        }
        for change in changes
    ]
    facts = report.facts
    document = {"host": facts.hostname, "at": facts.gathered_at, "ready": report.ready, "changes": listed}
    return json.dumps({"version": VERSION} | document)


def _say(lines: Iterable[str]) -> None:
    common.print_lines(lines)
    sys.stdout.flush()


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Meanwhile SIGTERM does what Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _closing(watcher: Watcher) -> Iterator[None]:
    try:
        yield
    finally:
        watcher.close()
