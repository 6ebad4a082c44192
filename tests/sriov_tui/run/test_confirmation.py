"""Confirm or revert: confirmed in time, not confirmed, the engine killed, the guard, the disk full, the clock moved."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sriov_tui import plan as plans
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, Plan, SriovError, WriteFile, WriteSysfs
from sriov_tui.run import confirmation, journal, store, view
from sriov_tui.run.confirmation import Watch
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from tests import samples
from tests.engine_cases import CONF, NUMVFS, OLD, host, new_run, step
from tests.fakes import Crash, FakeHost, Plug

LATER = WriteFile(path=OLD, text="later")


class Clock:
    """A clock that only sleeping moves; `on` is called with the seconds slept so far."""

    def __init__(self, on: Callable[[float], object] = lambda slept: None) -> None:
        self.time, self.on = 1000.0, on

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += max(seconds, 0.001)
        self.on(self.time - 1000.0)

    def watch(self) -> Watch:
        return Watch(now=self.now, sleep=self.sleep)


def plan_of(numvfs: str = "7") -> Plan:
    """A file, VFs to be confirmed within 90 s, and another file."""
    change = [WriteSysfs(path=NUMVFS, value="0"), WriteSysfs(path=NUMVFS, value=numvfs)]
    cutting = replace(step("vfs", *change), confirm=90.0, disrupts="ssh")
    first, last = step("conf", WriteFile(path=CONF, text="x")), step("old", LATER)
    return plans.build(samples.igb_host(), Choices(), [first, cutting, last])


def states(run_dir: Path) -> dict[str, str]:
    return dict(view.view(run_dir).states)


def confirm_at(run_dir: Path, seconds: float) -> Callable[[float], None]:
    """Confirm when so many seconds are slept."""

    def on(slept: float) -> None:
        if slept >= seconds and (waits := confirmation.of(run_dir)):
            confirmation.confirm(run_dir, waits, "by a test")

    return on


def test_confirmed_in_time_it_stays_and_the_rest_follows(tmp_path: Path) -> None:
    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)
    clock = Clock(confirm_at(run_dir, 60))
    assert apply(run_dir, machine, watch=clock.watch()) == "applied"
    assert machine.attributes[NUMVFS] == "7"
    assert 60 <= clock.time - 1000 < 61
    assert states(run_dir) == {"conf": "done", "vfs": "done", "old": "done"}


def test_nobody_confirms_the_step_alone_is_undone_to_the_byte(tmp_path: Path) -> None:
    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)
    clock = Clock()
    assert apply(run_dir, machine, watch=clock.watch()) == "unconfirmed"
    assert machine.attributes[NUMVFS] == "4"
    assert machine.files[CONF].data == b"x"
    assert machine.files[OLD].data == b"old\n"
    assert 90 <= clock.time - 1000 < 91
    assert states(run_dir) == {"conf": "done", "vfs": "undone", "old": "waiting"}
    assert "Nobody confirmed it within 90 s" in view.view(run_dir).error
    assert confirmation.of(run_dir) is None


def test_resume_tries_it_again_and_rollback_takes_all_back(tmp_path: Path) -> None:
    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)
    before = machine.snapshot()
    apply(run_dir, machine, watch=Clock().watch())
    assert apply(run_dir, machine, watch=Clock(confirm_at(run_dir, 1)).watch()) == "applied"
    assert machine.attributes[NUMVFS] == "7"
    assert rollback(run_dir, machine) == "rolled-back"
    assert machine.snapshot() == before


def test_a_confirmation_of_an_earlier_try_does_not_count(tmp_path: Path) -> None:
    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)
    apply(run_dir, machine, watch=Clock(confirm_at(run_dir, 89.9)).watch())
    journal_lines = (run_dir / journal.NAME).read_bytes().splitlines(keepends=True)
    (run_dir / journal.NAME).write_bytes(b"".join(journal_lines[:1]))
    machine.attributes[NUMVFS] = "4"
    later = Clock()
    later.time += 500
    assert apply(run_dir, machine, watch=later.watch()) == "unconfirmed"
    assert machine.attributes[NUMVFS] == "4"


def test_a_failure_in_the_middle_of_it_is_undone_at_once(tmp_path: Path) -> None:
    machine, run_dir = host("4"), new_run(plan_of("8"), tmp_path)
    clock = Clock()
    assert apply(run_dir, machine, watch=clock.watch()) == "failed"
    assert machine.attributes[NUMVFS] == "4"
    assert clock.time == 1000
    assert "more than the card offers" in view.view(run_dir).error
    assert "The step was undone" in view.view(run_dir).error


def test_stop_and_a_shutdown_undo_it_at_once(tmp_path: Path) -> None:
    for name, ended in (("stop", False), ("ended", True)):
        machine, run_dir = host("4"), new_run(plan_of(), tmp_path / name)
        clock = Clock(lambda slept, run_dir=run_dir: store.request_stop(run_dir))  # type: ignore[misc]
        outcome = apply(run_dir, machine, None, lambda c=clock, e=ended: e and c.time > 1000, clock.watch())  # type: ignore[misc]
        assert outcome == "unconfirmed"
        assert machine.attributes[NUMVFS] == "4"
        assert clock.time < 1001


def test_without_a_guard_the_step_is_not_begun(tmp_path: Path) -> None:
    def refuse() -> None:
        raise SriovError(verbatim("The guard did not start"))

    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)
    assert apply(run_dir, machine, watch=replace(Clock().watch(), guard=refuse)) == "failed"
    assert machine.acts == [CONF]
    assert confirmation.of(run_dir) is None


def test_a_full_disk_does_not_keep_it_from_being_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)

    def full(slept: float) -> None:
        def write(fd: int, data: bytes) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(journal, "_write_all", write)

    with pytest.raises(SriovError, match="journal"):
        apply(run_dir, machine, watch=Clock(full).watch())
    assert machine.attributes[NUMVFS] == "4"


def cut(tmp_path: Path, phase: str, number: int, wait: bool = True) -> tuple[FakeHost, Path, Clock]:
    """A run whose engine dies at an act of the host."""
    machine, clock = host("4"), Clock()
    run_dir = new_run(plan_of(), tmp_path)
    machine.hook = Plug(number, phase)
    with pytest.raises(Crash):
        apply(run_dir, machine, watch=clock.watch())
    machine.hook = lambda phase: None
    return machine, run_dir, clock


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("phase", ["before", "during", "after"])
def test_killed_in_the_act_the_guard_undoes_it_at_its_time(tmp_path: Path, phase: str, number: int) -> None:
    machine, run_dir, clock = cut(tmp_path, phase, number)
    assert confirmation.guard(run_dir, machine, clock.watch()) == "unconfirmed"
    assert machine.attributes[NUMVFS] == "4"
    assert 90 <= clock.time - 1000 < 91
    assert view.view(run_dir).outcome == "unconfirmed"
    assert confirmation.guard(run_dir, machine, clock.watch()) == ""


def killed_while_waiting(run_dir: Path, machine: FakeHost) -> Clock:
    def die(slept: float) -> None:
        if slept > 30:
            raise Crash

    clock = Clock(die)
    with pytest.raises(Crash):
        apply(run_dir, machine, watch=clock.watch())
    clock.on = lambda slept: None
    return clock


def test_killed_while_waiting_and_confirmed_it_stays_and_resume_goes_on(tmp_path: Path) -> None:
    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)
    clock = killed_while_waiting(run_dir, machine)
    clock.on = confirm_at(run_dir, 40)
    assert confirmation.guard(run_dir, machine, clock.watch()) == "stopped"
    assert machine.attributes[NUMVFS] == "7"
    assert apply(run_dir, machine) == "applied"
    assert machine.acts.count(NUMVFS) == 2
    assert states(run_dir) == {"conf": "done", "vfs": "done", "old": "done"}


@pytest.mark.parametrize("power", ["killed", "powered off"])
def test_engine_and_guard_dead_resume_undoes_it(tmp_path: Path, power: str) -> None:
    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)
    killed_while_waiting(run_dir, machine)
    if power == "powered off":
        machine.reboot()
        assert confirmation.guard(run_dir, machine, Clock().watch()) == "", "the guard is for the boot of the step"
    assert apply(run_dir, machine) == "unconfirmed"
    assert machine.attributes[NUMVFS] == "4"
    assert machine.files[OLD].data == b"old\n"
    assert confirmation.of(run_dir) is None


def test_the_guard_leaves_it_to_a_living_engine(tmp_path: Path) -> None:
    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)
    clock = killed_while_waiting(run_dir, machine)
    clock.time += 1000

    def end(slept: float) -> None:
        raise Crash

    clock.on = end
    with store.locked(run_dir), pytest.raises(Crash):
        confirmation.guard(run_dir, machine, clock.watch())
    assert machine.attributes[NUMVFS] == "7"


def test_the_clock_on_the_wall_moves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)
    days = iter(f"20{year:02d}-01-01T00:00:00Z" for year in (*range(99, 0, -1), *range(99)))
    monkeypatch.setattr(FakeHost, "now", lambda self: next(days, "1970-01-01T00:00:00Z"))
    monkeypatch.setattr("time.time", lambda: 0.0)
    clock = Clock()
    assert apply(run_dir, machine, watch=clock.watch()) == "unconfirmed"
    assert 90 <= clock.time - 1000 < 91


def test_the_view_tells_until_when(tmp_path: Path) -> None:
    machine, run_dir = host("4"), new_run(plan_of(), tmp_path)
    clock = killed_while_waiting(run_dir, machine)
    assert view.view(run_dir).confirm_until == 1090
    confirmation.guard(run_dir, machine, clock.watch())
    assert view.view(run_dir).confirm_until == 0
