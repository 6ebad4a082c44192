"""Bonds that are there: of which ports, forwarded by the card or not, and bridges that hold on to a port."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import bond, lag
from sriov_tui.facts import Bond, HostFacts, Lag, Link, OvsBridge, Vf
from sriov_tui.model import Level
from tests import bond_machines as hosts
from tests import mellanox_machines as cards
from tests.checks.common import found, steps
from tests.mellanox_machines import NET0, NET1
from tests.offload_machines import facts_of, with_ovs, with_pf


def ready() -> HostFacts:
    """A ConnectX-6 Dx with 8 VFs in its firmware; network-scripts."""
    return facts_of(hosts.configured(cards.connectx(), "network-scripts"))


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
