"""The proof of offload: flows under traffic, an honest word without, and the first reason where there are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks import flows, offload
from sriov_tui.facts import Feature, HostFacts, OvsBridge, Representor, TextFile
from sriov_tui.model import HOST_LOCAL_CONF, Level
from tests import mellanox_machines as cards
from tests import offload_machines as hosts
from tests.checks.common import found
from tests.mellanox_machines import NET0, PF0
from tests.offload_machines import ONE, facts_of, want
from tests.sriov_tui.simulated.test_mellanox import Bench

REP = "enp3s0f0_0"


def ready(model: str = "connectx-6-dx", **ovs: object) -> HostFacts:
    """All is set up, and a representor is in a bridge."""
    facts = hosts.with_pf(hosts.in_place(facts_of(cards.connectx(model))), representors=(Representor(0, REP),))
    return hosts.with_ovs(facts, bridges=(OvsBridge(name="br1", ports=(NET0, REP)),), **ovs)


def without_tc(facts: HostFacts) -> HostFacts:
    return hosts.with_link(facts, hw_tc_offload=Feature(on=False))


def without_groups(facts: HostFacts) -> HostFacts:
    file = TextFile(path=HOST_LOCAL_CONF, state="present", text="disable_security_group: true\n", sha256="s")
    return replace(facts, files=tuple(file if f.path == HOST_LOCAL_CONF else f for f in facts.files))


@pytest.mark.parametrize(
    ("facts", "level", "words"),
    [
        (ready(flows=9, offloaded=4, offloaded_sample=("flow",)), Level.OK, "forwards 4 of 9 flows"),
        (ready(flows=0, offloaded=0), Level.INFO, "No traffic yet"),
        (ready(flows=None, offloaded=None), Level.INFO, "is open"),
        (ready(flows=9, hw_offload=False), Level.WARN, "hw-offload is not set"),
        (ready(flows=9, log=("started",)), Level.WARN, "has not started since"),
        (without_tc(ready(flows=9)), Level.WARN, "hw-tc-offload is off"),
        (replace(ready(flows=9), ovs=replace(ready(flows=9).ovs, bridges=())), Level.WARN, "no representor"),
        (ready("connectx-5", flows=9), Level.WARN, "security groups"),
        (without_groups(ready("connectx-5", flows=9, tc_policy="skip_hw")), Level.WARN, "tc-policy is skip_hw"),
        (ready(flows=9), Level.WARN, "did not take their rules"),
    ],
)
def test_flows(facts: HostFacts, level: Level, words: str) -> None:
    finding = found(flows, facts, ONE)["offload.flows host"]
    assert (finding.level, words in finding.title) == (level, True), finding.title
    assert finding.fix or level is Level.OK


def test_without_traffic_it_says_what_would_keep_it_off() -> None:
    finding = found(flows, without_tc(ready(flows=0)), ONE)["offload.flows host"]
    assert finding.detail == "With traffic there would be none either: hw-tc-offload is off."
    assert found(flows, ready(flows=0), ONE)["offload.flows host"].detail == ""


def test_nothing_before_switchdev() -> None:
    assert not found(flows, facts_of(cards.connectx()), ONE)


def test_under_simulated_traffic(tmp_path: Path) -> None:
    host = Bench.create(cards.connectx(), tmp_path)
    assert isinstance(host, Bench)
    host.switchdev(PF0)
    host.change(lambda machine: machine.simulation["ovs"].update(traffic=True))
    host.go("ovs-vsctl set Open_vSwitch . other_config:hw-offload=true")
    for command in ("add-br br1", f"add-port br1 {NET0}", f"add-port br1 {REP}"):
        host.go(f"ovs-vsctl {command}")
    host.go("systemctl restart openvswitch-switch")
    assert "hw-tc-offload is off" in found(flows, host.facts(), ONE)["offload.flows host"].title
    for netdev in (NET0, REP):
        host.go(f"ethtool -K {netdev} hw-tc-offload on")
    assert found(flows, host.facts(), ONE)["offload.flows host"].level is Level.OK


@pytest.mark.parametrize(
    ("name", "words"), [("infiniband", "InfiniBand"), ("dpu", "DPU mode"), ("factory_new", "vendor driver")]
)
def test_who_cannot(name: str, words: str) -> None:
    finding = found(offload, facts_of(getattr(cards, name)()), ONE)[f"offload.possible {PF0}"]
    assert (finding.blocks, words in finding.title) == (True, True)


def test_subfunctions_block() -> None:
    facts = facts_of(cards.connectx())
    facts = replace(facts, links=(*(facts.links or ()), hosts.subfunction()))
    finding = found(offload, facts, ONE)[f"offload.subfunctions {PF0}"]
    assert (finding.blocks, "en3f0pf0sf88" in finding.title) == (True, True)
    assert f"offload.subfunctions {PF0}" not in found(offload, facts, want(use="sriov"))


@pytest.mark.parametrize(("model", "asked"), [("connectx-5", True), ("connectx-6-dx", False), ("connectx-6-lx", False)])
def test_security_groups_on_old_cards(model: str, asked: bool) -> None:
    facts, key = facts_of(cards.connectx(model)), f"offload.security-group {PF0}"
    finding = found(offload, facts, ONE).get(key)
    assert bool(finding) is asked
    if finding is not None:
        assert finding.fix is not None
        assert all(word in finding.fix.manual for word in ("/etc/yunion/host_local.conf", "ConfigMap"))
        assert found(offload, without_groups(facts), ONE)[key].level is Level.OK
