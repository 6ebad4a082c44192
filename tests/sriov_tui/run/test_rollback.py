"""The way back: nothing of others is overwritten, nothing in use is taken away."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from sriov_tui import plan as plans
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, Operation, Run, SriovError, WriteFile, WriteSysfs
from sriov_tui.run import journal
from sriov_tui.run import view as run_view
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import check, describe
from sriov_tui.run.undo import undo_list
from tests import samples
from tests.engine_cases import CONF, DEVICE, DROPIN, GRUB, NUMVFS, OLD, back, host, new_run, step, walk
from tests.engine_cases import plans as all_plans
from tests.fakes import Crash, FakeHost, File, Plug


def applied(tmp_path: Path, machine: FakeHost, *operations: Operation) -> Path:
    given = [step(f"s{number}", operation) for number, operation in enumerate(operations)]
    run_dir = new_run(plans.build(samples.igb_host(), Choices(), given), tmp_path)
    assert apply(run_dir, machine) == "applied"
    return run_dir


def test_a_file_that_somebody_changed_since_is_kept_and_named_unless_forced(tmp_path: Path) -> None:
    machine = host()
    run_dir = applied(tmp_path, machine, WriteFile(path=CONF, text="x"), WriteFile(path=OLD, text=None))
    machine.files[CONF].data = b"theirs"
    assert back(run_dir, machine) == "rollback-failed"
    view = run_view.view(run_dir)
    assert f"{CONF} was changed by somebody else" in view.error
    assert dict(view.states) == {"s0": "kept", "s1": "undone"}
    assert machine.files[CONF].data == b"theirs"
    assert machine.files[OLD] == host().files[OLD]
    assert back(run_dir, machine, force=True) == "rolled-back"
    assert machine.snapshot() == host().snapshot()


def test_from_a_step_on_and_then_the_rest(tmp_path: Path) -> None:
    machine = host()
    conf, vfs, old = WriteFile(path=CONF, text="x"), WriteSysfs(path=NUMVFS, value="7"), WriteFile(path=OLD, text=None)
    run_dir = applied(tmp_path, machine, conf, vfs, old)
    assert back(run_dir, machine, step="s1") == "partly-back"
    assert dict(run_view.view(run_dir).states) == {"s0": "done", "s1": "undone", "s2": "undone"}
    assert machine.attributes[NUMVFS] == "0"
    assert undo_list(journal.read(run_dir / journal.NAME)[0], "not begun") == ()
    assert machine.files[OLD] == host().files[OLD]
    assert machine.files[CONF].data == b"x"
    assert apply(run_dir, machine) == "failed"  # half of it is taken back: a new plan is wanted
    assert back(run_dir, machine, step="s1") == "partly-back"
    assert machine.files[CONF].data == b"x"
    assert back(run_dir, machine) == "rolled-back"
    assert machine.snapshot() == host().snapshot()


def test_from_the_first_step_on_is_the_whole_run(tmp_path: Path) -> None:
    machine = host()
    run_dir = applied(tmp_path, machine, WriteFile(path=CONF, text="x"), WriteFile(path=OLD, text=None))
    assert back(run_dir, machine, step="s0") == "rolled-back"
    assert machine.snapshot() == host().snapshot()


def test_a_new_file_that_somebody_removed_is_as_before(tmp_path: Path) -> None:
    machine = host()
    run_dir = applied(tmp_path, machine, WriteFile(path=DROPIN, text="x"))
    del machine.files[DROPIN]
    assert back(run_dir, machine) == "rolled-back"
    assert machine.snapshot() == host().snapshot()


def test_a_file_that_a_command_wrote_and_somebody_changed_since_is_kept(tmp_path: Path) -> None:
    machine = host()
    run_dir = applied(tmp_path, machine, Run(argv=("update-grub",), rewrites=(GRUB,)))
    machine.files[GRUB] = File(b"# generated\na newer kernel\n", 0o444)
    assert back(run_dir, machine) == "rollback-failed"
    assert machine.files[GRUB].data.endswith(b"a newer kernel\n")


def test_an_attribute_that_somebody_changed_since_is_kept(tmp_path: Path) -> None:
    machine = host()
    run_dir = applied(tmp_path, machine, WriteSysfs(path=NUMVFS, value="7"))
    machine.attributes[NUMVFS] = "3"
    assert back(run_dir, machine) == "rollback-failed"
    assert machine.attributes[NUMVFS] == "3"
    assert back(run_dir, machine, force=True) == "rolled-back"
    assert machine.attributes[NUMVFS] == "0"


@pytest.mark.parametrize("name", ["iommu_group", "vfio-dev"])
def test_vfs_in_use_stop_the_whole_rollback_before_its_first_act(tmp_path: Path, name: str) -> None:
    machine = host()
    run_dir = applied(tmp_path, machine, WriteSysfs(path=NUMVFS, value="7"), WriteFile(path=CONF, text="x"))
    machine.links[f"{DEVICE}/virtfn3"] = "../0000:01:10.6"
    if name == "iommu_group":
        machine.links[f"{DEVICE}/virtfn3/iommu_group"] = "../../../kernel/iommu_groups/33"
        machine.holders = (("/dev/vfio/33", 4711, "qemu vm7"),)
    else:
        machine.files[f"{DEVICE}/virtfn3/vfio-dev/vfio2/dev"] = File(b"")
        machine.holders = (("/dev/vfio/devices/vfio2", 4711, "qemu vm7"),)
    before = machine.snapshot()
    with pytest.raises(SriovError, match=r"0000:01:10\.6 by process 4711"):
        check(undo_list(journal.read(run_dir / journal.NAME)[0]), machine)
    assert back(run_dir, machine) == "rollback-failed"
    assert machine.snapshot() == before
    machine.holders = ()
    assert back(run_dir, machine) == "rolled-back"
    assert machine.files == {**host().files, **_vfio(machine)}


def _vfio(machine: FakeHost) -> dict[str, File]:
    return {path: file for path, file in machine.files.items() if "vfio-dev" in path}


def test_one_failure_does_not_keep_the_rest_from_being_put_back(tmp_path: Path) -> None:
    machine = host()
    run_dir = applied(tmp_path, machine, WriteFile(path=OLD, text="n"), WriteFile(path=CONF, text="x"))
    machine.errors[CONF] = errno.EROFS
    assert back(run_dir, machine) == "rollback-failed"
    assert "read-only" in run_view.view(run_dir).error
    assert machine.files[OLD] == host().files[OLD]
    machine.errors.clear()
    assert back(run_dir, machine) == "rolled-back"
    assert machine.snapshot() == host().snapshot()


def test_what_has_no_way_back_was_said_before_and_is_said_again(tmp_path: Path) -> None:
    machine = host()
    run_dir = applied(
        tmp_path, machine, Run(argv=("load",), no_way_back=verbatim("the module stays")), Run(argv=("load",))
    )
    todo = undo_list(journal.read(run_dir / journal.NAME)[0])
    assert any("cannot be undone: the module stays" in line for line in describe(todo))
    assert back(run_dir, machine) == "rolled-back"
    assert dict(run_view.view(run_dir).states) == {"s0": "kept", "s1": "undone"}


def test_an_undo_command_is_run_and_its_failure_told(tmp_path: Path) -> None:
    machine = host()
    run_dir = applied(tmp_path, machine, Run(argv=("load",), undo=("unload",)))
    machine.commands["unload"] = lambda *_: 1
    assert back(run_dir, machine) == "rollback-failed"
    assert "`unload` ended with status 1" in run_view.view(run_dir).error
    machine.commands["unload"] = lambda *_: 0
    assert back(run_dir, machine) == "rolled-back"
    assert machine.acts == ["load", "unload", "unload"]


def test_a_failed_run_goes_back_too(tmp_path: Path) -> None:
    machine = host()
    machine.errors[NUMVFS] = errno.ENOMEM
    run_dir = new_run(all_plans()["vfs"], tmp_path)
    assert apply(run_dir, machine) == "failed"
    assert back(run_dir, machine) == "rolled-back"
    assert machine.snapshot() == host().snapshot()


def test_after_a_rollback_the_run_is_not_resumed(tmp_path: Path) -> None:
    machine = host()
    run_dir = applied(tmp_path, machine, WriteFile(path=CONF, text="x"))
    assert back(run_dir, machine) == "rolled-back"
    assert apply(run_dir, machine) == "failed"
    assert "rollback of this run" in run_view.view(run_dir).error
    assert machine.snapshot() == host().snapshot()


def test_the_journal_alone_is_enough(tmp_path: Path) -> None:
    machine = host()
    run_dir = new_run(all_plans()["reboot"], tmp_path)
    assert walk(run_dir, machine) == "applied"
    (run_dir / "plan.json").write_text(json.dumps({"version": 99}))
    assert back(run_dir, machine) == "rolled-back"
    assert machine.snapshot() == host().snapshot()


def test_a_device_that_is_gone_is_told(tmp_path: Path) -> None:
    machine = host()
    run_dir = applied(tmp_path, machine, WriteFile(path=CONF, text="x"), WriteSysfs(path=NUMVFS, value="7"))
    machine.attributes.clear()
    assert back(run_dir, machine) == "rollback-failed"
    assert f"{NUMVFS} cannot be read" in run_view.view(run_dir).error
    assert machine.files == host().files


def test_a_run_that_changed_nothing_has_nothing_to_take_back(tmp_path: Path) -> None:
    assert back(new_run(all_plans()["files"], tmp_path), host()) == "rolled-back"


RULE = WriteFile(path="/etc/udev/rules.d/70-sriov.rules", text="x")


def cut_before_the_vfs(first: WriteFile, machine: FakeHost, tmp_path: Path) -> Path:
    """A run cut between a file and the VFs; the boot after it makes all of them."""
    given = [step("file", first), step("vfs", WriteSysfs(path=NUMVFS, value="0"), WriteSysfs(path=NUMVFS, value="7"))]
    run_dir = new_run(plans.build(samples.igb_host(), Choices(), given), tmp_path)
    machine.hook = Plug(0, "after")
    with pytest.raises(Crash):
        apply(run_dir, machine)
    machine.hook = lambda phase: None
    machine.reboot()
    machine.attributes[NUMVFS] = "7"
    return run_dir


@pytest.mark.parametrize("resumed", [False, True])
@pytest.mark.parametrize("found", ["0", "4"])
def test_vfs_that_our_rule_made_at_a_boot_go_too(found: str, resumed: bool, tmp_path: Path) -> None:
    machine = host(numvfs=found)
    run_dir = cut_before_the_vfs(RULE, machine, tmp_path)
    if resumed:
        assert apply(run_dir, machine) == "applied"
    assert back(run_dir, machine) == "rolled-back"
    assert (machine.attributes[NUMVFS], RULE.path in machine.files) == (found, False)
    assert back(run_dir, machine) == "rolled-back"


@pytest.mark.parametrize("phase", ["before", "after"])
def test_vfs_that_our_rule_made_again_after_a_rollback_was_cut_go_too(phase: str, tmp_path: Path) -> None:
    machine = host()
    run_dir = cut_before_the_vfs(RULE, machine, tmp_path)
    assert apply(run_dir, machine) == "applied"

    def plug(now: str) -> None:
        if now == phase and machine.attributes[NUMVFS] == "0":
            raise Crash  # the VFs are gone, the rule is there

    machine.hook = plug
    with pytest.raises(Crash):
        back(run_dir, machine)
    assert RULE.path in machine.files
    machine.hook = lambda phase: None
    machine.reboot()
    machine.attributes[NUMVFS] = "7"
    assert back(run_dir, machine) == "rolled-back"
    assert (machine.attributes[NUMVFS], RULE.path in machine.files) == ("0", False)
    machine.reboot()
    machine.attributes[NUMVFS] = "7"
    assert back(run_dir, machine) == "rolled-back"
    assert machine.attributes[NUMVFS] == "7", "somebody else's now: the rule is gone"


def test_vfs_that_somebody_made_after_a_rollback_was_cut_stay(tmp_path: Path) -> None:
    machine = host()
    run_dir = cut_before_the_vfs(RULE, machine, tmp_path)
    assert apply(run_dir, machine) == "applied"

    def plug(now: str) -> None:
        if now == "before" and machine.attributes[NUMVFS] == "0":
            raise Crash

    machine.hook = plug
    with pytest.raises(Crash):
        back(run_dir, machine)
    machine.hook = lambda phase: None
    machine.attributes[NUMVFS] = "7"  # in the same boot: not by the rule
    assert back(run_dir, machine) == "rolled-back"
    assert (machine.attributes[NUMVFS], RULE.path in machine.files) == ("7", False)


def test_vfs_that_somebody_else_made_at_a_boot_stay(tmp_path: Path) -> None:
    machine = host()
    run_dir = cut_before_the_vfs(WriteFile(path=CONF, text="x"), machine, tmp_path)
    assert back(run_dir, machine) == "rolled-back"
    assert machine.attributes[NUMVFS] == "7"


def test_vfs_of_our_rule_that_are_in_use_keep_all_of_the_run(tmp_path: Path) -> None:
    machine = host()
    run_dir = cut_before_the_vfs(RULE, machine, tmp_path)
    machine.links[f"{DEVICE}/virtfn3"] = "../0000:01:10.6"
    machine.links[f"{DEVICE}/virtfn3/iommu_group"] = "../../../kernel/iommu_groups/33"
    machine.holders = (("/dev/vfio/33", 4711, "qemu vm7"),)
    assert back(run_dir, machine) == "rollback-failed"
    assert (machine.attributes[NUMVFS], RULE.path in machine.files) == ("7", True)
    machine.holders = ()
    assert back(run_dir, machine) == "rolled-back"
    assert (machine.attributes[NUMVFS], RULE.path in machine.files) == ("0", False)
