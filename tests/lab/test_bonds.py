"""Real bonds of two igb ports, by ifupdown and by systemd-networkd; the link of ssh in one, confirmed and not."""

from __future__ import annotations

import pytest

from tests.lab import evidence
from tests.lab.conftest import Boot
from tests.lab.machine import PFS, Machine
from tests.lab.test_lost_session import CARRIER, Patient, answers, begin, events, fresh, outcome, until_answers

INTERFACES = "/etc/network/interfaces"
STANZA = """
auto enp2s0 enp2s0.100
iface enp2s0 inet static
  address 198.51.100.7/24
iface enp2s0.100 inet static
  address 203.0.113.7/24
  vlan-raw-device enp2s0
"""
NETWORK = "[Match]\nName=enp2s0\n\n[Network]\nAddress=198.51.100.7/24\nVLAN=enp2s0.100\n"
VLAN = "[NetDev]\nName=enp2s0.100\nKind=vlan\n\n[VLAN]\nId=100\n"
ON_VLAN = "[Match]\nName=enp2s0.100\n\n[Network]\nAddress=203.0.113.7/24\n"
MODES = {"active-backup": "fault-tolerance (active-backup)", "balance-xor": "load balancing (xor)",
         "802.3ad": "IEEE 802.3ad Dynamic link aggregation"}  # fmt: skip
FOLDER = "/etc/systemd/network"


def wish(mode: str, ports: tuple[str, str] = PFS, over_session: bool = False) -> bytes:
    """An answers file for bond0."""
    allowed = "true" if over_session else "false"
    listed = ", ".join(f'"{port}"' for port in ports)
    return (
        f'version = 1\nbonds = [{{ name = "bond0", mode = "{mode}", ports = [{listed}], over_session = {allowed} }}]\n'
    ).encode()


def addresses(machine: Machine, link: str) -> list[str]:
    """The IPv4 addresses of a link; none where there is no such link."""
    words = machine.try_ssh(f"ip -4 -br address show dev {link}").out.split()
    return [word for word in words if "/" in word]


def settle(machine: Machine, link: str) -> None:
    """Wait until a link has its address: networkd answers before it has given it."""
    machine.ssh(f"for n in $(seq 100); do ip -4 -br address show dev {link} | grep -q / && break; sleep 0.3; done")


def is_bond(machine: Machine, mode: str) -> None:
    """bond0 is there in this mode, of both ports, and has what enp2s0 had."""
    settle(machine, "bond0.100")
    text = machine.read("/proc/net/bonding/bond0").decode()
    assert f"Bonding Mode: {MODES[mode]}" in text
    assert sorted(line.split()[-1] for line in text.splitlines() if "Slave Interface:" in line) == ["enp1s0", "enp2s0"]
    assert addresses(machine, "bond0") == ["198.51.100.7/24"]
    assert addresses(machine, "bond0.100") == ["203.0.113.7/24"]
    assert addresses(machine, "enp2s0") == []


def there_and_back(machine: Machine, mode: str, reboot: bool) -> None:
    """Apply, look, reboot and look again, take it back; every file below /etc is as before."""
    settle(machine, "enp2s0.100")
    before = evidence.tree(machine)
    machine.write("/root/bond.toml", wish(mode))
    machine.ssh("chmod 600 /root/bond.toml; sriov-tui apply --answers /root/bond.toml --yes --new")
    is_bond(machine, mode)
    if reboot:
        machine.reboot()
        is_bond(machine, mode)
    machine.ssh("sriov-tui rollback --yes")
    settle(machine, "enp2s0.100")
    assert evidence.differences(before, evidence.tree(machine)) == {}
    assert machine.try_ssh("test -e /sys/class/net/bond0").status == 1
    assert addresses(machine, "enp2s0") == ["198.51.100.7/24"]
    assert addresses(machine, "enp2s0.100") == ["203.0.113.7/24"]


