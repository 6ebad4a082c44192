"""The vendor's driver on a simulated CentOS 7.9: installed, loaded by the boot, taken back; and failing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import checks
from checks import agent
from sriov_tui import plan as plans
from sriov_tui.hosts.machine import Machine
from sriov_tui.model import MEDIA_DIR, Choices, Event, Plan, RunView
from sriov_tui.probe import gather
from sriov_tui.run import rollback, store
from sriov_tui.run import view as run_view
from sriov_tui.run.engine import apply
from sriov_tui.simulated import SimulatedHost
from tests import driver_machines as driver


class Way:
    """One plan on one simulated machine."""

    def __init__(self, machine: Machine, folder: Path, restart: str = "boot") -> None:
        self.host = SimulatedHost.create(machine, folder)
        facts, choices = driver.choose(gather(self.host), machine, restart=restart)
        self.choices = replace(choices, nics=tuple(replace(nic, numvfs=64) for nic in choices.nics))
        self.plan = plans.build(facts, self.choices, checks.evaluate(facts, self.choices)[1])
        self.run = store.create(self.plan, f"simulated:{folder}", folder / "state", facts)

    def apply(self) -> RunView:
        apply(self.run, self.host)
        return run_view.view(self.run)

    def levels(self) -> dict[str, str]:
        found, _ = checks.evaluate(gather(self.host), self.choices)
        return {finding.key: finding.level.name for finding in found}

    def opened(self) -> bool:
        """Whether anything is left of the image."""
        machine = self.host.machine
        return MEDIA_DIR in machine.dirs or MEDIA_DIR.encode() in machine.files["/proc/self/mounts"]


def of(plan: Plan, id: str) -> int:
    """The place of a step."""
    return [step.id for step in plan.steps].index(id)


def test_from_a_bare_card_to_switchdev_over_one_reboot(tmp_path: Path) -> None:
    way = Way(driver.centos7(), tmp_path)
    assert of(way.plan, "driver.install") < (way.plan.reboot_after or 0)
    view = way.apply()
    assert (view.outcome, way.opened()) == ("reboot", False)
    assert "Installing mlnx-ofa_kernel-5.8-7.0.6.1..." in view.output
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


def test_the_way_back_leaves_the_machine_as_it_was(tmp_path: Path) -> None:
    way = Way(driver.centos7(), tmp_path)
    before = dict(way.host.machine.files)
    assert way.apply().outcome == "reboot"
    way.host.reboot()
    assert way.apply().outcome == "applied"
    assert rollback.rollback(way.run, way.host) == "rolled-back"
    way.host.reboot()
    after = way.host.machine.files
    kept = ("/boot/initramfs", "/lib/modules", "/usr/sbin/ofed", "/etc/init.d", "/usr/bin/ofed", "/run")
    assert {p: d for p, d in after.items() if p.startswith(kept)} == {
        p: d for p, d in before.items() if p.startswith(kept)
    }
    assert gather(way.host).mlx5.loaded_vendor is False  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("missing packages", "Run `yum install tcl tk gcc-gfortran`, then run `sriov-tui resume`."),
        ("failed build", "could not be built for the kernel 5.4.130"),
        ("disk full", "It needs 600 MiB in /tmp."),
        ("prompt", "a question that nobody can answer here: Do you want to continue?[y/N]:"),
        ("not the distribution", "for rhel7.9, another distribution"),
        ("no card", "finds no card that it is for"),
    ],
)
def test_each_failure_has_its_cause_and_the_image_is_closed(tmp_path: Path, end: str, words: str) -> None:
    way = Way(driver.centos7(end=end), tmp_path)
    view = way.apply()
    assert view.outcome == "failed"
    assert view.error.startswith("The driver's installer failed: ")
    assert words in view.error
    assert not way.opened()
    assert rollback.rollback(way.run, way.host) == "rolled-back"


def test_after_the_cause_is_mended_resume_goes_on(tmp_path: Path) -> None:
    way = Way(driver.centos7(end="missing packages"), tmp_path)
    assert way.apply().outcome == "failed"
    way.host.change(lambda machine: machine.simulation["media"][driver.PATH].update(end="success"))
    assert way.apply().outcome == "reboot"


def test_another_image_in_its_place_is_not_run(tmp_path: Path) -> None:
    way = Way(driver.centos7(), tmp_path)
    way.host.change(lambda machine: machine.files.update({driver.PATH: b"other"}))
    view = way.apply()
    assert view.outcome == "failed"
    assert "is not the image that was chosen: its SHA-256 is d9298a10" in view.error
    assert "Installing" not in "".join(view.output)


def test_what_a_cut_run_left_mounted_is_closed_first(tmp_path: Path) -> None:
    way = Way(driver.centos7(), tmp_path)
    way.host.run(("mkdir", "-p", MEDIA_DIR), 1, lambda line: None)
    way.host.run(("mount", driver.PATH, MEDIA_DIR), 1, lambda line: None)
    assert way.opened()
    assert way.apply().outcome == "reboot"
    assert not way.opened()


def test_loaded_at_once_where_nothing_uses_the_cards(tmp_path: Path) -> None:
    way = Way(driver.centos7(), tmp_path, restart="now")
    place = of(way.plan, "driver.restart")
    assert place > of(way.plan, "driver.install")
    way.apply()
    assert gather(way.host).mlx5.loaded_vendor  # type: ignore[union-attr]


def test_the_stage_is_told_while_the_installer_is_at_work() -> None:
    facts, choices = driver.choose(driver.facts_of(machine := driver.centos7()), machine)
    plan = plans.build(facts, choices, checks.evaluate(facts, choices)[1])
    number = next(n for n, _, _, act in plans.operations(plan) if "mlnxofedinstall" in str(act))
    events = tuple(
        Event(kind="output", at="", number=number, text=text)
        for text in (
            "Checking if all needed packages are installed...",
            "Building MLNX_OFED_LINUX RPMS . Please wait...",
        )
    )
    assert run_view.fold("r", plan, events, running=True).stage == (3, 9, "builds the packages for this kernel")
    assert run_view.fold("r", plan, events).stage is None
    assert run_view.fold("r", plan, (), running=True).stage is None
    later = (*events, Event(kind="output", at="", number=number + 1, text="dracut"))
    assert run_view.fold("r", plan, later, running=True).stage is None


def test_choices_go_through_the_answers_file() -> None:
    import tomllib

    from sriov_tui.services.answers import decode_answers, encode_answers

    machine = driver.centos7()
    facts, choices = driver.choose(driver.facts_of(machine), machine)
    text = encode_answers(choices, facts)
    assert f'image = "{driver.PATH}"' in text
    read: Choices = decode_answers(tomllib.loads(text), "answers")
    assert read.driver == choices.driver
