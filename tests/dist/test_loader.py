"""The loader alone, around a stand-in for what it loads: what becomes of a process that nobody waits for any more.

It needs a C compiler and no built file. PyInstaller leaves such a process where it is killed right after its fork.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dist.one_file import TOP, until

pytestmark = [
    pytest.mark.subprocess,
    pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler (Debian: apt install gcc)"),
]
WRAPPED = ",".join(f"--wrap={name}" for name in ("main", "fork", "exit", "_exit"))
SLEEPS = "while :; do sleep 0.2; done\n"
ENGINE = 'eval "exec $SRIOV_TUI_START>&-"\n' + SLEEPS  # start.py lets the next start unpack, too


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The loader, as packaging/build links it."""
    made = tmp_path_factory.mktemp("loader") / "loader"
    sources = [str(TOP / "packaging" / f"{name}.c") for name in ("folder", "left", "loader")]
    argv = ["cc", "-Wall", "-Wextra", "-Werror", "-o", str(made), *sources, str(Path(__file__).parent / "loads.c")]
    subprocess.run([*argv, f"-Wl,{WRAPPED}"], check=True)
    return made


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder to unpack into, beside the scripts that the shell runs; whoever is left there ends with the test."""
    (tmp_path / "program").write_text(SLEEPS)
    for name in ("engine", "guard"):
        (tmp_path / name).write_text(ENGINE)
    folder = tmp_path / "place"
    folder.mkdir(mode=0o700)
    yield folder
    for pid in living(folder):
        os.kill(pid, signal.SIGKILL)


def start(loader: Path, place: Path, *words: str) -> subprocess.Popen[str]:
    """One start; the words are the script and whether the stand-in stays."""
    environment = {"TMPDIR": str(place), "PATH": os.environ["PATH"]}
    argv, out = [str(loader), *words], subprocess.PIPE
    return subprocess.Popen(argv, env=environment, cwd=place.parent, stdout=out, text=True, start_new_session=True)


def living(place: Path) -> list[int]:
    """The processes that run out of this folder."""
    found = []
    for link in Path("/proc").glob("[0-9]*/exe"):
        try:
            program = os.readlink(link)
        except OSError:
            continue
        if program.startswith(f"{place}/"):
            found.append(int(link.parts[2]))
    return found


def test_who_is_left_is_told_to_end_and_nothing_stays(loader: Path, place: Path) -> None:
    assert start(loader, place, "program", "end").wait(timeout=120) == 0
    assert (living(place), [*place.iterdir()]) == ([], [])


def test_after_a_kill_the_next_start_ends_it_and_does_not_wait_in_vain(loader: Path, place: Path) -> None:
    first = start(loader, place, "program", "stay")
    assert first.stdout
    assert first.stdout.readline() == "started\n"
    until(lambda: len(living(place)) == 1)
    first.kill()
    first.wait(timeout=60)
    assert len([*place.iterdir()]) == 1
    until(lambda: not parents_of(living(place)) - {1})
    assert start(loader, place).wait(timeout=50) == 0  # below the 60 seconds that a start waits for its turn
    assert (living(place), [*place.iterdir()]) == ([], [])


@pytest.mark.parametrize("name", ["engine", "guard"])
def test_the_engine_goes_on(loader: Path, place: Path, name: str) -> None:
    assert start(loader, place, name, "end").wait(timeout=120) == 0
    assert start(loader, place).wait(timeout=120) == 0
    assert len(living(place)) == 1
    assert len([*place.iterdir()]) == 1


def parents_of(pids: list[int]) -> set[int]:
    """The parents of these processes."""
    return {int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in pids}
