"""`python -m tools.commit_subject FILE`: the rule for the first line of a commit message, as a git hook calls it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

LONGEST = 72  # characters: `git log --oneline` then fits a terminal of 80 columns
MADE_BY_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ")
PAST = re.compile(r"(?:Added|Fixed|Changed|Removed|Updated|Made|Moved|Renamed|Adds|Fixes|Changes|Removes|Updates)\b")


def faults(message: str) -> list[str]:
    """What is wrong with the subject of this message; nothing with those that git makes itself."""
    lines = [line for line in message.splitlines() if not line.startswith("#")]
    subject = lines[0] if lines else ""
    if subject.startswith(MADE_BY_GIT):
        return []
    found = []
    if len(subject) > LONGEST:
        found.append(f"it has {len(subject)} characters; at most {LONGEST}")
    if not subject[:1].isalnum() or subject[:1].islower():
        found.append("it does not begin with a capital")
    if subject.endswith("."):
        found.append("it ends with a full stop")
    if PAST.match(subject):
        found.append('it is not imperative: "Add", not "Added" or "Adds"')
    if len(lines) > 1 and lines[1].strip():
        found.append("the line below it is not empty")
    return found


def main() -> int:
    """Print what is wrong; 1 where something is."""
    found = faults(Path(sys.argv[1]).read_text("utf-8"))
    for fault in found:
        print(f"commit subject: {fault}.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
