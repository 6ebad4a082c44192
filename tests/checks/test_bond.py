"""Bonds from the wish to the kernel and back: by each tool, unconfirmed, offloaded, and on CentOS 7.9 all the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import checks
from checks import agent
from checks.bonding import wish
from sriov_tui import plan as plans
from sriov_tui.facts import HostFacts, Lag
from sriov_tui.hosts.host import Reader
from sriov_tui.hosts.machine import Machine
from sriov_tui.model import BOND_CHOICES, HOST_CONF, BondMode, Choices, Outcome
from sriov_tui.probe import gather
from sriov_tui.run import confirmation, store
from sriov_tui.run.engine import apply
from sriov_tui.run.journal import NAME, read
from sriov_tui.run.rollback import rollback
from sriov_tui.simulated import SimulatedHost
from tests import bond_machines as hosts
from tests import driver_machines
from tests import mellanox_machines as cards
from tests.bond_machines import IGB0, IGB1, TOOLS
from tests.mellanox_machines import NET0, NET1, PF0
from tests.offload_machines import facts_of, pf_of

WAY = (f"firmware.vfs:{cards.CARD}", "driver.install", "eswitch.at-boot", f"bond.lag-unit:{cards.CARD}",
       "bond.make:bond0", "hostconf.write")  # fmt: skip
IGB = Choices(bonds=(hosts.bond("active-backup", (IGB0, IGB1)),))


class Clock:
    """Time that goes on only while somebody sleeps, or a command is slow."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.watch = confirmation.Watch(now=lambda: self.seconds, sleep=self.pass_by)

    def pass_by(self, seconds: float) -> None:
        self.seconds += max(1.0, seconds)


def host_of(machine: Machine, tmp_path: Path) -> SimulatedHost:
    return SimulatedHost.create(machine, tmp_path / "machine")


def tree(host: Reader) -> dict[str, bytes]:
    """Every file below /etc of a simulated machine."""
    assert isinstance(host, SimulatedHost)
    return {path: data for path, data in host.machine.files.items() if path.startswith("/etc/")}


def network(facts: HostFacts) -> list[object]:
    """What the links carry, without the order and the numbers of the kernel."""
    links = [(link.name, link.master, link.parent, link.addresses) for link in facts.links or ()]
    return [sorted(links, key=lambda row: row[0]), sorted((r.destination, r.link) for r in facts.routes or ())]


def carry_out(
    host: SimulatedHost, choices: Choices, tmp_path: Path, first: HostFacts | None = None
) -> tuple[Path, Outcome]:
    """Apply what the checks plan, to the first stop."""
    first = first or gather(host)
    findings, made = checks.evaluate(first, choices)
    assert [finding.title for finding in findings if finding.blocks] == []
    run = store.create(plans.build(first, choices, made), "simulated:.", tmp_path / "state")
    return run, apply(run, host, lambda: gather(host))


def prove(host: SimulatedHost, run: Path, choices: Choices) -> HostFacts:
    """Everything that the plan promised is so."""
    after = gather(host)
    assert plans.unresolved(store.read_plan(run), checks.evaluate(after, choices)[0]) == ()
    return after


@pytest.mark.parametrize("mode", BOND_CHOICES)
@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_port_carries_moves_to_the_bond_and_back(tool: str, mode: BondMode, tmp_path: Path) -> None:
    host = host_of(hosts.carrying(tool), tmp_path)
    before, files = gather(host), tree(host)
    choices = Choices(bonds=(hosts.bond(mode, (IGB0, IGB1)),))
    run, outcome = carry_out(host, choices, tmp_path)
    assert outcome == "applied"
    for restarted in (False, True):
        if restarted:
            host.reboot()
        after = prove(host, run, choices)
        made, vlan = after.link("bond0"), after.link("bond0.100")
        assert made is not None
        assert made.bond is not None
        assert (made.bond.mode, set(made.bond.ports)) == (mode, {"enp1s0", "enp2s0"})
        assert vlan is not None
        assert [a.ip for link in (made, vlan) for a in link.addresses] == ["192.0.2.7", "203.0.113.7"]
        assert (vlan.parent, after.link("enp2s0.100")) == ("bond0", None)
    assert rollback(run, host) == "rolled-back"
    assert tree(host) == files
    assert network(gather(host)) == network(before)


def test_an_unconfirmed_bond_is_undone_by_itself(tmp_path: Path) -> None:
    host = host_of(hosts.carrying("systemd-networkd", session=True), tmp_path)
    before, files = gather(host), tree(host)
    choices = Choices(bonds=(replace(IGB.bonds[0], over_session=True),))
    plan = plans.build(before, choices, checks.evaluate(before, choices)[1])
    run = store.create(plan, "simulated:.", tmp_path / "state")
    assert apply(run, host, watch=Clock().watch) == "unconfirmed"
    assert tree(host) == files
    assert network(gather(host)) == network(before)


