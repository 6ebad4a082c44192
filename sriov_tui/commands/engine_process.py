"""The engine as a process: `sriov-tui engine RUN_DIR [--rollback [--force] [--step ID]]`.

Not for people: `apply`, `resume`, `rollback` and the wizard launch it. It opens the machine that the run names,
holds the lock while it works, and puts what it prints into engine.log beside the journal.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sriov_tui.hosts.host import Host
from sriov_tui.hosts.os_errors import sentence
from sriov_tui.model import SriovError
from sriov_tui.probe import gather
from sriov_tui.run import confirmation, engine, rollback, store
from sriov_tui.services.machine import open_host


def main(argv: Sequence[str] | None = None) -> int:
    """Apply, resume or take back one run; exit status 0 where an outcome is in the journal."""
    parser = argparse.ArgumentParser(prog="sriov-tui engine")
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("--rollback", action="store_true")
    parser.add_argument("--force", action="store_true")
    parser.add_argument("--step", default="")
    args = parser.parse_args(argv)
    return in_background(args.run_dir, lambda host: _locked(args, host))


def in_background(run_dir: Path, work: Callable[[Host], None]) -> int:
    """Do the work of a process that nobody watches; what went wrong is in engine.log, and the exit status is 1."""
    detach(run_dir)
    try:
        store.check_run(run_dir)
        work(open_host(store.read_spec(run_dir)))
    except SriovError as error:
        print(f"{error.title}\n{error.hint}".strip(), file=sys.stderr)
    except OSError as error:
        told = sentence(error)
        print(f"{told.title}\n{told.hint}", file=sys.stderr)
    except Exception:
        traceback.print_exc()
    else:
        return 0
    return 1


def _locked(args: argparse.Namespace, host: Host) -> None:
    with store.locked(args.run_dir):
        _work(args, host)


def _work(args: argparse.Namespace, host: Host) -> None:
    """Do it, then keep how the host stands: under the same lock, so that whoever waited for it finds all of it."""
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: ended.append(number))
    after = args.run_dir / store.FACTS_AFTER
    after.unlink(missing_ok=True)
    watch = confirmation.Watch(guard=lambda: store.launch_guard(args.run_dir))
    try:
        if args.rollback:
            rollback.rollback(args.run_dir, host, args.force, args.step, lambda: bool(ended), watch)
        else:
            engine.apply(args.run_dir, host, lambda: gather(host), lambda: bool(ended), watch)
    finally:
        with suppress(SriovError, OSError):
            store.write_facts(after, gather(host))


def detach(run_dir: Path) -> None:
    """Nothing of a terminal may reach us: its hang-up, its keys, its being gone."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):  # a full disk must not keep anybody from going back
        log = os.open(run_dir / store.LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
