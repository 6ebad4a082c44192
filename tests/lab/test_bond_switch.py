"""The arrangement of Cloudpods hosts with real Open vSwitch: the port of br0 gives way to a bond, and back."""

from __future__ import annotations

import json

import pytest

from tests.lab import evidence
from tests.lab.conftest import Boot
from tests.lab.forecasting import STAND_IN
from tests.lab.machine import Machine
from tests.lab.test_bonds import INTERFACES, MODES, addresses, wish

CONF = "/etc/yunion/host.conf"
STANZA = """
auto enp2s0
iface enp2s0 inet static
  address 198.51.100.7/24
"""
ON_VLAN = """
auto enp2s0 enp2s0.100
iface enp2s0 inet manual
  up ip link set enp2s0 up
iface enp2s0.100 inet static
  address 198.51.100.7/24
"""


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """A host before its agent has run."""
    machine = boot()
    machine.ssh("modprobe bonding max_bonds=0; modprobe 8021q; systemctl start openvswitch-switch")
    machine.write("/root/plain", machine.read(INTERFACES))
    machine.write("/root/host.conf", machine.read(CONF))
    return machine


def as_the_agent_left_it(machine: Machine, port: str, stanza: str) -> None:
    """The tool gives the port its address; then it is moved to br0, as the host-agent does (hostbridge.go, Setup)."""
    machine.write(INTERFACES, machine.read("/root/plain") + stanza.encode())
    add = f"ovs-vsctl --may-exist add-br br0 -- --may-exist add-port br0 {port}"
    machine.ssh(f"ifup enp2s0; ifup {port} 2>/dev/null; {add}; ip address flush dev {port}; ip link set {port} up")
    machine.ssh("ip address replace 198.51.100.7/24 dev br0; ip link set br0 up")
    conf = machine.read("/root/host.conf").decode().replace("mgmt0/br0/10.0.2.15", f"{port}/br0/198.51.100.7")
    machine.write(CONF, conf.encode())


def ports(machine: Machine) -> list[str]:
    """The ports of br0."""
    return machine.ssh("ovs-vsctl list-ports br0").split()


@pytest.mark.parametrize("mode", ["active-backup", "802.3ad"])
@pytest.mark.parametrize(("port", "new", "stanza"), [("enp2s0", "bond0", STANZA), ("enp2s0.100", "bond0.100", ON_VLAN)])
def test_the_bond_takes_the_place_of_the_port(machine: Machine, port: str, new: str, stanza: str, mode: str) -> None:
    as_the_agent_left_it(machine, port, stanza)
    assert (ports(machine), addresses(machine, "br0")) == ([port], ["198.51.100.7/24"])
    before = evidence.tree(machine)
    flows = machine.ssh("ovs-ofctl dump-flows br0 | wc -l")
    machine.write("/root/bond.toml", wish(mode))
    machine.ssh("chmod 600 /root/bond.toml; sriov-tui apply --answers /root/bond.toml --yes --new")
    assert ports(machine) == [new]
    assert addresses(machine, "br0") == ["198.51.100.7/24"]
    told = json.loads(machine.ssh(f"python3 - {CONF}", stdin=STAND_IN))
    assert (told["message"], told["error"]) == ("", "")
    assert addresses(machine, "br0") == ["198.51.100.7/24"]
    assert addresses(machine, "bond0") == addresses(machine, new) == []
    text = machine.read("/proc/net/bonding/bond0").decode()
    assert f"Bonding Mode: {MODES[mode]}" in text
    assert sorted(line.split()[-1] for line in text.splitlines() if "Slave Interface:" in line) == ["enp1s0", "enp2s0"]
    assert f"- {new}/br0/198.51.100.7" in machine.read(CONF).decode()
    assert "error" not in machine.ssh("ovs-vsctl show")
    assert machine.ssh("ovs-ofctl dump-flows br0 | wc -l") == flows
    audit = json.loads(machine.try_ssh("sriov-tui audit --format json").out)
    assert "bond.bridge" not in {finding["id"] for finding in audit["findings"] if finding["level"] == "FAIL"}
    machine.ssh("sriov-tui rollback --yes")
    assert (ports(machine), addresses(machine, "br0")) == ([port], ["198.51.100.7/24"])
    left = evidence.differences(before, evidence.tree(machine))
    assert [path for path in left if not path.startswith("/etc/openvswitch")] == []  # Debian has the database there
    assert machine.try_ssh("test -e /sys/class/net/bond0").status == 1
    assert "error" not in machine.ssh("ovs-vsctl show")
    machine.ssh(f"ovs-vsctl del-port br0 {port}; ifdown --force {port} enp2s0 2>/dev/null; true")


def test_after_a_reboot_the_bond_is_made_by_the_tool_and_is_in_the_bridge(machine: Machine) -> None:
    as_the_agent_left_it(machine, "enp2s0", STANZA)
    machine.ssh("sriov-tui apply --answers /root/bond.toml --yes --new")
    machine.reboot()
    assert ports(machine) == ["bond0"]
    assert "error" not in machine.ssh("ovs-vsctl show")
    assert addresses(machine, "bond0") == ["198.51.100.7/24"]  # where the agent looks for it, before it moves it
    assert "enp2s0" in machine.read("/proc/net/bonding/bond0").decode()
