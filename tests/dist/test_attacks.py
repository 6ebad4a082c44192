"""Starts that are cut, broken files, other users' folders: nothing is left, and a failure never looks like an answer.

SRIOV_TUI_STARTS sets how many starts are cut at random moments, and a tenth of it how many run at once.
"""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import sriov_tui
from tests.dist.one_file import FILE, good, mounted, run, unpacked, until
from tests.dist.test_unpacking import FIRST, HARDENED

STARTS = int(os.environ.get("SRIOV_TUI_STARTS") or "40")
VERSION = f"sriov-tui {sriov_tui.__version__}\n"
ENDING = [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM, signal.SIGXCPU]
OTHER = 65534  # a user that is not us


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder to unpack into that only we may write, so that it serves; nothing is left there."""
    folder = tmp_path / "place"
    folder.mkdir(mode=0o700)
    yield folder
    assert [*folder.iterdir()] == []


def start(place: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """The file, in a session of its own."""
    return subprocess.Popen(
        [str(FILE), *arguments],
        env={"TMPDIR": str(place), "PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def chain(first: int) -> list[int]:
    """This process and those below it, each the only child of the one before."""
    found = [first]
    while True:
        children = Path(f"/proc/{found[-1]}/task/{found[-1]}/children").read_text().split()
        if not children:
            return found
        found.append(int(children[0]))


def alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_is_left_of_starts_that_are_cut_at_random_moments(place: Path) -> None:
    chosen = random.Random(19)
    for _ in range(STARTS):
        process = start(place, "--version")
        time.sleep(chosen.uniform(0.0, 0.8))
        process.send_signal(chosen.choice(ENDING))
        process.wait(timeout=60)
        assert unpacked(place) == []


def test_what_a_killed_start_leaves_goes_at_the_next(place: Path) -> None:
    chosen = random.Random(20)
    for _ in range(max(STARTS // 10, 3)):
        process = start(place, "--version")
        time.sleep(chosen.uniform(0.0, 0.8))
        process.kill()
        process.wait(timeout=60)
    until(lambda: not any(_held(folder) for folder in unpacked(place)))
    assert good(run([FILE, "--version"], {"TMPDIR": str(place)})) == VERSION


def _held(folder: Path) -> bool:
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(opened)
    return False


def test_many_starts_at_once_all_work(place: Path) -> None:
    processes = [start(place, "--version") for _ in range(max(STARTS // 10, 4))]
    assert {process.wait(timeout=600) for process in processes} == {0}


@pytest.mark.parametrize("which", range(4))
def test_the_program_ends_when_a_loader_is_killed(place: Path, which: int) -> None:
    process = start(place, "audit", "--watch")
    try:
        until(lambda: len(chain(process.pid)) == 4 and b"sriov" in _cmdline(chain(process.pid)[-1]))
        time.sleep(2)  # until Python has taken over
        pids = chain(process.pid)
        os.kill(pids[which], signal.SIGKILL)
        process.wait(timeout=60)
        until(lambda: not any(alive(pid) for pid in pids))
    finally:
        process.kill()
        process.wait(timeout=60)
    assert good(run([FILE, "--version"], {"TMPDIR": str(place)})) == VERSION


def _cmdline(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.usefixtures("root_only")
def test_starts_at_once_do_not_take_each_others_room() -> None:
    script = HARDENED.replace('shift 2; unset TMPDIR; "$@"; status=$?', PARALLEL)
    done = run(mounted(script, "size=60M", "noexec", FILE, "--version"))
    lines = done.stdout.splitlines()
    ended = [line for line in lines if line.startswith("ended ")]
    assert len(ended) == 4
    assert {*ended} <= {"ended 0", "ended 1"}
    assert "ended 0" in ended
    assert done.stderr.count(FIRST) == ended.count("ended 1")
    assert [line for line in lines if line.startswith("/")] == []


PARALLEL = """shift 2; unset TMPDIR
for number in 1 2 3 4; do ( status=0; "$@" || status=$?; echo "ended $status" ) & done; wait; status=0"""


def broken(tmp_path: Path, at: float) -> Path:
    """A copy of the file with 64 KiB of nothing at this part of it."""
    data = bytearray(FILE.read_bytes())
    begin = int(len(data) * at)
    data[begin : begin + 65536] = bytes(65536)
    copy = tmp_path / "broken"
    copy.write_bytes(data)
    copy.chmod(0o755)
    return copy


@pytest.mark.parametrize("at", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95])
def test_a_broken_file_ends_with_1_and_says_so(place: Path, tmp_path: Path, at: float) -> None:
    done = run([broken(tmp_path, at), "audit"], {"TMPDIR": str(place)})
    assert done.returncode in (1, 2)
    if done.returncode == 1:
        assert done.stderr
    else:
        assert "Not ready." in done.stdout, done  # what was broken was not needed


def test_a_cut_file_ends_with_1_and_says_so(place: Path, tmp_path: Path) -> None:
    copy = tmp_path / "cut"
    data = FILE.read_bytes()
    copy.write_bytes(data[: len(data) * 2 // 3])
    copy.chmod(0o755)
    done = run([copy, "audit"], {"TMPDIR": str(place)})
    assert (done.returncode, bool(done.stderr)) == (1, True)


@pytest.mark.usefixtures("root_only")
def test_without_proc_it_ends_with_1_and_says_so(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "tmp").mkdir(parents=True)
    (root / "sriov-tui").write_bytes(FILE.read_bytes())
    (root / "sriov-tui").chmod(0o755)
    done = run(mounted('exec chroot "$1" /sriov-tui audit', root))
    assert done.returncode == 1
    assert "It needs /proc: mount -t proc proc /proc" in done.stderr
    assert [*(root / "tmp").iterdir()] == []


@pytest.mark.usefixtures("root_only")
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (f"chown {OTHER} /mnt/a/b", f"/mnt/a/b belongs to another user ({OTHER})"),
        (f"chown {OTHER} /mnt/a", f"/mnt/a belongs to another user ({OTHER})"),
        ("chmod 777 /mnt/a/b", "/mnt/a/b may be written by other users"),
        ("chmod 775 /mnt/a", "/mnt/a may be written by other users"),
        (f"chown {OTHER} /mnt/a; ln -s /mnt/a/b /mnt/link; TMPDIR=/mnt/link", "/mnt/a belongs to another user"),
    ],
)
def test_a_folder_that_others_may_write_is_refused_with_the_reason(how: str, reason: str) -> None:
    made = f"mount -t tmpfs none /mnt; chmod 755 /mnt; mkdir -p /mnt/a/b; export TMPDIR=/mnt/a/b; {how}\n"
    done = run(mounted(made + HARDENED.replace("unset TMPDIR;", ""), "noexec", "noexec", FILE, "--version"))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"  /mnt/a/b: {reason}" in done.stderr


@pytest.mark.usefixtures("root_only")
def test_a_folder_with_the_sticky_bit_is_as_good_as_tmp() -> None:
    made = "mount -t tmpfs none /mnt; mkdir /mnt/a; chmod 1777 /mnt /mnt/a; export TMPDIR=/mnt/a\n"
    done = run(mounted(made + HARDENED.replace("unset TMPDIR;", ""), "noexec", "noexec", FILE, "--version"))
    assert good(done) == VERSION


@pytest.mark.parametrize(
    "name", ["LD_AUDIT", "LD_DEBUG", "LD_PRELOAD", "GCONV_PATH", "STATICX_KEEP_TEMPS", "STATICX_BOOTLOADER_IDENTIFY"]
)
def test_what_the_environment_asks_of_loaders_is_ignored(place: Path, name: str) -> None:
    done = run([FILE, "--version"], {"TMPDIR": str(place), name: "all" if name == "LD_DEBUG" else "1"})
    assert good(done) == VERSION


def test_a_long_path_is_not_taken(place: Path, tmp_path: Path) -> None:
    long = tmp_path / ("x" * 200)
    long.mkdir()
    assert good(run([FILE, "--version"], {"TMPDIR": str(long)})) == VERSION
    assert [*long.iterdir()] == []
