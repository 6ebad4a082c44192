"""What is below /boot leaves the file system's journal, and the host's own file system is never frozen for it."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sriov_tui.hosts import durable
from sriov_tui.hosts.durable import CHECKPOINT, FREEZE, THAW

Asked = list[int]


@pytest.fixture
def boot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is taken for /boot, with one below it."""
    monkeypatch.setattr(durable, "BOOT", tmp_path / "boot")
    (tmp_path / "boot/grub").mkdir(parents=True)
    return tmp_path / "boot"


def asked(monkeypatch: pytest.MonkeyPatch, *refused: int) -> Asked:
    """What is asked of the kernel, which knows all but these requests."""
    found: Asked = []

    def ioctl(fd: int, request: int, argument: object) -> int:
        found.append(request)
        if request in refused:
            raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
        return 0

    monkeypatch.setattr("fcntl.ioctl", ioctl)
    return found


def own_file_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every open file be on another file system than the host's."""
    real = os.fstat

    def fstat(fd: int) -> os.stat_result:
        status = list(real(fd))
        status[2] += 1
        return os.stat_result(status)

    monkeypatch.setattr("os.fstat", fstat)


def test_ext4_is_asked_to_empty_its_journal(boot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(monkeypatch)
    durable.settle(boot)
    durable.settle(boot / "grub")
    assert found == [CHECKPOINT, CHECKPOINT]


def test_elsewhere_a_fsync_is_enough(boot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(monkeypatch)
    durable.settle(boot.parent)
    assert found == []


def test_the_file_system_of_the_host_is_never_frozen(boot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(monkeypatch, CHECKPOINT)
    durable.settle(boot)
    assert found == [CHECKPOINT]


def test_one_of_its_own_is_frozen_for_a_moment(boot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(monkeypatch, CHECKPOINT)
    own_file_system(monkeypatch)
    durable.settle(boot)
    assert found == [CHECKPOINT, FREEZE, THAW]


def test_one_that_somebody_else_froze_is_not_thawed(boot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(monkeypatch, CHECKPOINT, FREEZE)
    own_file_system(monkeypatch)
    durable.settle(boot)
    assert found == [CHECKPOINT, FREEZE]


@pytest.fixture
def killed(boot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A process that was killed between freezing and thawing; the file in which every request is noted."""
    notes = os.open(tmp_path / "notes", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    alive, held = os.pipe()  # at its end when nobody holds the other side any more

    def ioctl(fd: int, request: int, argument: object) -> int:
        os.write(notes, f"{request:x}\n".encode())
        if request == CHECKPOINT:
            raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
        if request == FREEZE:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    own_file_system(monkeypatch)
    monkeypatch.setattr("fcntl.ioctl", ioctl)
    child = os.fork()
    if child == 0:
        try:
            durable.settle(boot)
        finally:
            os._exit(1)
    os.close(held)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert os.read(alive, 1) == b""
    yield tmp_path / "notes"
    os.close(alive)
    os.close(notes)


@pytest.mark.subprocess
def test_killed_while_it_is_frozen_it_is_thawed_all_the_same(killed: Path) -> None:
    assert killed.read_text().split() == [f"{request:x}" for request in (CHECKPOINT, FREEZE, THAW)]
