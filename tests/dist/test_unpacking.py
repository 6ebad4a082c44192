"""Where the file unpacks itself: for nobody else to write, gone at the end, and what is said where it cannot."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

import sriov_tui
from tests.dist.one_file import FILE, TOP, Done, good, mounted, run, unpacked
from tests.terminal.tty import Tty

IDLE = str(TOP / "tests/hosts/lab-idle")
FIRST = "sriov-tui: there is no folder into which it can unpack itself.\n"
LAST = """\
It needs 50 MB while it runs, in a folder that is not mounted noexec. Name one:
  TMPDIR=/path/to/folder sriov-tui
"""
# The usual hardening: nothing runs from where everyone may write.
HARDENED = """
for folder in /var/tmp /dev/shm; do mount -t tmpfs -o noexec none "$folder"; done
mount -t tmpfs -o "$1" none /tmp
mount -t tmpfs -o "$2" none /run
mount -o remount,bind,ro /
shift 2; unset TMPDIR; "$@"; status=$?
find /tmp /var/tmp /dev/shm /run -name 'staticx-*' -o -name '_MEI*' -o -name 'sriov-tui-??????'
exit $status
"""


def hardened(tmp: str, run_options: str, *arguments: str, told: Mapping[str, str] | None = None) -> Done:
    """Run the file where /tmp and /run are mounted like this, and nothing else serves."""
    script = HARDENED if told is None else HARDENED.replace("unset TMPDIR;", "")
    return run(mounted(script, tmp, run_options, FILE, *arguments), told)


def test_while_it_runs_and_afterwards(environment: dict[str, str]) -> None:
    place = Path(environment["TMPDIR"])
    with Tty(command=(str(FILE), "--demo"), environment=environment) as tty:
        tty.wait_for("Set up")
        folders = unpacked(place)
        assert len(folders) == 1
        assert {folder.stat().st_mode & 0o077 for folder in folders} == {0}
        (names,) = place.glob("*/_MEI*/sriov_tui/hosts/pci.ids")
        assert b"82576 Gigabit Network Connection" in names.read_bytes()
        for folder in folders:
            _check_lock(folder)
        tty.press("f10")
        assert tty.end() == 0


def _check_lock(folder: Path) -> None:
    """systemd-tmpfiles leaves a folder alone that is locked."""
    held = os.open(folder, os.O_RDONLY)
    try:
        with pytest.raises(BlockingIOError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(held)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_nothing_is_left_by_a_signal_to_the_first_process(environment: dict[str, str], number: signal.Signals) -> None:
    with Tty(command=(str(FILE), "--demo"), environment=environment) as tty:
        tty.wait_for("Set up")
        assert tty.end(number) in (128 + number, -number)  # the same to a shell
        assert b"\x1b[?1049l" in tty.sent, "the terminal was not restored"


def test_ctrl_c_counts_once(environment: dict[str, str]) -> None:
    with Tty(command=(str(FILE), "audit", "--watch"), environment=environment) as tty:
        tty.wait_for("Ctrl-C")
        tty.press("\x03")
        assert tty.end() == 2
        assert "Traceback" not in tty.picture()


@pytest.mark.usefixtures("root_only")
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("noexec", "it is mounted noexec"),
        ("ro", "Read-only file system"),
        ("size=47M", "49 MB are free"),
        ("size=60M,nr_inodes=100", "it has no room for more files"),
    ],
)
def test_where_no_folder_serves_each_is_told_with_the_reason(options: str, reason: str) -> None:
    done = hardened(options, "noexec", "--version", told={"TMPDIR": "/none"})
    tried = [
        "/none: No such file or directory",
        f"/tmp: {reason}",
        *(f"{folder}: it is mounted noexec" for folder in ("/var/tmp", "/run", "/dev/shm")),
        "/: Read-only file system",
    ]
    told = FIRST + "".join(f"  {line}\n" for line in tried) + LAST
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


@pytest.mark.usefixtures("root_only")
def test_the_room_that_it_asks_for_is_enough() -> None:
    done = hardened("size=50000k,nr_inodes=210", "noexec", "audit", "--host", IDLE)
    assert (done.returncode, done.stderr) == (2, "")


@pytest.mark.usefixtures("root_only")
def test_it_finds_another_folder_by_itself() -> None:
    version = f"sriov-tui {sriov_tui.__version__}\n"
    assert good(hardened("noexec", "size=60M", "--version")) == version
    assert good(hardened("size=20M", "size=60M", "--version", told={"TMPDIR": "here"})) == version
