"""The notes of a release, from the change log: notes.py CHANGELOG VERSION. It fails where there is no section on it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

CHECK = """\
## Check what you got

```sh
sha256sum --ignore-missing -c SHA256SUMS
gpg --verify SHA256SUMS.asc SHA256SUMS      # where the release is signed
```
"""


def notes(changes: str, version: str) -> str:
    """The section of this version under a heading of its own, and how to check the files."""
    found = re.search(rf"^## {re.escape(version)}(?: [^\n]*)?\n(.*?)(?=^## |\Z)", changes, re.MULTILINE | re.DOTALL)
    if not found or not found[1].strip():
        sys.exit(f"CHANGELOG.md has no section on {version}: write one, headed ## {version} (date)")
    if "not released" in found[0].splitlines()[0]:
        sys.exit(f"CHANGELOG.md says that {version} is not released: put the date there")
    return f"# sriov-tui {version}\n\n{found[1].strip()}\n\n{CHECK}"


if __name__ == "__main__":
    sys.stdout.write(notes(Path(sys.argv[1]).read_text("utf-8"), sys.argv[2]))
