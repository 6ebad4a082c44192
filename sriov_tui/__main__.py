"""Where the program begins: as root without what the caller's environment would have the interpreter load."""

import os
import sys
from typing import NoReturn

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main() -> NoReturn:
    """Run the command line, in a fresh interpreter where the caller has chosen what this one loads."""
    if os.geteuid() == 0:
        _isolate()
    from sriov_tui.cli import run

    run()


def _isolate() -> None:
    """Take PYTHONPATH, LD_PRELOAD and their kind out of the environment, and begin anew without what they loaded.

    What they loaded has run by then: only sudo, which takes them out (env_reset), keeps somebody else from that.
    """
    ours = os.environ.pop("PYTHONPATH", "") if os.environ.get("PYTHONPATH") == TREE else ""
    from sriov_tui.hosts import programs

    if programs.disarm(os.environ) - programs.HARMLESS and not ours:
        argv = [sys.executable, "-s", "-P", "-m", "sriov_tui", *sys.argv[1:]]
        os.execve(sys.executable, argv, {**os.environ, "PYTHONPATH": TREE})


if __name__ == "__main__":
    main()
