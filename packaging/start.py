"""Where the one file begins in Python: the boot loaders of staticx and PyInstaller unpacked it and started this."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from types import FrameType

from sriov_tui import cli
from sriov_tui.run import launch

INHERITED = ("_PYI", "STATICX_", "LD_LIBRARY_PATH")


def main() -> int:
    """Clean up after the boot loaders, then be `sriov-tui`."""
    launch.PROGRAM = (os.environ["STATICX_PROG_PATH"],)
    launch.ENVIRONMENT = {"TMPDIR": os.environ["TMPDIR"]}  # the engine looks there first for room to unpack
    for name in [name for name in os.environ if name.startswith(INHERITED)]:
        del os.environ[name]  # it was for this process; what we start belongs to the host
    for folder in (os.path.dirname(sys.executable), sys._MEIPASS):  # type: ignore[attr-defined]
        # systemd-tmpfiles leaves a folder alone that is locked, however old it is.
        fcntl.flock(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_SH)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup wants it
            signal.signal(number, _end)
    return cli.main()


def _end(number: int, _frame: FrameType | None) -> None:
    """Once, and not at once: who signals all three processes sends it three times, as both boot loaders pass it on.

    Where the program dies before the last one came, that one kills a boot loader that is still cleaning up.
    """
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
