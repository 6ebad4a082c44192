"""The arrangement of Cloudpods hosts: the address on an Open vSwitch bridge, whose port gives way to the bond."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import checks
from checks import agent, bond
from checks.bonding import switch, wish
from sriov_tui import plan as plans
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.machine import Machine
from sriov_tui.model import CONFIRM, HOST_CONF, Choices, Level
from sriov_tui.probe import gather
from sriov_tui.run import store
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from sriov_tui.simulated import ovs
from tests import bond_machines as hosts
from tests.bond_machines import IGB0, IGB1, TOOLS
from tests.checks.common import found
from tests.checks.test_bond import Clock, carry_out, host_of, network, tree
from tests.offload_machines import facts_of

CHOICES = Choices(bonds=(hosts.bond("active-backup", (IGB0, IGB1)),))
OVER_SSH = Choices(bonds=(replace(CHOICES.bonds[0], over_session=True),))
ADDRESS = {
    "ifupdown": {"/etc/network/interfaces": "auto lo enp2s0\niface lo inet loopback\niface enp2s0 inet static\n"
                 "    address 192.0.2.7/24\n"},
    "network-scripts": {"/etc/sysconfig/network-scripts/ifcfg-enp2s0": "DEVICE=enp2s0\nIPADDR=192.0.2.7\nPREFIX=24\n",
                        "/run/lock/subsys/network": ""},
    "NetworkManager": {"/etc/NetworkManager/system-connections/a.nmconnection": "[connection]\nid=a\nuuid=u-1\n"
                       "type=ethernet\ninterface-name=enp2s0\n[ipv4]\naddress1=192.0.2.7/24\nmethod=manual\n"},
    "systemd-networkd": {"/etc/systemd/network/10-a.network": "[Match]\nName=enp2s0\n"
                         "[Network]\nAddress=192.0.2.7/24\n"},
    "netplan": {"/etc/netplan/50-a.yaml": "network:\n  ethernets:\n    enp2s0: {addresses: [192.0.2.7/24]}\n"},
}  # fmt: skip
CONF = "networks:\n- {}/br0/{}\nlisten_interface: br0\n"


def row_of(machine: Machine, name: str) -> dict[str, Any]:
    return next(row for row in machine.netlink["links"] if row["name"] == name)


def cloudpods(tool: str, vlan: bool = False, session: bool = False, wire: bool = False) -> Machine:
    """A host after the agent has run: `port` is in br0, which has the address that the tool gives at boot."""
    machine = hosts.carrying(tool)
    port = "enp2s0.100" if vlan else "enp2s0"
    if not vlan:
        for path in hosts.STATIC[tool]:
            del machine.files[path]
        hosts.configured(
            machine, tool, {"/etc/network/interfaces": "iface mgmt0 inet dhcp\n"} if wire else ADDRESS[tool]
        )
        machine.netlink["links"].remove(row_of(machine, "enp2s0.100"))
    ovs.install(machine)
    ovs.vsctl(machine, ["add-br", "br0"], lambda line: None)
    ovs.vsctl(machine, ["add-port", "br0", port], lambda line: None)
    bridge, ip = row_of(machine, "br0")["index"], "203.0.113.7" if vlan else "192.0.2.7"
    own = {row["index"] for row in machine.netlink["links"] if row["name"].startswith("enp2s0")}
    machine.netlink["addresses"] = [row for row in machine.netlink["addresses"] if row["index"] not in own]
    if not wire:
        machine.netlink["addresses"].append({"index": bridge, "ip": ip, "prefixlen": 24, "scope": "global"})
    if vlan:
        for path in hosts.STATIC[tool]:  # the port itself has no address here
            machine.files[path] = without_address(machine.files[path].decode(), "192.0.2.7").encode()
    conf = "networks:\n- mgmt0/brm/10.0.2.15\n- enp2s0/br0/bcast1\n" if wire else CONF.format(port, ip)
    machine.files[HOST_CONF] = conf.encode()
    if session:
        machine.environment["SSH_CONNECTION"] = f"192.0.2.1 50000 {ip} 22"
    ovs.follow(machine)
    return machine


def without_address(text: str, ip: str) -> str:
    """A tool's file without an address, in the form that the tool has for none."""
    text = text.replace("    dns", "dns").replace(
        f"iface enp2s0 inet static\n    address {ip}/24", "iface enp2s0 inet manual"
    )
    text = text.replace(
        "interface-name=enp2s0\n[ipv4]\naddress1=192.0.2.7/24\nmethod=manual",
        "interface-name=enp2s0\n[ipv4]\nmethod=disabled",
    )
    lines = [
        line for line in text.splitlines(keepends=True) if f"Address={ip}" not in line and f"IPADDR={ip}" not in line
    ]
    return "".join(lines).replace(f"addresses: [{ip}/24]", "optional: false")


def addresses(facts: HostFacts, name: str) -> list[str]:
    link = facts.link(name)
    return [address.ip for address in link.addresses] if link else []