@pytest.mark.parametrize(("slow", "outcome"), [(5.0, "unconfirmed"), (50.0, "failed")])
def test_a_slow_tool_is_measured_and_one_that_takes_too_long_is_undone(
    slow: float, outcome: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time to confirm begins when the bond is there; the tool has as long for its own work."""
    host, clock = host_of(hosts.carrying("systemd-networkd", session=True), tmp_path), Clock()
    before, files, timeouts = gather(host), tree(host), []
    choices = Choices(bonds=(replace(IGB.bonds[0], over_session=True),))
    run_one = SimulatedHost.run

    def slowly(self: SimulatedHost, argv: Any, timeout: float, *rest: Any, **more: Any) -> Any:
        timeouts.append(timeout)
        clock.pass_by(slow)
        return run_one(self, argv, timeout, *rest, **more)

    monkeypatch.setattr(SimulatedHost, "run", slowly)
    run = store.create(plans.build(before, choices, checks.evaluate(before, choices)[1]), "simulated:.", tmp_path / "s")
    assert apply(run, host, watch=clock.watch) == outcome
    events = read(run / NAME)[0]
    waiting = [event for event in events if event.kind == "confirm" and event.state == "waiting"]
    if outcome == "unconfirmed":
        took = float(waiting[0].before["until"]) - 90 - float(waiting[0].before["armed"])
        assert f"The change took {took:.1f} s" in str(waiting[0].text)
        assert took >= 5 * slow
    else:
        assert not waiting
        assert "is not done within 90 s" in str(events[-1].text)
    assert max(timeouts[:2]) <= 90
    assert tree(host) == files
    assert network(gather(host)) == network(before)


def test_host_conf_follows_also_where_no_card_is_chosen(tmp_path: Path) -> None:
    machine = hosts.carrying("ifupdown")
    conf = machine.files[HOST_CONF].decode().replace("mgmt0", "enp2s0").replace("10.0.2.15", "192.0.2.7")
    machine.files[HOST_CONF] = f"{conf}sriov_nics: [enp1s0, enp2s0]\n".encode()
    host = host_of(machine, tmp_path)
    assert carry_out(host, IGB, tmp_path)[1] == "applied"
    text = tree(host)[HOST_CONF].decode()
    assert "- bond0/br0/192.0.2.7\n" in text
    assert "sriov_nics: [bond0]\n" in text


def test_host_conf_names_the_bond_where_it_named_the_port(tmp_path: Path) -> None:
    machine = hosts.carrying("ifupdown")
    conf = machine.files[HOST_CONF].decode().replace("mgmt0", "enp2s0").replace("10.0.2.15", "192.0.2.7  # house")
    machine.files[HOST_CONF] = conf.encode()
    host = host_of(machine, tmp_path)
    nics = hosts.wish(use="sriov").nics
    chosen = tuple(replace(nic, address=address) for nic, address in zip(nics, (IGB0, IGB1), strict=True))
    run, outcome = carry_out(host, replace(IGB, nics=chosen), tmp_path)
    assert outcome == "applied"
    text = tree(host)[HOST_CONF].decode()
    assert "listen_interface: br0\n" in text
    assert "- bond0/br0/192.0.2.7  # house\n" in text
    assert "sriov_nics:\n- bond0\n" in text
    assert len(agent.forecast(prove(host, run, replace(IGB, nics=chosen))).devices) == 14


@pytest.mark.parametrize("tool", TOOLS)
def test_an_idle_connectx_is_one_switch_at_once(tool: str, tmp_path: Path) -> None:
    host = host_of(hosts.configured(cards.connectx(), tool), tmp_path)
    files = tree(host)
    run, outcome = carry_out(host, hosts.wish(), tmp_path)
    assert outcome == "applied"
    after = prove(host, run, hosts.wish())
    assert pf_of(after).lag == Lag(state="active", type="switchdev", members=(PF0, cards.PF1))
    host.reboot()
    assert pf_of(prove(host, run, hosts.wish())).lag == pf_of(after).lag
    assert rollback(run, host) == "rolled-back"
    assert tree(host) == files


def test_centos_79_from_a_bare_card_to_128_offload_devices_and_back(tmp_path: Path) -> None:
    machine = hosts.centos79()
    host = host_of(machine, tmp_path)
    files = tree(host)
    first, choices = driver_machines.choose(gather(host), machine)
    choices = replace(hosts.wish(numvfs=64), driver=choices.driver)
    assert (first.os.id, first.os.version, first.network_managers) == ("centos", "7", ("network-scripts",))
    run, outcome = carry_out(host, choices, tmp_path, first)
    assert outcome == "reboot"
    assert set(WAY) <= {step.id for step in store.read_plan(run).steps}
    host.reboot()
    assert apply(run, host, lambda: gather(host)) == "applied"
    after = prove(host, run, choices)
    assert [(pf.numvfs, pf.eswitch and pf.eswitch.mode) for pf in after.pfs or () if pf.mellanox] == [
        (64, "switchdev")
    ] * 2
    assert [pf.lag and pf.lag.state for pf in after.pfs or () if pf.mellanox] == ["active"] * 2
    made = after.link("bond0")
    assert made is not None
    assert made.bond is not None
    assert (made.bond.mode, made.bond.ports) == ("802.3ad", (NET0, NET1))
    conf = tree(host)[HOST_CONF].decode()
    assert "- bond0/br1/bcast0\n" in conf
    assert "ovs_offload_nics:\n- bond0\n" in conf
    assert len(agent.forecast(after).offload.devices) == 128
    assert rollback(run, host) == "rolled-back"
    host.reboot()
    back = gather(host)
    assert tree(host) == files
    assert (back.link("bond0"), [pf.totalvfs for pf in back.pfs or () if pf.mellanox]) == (None, [None, None])


def test_128_offload_devices_are_foreseen_before_anything_is_done() -> None:
    facts = facts_of(hosts.configured(cards.connectx(settings={}), "network-scripts"))
    foreseen = agent.foreseen(facts, hosts.wish(numvfs=64)).offload
    assert (foreseen.items, len(foreseen.devices)) == (("bond0",), 128)
    assert {device.wire for device in foreseen.devices} == {"bcast0"}


def test_the_host_as_it_will_be_has_the_bond() -> None:
    facts = facts_of(hosts.carrying("ifupdown", session=True))
    made = wish.as_made(facts, IGB)
    assert made.ssh is not None
    assert made.ssh.links == ("bond0", "enp1s0", "enp2s0")
    assert wish.as_made(facts, Choices()) is facts
