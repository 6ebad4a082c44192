"""What only the forecast asks of a machine: KVM, huge pages, where a link hangs, accelerators, names of VFs to come."""

from __future__ import annotations

from sriov_tui.facts import HostFacts
from sriov_tui.hosts.machine import Machine, put_file, remove
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe import gather
from tests import machines

AT = "/sys/devices/pci0000:00/0000:00:04.0/0000:01:00.0"
HUGE = "/sys/kernel/mm/hugepages"


def read(machine: Machine) -> HostFacts:
    """The facts of a complete machine."""
    return gather(RecordedHost(machine))


def test_kvm_and_huge_pages() -> None:
    machine = machines.two_igb()
    for size, count in ((1048576, 8), (2048, 0)):
        put_file(machine, f"{HUGE}/hugepages-{size}kB/nr_hugepages", f"{count}\n")
    facts = read(machine)
    assert (facts.cpu.kvm_device, facts.hugepages) == (True, ((2048, 0), (1048576, 8)))
    remove(machine, "/dev/kvm")
    remove(machine, HUGE)
    machine.errors[HUGE] = "EACCES"
    facts = read(machine)
    assert (facts.cpu.kvm_device, facts.hugepages) == (False, None)
    machine.errors["/dev/kvm"] = "EACCES"
    assert read(machine).cpu.kvm_device is None


def test_where_a_link_hangs() -> None:
    facts = read(machines.two_igb())
    card, lo = facts.link("enp1s0"), facts.link("lo")
    assert card is not None
    assert lo is not None
    assert (card.path, card.pci, card.compat_devlink) == (f"{AT}/net/enp1s0", machines.FIRST, False)
    assert lo.path == ""  # this machine's loopback has no folder


def test_an_accelerator_counts_where_it_has_an_interface() -> None:
    machine = machines.two_igb()
    put_file(machine, f"{AT}/class", "0x120000\n")
    pf = read(machine).pf(machines.FIRST)
    assert pf is not None
    assert pf.totalvfs == 7
    remove(machine, f"{AT}/net")
    assert read(machine).pf(machines.FIRST) is None


def test_names_of_vfs_to_come() -> None:
    machine = machines.two_igb()
    pf = read(machine).pf(machines.FIRST)
    assert pf is not None
    assert pf.vf_names == ("Intel Corporation", "82576 Virtual Function")
    machine.udev.pop("pci:v00008086d000010CA")
    bare = read(machine).pf(machines.FIRST)
    assert bare is not None
    assert bare.vf_names is None
