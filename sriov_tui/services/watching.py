"""What a change of the machine changes for the checks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sriov_tui.hosts.host import Watcher
from sriov_tui.message import say
from sriov_tui.model import Finding, SriovError

QUIET = 0.2  # seconds without an event after which a burst is over: 64 VFs come as hundreds of events
MOST = 3.0  # seconds after which a burst is looked at although it goes on


@dataclass(frozen=True, slots=True)
class Change:
    """A finding that came (`was` None), went (`now` None), or says something else than before."""

    was: Finding | None
    now: Finding | None

    @property
    def finding(self) -> Finding:
        """The newer of the two."""
        found = self.now or self.was
        assert found is not None
        return found


def settled(watcher: Watcher, quiet: float = QUIET, most: float = MOST) -> bool:
    """Wait for the next change and until it is quiet again; False where watching was ended."""
    if not watcher.wait():
        return False
    end = time.monotonic() + most
    while (left := end - time.monotonic()) > 0 and watcher.wait(min(quiet, left)):
        pass
    return True


def compare(before: Sequence[Finding], after: Sequence[Finding]) -> tuple[Change, ...]:
    """What went, then what came or says something else, each in the order of the checks."""
    old, new = ({finding.key: finding for finding in findings} for findings in (before, after))
    gone = [Change(finding, None) for key, finding in old.items() if key not in new]
    other = [Change(old.get(key), finding) for key, finding in new.items() if _differs(old.get(key), finding)]
    return (*gone, *other)


def _differs(was: Finding | None, now: Finding) -> bool:
    return was is None or (was.level, was.title) != (now.level, now.title)


def level_words(change: Change) -> str:
    """The level before and now, as in "OK   -> FAIL"; "-" where there was or is none."""
    was, now = (finding.level.name if finding else "-" for finding in (change.was, change.now))
    return f"{was:<4} -> {now:<4}"


def open_watcher(spec: str) -> Watcher:
    """Follow the events of the machine of this specification; SriovError where it has none."""
    if spec != "local":
        raise SriovError(
            say("Only the machine itself can be followed: a recording does not change."), say("Leave --host out.")
        )
    from sriov_tui.hosts.watcher import LocalWatcher

    return LocalWatcher()