@pytest.fixture(scope="module")
def by_ifupdown(boot: Boot) -> Machine:
    """enp2s0 has an address and a VLAN by ifupdown."""
    machine = boot()
    machine.write(INTERFACES, machine.read(INTERFACES) + STANZA.encode())
    machine.ssh("modprobe bonding max_bonds=0; modprobe 8021q; ifup enp2s0 enp2s0.100")
    return machine


@pytest.mark.parametrize("mode", MODES)
def test_ifupdown(by_ifupdown: Machine, mode: str) -> None:
    there_and_back(by_ifupdown, mode, reboot=mode == "802.3ad")


@pytest.fixture(scope="module")
def by_networkd(by_ifupdown: Machine) -> Machine:
    """The same by systemd-networkd; mgmt0 stays with ifupdown."""
    machine = by_ifupdown
    machine.ssh(f"ifdown enp2s0.100 enp2s0; sed -i '/^auto enp2s0/,$d' {INTERFACES}")
    for name, text in (("10-lab.network", NETWORK), ("20-vlan.netdev", VLAN), ("20-vlan.network", ON_VLAN)):
        machine.write(f"{FOLDER}/{name}", text.encode())
    machine.ssh("systemctl enable --now systemd-networkd.service")
    return machine


@pytest.mark.parametrize("mode", MODES)
def test_networkd(by_networkd: Machine, mode: str) -> None:
    there_and_back(by_networkd, mode, reboot=mode == "802.3ad")


@pytest.fixture(scope="module")
def over_ssh(boot: Boot) -> Machine:
    """Its ssh comes in by an igb port."""
    machine = Patient(boot("--ssh-nic", "igb", "--cpu", "phenom").name)
    machine.write("/root/bond.toml", wish("active-backup", (CARRIER, PFS[0]), over_session=True))
    machine.ssh("chmod 600 /root/bond.toml; modprobe bonding max_bonds=0")
    return machine


def test_the_link_of_ssh_in_a_bond_that_nobody_confirms(over_ssh: Machine) -> None:
    before = evidence.tree(over_ssh)
    with begin(over_ssh, "--answers /root/bond.toml") as screen:
        screen.wait_for("Confirm within", timeout=300)
        until_answers(over_ssh, 80)
        assert addresses(over_ssh, "bond0") == ["10.0.2.15/24"]
    assert outcome(over_ssh, 300) == "unconfirmed"
    assert answers(over_ssh)
    assert addresses(over_ssh, "mgmt0") == ["10.0.2.15/24"]
    assert over_ssh.try_ssh("test -e /sys/class/net/bond0").status == 1
    assert evidence.differences(before, evidence.tree(over_ssh)) == {}


def test_also_when_the_engine_is_killed(over_ssh: Machine) -> None:
    with begin(over_ssh, "--answers /root/bond.toml") as screen:
        screen.wait_for("Confirm within", timeout=300)
        until_answers(over_ssh, 80)
        fresh(over_ssh, "kill -9 $(cut -d' ' -f1 /var/lib/sriov-tui/lock)", timeout=60)
    assert outcome(over_ssh, 300) == "unconfirmed"
    assert "engine ended" in str(events(over_ssh)[-1]["text"])
    until_answers(over_ssh, 80)
    assert addresses(over_ssh, "mgmt0") == ["10.0.2.15/24"]


def test_the_link_of_ssh_in_a_bond_confirmed_and_after_a_reboot(over_ssh: Machine) -> None:
    with begin(over_ssh, "--answers /root/bond.toml") as screen:
        screen.wait_for("Confirm within", timeout=300)
        until_answers(over_ssh, 80)
        done = fresh(over_ssh, "sriov-tui confirm", timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    assert outcome(over_ssh, 120) == "applied"
    over_ssh.reboot()
    assert addresses(over_ssh, "bond0") == ["10.0.2.15/24"]
    assert "Currently Active Slave: mgmt0" in over_ssh.read("/proc/net/bonding/bond0").decode()
    over_ssh.try_ssh("sriov-tui rollback --yes")  # the link goes down under it; the engine goes on
    until_answers(over_ssh, 120)
    assert outcome(over_ssh, 120) == "rolled-back"
    assert addresses(over_ssh, "mgmt0") == ["10.0.2.15/24"]
