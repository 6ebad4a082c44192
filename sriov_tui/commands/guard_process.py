"""The guard as a process: `sriov-tui guard RUN_DIR`.

Not for people: the engine launches it before a step that may cut the operator off. Where the engine dies, it
undoes the step at its time; where the engine does its work, it only watches and ends.
"""

from __future__ import annotations

import argparse
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from sriov_tui.commands.engine_process import in_background
from sriov_tui.hosts.host import Host
from sriov_tui.run import confirmation, store


def main(argv: Sequence[str] | None = None) -> int:
    """Watch one run until nothing waits for a confirmation."""
    parser = argparse.ArgumentParser(prog="sriov-tui guard")
    parser.add_argument("run_dir", type=Path)
    run_dir = parser.parse_args(argv).run_dir
    return in_background(run_dir, lambda host: _watch(run_dir, host))


def _watch(run_dir: Path, host: Host) -> None:
    lock = os.open(run_dir / store.GUARD, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    confirmation.guard(run_dir, host, confirmation.ALONE)
