"""The simulated kernel log, as `dmesg` and `journalctl -k` print it."""

from __future__ import annotations

from dataclasses import replace

from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine

DMESG, JOURNAL = "dmesg", "journalctl -k -b 0 --no-pager -o cat"


def clear(machine: Machine) -> None:
    """Empty the log, as a boot does; a machine whose log may not be read stays so."""
    for query in (DMESG, JOURNAL):
        if machine.queries.get(query, Completed(0, "", "")).status == 0:
            machine.queries[query] = Completed(0, "", "")


def log(machine: Machine, line: str) -> None:
    """Add one line; the time stamps only count the lines."""
    for query in (DMESG, JOURNAL):
        done = machine.queries.get(query)
        if done is not None and done.status == 0:
            stamp = f"[{done.out.count(chr(10)) / 100:12.6f}] " if query == DMESG else ""
            machine.queries[query] = replace(done, out=f"{done.out}{stamp}{line}\n")
