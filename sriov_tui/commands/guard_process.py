"""The guard as a process: `sriov-tui guard RUN_DIR`.

Not for people: the engine launches it before a step that may cut the operator off. Where the engine dies, it
undoes the step at its time; where the engine does its work, it only watches and ends.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from sriov_tui.commands.engine_process import detach
from sriov_tui.hosts.os_errors import sentence
from sriov_tui.model import SriovError
from sriov_tui.run import confirmation, store
from sriov_tui.services.machine import open_host


def main(argv: Sequence[str] | None = None) -> int:
    """Watch one run until nothing waits for a confirmation."""
    parser = argparse.ArgumentParser(prog="sriov-tui guard")
    parser.add_argument("run_dir", type=Path)
    run_dir = parser.parse_args(argv).run_dir
    detach(run_dir)
    try:
        lock = os.open(run_dir / store.GUARD, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        store.check_run(run_dir)
        host = open_host(store.read_spec(run_dir))
        fcntl.flock(lock, fcntl.LOCK_EX)
        confirmation.guard(run_dir, host, confirmation.ALONE)
    except SriovError as error:
        print(f"{error.title}\n{error.hint}".strip(), file=sys.stderr)
        return 1
    except OSError as error:
        told = sentence(error)
        print(f"{told.title}\n{told.hint}", file=sys.stderr)
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    return 0
