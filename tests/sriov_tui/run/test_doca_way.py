"""DOCA-Host's driver on simulated machines: from a bare card to switchdev, refused by its dry run, and failing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import checks
from checks import agent
from checks.cards import doca_steps
from sriov_tui import plan as plans
from sriov_tui.hosts.machine import Machine
from sriov_tui.model import RunView
from sriov_tui.probe import gather
from sriov_tui.run import journal, rollback, store
from sriov_tui.run import view as run_view
from sriov_tui.run.engine import apply
from sriov_tui.simulated import SimulatedHost
from tests import doca_machines as doca
from tests import driver_machines as driver

NAMES = ("openeuler", "ubuntu")


class Way:
    """One plan on one simulated machine."""

    def __init__(self, name: str, folder: Path, end: str = "success", machine: Machine | None = None) -> None:
        machine = machine or doca.build(name, end)
        self.host = SimulatedHost.create(machine, folder)
        facts, choices = driver.choose(gather(self.host), machine, doca.path(name))
        self.choices = replace(choices, nics=tuple(replace(nic, numvfs=64) for nic in choices.nics))
        self.findings, steps = checks.evaluate(facts, self.choices)
        self.plan = plans.build(facts, self.choices, steps)
        self.run = store.create(self.plan, f"simulated:{folder}", folder / "state", facts)

    def apply(self) -> RunView:
        apply(self.run, self.host)
        return run_view.view(self.run)

    def levels(self) -> dict[str, str]:
        found, _ = checks.evaluate(gather(self.host), self.choices)
        return {finding.key: finding.level.name for finding in found}


@pytest.mark.parametrize("name", NAMES)
def test_from_a_bare_card_to_switchdev_over_one_reboot(name: str, tmp_path: Path) -> None:
    way = Way(name, tmp_path)
    assert [one.title for one in way.findings if one.blocks] == []
    ids = [step.id for step in way.plan.steps]
    assert ids.index(doca_steps.REPOSITORY) < ids.index(doca_steps.INSTALL) < (way.plan.reboot_after or 0)
    view = way.apply()
    assert view.outcome == "reboot", view.error
    assert gather(way.host).mlx5.stale  # type: ignore[union-attr]
    way.host.reboot()
    assert way.apply().outcome == "applied"
    levels = way.levels()
    for address in ("0000:03:00.0", "0000:03:00.1"):
        for id in ("driver.vendor", "offload.possible", "eswitch.mode", "eswitch.representors"):
            assert levels[f"{id} {address}"] == "OK", id
    facts = gather(way.host)
    assert plans.unresolved(way.plan, checks.evaluate(facts, way.choices)[0]) == ()
    assert [len(pf.vfs) for pf in facts.pfs or () if pf.mellanox] == [64, 64]
    assert agent.foreseen(facts, way.choices).offload.error == ""
    assert len(agent.foreseen(facts, way.choices).devices) == 128


@pytest.mark.parametrize("name", NAMES)
def test_the_way_back_leaves_the_kernels_own_driver(name: str, tmp_path: Path) -> None:
    way = Way(name, tmp_path)
    way.apply()
    way.host.reboot()
    assert way.apply().outcome == "applied"
    assert rollback.rollback(way.run, way.host) == "rolled-back"
    way.host.reboot()
    facts = gather(way.host)
    assert facts.mlx5 is not None
    assert (facts.mlx5.loaded_vendor, facts.mlx5.doca_host) in ((False, ""), (False, None))
    assert doca_steps.PIN not in way.host.machine.files
    assert "driver.kernels host" not in way.levels()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("removes qemu", "it would remove packages that are not for RDMA and not NVIDIA's: qemu-"),
        ("takes the kernel", "it would change the kernel: "),
        ("changes the switch", "it would change Open vSwitch: "),
        ("no dkms", "dkms is missing or older than the driver needs"),
        ("no repository", "The package manager does not know the package"),
    ],
)
def test_the_dry_run_ends_it_before_anything_of_the_driver_is_there(
    name: str, end: str, words: str, tmp_path: Path
) -> None:
    way = Way(name, tmp_path, end)
    before = {path for path in way.host.machine.files if "openibd" in path}
    view = way.apply()
    assert view.outcome == "failed"
    assert words in view.error
    assert "Nothing of the driver was installed." in view.error
    assert {path for path in way.host.machine.files if "openibd" in path} == before
    assert dict(view.states)[doca_steps.INSTALL] == "waiting"
    assert rollback.rollback(way.run, way.host) == "rolled-back"


@pytest.mark.parametrize("name", NAMES)
def test_a_build_that_failed_while_the_package_manager_ended_well_is_told(name: str, tmp_path: Path) -> None:
    way = Way(name, tmp_path, "failed build")
    view = way.apply()
    assert view.outcome == "failed"
    assert "DKMS has not built the driver for Linux" in view.error
    assert "The kernel is newer than this release of the driver" in view.error
    assert "/build/make.log" in view.error
    assert rollback.rollback(way.run, way.host) == "rolled-back"


def test_another_package_in_its_place_is_not_installed(tmp_path: Path) -> None:
    way = Way("ubuntu", tmp_path)
    way.host.change(lambda machine: machine.files.update({doca.DEB: b"other"}))
    assert "is not the image that was chosen" in way.apply().error
    assert "doca" not in way.host.machine.simulation


def test_an_older_driver_goes_first_and_never_by_autoremove(tmp_path: Path) -> None:
    machine = doca.with_ofed("openeuler")
    facts, choices = driver.choose(driver.facts_of(machine), machine, doca.RPM)
    _, steps = checks.evaluate(facts, choices)
    told = {step.id: step for step in steps}
    assert told[doca_steps.REMOVE].title == "Remove MLNX_OFED_LINUX-24.10-1.1.4.0, which has to go first"
    assert "rdma-core" in told[doca_steps.REMOVE].why
    assert told[doca_steps.INSTALL].after == (doca_steps.REPOSITORY, doca_steps.REMOVE)
    words = [word for step in steps for act in step.operations for word in getattr(act, "argv", ())]
    assert not any("autoremove" in word for word in words)
    assert "--setopt=clean_requirements_on_remove=False" in words


def test_why_there_is_no_way_back_outlives_the_journal(tmp_path: Path) -> None:
    """A sentence with a value in it once made a journal line that could not be read again."""
    way = Way("openeuler", tmp_path, machine=doca.with_ofed("openeuler"))
    assert way.apply().outcome == "reboot"
    way.host.reboot()
    assert way.apply().outcome == "applied"
    assert rollback.rollback(way.run, way.host) == "rolled-back"
    told = [event.text for event in journal.read(way.run / journal.NAME)[0] if event.state == "kept" and event.text]
    wanted = "It cannot be undone here: MLNX_OFED_LINUX-24.10-1.1.4.0 is installed again from its own image or package."
    assert wanted in told
