"""LocalHost on a tree: whole replacement, the refusals, the limits; and once on this machine, reading only."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from sriov_tui.hosts.host import QueryRefused, check_query
from sriov_tui.hosts.local import LocalHost
from sriov_tui.probe import gather


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree with one file."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/x").write_bytes(b"before")
    return tmp_path


def test_paths_are_below_the_root(tree: Path) -> None:
    host = LocalHost(str(tree))
    assert host.read("/etc/x") == b"before"
    assert host.read("/etc/x", 3) == b"bef"
    assert host.listdir("/etc") == ("x",)
    (tree / "etc/l").symlink_to("x")
    assert (host.readlink("/etc/l"), host.realpath("/etc/l")) == ("x", "/etc/x")
    with pytest.raises(FileNotFoundError):
        host.read("/etc/none")


def test_a_pipe_or_a_folder_is_not_read(tree: Path) -> None:
    os.mkfifo(tree / "etc/pipe")
    for path in ("/etc/pipe", "/etc"):
        with pytest.raises(OSError, match="not a regular file"):
            LocalHost(str(tree)).read(path)


def test_write_replaces_whole_and_leaves_nothing_behind(tree: Path) -> None:
    host = LocalHost(str(tree))
    inode = (tree / "etc/x").stat().st_ino
    host.write("/etc/x", b"after", 0o640)
    assert (tree / "etc/x").read_bytes() == b"after"
    assert (tree / "etc/x").stat().st_ino != inode
    assert host.mode("/etc/x") == 0o640
    assert host.listdir("/etc") == ("x",)


def test_a_failed_write_leaves_the_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        LocalHost(str(tree)).write("/etc/x", b"after", 0o640)
    assert (tree / "etc/x").read_bytes() == b"before"
    assert os.listdir(tree / "etc") == ["x"]


def test_a_hanging_attribute_is_left_behind(tree: Path) -> None:
    os.mkfifo(tree / "etc/hangs")
    with pytest.raises(TimeoutError):
        LocalHost(str(tree)).write_attribute("/etc/hangs", "7", 0.05)
    reader = threading.Thread(target=(tree / "etc/hangs").read_bytes)
    reader.start()
    reader.join(5)
    assert not reader.is_alive()


def test_remove_twice(tree: Path) -> None:
    host = LocalHost(str(tree))
    host.remove("/etc/x")
    host.remove("/etc/x")
    assert host.listdir("/etc") == ()


@pytest.mark.parametrize(
    "line",
    [
        "mst start",
        "mstconfig -d 03:00.0 set SRIOV_EN=1",
        "lspci -nnmm; reboot",
        "ethtool -i a b",
        "ethtool -K a tso on",
        "",
    ],
)
def test_only_listed_commands_are_queries(line: str) -> None:
    with pytest.raises(QueryRefused):
        check_query(line.split(" "))


def test_listed_commands_are_allowed() -> None:
    for line in ("lspci -nnmm -D", "ethtool -i enp1s0f0np0", "devlink -j dev eswitch show pci/0000:03:00.0"):
        check_query(line.split())


@pytest.mark.machine
@pytest.mark.subprocess
def test_run_gives_lines_status_and_an_end() -> None:
    host, lines = LocalHost("/"), list[str]()
    assert host.run((sys.executable, "-c", "print('a'); print('b', end=''); exit(3)"), 20, lines.append) == 3
    assert lines == ["a", "b"]
    assert host.run((sys.executable, "-c", "import time; time.sleep(60)"), 0.2, lines.append) == 124
    assert host.run(("/none/such",), 1, lines.append) == 127


@pytest.mark.machine
@pytest.mark.subprocess
def test_gather_on_this_machine_does_not_fail() -> None:
    facts = gather(LocalHost("/"))
    assert facts.hostname
    assert not [problem for problem in facts.problems if "the probe failed" in problem.reason]


def test_who_holds_a_vfio_group_and_a_process_that_has_just_ended(tree: Path) -> None:
    for pid, group in (("4711", "31"), ("4712", "32")):
        (tree / "proc" / pid / "fd").mkdir(parents=True)
        (tree / "proc" / pid / "fd/3").symlink_to(f"/dev/vfio/{group}")
        (tree / "proc" / pid / "fd/4").symlink_to("/dev/vfio/vfio")
    (tree / "proc/4711/cmdline").write_bytes(b"qemu\0-name\0vm7\0")
    assert LocalHost(str(tree)).vfio_holders() == (("/dev/vfio/31", 4711, "qemu -name vm7"),)
