"""The plug pulled at every moment: the rollback leaves no trace, the resume ends as if nothing had happened."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sriov_tui.run import journal
from tests.engine_cases import GRUB, back, first_host, new_run, plans, walk
from tests.fakes import Crash, FakeHost, Plug

PLANS = plans()
PHASES = ("before", "during", "after")
Scene = tuple[FakeHost, Path]


def torn_journal(monkeypatch: pytest.MonkeyPatch, plug: Plug) -> None:
    """Have the plug hang on the journal's lines: nothing, half a line, or the whole line is written."""
    original = journal._write_all

    def write(fd: int, data: bytes) -> None:
        plug("before")
        try:
            plug("during")
        except Crash:
            original(fd, data[: len(data) // 2])
            raise
        original(fd, data)
        plug("after")

    monkeypatch.setattr(journal, "_write_all", write)


def moments(
    name: str, on: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[[Path, FakeHost], object]
) -> Iterator[Scene]:
    """Every scene in which `work` on a fresh run of a plan was cut: at each act, or at each line of the journal."""
    for phase in PHASES:
        number = 0
        while True:
            host, plug = first_host(name), Plug(number, phase)
            shutil.rmtree(tmp_path, ignore_errors=True)
            run_dir = new_run(PLANS[name], tmp_path)
            with monkeypatch.context() as patch:
                if on == "journal":
                    torn_journal(patch, plug)
                else:
                    host.hook = plug
                try:
                    work(run_dir, host)
                    break
                except Crash:
                    pass
            host.hook = lambda phase: None
            yield host, run_dir
            number += 1
        assert number > 0, "nothing was cut"


@pytest.mark.parametrize("on", ["acts", "journal"])
@pytest.mark.parametrize("name", PLANS)
def test_cut_anywhere_then_rolled_back(name: str, on: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = 0
    for host, run_dir in moments(name, on, tmp_path / "state", monkeypatch, walk):
        assert back(run_dir, host) == "rolled-back"
        assert host.snapshot() == first_host(name).snapshot()
        cases += 1
    print(f"cut anywhere then rolled back, {name}, {on}: {cases} cases")


@pytest.mark.parametrize("power", ["killed", "powered off"])
@pytest.mark.parametrize("on", ["acts", "journal"])
@pytest.mark.parametrize("name", PLANS)
def test_cut_anywhere_then_resumed(
    name: str, on: str, power: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = first_host(name)
    assert walk(new_run(PLANS[name], tmp_path / "whole"), whole) == "applied"
    cases = 0
    for host, run_dir in moments(name, on, tmp_path / "state", monkeypatch, walk):
        if power == "powered off":
            host.reboot()
        assert walk(run_dir, host) == "applied"
        assert host.snapshot() == whole.snapshot()
        cases += 1
    print(f"cut anywhere ({power}) then resumed, {name}, {on}: {cases} cases")


@pytest.mark.parametrize("name", PLANS)
def test_powered_off_anywhere_then_rolled_back(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for host, run_dir in moments(name, "acts", tmp_path / "state", monkeypatch, walk):
        host.reboot()
        assert back(run_dir, host) == "rolled-back"
        assert host.files == first_host(name).files


@pytest.mark.parametrize("on", ["acts", "journal"])
@pytest.mark.parametrize("name", PLANS)
def test_rollback_cut_anywhere_then_rolled_back_again(
    name: str, on: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = 0

    def there_and_back(run_dir: Path, host: FakeHost) -> None:
        assert walk(run_dir, host) == "applied"
        assert back(run_dir, host) == "rolled-back"

    for host, run_dir in moments(name, on, tmp_path / "state", monkeypatch, there_and_back):
        assert back(run_dir, host) == "rolled-back"
        assert host.snapshot() == first_host(name).snapshot()
        cases += 1
    print(f"rollback cut anywhere, {name}, {on}: {cases} cases")


@pytest.mark.parametrize("on", ["acts", "journal"])
def test_wherever_it_is_cut_the_boot_menu_is_the_old_or_the_new_one(
    on: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, whole = first_host("menu").files[GRUB], first_host("menu")
    assert walk(new_run(PLANS["menu"], tmp_path / "whole"), whole) == "applied"
    seen = [host.files[GRUB] for host, _ in moments("menu", on, tmp_path / "state", monkeypatch, walk)]
    assert {file.data for file in seen} == {old.data, whole.files[GRUB].data}
    assert {(file.mode, file.owner) for file in seen} == {(old.mode, old.owner)}


def test_a_run_ends_and_comes_back_whole(tmp_path: Path) -> None:
    for name, plan in PLANS.items():
        host, before = first_host(name), first_host(name).snapshot()
        run_dir = new_run(plan, tmp_path / name)
        assert walk(run_dir, host) == "applied"
        assert host.snapshot() != before
        assert back(run_dir, host) == "rolled-back"
        assert host.snapshot() == before
