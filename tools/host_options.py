"""`python -m tools.host_options OPTIONS.jsonl` writes sriov_tui/hostconf/table.py: the options of the host-agent.

One JSON object a line, as the agent's own option parser lists them: token, alias, go (its Go type), choices, and
base, for an option that the ConfigMap's file may have, too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "sriov_tui" / "hostconf" / "table.py"
HEAD = '''"""The host-agent's options; written by `python -m tools.host_options`, do not edit.

One a line: token, Go type, then its alias and its choices where it has any. From the option structs of Cloudpods'
pkg/hostman/options/options.go and pkg/cloudcommon/options/options.go.
"""

'''


def module(rows: list[dict[str, Any]]) -> str:
    """The text of the module for these options, in their order."""
    return (
        HEAD
        + _block("BASE", [row for row in rows if row["base"]])
        + _block("HOST", [row for row in rows if not row["base"]])
    )


def _block(name: str, rows: list[dict[str, Any]]) -> str:
    return f'{name} = """\n' + "".join(f"{_line(row)}\n" for row in rows) + '"""\n'


def _line(row: dict[str, Any]) -> str:
    parts = [row["token"], row["go"]]
    if row["alias"]:
        parts.append(f"alias={row['alias']}")
    if row["choices"]:
        parts.append(f"choices={'|'.join(row['choices'])}")
    return " ".join(parts)


def read(path: Path) -> list[dict[str, Any]]:
    """The options of a file, in its order."""
    return [json.loads(line) for line in path.read_text().splitlines()]


if __name__ == "__main__":
    TABLE.write_text(module(read(Path(sys.argv[1]))))
