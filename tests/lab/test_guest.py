"""The whole promise: by keys, over a reboot, to a virtual machine whose packets leave by the VF; and after its end."""

from __future__ import annotations

import pytest

from tests.lab import evidence, forecasting, walk
from tests.lab.conftest import Boot
from tests.lab.guest import KVM, Guest, prepare
from tests.lab.machine import NETDEVS, PFS, TOTALVFS, Machine
from tests.lab.screen import Screen

PORT = 1
PF, NETDEV, OTHER = PFS[PORT], NETDEVS[PORT], NETDEVS[0]
VF_IDS, VF_DRIVER = "0x8086:0x10ca", "igbvf"
MAC, VLAN = "02:00:00:00:00:64", 100
WIRE, TAGGED = "192.0.2", "198.51.100"  # networks of the other port: untagged, and in the VLAN
# The other port of the card's wire answers; the kernel's own stack, so nothing of the program is in the way.
OTHER_PORT = f"""
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


@pytest.mark.station
def test_a_guest_reaches_the_other_port(machine: Machine) -> None:
    guest = Guest(machine, "plain", vf(machine, 0)).start()
    (port,) = guest.ports()
    assert (port.ids, port.driver, port.link) == (VF_IDS, VF_DRIVER, True)
    guest.address(f"{WIRE}.10/24")
    assert guest.reaches(f"{WIRE}.1")
    assert neighbour(machine, f"{WIRE}.10", OTHER) == port.mac
    shown = machine.ssh(f"sriov-tui device {NETDEV}")
    assert f"plain (process {guest.pid})" in shown
    guest.stop()


@pytest.mark.station
def test_the_mac_and_the_vlan_of_the_agents_rule_hold(machine: Machine) -> None:
    # getSriovNicCmds of pkg/hostman/guestman/qemu-kvm.go, before the guest starts.
    machine.ssh(f"ip link set dev {NETDEV} vf 1 mac {MAC} vlan {VLAN} && ip link set dev {NETDEV} vf 1 spoofchk on")
    guest = Guest(machine, "tagged", vf(machine, 1)).start()
    (port,) = guest.ports()
    assert port.mac == MAC
    guest.address(f"{TAGGED}.11/24")
    guest.run(f"ip address add {WIRE}.11/24 dev eth0")
    assert guest.reaches(f"{TAGGED}.1")
    assert neighbour(machine, f"{TAGGED}.11", "tagged") == MAC
    assert not guest.reaches(f"{WIRE}.1"), "it left its VLAN"
    guest.stop()


@pytest.mark.station
@pytest.mark.parametrize("end", [Guest.crash, Guest.kill], ids=["its-kernel-panics", "its-qemu-is-killed"])
def test_a_guest_dies_and_its_vf_is_free(machine: Machine, end: object) -> None:
    assert callable(end)
    guest = Guest(machine, "dies", vf(machine, 0)).start()
    assert "dies (process" in machine.ssh(f"sriov-tui device {NETDEV}")
    end(guest)
    assert not guest.runs()
    shown = machine.ssh(f"sriov-tui device {NETDEV}")
    assert "process" not in shown
    assert evidence.not_ok(evidence.audit(machine)) == {}
    follower = Guest(machine, "follows", vf(machine, 0)).start()
    assert [port.driver for port in follower.ports()] == [VF_DRIVER]
    follower.stop()
