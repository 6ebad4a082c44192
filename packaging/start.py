"""Where the one file begins in Python: the boot loaders of staticx and PyInstaller unpacked it and started this."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from sriov_tui import cli
from sriov_tui.hosts import programs
from sriov_tui.run import launch

INHERITED = ("_PYI", "STATICX_", "SRIOV_TUI_")
PR_SET_PDEATHSIG = 1  # prctl(2)


def main() -> NoReturn:
    """Clean up after the boot loaders, then be `sriov-tui`."""
    turn = int(os.environ["SRIOV_TUI_START"])
    fcntl.flock(turn, fcntl.LOCK_UN)  # all is unpacked: the next start may begin, though the boot loaders hold it open
    os.close(turn)
    room = os.environ["SRIOV_TUI_ROOM"]
    launch.PROGRAM = (os.environ["STATICX_PROG_PATH"],)
    launch.ENVIRONMENT = {"TMPDIR": room}  # the engine looks there first for room to unpack
    for name in [name for name in os.environ if name.startswith(INHERITED)]:
        del os.environ[name]  # it was for this process; what we start belongs to the host
    programs.disarm(os.environ)  # LD_LIBRARY_PATH among them
    os.environ["TMPDIR"] = room
    if not (len(sys.argv) > 1 and sys.argv[1] in cli.PROCESSES):
        # kill -9 of a boot loader ends the program, too; the engine goes on, as its work must not be cut
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup wants it
            signal.signal(number, _end)
    cli.run()


def _end(number: int, _frame: FrameType | None) -> None:
    """Once: who signals all processes sends it four times, as each of the three above passes it on."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)


if __name__ == "__main__":
    main()
