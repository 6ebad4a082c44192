"""The hosts that should have an audit, as an inventory lists them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from sriov_tui.bounded import json_value, read_file
from sriov_tui.message import say
from sriov_tui.model import SriovError

if TYPE_CHECKING:
    from sriov_tui.fleet.hosts import FleetHost

LIMIT = 4 << 20  # bytes
MOST_VALUES = 500_000


def read_expected(path: Path) -> tuple[str, ...]:
    """The names in a file: a host a line (`#` begins a comment), or what `ansible-inventory --list` prints."""
    try:
        text = read_file(path, LIMIT)[0].decode()
        names = _of_inventory(json_value(text, MOST_VALUES)) if text.lstrip().startswith("{") else _of_lines(text)
    except OSError as error:
        raise SriovError(
            say("{file}: {reason}.", file=str(path), reason=error.strerror or str(error)),
            say("Name a file that you may read."),
        ) from error
    except (ValueError, AttributeError) as error:
        raise SriovError(
            say("{file} is not a list of hosts: {reason}.", file=str(path), reason=str(error)),
            say("Write a host a line, or save what `ansible-inventory --list` prints."),
        ) from error
    if not names:
        raise SriovError(say("{file} names no host.", file=str(path)), say("Write a host a line."))
    return tuple(dict.fromkeys(names))


def without_audit(expected: Iterable[str], hosts: Iterable[FleetHost]) -> tuple[str, ...]:
    """The expected hosts that no audit is of. An audit counts for its host name and for the name of its file."""
    known = {name for host in hosts for name in (host.hostname, PurePath(host.file).stem)}
    return tuple(name for name in expected if name not in known and name.partition(".")[0] not in known)


def _of_lines(text: str) -> list[str]:
    words = (line.partition("#")[0].strip() for line in text.splitlines())
    return [word for word in words if word]


def _of_inventory(document: Any) -> list[str]:
    """Every host that a group names; `_meta` has those with variables only."""
    named = [*document.get("_meta", {}).get("hostvars", {})]
    for group in document.values():
        named += group.get("hosts", []) if isinstance(group, dict) else []
    return [str(name) for name in named]
