"""host.conf: reading it as the host-agent does, and changing it as text."""

from __future__ import annotations

from sriov_tui.hostconf.edit import diff, edit
from sriov_tui.hostconf.host import reading_of, reading_of_text
from sriov_tui.hostconf.networks import Network, parse_entry
from sriov_tui.hostconf.reader import read
from sriov_tui.hostconf.rename import rename
from sriov_tui.hostconf.shapes import LISTS, Fault, Options, Place, Reading

__all__ = [
    "LISTS",
    "Fault",
    "Network",
    "Options",
    "Place",
    "Reading",
    "diff",
    "edit",
    "parse_entry",
    "read",
    "reading_of",
    "reading_of_text",
    "rename",
]
