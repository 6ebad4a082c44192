"""Every call of the operating system may fail, at any time: a sentence with a way out, never a traceback."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sriov_tui import cli
from sriov_tui.hosts.local import LocalHost
from sriov_tui.hosts.os_errors import WAYS_OUT, sentence
from sriov_tui.model import Choices, Plan, SriovError, WriteFile, WriteSysfs
from sriov_tui.plan import build
from sriov_tui.run import confirmation, journal, store, undo, view
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from tests import samples
from tests.engine_cases import CONF, GRUB, MENU, back, host, new_run, plans, step
from tests.fakes import File
from tests.sriov_tui.run.test_confirmation import Clock, plan_of

CALLS = ("open", "write", "pwrite", "ftruncate", "fsync", "rename", "unlink", "mkdir", "fchmod")
ERRNOS = (errno.ENOSPC, errno.EROFS, errno.EIO, errno.EACCES)


@contextmanager
def failing(name: str, at: int, number: int, below: Path) -> Iterator[list[int]]:
    """The n-th call of a function of os, made from here on, fails; the list counts the calls."""
    real: Callable[..., Any] = getattr(os, name)
    count = [0]

    def call(*args: Any, **kwargs: Any) -> Any:
        count[0] += 1
        if count[0] - 1 == at:
            raise OSError(number, os.strerror(number), str(below))
        return real(*args, **kwargs)

    setattr(os, name, call)
    try:
        yield count
    finally:
        setattr(os, name, real)


def tree(tmp_path: Path) -> LocalHost:
    """A machine below a directory, with a file and an attribute."""
    for folder in ("etc/yunion", "sys/d", "proc/sys/kernel/random"):
        (tmp_path / "root" / folder).mkdir(parents=True)
    (tmp_path / "root/etc/yunion/host.conf").write_text("old: 1\n")
    (tmp_path / "root/sys/d/attribute").write_text("0\n")
    (tmp_path / "root/proc/sys/kernel/random/boot_id").write_text("one\n")
    return LocalHost(str(tmp_path / "root"))


def small() -> Plan:
    operations = (WriteFile(path=CONF, text="new: 1\n"), WriteSysfs(path="/sys/d/attribute", value="7"))
    return build(samples.igb_host(), Choices(), [step("conf", operations[0]), step("attribute", operations[1])])


@pytest.mark.parametrize("number", ERRNOS)
@pytest.mark.parametrize("name", CALLS)
def test_no_fault_is_a_traceback_and_none_does_damage(name: str, number: int, tmp_path: Path) -> None:
    faults, told = 0, list[str]()
    for at in range(200):
        folder = tmp_path / f"{at}"
        machine = tree(folder)
        with failing(name, at, number, folder) as count:
            try:
                run_dir = store.create(small(), f"local:{folder}/root", folder / "state")
                apply(run_dir, machine)
                rollback(run_dir, machine)
            except SriovError as error:
                told.append(error.hint)
        if count[0] <= at:
            break
        faults += 1
        for run_dir in store.list_runs(folder / "state"):
            assert rollback(run_dir, machine) == "rolled-back"
        assert (folder / "root/etc/yunion/host.conf").read_text() == "old: 1\n"
        assert (folder / "root/sys/d/attribute").read_text().strip() == "0"
    else:
        pytest.fail("it never ran without a fault")
    assert all(told)
    assert faults or name in ("pwrite", "ftruncate", "unlink", "rename", "mkdir", "fchmod")


def test_a_temporary_name_that_cannot_be_removed_keeps_nobody_from_going_back(tmp_path: Path) -> None:
    machine, run_dir = host(), new_run(plans()["files"], tmp_path)
    assert apply(run_dir, machine) == "applied"
    left = f"{os.path.dirname(CONF)}/.host.conf.x.sriov-tui"
    machine.files[left] = File(b"")
    machine.errors[left] = errno.EISDIR
    assert back(run_dir, machine) == "rolled-back"
    assert machine.files.pop(left)
    machine.errors.clear()
    assert machine.snapshot() == host().snapshot()


def test_an_error_of_one_undo_does_not_stop_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine, run_dir = host(), new_run(plans()["menu"], tmp_path)
    assert apply(run_dir, machine) == "reboot"

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error", GRUB)

    monkeypatch.setattr(undo, "sweep", refuse)
    assert back(run_dir, machine) == "rollback-failed"
    assert "Input/output error" in view.view(run_dir).error
    assert "dmesg" in view.view(run_dir).error
    assert MENU.rewrites == (GRUB,)


def test_a_confirmation_on_a_full_disk_keeps_the_good_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)

    def on(slept: float) -> None:
        waits = confirmation.of(run_dir)
        if slept < 30 or waits is None:
            return
        monkeypatch.setattr(journal, "_write_all", _full)  # what is appended has no room
        confirmation.confirm(run_dir, waits, "by a test")

    assert (run_dir / confirmation.CONFIRMED).exists() is False
    with pytest.raises(SriovError, match="cannot be written"):
        apply(run_dir, machine, watch=Clock(on).watch())
    assert machine.attributes["/sys/devices/pci0000:00/0000:01:00.0/sriov_numvfs"] == "7"
    assert (run_dir / confirmation.CONFIRMED).stat().st_size == confirmation.ROOM
    monkeypatch.undo()
    assert apply(run_dir, machine) == "applied", "the confirmation is there still"


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_save_by_somebody_else_during_a_step_is_kept_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, run_dir = host(), new_run(plans()["files"], tmp_path)
    real = machine.write

    def write(path: str, data: bytes, mode: int, *rest: Any) -> None:
        machine.files[CONF] = File(b"theirs")
        real(path, data, mode, *rest)

    monkeypatch.setattr(type(machine), "write", lambda self, *args: write(*args))
    assert apply(run_dir, machine) == "failed"
    assert machine.files[CONF].data == b"theirs"
    assert "saved by somebody else" in view.view(run_dir).error


@pytest.mark.parametrize("command", ["history", "confirm", "rollback", "resume"])
def test_a_state_directory_that_cannot_be_read_is_told(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tree(tmp_path)
    run_dir = store.create(small(), f"local:{tmp_path}/root", tmp_path / "root" / "state")
    assert apply(run_dir, machine) == "applied"
    real = Path.open

    def refuse(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self.name == journal.NAME:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(self))
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    arguments = [command, *(["--yes"] if command == "rollback" else [])]
    status = cli.main([*arguments, "--host", f"local:{tmp_path}/root"])
    told = capsys.readouterr()
    assert "Input/output error" in told.err + told.out
    assert "Traceback" not in told.err
    assert status == (0 if command == "history" else 1)


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_each_error_has_its_way_out(number: int) -> None:
    error = sentence(OSError(number, "", "/x"))
    assert error.title.startswith("/x cannot be used: ")
    assert error.hint
    assert WAYS_OUT[errno.ENOSPC].startswith("The disk is full.")
