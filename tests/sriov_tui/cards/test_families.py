"""A family is one entry in the table, and everything follows from it: the simulated kernel, wizard, plan, forecast,
commands for guests and troubleshooting. Each family of the table goes the whole way here."""

from __future__ import annotations

from pathlib import Path

import pytest

import checks
from checks.agent import foreseen
from checks.host_agent import guest_commands
from checks.troubleshooting import speaking_of
from sriov_tui import plan as plans
from sriov_tui.cards import FAMILIES, Driver, Family, Reaction, driver_named, obstacle
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.hosts.host import Host
from sriov_tui.model import Level, Plan
from sriov_tui.probe import gather
from sriov_tui.run import store
from sriov_tui.run.engine import apply
from sriov_tui.simulated import SimulatedHost
from tests.card_machines import NETDEV, PORT, TOTAL, WANT, by_sysfs, port_of
from tests.sriov_tui.simulated.contract import CONTRACT

ABLE = [family for family in FAMILIES if by_sysfs(family)]
UNABLE = [family for family in FAMILIES if not by_sysfs(family)]
NEED_UP = [family for family in ABLE if (driver := driver_named(family.driver)) and driver.needs_link_up]
NUMVFS = f"/sys/bus/pci/devices/{PORT}/sriov_numvfs"


def name_of(family: Family) -> str:
    return family.name


def driver_of(family: Family) -> Driver:
    driver = driver_named(family.driver)
    assert driver is not None
    return driver


def port(facts: HostFacts) -> Pf:
    pf = facts.pf(PORT)
    assert pf is not None
    return pf


def go(host: SimulatedHost, folder: Path) -> Plan:
    """Apply what the choices ask for; the plan."""
    facts = gather(host)
    plan = plans.build(facts, WANT, checks.evaluate(facts, WANT)[1])
    assert apply(store.create(plan, "simulated", folder), host) == "applied"
    return plan


@pytest.mark.parametrize("family", ABLE, ids=name_of)
def test_the_simulated_kernel_keeps_the_contract(family: Family, tmp_path: Path) -> None:
    host: Host = SimulatedHost.create(port_of(family), tmp_path)
    for clause in CONTRACT:
        clause(host, PORT)


@pytest.mark.parametrize("family", ABLE, ids=name_of)
def test_the_whole_way(family: Family, tmp_path: Path) -> None:
    host, driver = SimulatedHost.create(port_of(family), tmp_path / "host"), driver_of(family)
    facts = gather(host)
    assert obstacle(facts, port(facts)) is None
    findings = {finding.key: finding for finding in checks.evaluate(facts, WANT)[0]}
    assert findings[f"hardware.pf {PORT}"].level is Level.OK
    told = foreseen(facts, WANT)
    assert len(told.devices) == TOTAL
    assert told.devices[0].vendor_device_id == f"{family.vendor:04x}:{family.vfs[0]:04x}"
    assert any(family.guest in line for line in guest_commands.lines(told))
    changes = int(host.read(f"/sys/class/net/{NETDEV}/carrier_changes"))
    plan = go(host, tmp_path / "state")
    step = next(step for step in plan.steps if step.id == f"vfs.numvfs:{PORT}")
    assert step.disrupts == ("link" if driver.drops_link else "no")
    assert int(host.read(f"/sys/class/net/{NETDEV}/carrier_changes")) == changes + 2 * driver.drops_link
    facts = gather(host)
    assert port(facts).numvfs == TOTAL
    assert plans.unresolved(plan, checks.evaluate(facts, WANT)[0]) == ()
    host.reboot()
    facts = gather(host)
    assert port(facts).numvfs == TOTAL
    assert not any(step.id.startswith("vfs.") for step in checks.evaluate(facts, WANT)[1])


@pytest.mark.parametrize("family", NEED_UP, ids=name_of)
def test_where_the_link_must_be_up_it_is_raised_first_now_and_at_boot(family: Family, tmp_path: Path) -> None:
    host = SimulatedHost.create(port_of(family, up=False), tmp_path / "host")
    before = {finding.key: finding for finding in checks.evaluate(gather(host), WANT)[0]}
    assert before["agent.forecast host"].level is Level.WARN
    assert before[f"agent.partial-vfs {PORT}"].level is Level.WARN
    go(host, tmp_path / "state")
    assert port(gather(host)).numvfs == TOTAL
    host.reboot()
    facts = gather(host)
    assert port(facts).numvfs == TOTAL
    after = {finding.key: finding for finding in checks.evaluate(facts, WANT)[0]}
    assert after[f"vfs.at-boot {PORT}"].level is Level.OK
    assert after[f"drift.vfs {PORT}"].level is Level.OK


