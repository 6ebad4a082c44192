"""Each record of what was there before an act carries its digest: a bit that the disk lost is never put back."""

from __future__ import annotations

import hashlib
import json

from sriov_tui.message import say
from sriov_tui.model import SriovError

SUM = "sum"


def sealed(record: dict[str, str]) -> dict[str, str]:
    """The record with its digest."""
    return record | {SUM: _digest(record)}


def check(record: dict[str, str]) -> None:
    """SriovError where a record is not as it was written; older versions wrote none of these digests."""
    if SUM in record and record[SUM] != _digest(record):
        raise SriovError(
            say(
                "The record of what was there before is damaged: {path}",
                path=record.get("path", record.get("undo", "")),
            ),
            say("It was left as it is. Put it back by hand, from a backup; look at `dmesg | tail` for a failing disk."),
        )


def _digest(record: dict[str, str]) -> str:
    text = json.dumps({key: value for key, value in record.items() if key != SUM}, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
