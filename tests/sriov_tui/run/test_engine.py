"""What the engine does with a plan: failures in words, the reboot, the stop, a changed host."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from sriov_tui import plan as plans
from sriov_tui.model import Choices, Event, NicChoice, Operation, Plan, Run, RunView, WriteFile, WriteSysfs, draft_of
from sriov_tui.run import journal, store
from sriov_tui.run import view as run_view
from sriov_tui.run.engine import apply
from tests import samples
from tests.engine_cases import CONF, DEVICE, DROPIN, GRUB, MENU, NUMVFS, OLD, TOTALVFS, back, host, new_run, step, walk
from tests.engine_cases import plans as all_plans
from tests.fakes import BOOT_ID, Crash, FakeHost, File, Output, Plug


def plan_of(*operations: Operation) -> Plan:
    return plans.build(samples.igb_host(), Choices(), [step("only", *operations)])


def done(tmp_path: Path, machine: FakeHost, *operations: Operation) -> RunView:
    run_dir = new_run(plan_of(*operations), tmp_path)
    apply(run_dir, machine)
    return run_view.view(run_dir)


def events(run_dir: Path) -> tuple[Event, ...]:
    return journal.read(run_dir / journal.NAME)[0]


def test_a_file_keeps_its_owner_gets_its_mode_and_every_byte(tmp_path: Path) -> None:
    machine = host()
    view = done(tmp_path, machine, WriteFile(path=CONF, text="a\r\n\udcff", mode=0o640))
    assert view.outcome == "applied"
    assert view.states == (("only", "done"),)
    assert machine.files[CONF] == File(b"a\r\n\xff", 0o640, (0, 7))


def test_the_target_of_a_link_is_written_and_the_link_stays(tmp_path: Path) -> None:
    machine = host()
    done(tmp_path, machine, WriteFile(path="/etc/grub2.cfg", text="x"))
    assert machine.files[GRUB].data == b"x"
    assert machine.links == {"/etc/grub2.cfg": GRUB}


def test_the_before_is_in_the_journal_before_the_act(tmp_path: Path) -> None:
    machine, seen = host(), []
    run_dir = new_run(plan_of(WriteFile(path=CONF, text="x"), WriteSysfs(path=NUMVFS, value="7")), tmp_path)
    machine.hook = lambda phase: seen.append(events(run_dir)[-1]) if phase == "before" else None
    apply(run_dir, machine)
    assert [(event.kind, event.number) for event in seen] == [("before", 0), ("before", 1)]
    assert seen[0].before["mode"] == "600"
    assert seen[1].before["value"] == "0"


def test_what_is_so_already_is_not_written(tmp_path: Path) -> None:
    machine = host("7")
    machine.files[OLD] = File(b"x", 0o644)
    view = done(tmp_path, machine, WriteFile(path=OLD, text="x"), WriteSysfs(path=NUMVFS, value="7"))
    assert view.outcome == "applied"
    assert machine.acts == []


def test_a_file_that_somebody_changed_since_the_plan_is_not_written(tmp_path: Path) -> None:
    machine = host()
    for expect in ("0" * 64, ""):
        view = done(tmp_path, machine, WriteFile(path=CONF, text="x", expect=expect))
        assert view.outcome == "failed"
        assert f"{CONF} was changed by somebody else" in view.error
    assert machine.acts == []


@pytest.mark.parametrize(
    ("start", "value", "words"),
    [("4", "7", "to 0 first"), ("0", "8", "more than the card offers")],
)
def test_the_kernels_refusal_is_told_in_words(tmp_path: Path, start: str, value: str, words: str) -> None:
    view = done(tmp_path, host(start), WriteSysfs(path=NUMVFS, value=value))
    assert view.outcome == "failed"
    assert words in view.error
    assert view.states == (("only", "failed"),)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOENT, "no driver is bound"),
        (errno.ENOMEM, "Above 4G Decoding"),
        (errno.EPERM, "driver refuses"),
        (errno.ETIMEDOUT, "virtual machine may hold"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_every_errno_of_numvfs_has_a_reason_and_a_way_out(tmp_path: Path, number: int, words: str) -> None:
    machine = host()
    machine.errors[NUMVFS] = number
    error = done(tmp_path, machine, WriteSysfs(path=NUMVFS, value="7")).error
    assert words in error
    assert NUMVFS in error
    assert "\n" in error


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EPERM, "chattr -i"),
        (errno.ENOENT, "directory"),
    ],
)
def test_a_file_that_cannot_be_written_is_told_in_words(tmp_path: Path, number: int, words: str) -> None:
    machine, before = host(), host().snapshot()
    machine.errors[CONF] = number
    view = done(tmp_path, machine, WriteFile(path=CONF, text="x"))
    assert view.outcome == "failed"
    assert words in view.error
    assert machine.snapshot() == before


def test_a_driver_that_reports_success_with_0_vfs_is_not_believed(tmp_path: Path) -> None:
    machine = host()
    machine.silent.add(NUMVFS)
    view = done(tmp_path, machine, WriteSysfs(path=NUMVFS, value="7"))
    assert view.outcome == "failed"
    assert "reported success" in view.error
    assert "says 0" in view.error


def test_a_command_that_fails_tells_its_last_lines_and_stops_the_run(tmp_path: Path) -> None:
    def broken(machine: FakeHost, output: Output) -> int:
        for number in range(9):
            output(f"line {number}")
        return 1

    machine = host()
    machine.commands["update-grub"] = broken
    view = done(tmp_path, machine, Run(argv=("update-grub",)), WriteFile(path=CONF, text="x"))
    assert view.outcome == "failed"
    assert view.error.startswith("`update-grub` ended with status 1")
    assert "line 8" in view.error
    assert "line 3" not in view.error
    assert machine.acts == ["update-grub"]
    assert view.output[0] == "line 0"


@pytest.mark.parametrize("status", [0, 1])
def test_a_menu_that_did_not_come_about_leaves_the_old_one(tmp_path: Path, status: int) -> None:
    def broken(machine: FakeHost, output: Output) -> int:
        machine.files[draft_of(GRUB)] = File(b"")
        machine.files[f"{draft_of(GRUB)}.new"] = File(b"half")
        return status

    machine = host()
    machine.commands["grub-mkconfig"] = broken
    view = done(tmp_path, machine, MENU)
    assert view.outcome == "failed"
    assert ("wrote nothing" if status == 0 else "ended with status 1") in view.error
    assert back(store.find("", tmp_path), machine) == "rolled-back"
    assert machine.snapshot() == host().snapshot()


def test_a_missing_command_and_a_late_one(tmp_path: Path) -> None:
    assert "was not found" in done(tmp_path, host(), Run(argv=("nothing",))).error
    machine = host()
    machine.commands["load"] = lambda *_: 124
    assert "was ended after 5 s" in done(tmp_path, machine, Run(argv=("load",), timeout=5)).error


def test_output_is_capped_and_secrets_are_masked(tmp_path: Path) -> None:
    def loud(machine: FakeHost, output: Output) -> int:
        output("db_password=hunter2 token: abc")
        for _ in range(5000):
            output("x" * 5000)
        return 0

    machine = host()
    machine.commands["load"] = loud
    view = done(tmp_path, machine, Run(argv=("load",)))
    run_dir = store.find("", tmp_path)
    assert view.outcome == "applied"
    assert (run_dir / journal.NAME).stat().st_size < 1_000_000
    assert b"hunter2" not in (run_dir / journal.NAME).read_bytes()
    assert any("not kept" in event.text for event in events(run_dir))


def test_after_a_failure_resume_goes_on_where_it_stopped(tmp_path: Path) -> None:
    machine = host()
    machine.errors[CONF] = errno.ENOSPC
    run_dir = new_run(plan_of(WriteFile(path=OLD, text="n"), WriteFile(path=CONF, text="x")), tmp_path)
    assert apply(run_dir, machine) == "failed"
    machine.errors.clear()
    assert apply(run_dir, machine) == "applied"
    assert machine.acts == [OLD, CONF]


def test_the_reboot_is_waited_for(tmp_path: Path) -> None:
    machine = host()
    run_dir = new_run(all_plans()["reboot"], tmp_path)
    assert apply(run_dir, machine) == "reboot"
    assert DROPIN in machine.files
    assert machine.attributes[NUMVFS] == "0"
    assert apply(run_dir, machine) == "reboot"
    assert "has not happened yet" in run_view.view(run_dir).error
    machine.reboot()
    assert apply(run_dir, machine) == "applied"
    assert machine.attributes[NUMVFS] == "7"
    assert apply(run_dir, machine) == "applied"


def test_an_unforeseen_boot_does_not_stand_for_the_reboot_of_work_done_after_it(tmp_path: Path) -> None:
    machine = host()
    machine.reboot()  # the plan's boot id is of the boot before
    run_dir = new_run(all_plans()["reboot"], tmp_path)
    assert apply(run_dir, machine) == "reboot"


def test_a_boot_that_came_unasked_does_not_count(tmp_path: Path) -> None:
    machine, plan = host(), all_plans()["reboot-last"]
    run_dir = new_run(plan, tmp_path)
    machine.hook = Plug(2, "before")  # behind all that the reboot is for
    with pytest.raises(Crash):
        apply(run_dir, machine)
    machine.hook = lambda phase: None
    machine.reboot()
    assert apply(run_dir, machine) == "reboot"
    boot = machine.read(BOOT_ID).decode().strip()
    assert run_view.rebooted_for(tmp_path, boot) == ()
    machine.reboot()
    assert run_view.rebooted_for(tmp_path, machine.read(BOOT_ID).decode().strip()) == ("boot",)
    assert apply(run_dir, machine) == "applied"


def test_an_attribute_that_a_boot_reset_is_written_again_by_resume(tmp_path: Path) -> None:
    machine = host()
    machine.errors[CONF] = errno.ENOSPC
    run_dir = new_run(plan_of(WriteSysfs(path=NUMVFS, value="7"), WriteFile(path=CONF, text="x")), tmp_path)
    assert apply(run_dir, machine) == "failed"
    machine.errors.clear()
    machine.reboot()
    assert apply(run_dir, machine) == "applied"
    assert machine.attributes == {NUMVFS: "7", TOTALVFS: "7"}


def test_stop_after_this_step(tmp_path: Path) -> None:
    machine = host()
    run_dir = new_run(all_plans()["files"], tmp_path)
    machine.hook = lambda phase: store.request_stop(run_dir) if phase == "during" else None
    assert apply(run_dir, machine) == "stopped"
    assert dict(run_view.view(run_dir).states) == {"conf": "done", "remove": "waiting", "new": "waiting"}
    machine.hook = lambda phase: None
    assert apply(run_dir, machine) == "applied"


def test_a_shutdown_ends_it_between_two_operations(tmp_path: Path) -> None:
    machine = host()
    run_dir = new_run(plan_of(WriteFile(path=OLD, text="n"), WriteFile(path=CONF, text="x")), tmp_path)
    assert apply(run_dir, machine, interrupted=lambda: bool(machine.acts)) == "stopped"
    assert machine.acts == [OLD]
    assert apply(run_dir, machine) == "applied"


def test_a_host_that_changed_since_the_plan_is_refused_before_the_first_act(tmp_path: Path) -> None:
    machine = host()
    facts = samples.igb_host()
    choices = Choices(nics=(NicChoice(address=samples.FIRST, use="sriov"),))
    plan = plans.build(facts, choices, [step("vfs", WriteSysfs(path=NUMVFS, value="7"))])
    run_dir = new_run(plan, tmp_path)
    now = replace(facts, pfs=(replace(samples.igb_pf(), driver="vfio-pci"),))
    assert apply(run_dir, machine, gather=lambda: now) == "failed"
    assert "driver of 0000:01:00.0 was igb and is now vfio-pci" in run_view.view(run_dir).error
    assert machine.acts == []
    assert apply(run_dir, machine, gather=lambda: facts) == "applied"


def test_vfs_that_a_machine_holds_are_not_taken_away(tmp_path: Path) -> None:
    machine = host("4")
    machine.links[f"{DEVICE}/virtfn0"] = "../0000:01:10.0"
    machine.links[f"{DEVICE}/virtfn0/iommu_group"] = "../../../kernel/iommu_groups/31"
    machine.holders = (("/dev/vfio/31", 4711, "qemu-system-x86_64 -name vm7"), ("/dev/vfio/9", 1, "other"))
    view = done(tmp_path, machine, WriteSysfs(path=NUMVFS, value="0"))
    assert view.outcome == "failed"
    assert "0000:01:10.0 by process 4711 (qemu-system-x86_64 -name vm7)" in view.error
    assert machine.acts == []


def test_a_fault_of_ours_is_in_the_journal_and_not_hidden(tmp_path: Path) -> None:
    machine = host()
    machine.commands["load"] = lambda *_: 1 // 0
    run_dir = new_run(plan_of(Run(argv=("load",))), tmp_path)
    with pytest.raises(ZeroDivisionError):
        apply(run_dir, machine)
    assert run_view.view(run_dir).outcome == "failed"
    assert "sriov-tui itself" in run_view.view(run_dir).error


def test_walk_of_every_plan_says_every_step_done(tmp_path: Path) -> None:
    for name, plan in all_plans().items():
        run_dir = new_run(plan, tmp_path / name)
        walk(run_dir, host("4" if name == "vfs-again" else "0"))
        assert {state for _, state in run_view.view(run_dir).states} == {"done"}
