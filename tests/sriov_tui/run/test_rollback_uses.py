"""A rollback takes away no VF that somebody uses, and cuts no session that nobody confirms: the same as going there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sriov_tui import plan as plans
from sriov_tui.hosts.machine import Machine, names
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, NicChoice, Outcome, Plan, Run, Step
from sriov_tui.probe import gather
from sriov_tui.run import confirmation, store, view
from sriov_tui.run.confirmation import Watch
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from sriov_tui.services.evaluation import evaluate
from sriov_tui.simulated import SimulatedHost
from sriov_tui.simulated.vfs import store_numvfs
from tests import machines
from tests.mellanox_machines import connectx
from tests.sriov_tui.probe.test_holders import USES
from tests.sriov_tui.run.test_confirmation import Clock, confirm_at

NUMVFS = f"/sys/bus/pci/devices/{machines.FIRST}/sriov_numvfs"
RULES = "/etc/udev/rules.d/80-sriov-tui.rules"


def applied(tmp_path: Path) -> tuple[SimulatedHost, Path]:
    """Seven VFs on the first of two igb ports, made now and at every boot."""
    host = SimulatedHost.create(machines.two_igb(), tmp_path / "machine")
    choices = Choices(nics=(NicChoice(address=machines.FIRST, use="sriov"),))
    facts = gather(host)
    run_dir = store.create(
        evaluate(facts, choices).plan, f"simulated:{tmp_path / 'machine'}", tmp_path / "state", facts
    )
    assert apply(run_dir, host, lambda: gather(host)) == "applied"
    assert count(host) == "7"
    return host, run_dir


def count(host: SimulatedHost) -> str:
    return host.read(NUMVFS).decode().strip()


def state(host: SimulatedHost) -> dict[str, bytes]:
    """What the run changed: files of ours and attributes, without the log."""
    return {path: data for path, data in host.machine.files.items() if path.startswith(("/etc/", NUMVFS))}


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("name", USES)
def test_each_use_of_a_vf_keeps_all_of_the_run(name: str, force: bool, tmp_path: Path) -> None:
    host, run_dir = applied(tmp_path)
    host.change(USES[name])
    before = state(host)
    assert rollback(run_dir, host, force) == "rollback-failed"
    assert state(host) == before
    error = view.view(run_dir).error
    assert "in use" in error or "cannot be seen" in error
    assert "run the same command again" in error or "Run the same command" in error


def test_a_port_that_carries_no_session_is_taken_back_at_once(tmp_path: Path) -> None:
    host, run_dir = applied(tmp_path)
    assert rollback(run_dir, host) == "rolled-back"
    assert (count(host), RULES in host.machine.files) == ("0", False)


def over_the_port(machine: Machine) -> None:
    index = next(row["index"] for row in machine.netlink["links"] if row["name"] == "enp1s0")
    machine.netlink["addresses"].append({"index": index, "ip": "192.168.7.7", "prefixlen": 24, "scope": "global"})
    machine.environment["SSH_CONNECTION"] = "192.168.7.9 5 192.168.7.7 22"


def untraced(machine: Machine) -> None:
    machine.environment["SSH_CONNECTION"] = "UNKNOWN 65535 UNKNOWN 65535"


SESSIONS: list[Callable[[Machine], None]] = [over_the_port, untraced]


def back(run_dir: Path, host: SimulatedHost, watch: Watch, **options: Any) -> Outcome:
    return rollback(run_dir, host, watch=watch, **options)


@pytest.mark.parametrize("session", SESSIONS)
def test_below_a_session_it_is_confirmed_or_applied_again(session: Callable[[Machine], None], tmp_path: Path) -> None:
    host, run_dir = applied(tmp_path)
    host.change(session)
    clock = Clock()
    seen: list[str] = []
    clock.on = lambda slept: seen.append(count(host))
    assert back(run_dir, host, clock.watch()) == "unconfirmed"
    assert set(seen) == {"0"}, "the VFs were away while it waited"
    assert count(host) == "7"
    assert "was applied again" in view.view(run_dir).error
    assert view.view(run_dir).confirm_until == 0.0
    assert 90 <= clock.time - 1000 < 92
    assert back(run_dir, host, Clock(confirm_at(run_dir, 30)).watch()) == "rolled-back"
    assert (count(host), RULES in host.machine.files) == ("0", False)


def test_the_guard_applies_it_again_where_the_engine_died(tmp_path: Path) -> None:
    host, run_dir = applied(tmp_path)
    host.change(over_the_port)

    class Killed(BaseException):
        pass

    def kill(slept: float) -> None:
        raise Killed

    with pytest.raises(Killed):
        back(run_dir, host, Clock(kill).watch())
    waits = confirmation.of(run_dir)
    assert waits is not None
    assert (waits.back, count(host)) == (True, "0")
    assert confirmation.guard(run_dir, host, Clock().watch()) == "unconfirmed"
    assert count(host) == "7"
    assert back(run_dir, host, Clock(confirm_at(run_dir, 1)).watch()) == "rolled-back"


def test_a_step_that_could_not_be_applied_again_is_not_taken_back_below_a_session(tmp_path: Path) -> None:
    host, run_dir = applied(tmp_path)
    host.change(over_the_port)
    (run_dir / store.PLAN).write_text("{")
    assert back(run_dir, host, Clock().watch()) == "rollback-failed"
    assert count(host) == "7"
    host.change(lambda machine: machine.environment.update(SSH_CONNECTION=""))
    assert back(run_dir, host, Clock().watch()) == "rolled-back"


def test_vfs_of_a_boot_below_a_session_stay_until_the_next_boot(tmp_path: Path) -> None:
    host = SimulatedHost.create(machines.two_igb(), tmp_path / "machine")
    host.change(over_the_port)
    facts = gather(host)
    choices = Choices(nics=(NicChoice(address=machines.FIRST, use="sriov"),))
    plan = evaluate(facts, choices).plan
    run_dir = store.create(plan, f"simulated:{tmp_path / 'machine'}", tmp_path / "state", facts)
    assert apply(run_dir, host, lambda: gather(host)) == "reboot"
    host.reboot()
    host.change(over_the_port)
    assert count(host) == "7"
    assert rollback(run_dir, host) == "rolled-back"
    assert (count(host), RULES in host.machine.files) == ("7", False)
    host.reboot()
    assert count(host) == "0"
    assert plans.operations(plan)


def test_a_driver_whose_vfs_are_held_is_not_reloaded(tmp_path: Path) -> None:
    machine = connectx()
    address = next(vf for vf in names(machine, "/sys/bus/pci/devices") if vf.startswith("0000:03:00"))
    store_numvfs(machine, address, "2")
    host = SimulatedHost.create(machine, tmp_path / "machine")
    assert gather(host).pf(address) is not None
    vf = next(vf for pf in gather(host).pfs or () for vf in pf.vfs)
    restart = Run(argv=("/etc/init.d/openibd", "restart"))
    plan = Plan(
        host=gather(host).hostname, steps=(Step(id="x", title=verbatim("x"), why=verbatim(""), operations=(restart,)),)
    )

    def hold(machine: Machine) -> None:
        assert machine.holders is not None
        machine.holders.append((f"/sys/bus/pci/devices/{vf.address}/vfio-dev/vfio0", 7, "qemu"))

    host.change(hold)
    run_dir = store.create(plan, f"simulated:{tmp_path / 'machine'}", tmp_path / "state")
    assert apply(run_dir, host) == "failed"
    assert f"{vf.address} by process 7 (qemu)" in view.view(run_dir).error