@pytest.mark.parametrize("vlan", [False, True])
@pytest.mark.parametrize("tool", TOOLS)
def test_the_bond_takes_the_ports_place_in_the_running_bridge_and_back(tool: str, vlan: bool, tmp_path: Path) -> None:
    host = host_of(cloudpods(tool, vlan), tmp_path)
    before, files = gather(host), tree(host)
    old, new, ip = ("enp2s0.100", "bond0.100", "203.0.113.7") if vlan else ("enp2s0", "bond0", "192.0.2.7")
    run, outcome = carry_out(host, CHOICES, tmp_path)
    assert outcome == "applied"
    after = gather(host)
    assert plans.unresolved(store.read_plan(run), checks.evaluate(after, CHOICES)[0]) == ()
    made = after.link("bond0")
    assert made is not None
    assert made.bond is not None
    assert set(made.bond.ports) == {"enp1s0", "enp2s0"}
    assert (after.ovs.bridge_of(new), after.ovs.bridge_of(old)) == ("br0", "")
    assert addresses(after, "br0") == [ip]
    foreseen = checks.expected(before, CHOICES)
    assert (foreseen.ovs.bridges, foreseen.ovs.plain_ports) == (after.ovs.bridges, after.ovs.plain_ports)
    assert network(foreseen) == network(after)
    assert addresses(after, "bond0") == addresses(after, new) == []
    assert f"- {new}/br0/{ip}\n" in tree(host)[HOST_CONF].decode()
    assert not [finding for finding in checks.evaluate(after, Choices())[0] if finding.topic == "bond.bridge"]
    assert rollback(run, host) == "rolled-back"
    assert tree(host) == files
    assert network(gather(host)) == network(before)
    assert gather(host).ovs.bridges == before.ovs.bridges


def test_at_the_next_boot_the_tool_makes_the_bond_and_the_bridge_has_it(tmp_path: Path) -> None:
    host = host_of(cloudpods("systemd-networkd"), tmp_path)
    assert carry_out(host, CHOICES, tmp_path)[1] == "applied"
    host.reboot()
    after = gather(host)
    made = after.link("bond0")
    assert made is not None
    assert made.bond is not None
    assert set(made.bond.ports) == {"enp1s0", "enp2s0"}
    assert addresses(after, "bond0") == ["192.0.2.7"]  # where the agent looks for it, before it has moved it
    assert made.master == "ovs-system"


def test_an_unconfirmed_change_under_the_session_is_undone(tmp_path: Path) -> None:
    host = host_of(cloudpods("NetworkManager", session=True), tmp_path)
    before, files = gather(host), tree(host)
    assert found(bond, before, CHOICES)["bond.session bond0"].blocks
    plan = plans.build(before, OVER_SSH, checks.evaluate(before, OVER_SSH)[1])
    assert next(step for step in plan.steps if step.id == "bond.make:bond0").confirm == CONFIRM
    run = store.create(plan, "simulated:.", tmp_path / "state")
    assert apply(run, host, watch=Clock().watch) == "unconfirmed"
    assert tree(host) == files
    assert network(gather(host)) == network(before)
    assert gather(host).ovs.bridges == before.ovs.bridges


def test_ports_and_host_conf_change_in_one_step_and_the_ports_in_one_transaction() -> None:
    facts = facts_of(cloudpods("ifupdown"))
    step = next(bond.steps(facts, CHOICES))
    words = [" ".join(op.argv) if hasattr(op, "argv") else getattr(op, "path", "") for op in step.operations]
    at = next(n for n, word in enumerate(words) if "del-port" in word)
    assert "del-port br0 enp2s0 -- --may-exist add-port br0 bond0" in words[at]
    assert HOST_CONF in words[:at]
    assert not any(word.startswith(("ifup", "ifdown")) for word in words)
    assert "192.0.2.7" in step.why
    assert [step.id for step in checks.evaluate(facts, CHOICES)[1] if step.id.startswith("hostconf")] == []


def test_what_the_agent_does_next_is_foretold_of_the_new_arrangement() -> None:
    facts = facts_of(cloudpods("ifupdown"))
    now, then = agent.forecast(facts), agent.foreseen(facts, CHOICES)
    assert (now.obstacle, then.obstacle) == ("", "")
    made = wish.as_made(facts, CHOICES)
    assert (made.ovs.bridge_of("bond0"), made.ovs.bridge_of("enp2s0")) == ("br0", "")


def test_a_port_of_a_wire_needs_no_configuration_of_its_own(tmp_path: Path) -> None:
    host = host_of(cloudpods("ifupdown", wire=True), tmp_path)
    run, outcome = carry_out(host, CHOICES, tmp_path)
    assert outcome == "applied"
    assert gather(host).ovs.bridge_of("bond0") == "br0"
    assert "iface bond0 inet manual" in tree(host)["/etc/network/interfaces"].decode()
    assert rollback(run, host) == "rolled-back"


def test_what_would_be_lost_of_the_port_is_refused() -> None:
    facts = facts_of(cloudpods("ifupdown"))
    for change, words in (
        (replace(facts, ovs=replace(facts.ovs, plain_ports=None)), "could not be read"),
        (replace(facts, ovs=replace(facts.ovs, plain_ports=())), "a tag, trunks or a bond of its own"),
        (replace(facts, files=tuple(f for f in facts.files if f.path != "/etc/network/interfaces")), "No stanza"),
    ):
        finding = found(bond, change, CHOICES)["bond.config bond0"]
        assert (finding.level, words in finding.title) == (Level.FAIL, True), finding.title
    tagged = cloudpods("ifupdown")
    tagged.simulation["ovs"]["tags"] = {"enp2s0": 7}
    ovs.follow(tagged)
    assert "tag" in found(bond, facts_of(tagged), CHOICES)["bond.config bond0"].title


def test_what_a_port_carries_beside_the_bridge_is_refused() -> None:
    machine = cloudpods("ifupdown", vlan=True)
    index = row_of(machine, "enp2s0")["index"]
    machine.netlink["addresses"].append({"index": index, "ip": "198.51.100.7", "prefixlen": 24, "scope": "global"})
    finding = found(bond, facts_of(machine), CHOICES)["bond.config bond0"]
    assert "Beside its port of br0, enp2s0 carries 198.51.100.7" in finding.title
    assert switch.OVS[0] == "ovs-vsctl"
