"""The built file: where it is, run in an environment or a root tree of its own."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import sriov_tui
from sriov_tui import plan
from sriov_tui.run import store
from sriov_tui.services.demos import demo_machine
from sriov_tui.model import Choices, Step
from sriov_tui.probe import gather
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.simulated import SimulatedHost

TOP = Path(__file__).parents[2]
DIST = TOP / "dist"
FILE = DIST / f"sriov-tui-{sriov_tui.__version__}-linux-x86_64"
ADDRESS = "0000:01:00.0"
NUMVFS = f"/sys/bus/pci/devices/{ADDRESS}/sriov_numvfs"
ANSWERS = f"""\
version = 1
nics = [{{ address = "{ADDRESS}", use = "sriov", bridge = "br1", wire = "bcast1" }}]
"""

# The machine's own file systems in another root; what is mounted here is seen in this process alone.
ENTER = """
for name in proc sys dev; do mkdir -p "$1/$name" && mount --rbind "/$name" "$1/$name"; done
mount -o remount,bind,ro "$1/sys"
root=$1; shift
exec chroot "$root" "$@"
"""

Done = subprocess.CompletedProcess[str]


def reason_to_skip() -> str:
    """Why the file cannot be tested here, or ""."""
    if platform.machine() != "x86_64":
        return "the file runs on x86-64"
    return "" if FILE.is_file() else f"there is no {FILE.relative_to(TOP)}: run make dist"


def run(argv: Sequence[str | Path], environment: Mapping[str, str] | None = None, *, user: int | None = None) -> Done:
    """Run a command with nothing in its environment but what is told; text in and out."""
    return subprocess.run(
        [str(word) for word in argv],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        user=user,
    )


def good(done: Done) -> str:
    """What a command printed; it has to have ended well and without a complaint."""
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def mounted(script: str, *arguments: str | Path) -> list[str]:
    """A shell script with mounts of its own: the command line that runs it."""
    return ["unshare", "-m", "sh", "-ec", script, "sh", *map(str, arguments)]


def in_root(root: Path, *argv: str) -> list[str]:
    """A command with this folder as its root, and /proc, /sys (read-only) and /dev of this machine."""
    return mounted(ENTER, root, *argv)


def unpacked(place: Path) -> list[Path]:
    """The folders into which the file has unpacked itself."""
    return [*place.glob("sriov-tui-??????")]


def until(happens: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for it, but not for ever."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def may_mount() -> bool:
    """Whether this process may enter other roots."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


def put_machine(folder: Path) -> None:
    """A simulated machine to change, and answers for it."""
    SimulatedHost.create(demo_machine("two-igb"), folder)
    (folder / "answers.toml").write_text(ANSWERS)


def kept(folder: Path) -> tuple[dict[str, bytes], bytes]:
    """What a rollback has to put back: the files of the simulated machine, and the VF count."""
    host = SimulatedHost(folder)
    files = {path: data for path, data in host.machine.files.items() if not path.startswith(("/sys/", "/proc/"))}
    return files, host.read(NUMVFS)


def put_run(root: Path, programs: Mapping[str, str], steps: Sequence[Step]) -> None:
    """The file, these programs and a new run of these steps, which waits for `sriov-tui resume` in this root tree."""
    shutil.rmtree(root / "var/lib/sriov-tui", ignore_errors=True)
    (root / "collected").unlink(missing_ok=True)
    shutil.copy(FILE, root / "sriov-tui")
    for path, text in programs.items():
        (root / path).write_text(text)
        (root / path).chmod(0o755)
    run(in_root(root, "/sriov-tui", "collect", "/collected")).check_returncode()
    facts = gather(RecordedHost(root / "collected"))
    store.create(plan.build(facts, Choices(), steps), "local", root / "var/lib/sriov-tui")
