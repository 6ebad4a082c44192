"""The whole promise: by keys, over a reboot, to a virtual machine whose packets leave by the VF; and after its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab import evidence, forecasting, walk
from tests.lab.conftest import Boot
from tests.lab.guest import Guest, prepare
from tests.lab.machine import KVM, NETDEVS, PFS, TOTALVFS, Machine
from tests.lab.screen import Screen

PORT = 1
PF, NETDEV, OTHER = PFS[PORT], NETDEVS[PORT], NETDEVS[0]
VF_IDS, VF_DRIVER = "0x8086:0x10ca", "igbvf"
MAC, VLAN = "02:00:00:00:00:64", 100
WIRE, TAGGED = "192.0.2", "198.51.100"  # networks of the other port: untagged, and in the VLAN
# The other port answers, by the kernel's own stack; an address only to those who ask on its own network.
OTHER_PORT = f"""
sysctl -q -w net.ipv4.conf.all.arp_ignore=1
ip link set {NETDEV} up; ip link set {OTHER} up
ip address add {WIRE}.1/24 dev {OTHER}
ip link add link {OTHER} name tagged type vlan id {VLAN}
ip address add {TAGGED}.1/24 dev tagged
ip link set tagged up
"""


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """KVM is there, and both ports are on one wire."""
    return boot(*KVM)


def vf(machine: Machine, index: int) -> str:
    """The address of a VF of the chosen port."""
    return machine.ssh(f"basename $(readlink /sys/bus/pci/devices/{PF}/virtfn{index})")


def neighbour(machine: Machine, address: str, port: str) -> str:
    """The MAC by which the other port knows this address."""
    words = machine.ssh(f"ip neighbour show {address} dev {port}").split()
    return words[words.index("lladdr") + 1]


@pytest.mark.station
def test_the_wizard_by_keys_and_a_reboot(machine: Machine) -> None:
    with Screen(machine) as screen:
        walk.to_review(screen, PORT)
        walk.apply(screen)
        screen.wait_for("Verified", "Failed", "not all is as promised")
        assert "Verified" in screen.settle()
        screen.press("F10")
        assert screen.wait_for_end() == 0
    machine.reboot()
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [TOTALVFS if pf == PF else 0 for pf in PFS]


@pytest.mark.station
def test_the_host_agent_reports_what_was_foreseen(machine: Machine) -> None:
    foreseen = forecasting.foreseen(machine)["devices"]
    happened = forecasting.happened(machine)
    assert (len(happened["devices"]), happened["error"]) == (TOTALVFS, "")
    forecasting.compare(foreseen, happened["devices"])
    machine.ssh(OTHER_PORT)
    prepare(machine)


@pytest.fixture(scope="module")
def guest(machine: Machine) -> Iterator[Guest]:
    """With two VFs: one as it comes, one with the MAC and the VLAN that the host-agent set before the start."""
    # getSriovNicCmds of pkg/hostman/guestman/qemu-kvm.go
    machine.ssh(f"ip link set dev {NETDEV} vf 1 mac {MAC} vlan {VLAN} && ip link set dev {NETDEV} vf 1 spoofchk on")
    guest = Guest(machine, "first", *(vf(machine, index) for index in (0, 1)))
    try:
        yield guest.start()
    finally:
        guest.kill()


@pytest.mark.station
def test_a_guest_drives_its_vfs(machine: Machine, guest: Guest) -> None:
    ports = guest.ports()
    assert [(port.name, port.ids, port.driver, port.link) for port in ports] == [
        (name, VF_IDS, VF_DRIVER, True) for name in ("eth0", "eth1")
    ]
    shown = machine.ssh(f"sriov-tui device {NETDEV}")
    assert shown.count(f"first (process {guest.pid})") == 2, shown


@pytest.mark.station
def test_its_packets_reach_the_other_port(machine: Machine, guest: Guest) -> None:
    guest.address(f"{WIRE}.10/24", "eth0")
    assert guest.reaches(f"{WIRE}.1")
    assert neighbour(machine, f"{WIRE}.10", OTHER) == guest.ports()[0].mac


@pytest.mark.station
def test_the_mac_and_the_vlan_of_the_agents_rule_hold(machine: Machine, guest: Guest) -> None:
    assert guest.ports()[1].mac == MAC
    guest.address(f"{TAGGED}.11/24", "eth1")
    assert guest.reaches(f"{TAGGED}.1")
    assert neighbour(machine, f"{TAGGED}.11", "tagged") == MAC
    guest.run(f"ip address flush dev eth0; ip address add {WIRE}.11/24 dev eth1")
    assert not guest.reaches(f"{WIRE}.1"), "it left its VLAN"


@pytest.mark.station
def test_it_crashes_and_its_vfs_are_free(machine: Machine, guest: Guest) -> None:
    guest.crash()
    assert not guest.runs()
    assert "(process" not in machine.ssh(f"sriov-tui device {NETDEV}")
    assert evidence.not_ok(evidence.audit(machine)) == {}


@pytest.mark.station
def test_the_next_guest_gets_them_and_is_killed(machine: Machine) -> None:
    guest = Guest(machine, "next", vf(machine, 0)).start()
    assert [port.driver for port in guest.ports()] == [VF_DRIVER]
    assert f"next (process {guest.pid})" in machine.ssh(f"sriov-tui device {NETDEV}")
    guest.kill()
    assert "(process" not in machine.ssh(f"sriov-tui device {NETDEV}")