@pytest.mark.parametrize("family", UNABLE, ids=name_of)
def test_where_sysfs_is_no_way_nothing_is_planned_and_nothing_promised(family: Family, tmp_path: Path) -> None:
    host = SimulatedHost.create(port_of(family), tmp_path)
    facts = gather(host)
    found = obstacle(facts, port(facts))
    assert found is not None
    assert found.kind == "not-by-sysfs"
    findings, steps = checks.evaluate(facts, WANT)
    levels = {finding.key: finding.level for finding in findings}
    assert levels[f"vfs.count {PORT}"] is levels["agent.forecast host"] is Level.FAIL
    assert f"agent.partial-vfs {PORT}" not in levels
    assert not any(step.id.startswith("vfs.") for step in steps)
    with pytest.raises(FileNotFoundError):
        host.write_attribute(NUMVFS, str(TOTAL), 60.0)
    assert {entry.id for line in port_log(host) for entry in speaking_of([line])} == {"card.no-sysfs"}


def port_log(host: SimulatedHost) -> list[str]:
    """The lines of the kernel log about the port's driver and SR-IOV."""
    return [line for line in gather(host).kernel.log or () if PORT in line and "SR-IOV" in line]


REFUSALS = [(family, reaction) for family in ABLE for reaction in driver_of(family).reactions
            if reaction.when != "assigned"]  # fmt: skip


@pytest.mark.parametrize(
    ("family", "reaction"),
    [(family, reaction) for family, reaction in REFUSALS if not reaction.errno and reaction.when != "down"],
    ids=lambda one: getattr(one, "name", "") or one.when,
)
def test_a_refusal_that_is_called_a_success_fails_the_run(family: Family, reaction: Reaction, tmp_path: Path) -> None:
    machine = port_of(family)
    machine.simulation["conditions"] = {PORT: reaction.when}
    host = SimulatedHost.create(machine, tmp_path / "host")
    facts = gather(host)
    plan = plans.build(facts, WANT, checks.evaluate(facts, WANT)[1])
    assert apply(store.create(plan, "simulated", tmp_path / "state"), host) == "failed"
    assert port(gather(host)).numvfs == 0


@pytest.mark.parametrize(("family", "reaction"), REFUSALS, ids=lambda one: getattr(one, "name", "") or one.when)
def test_each_refusal_is_seen_by_reading_back_and_named_by_troubleshooting(
    family: Family, reaction: Reaction, tmp_path: Path
) -> None:
    machine = port_of(family, up=reaction.when != "down")
    machine.simulation["conditions"] = {PORT: reaction.when}
    host = SimulatedHost.create(machine, tmp_path)
    if reaction.errno:
        with pytest.raises(OSError, match=PORT):
            host.write_attribute(NUMVFS, "2", 60.0)
    else:
        host.write_attribute(NUMVFS, "2", 60.0)
    facts = gather(host)
    assert port(facts).numvfs == 0
    assert any(reaction.log in line and speaking_of([line]) for line in facts.kernel.log or ())


ALIASES = frozenset((Path(__file__).parents[2] / "data" / "pci_aliases.txt").read_text("utf-8").split("\n"))
"""`VENDOR:DEVICE MODULE` of these drivers, out of modules.alias of Debian's Linux 6.1.192 for x86-64."""
LATER = {"Broadcom BCM576xx", "AMD Pensando DSC", "Huawei Hi1823", "WangXun WX1860", "WangXun SP1000", "WangXun AML"}
ELSEWHERE = {"HiSilicon HNS"}  # on the board of an Arm server only
NOT_THERE = {"1137:02b7"}


@pytest.mark.parametrize(
    "family", [each for each in FAMILIES if each.name not in LATER | ELSEWHERE], ids=lambda each: each.name
)
def test_the_kernel_knows_these_ids(family: Family) -> None:
    ids = [(id, family.driver) for id in family.pfs] + [(id, family.guest) for id in family.vfs]
    wrong = [f"{family.vendor:04x}:{id:04x} {module}" for id, module in ids]
    assert {line for line in wrong if line not in ALIASES and line[:9] not in NOT_THERE} == set()
