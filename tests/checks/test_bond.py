"""Bonds: refused where they would not work, made by the tool in use, taken back byte for byte, and forwarded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import checks
from checks import agent, bond, lag
from checks.bonding import wish
from sriov_tui import confirming, runs
from sriov_tui import plan as plans
from sriov_tui.bond_choice import BOND_MODES, BondMode
from sriov_tui.engine import apply
from sriov_tui.facts import Address, Bond, Holder, HostFacts, Lag, Link, OvsBridge, SshSession, Vf
from sriov_tui.host import Reader
from sriov_tui.machine import Machine
from sriov_tui.model import HOST_CONF, Choices, Level, Outcome
from sriov_tui.probe import gather
from sriov_tui.rollback import rollback
from sriov_tui.simulated import SimulatedHost
from tests import bond_machines as hosts
from tests import mellanox_machines as cards
from tests.bond_machines import IGB0, IGB1, TOOLS
from tests.checks.common import found, steps
from tests.mellanox_machines import NET0, NET1, PF0
from tests.offload_machines import facts_of, pf_of, with_link, with_ovs, with_pf

IGB = Choices(bonds=(hosts.bond("active-backup", (IGB0, IGB1)),))


def ready() -> HostFacts:
    """A ConnectX-6 Dx with 8 VFs in its firmware; network-scripts."""
    return facts_of(hosts.configured(cards.connectx(), "network-scripts"))


# -- refusals ----------------------------------------------------------------------------------------------------------


def two_cards(facts: HostFacts) -> HostFacts:
    pfs = tuple(replace(pf, address="0000:05:00.0") if pf.address == cards.PF1 else pf for pf in facts.pfs or ())
    return replace(facts, pfs=pfs)


def held(facts: HostFacts) -> HostFacts:
    vf = Vf(index=0, address="0000:03:01.0", driver="vfio-pci", holders=(Holder(pid=7, command="qemu", vm="web"),))
    return with_pf(facts, numvfs=1, vfs=(vf,))


def many(facts: HostFacts) -> HostFacts:
    return with_pf(facts, totalvfs=65)


def session(facts: HostFacts) -> HostFacts:
    return replace(facts, ssh=SshSession(client="1", server="2", links=(NET0,), pfs=(PF0,)))


def in_bridge(facts: HostFacts) -> HostFacts:
    return with_ovs(facts, bridges=(OvsBridge(name="br1", ports=(NET0,)),))


def in_bond(facts: HostFacts) -> HostFacts:
    return with_link(facts, NET0, master="bond7")


def with_macvlan(facts: HostFacts) -> HostFacts:
    return replace(facts, links=(*(facts.links or ()), Link(name="mv0", index=99, kind="macvlan", parent=NET0)))


def both_carry(facts: HostFacts) -> HostFacts:
    for name in (NET0, NET1):
        facts = with_link(facts, name, addresses=(Address(ip="10.9.0.1", prefixlen=24),))
    return facts


def by_hand(facts: HostFacts) -> HostFacts:
    return with_link(facts, NET0, addresses=(Address(ip="10.9.0.1", prefixlen=24),))


def no_tool(facts: HostFacts) -> HostFacts:
    return replace(facts, network_managers=None)


def mode_0(facts: HostFacts) -> HostFacts:
    link = Link(name="bond0", index=99, kind="bond", bond=Bond(mode="balance-rr", ports=(NET0, NET1)))
    return replace(facts, links=(*(facts.links or ()), link))


def infiniband(facts: HostFacts) -> HostFacts:
    return with_link(facts, NET1, arphrd=32)


def blind(facts: HostFacts) -> HostFacts:
    return replace(facts, links=None)


REFUSALS = [
    (two_cards, "card", "on two cards"),
    (held, "held", "held by the virtual machine web"),
    (many, "vfs", "65 VFs"),
    (session, "session", "SSH session"),
    (in_bridge, "bridge", "bridge br1"),
    (in_bond, "bridge", "bond7"),
    (with_macvlan, "bridge", "mv0 (macvlan)"),
    (both_carry, "config", "Both"),
    (by_hand, "config", f"No file of /etc/sysconfig/network-scripts configures {NET0}"),
    (no_tool, "config", "could not be read"),
    (mode_0, "wish", "already there: a bond in mode balance-rr"),
    (infiniband, "wish", "InfiniBand"),
    (blind, "wish", "could not be read"),
]


@pytest.mark.parametrize(("change", "topic", "words"), REFUSALS)
def test_what_would_not_work_is_refused_with_a_way_out(
    change: Callable[[HostFacts], HostFacts], topic: str, words: str
) -> None:
    choices = hosts.wish()
    facts = change(ready())
    if change is two_cards:
        choices = replace(choices, nics=tuple(replace(n, address=n.address.replace(cards.PF1, "0000:05:00.0"))
                                              for n in choices.nics),
                          bonds=(hosts.bond(ports=(PF0, "0000:05:00.0")),))  # fmt: skip
    finding = found(bond, facts, choices)[f"bond.{topic} bond0"]
    assert (finding.level, finding.blocks, words in finding.title) == (Level.FAIL, True, True), finding.title
    assert finding.fix
    assert not steps(bond, facts, choices)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"ports": (PF0,)}, "1 of its ports"), ({"ports": (PF0, PF0)}, "1 of its ports"), ({"name": "a b"}, "no name"),
     ({"name": "x" * 16}, "no name"), ({"name": "mgmt0"}, "already there: a network card")],
)  # fmt: skip
def test_a_bond_that_is_none_is_refused(changes: dict[str, object], words: str) -> None:
    choice = replace(hosts.bond(), **changes)  # type: ignore[arg-type]
    finding = found(bond, ready(), replace(hosts.wish(), bonds=(choice,)))[f"bond.wish {choice.name}"]
    assert finding.blocks
    assert words in finding.title


def test_two_bonds_of_one_port_are_refused() -> None:
    choices = replace(hosts.wish(), bonds=(hosts.bond(), replace(hosts.bond(), name="bond1")))
    assert "in common" in found(bond, ready(), choices)["bond.wish bond1"].title


def test_a_long_vlan_name_is_refused() -> None:
    choices = replace(IGB, bonds=(replace(IGB.bonds[0], name="bond-of-vlan"),))
    assert "too long" in found(bond, facts_of(hosts.carrying("ifupdown")), choices)["bond.config bond-of-vlan"].title


def test_the_session_is_moved_only_with_confirm_or_revert() -> None:
    facts = facts_of(hosts.carrying("ifupdown", session=True))
    assert found(bond, facts, IGB)["bond.session bond0"].blocks
    allowed = Choices(bonds=(replace(IGB.bonds[0], over_session=True),))
    finding = found(bond, facts, allowed)["bond.session bond0"]
    assert (finding.level, finding.blocks) == (Level.WARN, False)
    step = steps(bond, facts, allowed)["bond.make:bond0"]
    assert (step.confirm, step.disrupts) == (90.0, "ssh")
    assert steps(bond, facts_of(hosts.carrying("ifupdown")), IGB)["bond.make:bond0"].confirm == 0


def test_addresses_that_a_router_gives_to_every_port_move_nothing() -> None:
    facts = ready()
    for name in (NET0, NET1):
        facts = with_link(facts, name, addresses=(Address(ip="2001:db8::7", prefixlen=64),))
    assert len(wish.carriers(facts, hosts.bond())) == 2
    facts = with_link(facts, NET1, addresses=(Address(ip="192.0.2.7", prefixlen=24),))
    assert wish.carriers(facts, hosts.bond()) == (NET1,)


def test_one_port_that_offloads_and_one_that_does_not_are_refused() -> None:
    choices = hosts.wish()
    mixed = replace(choices, nics=(choices.nics[0], replace(choices.nics[1], use="sriov")))
    assert "the other not" in found(bond, ready(), mixed)["bond.card bond0"].title


# -- bonds that are there ----------------------------------------------------------------------------------------------


def bonded(facts: HostFacts, ports: tuple[str, ...] = (NET0, NET1), state: str = "active") -> HostFacts:
    """The facts with bond0 there, both ports in switchdev mode."""
    pfs = []
    for pf in facts.pfs or ():
        there = Lag(state=state, type="switchdev" if state == "active" else "")
        changes = {"numvfs": 8, "eswitch": replace(pf.eswitch, mode="switchdev"), "lag": there} if pf.eswitch else {}
        pfs.append(replace(pf, **changes))  # type: ignore[arg-type]
    links = [replace(link, master="bond0") if link.name in ports else link for link in facts.links or ()]
    links.append(Link(name="bond0", index=99, kind="bond", bond=Bond(mode="802.3ad", ports=ports)))
    return replace(facts, pfs=tuple(pfs), links=tuple(links))


OFFLOAD = replace(hosts.wish(), bonds=())


@pytest.mark.parametrize(
    ("state", "level", "words"),
    [("active", Level.OK, "VF-LAG is active"), ("disabled", Level.FAIL, "not active")],
)
def test_lag_is_read_back(state: str, level: Level, words: str) -> None:
    finding = found(lag, bonded(ready(), state=state), OFFLOAD)["bond.lag bond0"]
    assert (finding.level, words in finding.title) == (level, True)
    step = steps(lag, bonded(ready(), state=state), OFFLOAD)[f"bond.lag-unit:{cards.CARD}"]
    assert step.disrupts == ("no" if state == "active" else "reboot")


def test_a_lag_that_cannot_be_read_is_not_called_broken() -> None:
    facts = bonded(ready())
    facts = replace(facts, pfs=tuple(replace(pf, lag=None) for pf in facts.pfs or ()))
    assert found(lag, facts, OFFLOAD)["bond.lag bond0"].level is Level.INFO


@pytest.mark.parametrize(
    ("ports", "words"),
    [
        ((NET0,), "not of every port"),
        ((NET0, NET1, "mgmt0"), "on different cards"),
        ((NET0, NET1, "veth0"), "on no such card (veth0)"),
    ],
)
def test_ports_that_the_card_cannot_join(ports: tuple[str, ...], words: str) -> None:
    finding = found(lag, bonded(ready(), ports), OFFLOAD)["bond.card bond0"]
    assert finding.blocks
    assert words in finding.title
    assert not steps(lag, bonded(ready(), ports), OFFLOAD)


def test_a_bridge_that_still_holds_a_port_is_found() -> None:
    facts = with_ovs(bonded(ready()), bridges=(OvsBridge(name="br1", ports=(NET1,)),))
    finding = found(lag, facts, OFFLOAD)["bond.bridge bond0"]
    assert finding.blocks
    assert finding.fix is not None
    assert finding.fix.manual == f"ovs-vsctl del-port br1 {NET1}"


def test_vfs_that_a_driver_has_are_made_anew_before_the_bond() -> None:
    facts = bonded(ready(), (), "disabled")
    facts = replace(facts, links=tuple(link for link in facts.links or () if link.name != "bond0"))
    facts = with_pf(facts, vfs=(Vf(index=0, address="0000:03:01.0", driver="vfio-pci", holders=()),))
    step = steps(bond, facts, hosts.wish())["bond.make:bond0"]
    values = [op.value for op in step.operations if hasattr(op, "value")]
    assert values == ["0", "0", "8", "1"]


# -- from the wish to the bond and back --------------------------------------------------------------------------------


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


def carry_out(host: SimulatedHost, choices: Choices, tmp_path: Path) -> tuple[Path, Outcome]:
    """Apply what the checks plan, to the first stop."""
    first = gather(host)
    findings, made = checks.evaluate(first, choices)
    assert [finding.title for finding in findings if finding.blocks] == []
    run = runs.create(plans.build(first, choices, made), "simulated:.", tmp_path / "state")
    return run, apply(run, host, lambda: gather(host))


def prove(host: SimulatedHost, run: Path, choices: Choices) -> HostFacts:
    """Everything that the plan promised is so."""
    after = gather(host)
    assert plans.unresolved(runs.read_plan(run), checks.evaluate(after, choices)[0]) == ()
    return after


@pytest.mark.parametrize("mode", BOND_MODES)
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
    run = runs.create(plan, "simulated:.", tmp_path / "state")
    clock = iter(range(0, 10_000, 50))
    watch = confirming.Watch(now=lambda: float(next(clock)), sleep=lambda seconds: None)
    assert apply(run, host, watch=watch) == "unconfirmed"
    assert tree(host) == files
    assert network(gather(host)) == network(before)


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
    assert "listen_interface: bond0\n" in text
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
    host = host_of(hosts.centos79(), tmp_path)
    files, choices = tree(host), hosts.wish(numvfs=64)
    first = gather(host)
    assert (first.os.id, first.os.version, first.network_managers) == ("centos", "7", ("network-scripts",))
    run, outcome = carry_out(host, choices, tmp_path)
    assert outcome == "reboot"
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
