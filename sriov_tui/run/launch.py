"""Starting the engine as a process that outlives the terminal, the login and the program that starts it.

Beside `local` and `pager` of `sriov_tui.hosts` the only module that may import subprocess.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sriov_tui.hosts import programs
from sriov_tui.hosts.os_errors import told
from sriov_tui.hosts.ssh_connection import HANDED, connection
from sriov_tui.message import say
from sriov_tui.model import SriovError

SYSTEMD_RUNS = Path("/run/systemd/system")
# How this program is started again; the one file puts its own here (packaging/start.py).
# -s and -P: no module comes from the user's own folder or from the working directory.
PROGRAM: Sequence[str] = (sys.executable, "-s", "-P", "-m", "sriov_tui")
ENVIRONMENT: Mapping[str, str] = {"PYTHONPATH": str(Path(__file__).parents[2])}


def engine_argv(run_dir: Path, *options: str) -> list[str]:
    """The command line of the engine process for a run."""
    return [*PROGRAM, "engine", str(run_dir.absolute()), *options]


def guard_argv(run_dir: Path) -> list[str]:
    """The command line of the process that watches over a step to be confirmed."""
    return [*PROGRAM, "guard", str(run_dir.absolute())]


@told
def launch(argv: Sequence[str], log: Path, unit: str = "") -> Callable[[], bool]:
    """Start a detached process and return a function that tells whether it may still be starting.

    With the name of a `unit`, and where systemd is the init and we are root, it becomes a transient service, so
    that the end of the login does not end it (logind's KillUserProcesses). Else, or where systemd is too old for
    that, it gets a session of its own. What it prints before it opens its log itself goes to `log` as well.
    """
    environment = {**programs.of_ours(os.environ), **ENVIRONMENT, HANDED: connection()}
    if unit and os.geteuid() == 0 and SYSTEMD_RUNS.is_dir() and _as_unit(argv, unit, environment):
        return lambda: True
    fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=fd,
            stderr=fd,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise SriovError(
            say("{argv} cannot be started: {strerror}.", argv=argv[0], strerror=error.strerror),
            say("Nothing was started. Start sriov-tui again, then run the same command."),
        ) from error
    finally:
        os.close(fd)
    return lambda: child.poll() is None


def _as_unit(argv: Sequence[str], unit: str, environment: Mapping[str, str]) -> bool:
    settings = [f"--setenv={name}={value}" for name, value in environment.items()]
    program = programs.locate("systemd-run")
    if program is None:
        return False
    command = [program, "--quiet", "--collect", f"--unit={unit}", *settings, "--", *argv]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False, env=programs.ENVIRONMENT
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
