"""An audit without what tells when and from what it was read: all else must be the same everywhere."""

from __future__ import annotations

CLOCK = ("source", "gathered_at")  # of the JSON, a line each; of the text it is the first line


def timeless(form: str, printed: str) -> str:
    """What `audit --format text` or `json` printed, without the lines of the source and of the clock."""
    if form == "text":
        return printed.partition("\n")[2]
    lines = printed.splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(tuple(f' "{name}": ' for name in CLOCK))]
    assert len(lines) - len(kept) == len(CLOCK), printed[:400]
    return "".join(kept)
