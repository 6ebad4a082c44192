"""Bonds, VF-LAG and Open vSwitch above simulated cards: what is active, what refuses, and what the logs say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sriov_tui.facts import Lag
from sriov_tui.hosts.machine import Machine
from tests import machines
from tests import mellanox_machines as cards
from tests.mellanox_machines import NET0, NET1, PF0, PF1
from tests.sriov_tui.simulated.test_mellanox import BUSY, DEVICES, Bench

ACTIVE = Lag(state="active", type="switchdev", members=(PF0, PF1))
UNBOUND = "Make sure all VFs are unbound prior to VF LAG activation or deactivation"
Make = Callable[[Machine], Bench]


@pytest.fixture
def bench(tmp_path: Path) -> Make:
    def make(machine: Machine) -> Bench:
        host = Bench.create(machine, tmp_path)
        assert isinstance(host, Bench)
        return host

    return make


def enslave(host: Bench, mode: str = "802.3ad", netdevs: tuple[str, ...] = (NET0, NET1)) -> None:
    if host.facts().link("bond0") is None:
        assert host.go(f"ip link add bond0 type bond mode {mode}") == (0, [])
        assert host.go("ip link set bond0 up") == (0, [])
    for netdev in netdevs:
        assert host.go(f"ip link set {netdev} down") == (0, [])
        assert host.go(f"ip link set {netdev} master bond0") == (0, [])


def lag(host: Bench) -> Lag | None:
    return host.pf(PF0).lag


@pytest.mark.parametrize("mode", ["active-backup", "balance-xor", "802.3ad", "1", "2", "4"])
def test_two_ports_in_switchdev_become_one(bench: Make, mode: str) -> None:
    host = bench(cards.connectx())
    host.switchdev(PF0)
    host.switchdev(PF1)
    assert lag(host) == Lag(state="disabled")
    enslave(host, mode, (NET0,))
    assert lag(host) == Lag(state="disabled")
    enslave(host, mode, (NET1,))
    assert lag(host) == host.pf(PF1).lag == ACTIVE
    assert "lag map: port 1:1 port 2:2" in host.log()
    bond = host.facts().link("bond0")
    assert bond is not None
    assert bond.bond is not None
    assert (bond.bond.ports, bond.carrier) == ((NET0, NET1), True)
    assert {port.mii for port in bond.bond.port_states} == {"up"}
    assert host.go(f"ip link set {NET1} nomaster") == (0, [])
    assert lag(host) == Lag(state="disabled")


@pytest.mark.parametrize("mode", ["balance-rr", "broadcast", "balance-tlb", "balance-alb"])
def test_other_modes_do_not(bench: Make, mode: str) -> None:
    host = bench(cards.connectx())
    host.switchdev(PF0)
    host.switchdev(PF1)
    enslave(host, mode)
    assert lag(host) == Lag(state="disabled")
    assert "Can't activate LAG offload, TX type isn't supported" in host.log()


def test_bound_vfs_keep_it_off_until_the_ports_are_enslaved_anew(bench: Make) -> None:
    host = bench(cards.connectx())
    host.switchdev(PF0)
    host.switchdev(PF1)
    vf = host.pf(PF0).vfs[0].address
    host.write_attribute("/sys/bus/pci/drivers/mlx5_core/bind", vf, 10.0)
    enslave(host)
    assert lag(host) == Lag(state="disabled")
    assert UNBOUND in host.log()
    host.unbind(PF0)
    assert lag(host) == Lag(state="disabled")
    host.go(f"ip link set {NET1} nomaster")
    enslave(host, netdevs=(NET1,))
    assert lag(host) == ACTIVE
    host.write_attribute("/sys/bus/pci/drivers/mlx5_core/bind", vf, 10.0)
    assert lag(host) == ACTIVE
    host.go(f"ip link set {NET1} nomaster")
    assert lag(host) == ACTIVE
    assert "Failed to deactivate VF LAG; driver restart required" in host.log()


def test_one_port_in_legacy_keeps_it_off(bench: Make) -> None:
    host = bench(cards.connectx())
    host.switchdev(PF0)
    host.numvfs(PF1, 2)
    enslave(host)
    assert lag(host) == Lag(state="disabled")
    host.unbind(PF1)
    assert host.go(f"devlink dev eswitch set pci/{PF1} mode switchdev") == (0, [])
    assert lag(host) == ACTIVE


def test_without_vfs_the_ports_form_a_roce_lag(bench: Make) -> None:
    host = bench(cards.connectx())
    enslave(host)
    assert lag(host) == Lag(state="active", type="roce", members=(PF0, PF1))


def test_more_than_64_vfs_keep_it_off(bench: Make) -> None:
    host = bench(cards.connectx(settings={"SRIOV_EN": "True(1)", "NUM_OF_VFS": "65"}))
    for pf in (PF0, PF1):
        host.write_attribute(f"{DEVICES}/{pf}/sriov_drivers_autoprobe", "0", 10.0)
        host.switchdev(pf, 65)
    enslave(host)
    assert lag(host) == Lag(state="disabled")
    assert "more than 64 VFs" in host.log()


def test_a_third_port_keeps_it_off(bench: Make) -> None:
    host = bench(cards.connectx())
    host.switchdev(PF0)
    host.switchdev(PF1)
    enslave(host, netdevs=(NET0, NET1, "mgmt0"))
    assert lag(host) == Lag(state="disabled")


def test_a_card_with_one_port_has_none(bench: Make) -> None:
    assert bench(cards.connectx("connectx-7", ports=1)).pf(PF0).lag is None


def test_a_port_that_is_up_is_not_taken(bench: Make) -> None:
    host = bench(cards.connectx())
    host.go("ip link add bond0 type bond mode 4")
    assert host.go(f"ip link set {NET0} master bond0") == (2, ["Error: Device can not be enslaved while up."])
    assert host.go("ip link add bond0 type bond mode 4")[0] == 2
    assert host.go("ip link del bond0") == (0, [])
    assert host.facts().link("bond0") is None


def test_a_switch_without_lacp_leaves_the_ports_apart(bench: Make) -> None:
    host = bench(machines.bond_ssh())
    link = host.facts().link("bond0")
    assert link is not None
    assert link.bond is not None
    assert link.bond.lacp is not None
    assert link.bond.lacp.answered
    host.change(lambda machine: machine.simulation.update(lacp_partner=""))
    link = host.facts().link("bond0")
    assert link is not None
    assert link.bond is not None
    assert link.bond.lacp is not None
    assert not link.bond.lacp.answered
    assert {port.aggregator for port in link.bond.port_states} == {1, 2}


# Open vSwitch


def test_hw_offload_works_from_the_next_start_and_flows_follow(bench: Make) -> None:
    host = bench(cards.connectx())
    host.switchdev(PF0)
    host.change(lambda machine: machine.simulation["ovs"].update(traffic=True))
    for command in ("add-br br1", f"add-port br1 {NET0}", "add-port br1 enp3s0f0_0"):
        assert host.go(f"ovs-vsctl {command}") == (0, [])
    assert host.go("ovs-vsctl set Open_vSwitch . other_config:hw-offload=true") == (0, [])
    ovs = host.facts().ovs
    assert (ovs.hw_offload, ovs.flow_api, ovs.offloaded, ovs.flows) == (True, False, 0, 2)
    assert host.go("systemctl restart openvswitch-switch") == (0, [])
    ovs = host.facts().ovs
    assert (ovs.flow_api, ovs.offloaded, ovs.flows, ovs.bridge_of(NET0)) == (True, 0, 2, "br1")
    for netdev in (NET0, "enp3s0f0_0"):
        assert host.go(f"ethtool -K {netdev} hw-tc-offload on") == (0, [])
    assert host.facts().ovs.offloaded == 2
    assert host.go("ovs-vsctl set Open_vSwitch . other_config:tc-policy=skip_hw") == (0, [])
    assert (host.facts().ovs.tc_policy, host.facts().ovs.offloaded) == ("skip_hw", 0)
    assert host.go("ovs-vsctl remove Open_vSwitch . other_config tc-policy hw-offload") == (0, [])
    assert host.facts().ovs.hw_offload is False


def test_a_bridge_that_offloads_keeps_the_eswitch_busy(bench: Make) -> None:
    host = bench(cards.connectx())
    host.switchdev(PF0)
    for command in ("set Open_vSwitch . other_config:hw-offload=true", "add-br br1", "add-port br1 enp3s0f0_0"):
        host.go(f"ovs-vsctl {command}")
    host.go("systemctl restart openvswitch-switch")
    done = host.go(f"devlink dev eswitch set pci/{PF0} mode legacy")
    assert done == (1, [BUSY, "kernel answers: Device or resource busy"])
    assert host.go("ovs-vsctl del-port br1 enp3s0f0_0") == (0, [])
    assert host.go(f"devlink dev eswitch set pci/{PF0} mode legacy") == (0, [])


def test_a_daemon_that_is_stopped(bench: Make) -> None:
    host = bench(cards.connectx())
    assert host.facts().ovs.running
    host.go("systemctl stop openvswitch-switch")
    ovs = host.facts().ovs
    assert (ovs.installed, ovs.unit, ovs.running) == (True, "openvswitch-switch", False)
    host.reboot()
    assert host.facts().ovs.running


def test_a_port_that_is_not_there(bench: Make) -> None:
    host = bench(cards.connectx())
    host.go("ovs-vsctl add-br br1")
    status, lines = host.go("ovs-vsctl add-port br1 enp9s0")
    assert (status, "No such device" in lines[0]) == (0, True)
    assert host.go("ovs-vsctl del-port br1 nothing")[0] == 1
    assert host.go("ovs-vsctl --if-exists del-port br1 nothing")[0] == 0


def test_vfs_of_a_guest_still_block_the_card(bench: Make) -> None:
    host = bench(cards.connectx())
    host.go("modprobe vfio-pci")
    host.switchdev(PF0)
    vf = host.pf(PF0).vfs[0].address
    host.write_attribute(f"{DEVICES}/{vf}/driver_override", "vfio-pci", 10.0)
    host.write_attribute("/sys/bus/pci/drivers/vfio-pci/bind", vf, 10.0)
    group = host.pf(PF0).vfs[0].iommu_group
    holders = host.machine.holders
    assert holders is not None
    host.change(lambda machine: holders.append((f"/dev/vfio/{group}", 1, "qemu -name web")))
    with pytest.raises(OSError, match="timed out"):
        host.numvfs(PF0, 0)
    assert len(host.pf(PF0).representors or ()) == 2
