"""A VF that a virtual machine holds stays with it: whatever the program is asked, it refuses and names the machine.

The guest holds a VF of each port: of the first, where 4 of 7 VFs are there and a plan would make 7 by way of 0, and of
the second, which a run of the program set up and a rollback would take back.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sriov_tui.hosts.host import Completed
from tests.lab import evidence
from tests.lab.conftest import Boot
from tests.lab.guest import HOWS, IOMMUFD, PLAIN, Guest, prepare
from tests.lab.machine import KVM, NETDEVS, PFS, TOTALVFS, Machine
from tests.lab.screen import Screen

PARTIAL, DONE = PFS
FEW = 4
ANSWERS = """\
version = 1
{more}
nics = [{nics}]
"""
NIC = '{{ address = "{}", use = "sriov", bridge = "br{}", wire = "bcast{}" }}'
SECOND = ANSWERS.format(more="", nics=NIC.format(DONE, 2, 2))
BOTH = ANSWERS.format(more="", nics=", ".join(NIC.format(pf, n, n) for n, pf in enumerate(PFS, 1)))
ARGUMENTS = ANSWERS.format(more='kernel_args = "set"', nics=NIC.format(DONE, 2, 2))


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """Set up in part, every VF given to vfio-pci, and a plan for the rest that was made before any guest ran."""
    machine = boot(*KVM)
    for name, text in (("second", SECOND), ("both", BOTH), ("arguments", ARGUMENTS)):
        machine.write(f"/root/{name}.toml", text.encode())
    machine.ssh("sriov-tui apply --answers /root/second.toml --yes")
    machine.ssh(f"echo {FEW} >/sys/bus/pci/devices/{PARTIAL}/sriov_numvfs; udevadm settle")
    machine.ssh("; ".join(f"ip link set {netdev} up" for netdev in NETDEVS))  # a VF has its port's carrier
    for pf in PFS:
        assert {vf.driver for vf in evidence.bind_as_the_agent_does(machine, pf)} == {"vfio-pci"}
    early = machine.ssh("sriov-tui plan --answers /root/both.toml --output /root/early.json")
    assert f"{PARTIAL}/sriov_numvfs" in early
    prepare(machine)
    return machine


@pytest.fixture(scope="module", params=[how for how in HOWS if how != IOMMUFD])
def guest(machine: Machine, request: pytest.FixtureRequest) -> Iterator[Guest]:
    """A guest with a VF of each port, by every way of holding them."""
    vfs = machine.ssh(" ".join(["readlink -f", *(f"/sys/bus/pci/devices/{pf}/virtfn0" for pf in PFS)])).split()
    guest = Guest(machine, f"vm-{request.param}", *(path.rpartition("/")[2] for path in vfs), how=request.param)
    try:
        yield guest.hold()
    finally:
        guest.kill()


# What asks the same facts as the audit, or not how it holds.
plainly = pytest.mark.parametrize("guest", [PLAIN], indirect=True)


@pytest.fixture(scope="module")
def seen(machine: Machine, guest: Guest) -> Guest:
    """Nothing that could take a VF is tried on a machine whose holder is not seen: the kernel's write would hang."""
    assert_named(guest, machine.try_ssh("sriov-tui device"))
    return guest


def assert_named(guest: Guest, done: Completed) -> None:
    """The virtual machine and its process are in what was printed."""
    said = done.out + done.err
    assert "Traceback" not in said
    assert guest.name in said, said
    assert str(guest.pid) in said, said


def assert_refused(guest: Guest, command: str, *statuses: int) -> Completed:
    """It ends with a refusal that names the machine, and every VF is where it was."""
    machine = guest.machine
    done = machine.try_ssh(command)
    assert done.status in (statuses or (1, 2, 4)), done
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [FEW, TOTALVFS]
    assert machine.ssh("ls /sys/bus/pci/drivers/vfio-pci | grep -c :") == str(FEW + TOTALVFS)
    assert guest.runs()
    assert_named(guest, done)
    return done


def test_device_and_audit_name_it(machine: Machine, guest: Guest) -> None:
    assert_named(guest, machine.try_ssh("sriov-tui device"))
    assert_named(guest, machine.try_ssh("sriov-tui audit --answers /root/both.toml --format json"))


@plainly
def test_a_plan_for_the_rest_refuses(seen: Guest) -> None:
    assert_refused(seen, "sriov-tui plan --answers /root/both.toml --format json", 2)


@plainly
def test_an_apply_refuses(seen: Guest) -> None:
    assert f"vfs.held {PARTIAL}" in assert_refused(seen, "sriov-tui apply --answers /root/both.toml --yes").err


def test_an_apply_of_a_plan_from_before_it_ran_refuses(machine: Machine, seen: Guest) -> None:
    assert_refused(seen, "sriov-tui apply /root/early.json --yes --new")
    machine.ssh("sriov-tui rollback --yes")  # the files that it wrote before it came to the VFs


def test_a_rollback_refuses_even_by_force(machine: Machine, seen: Guest) -> None:
    run = machine.ssh(f"ls {evidence.STATE_DIR}/runs | head -1")
    assert_refused(seen, f"sriov-tui rollback {run} --yes --force")


@plainly
def test_a_rollback_refuses(machine: Machine, seen: Guest) -> None:
    run = machine.ssh(f"ls {evidence.STATE_DIR}/runs | head -1")
    assert_refused(seen, f"sriov-tui rollback {run} --yes")


@plainly
def test_the_reboot_by_keys_names_it(machine: Machine, guest: Guest) -> None:
    done = machine.try_ssh("sriov-tui apply --answers /root/arguments.toml --yes --new")
    assert done.status == 3, done
    with Screen(machine) as screen:
        screen.wait_for("Go on with it")
        screen.settle()
        screen.press("F8")
        screen.wait_for("Reboot now")
        while "Reboot lab?" not in screen.settle():
            screen.press("Enter")
        shown = screen.settle()
        assert guest.name in shown
        assert str(guest.pid) in shown


@plainly
def test_after_all_that_the_guest_drives_both(guest: Guest) -> None:
    guest.wait()
    assert [port.link for port in guest.ports()] == [True, True]


def test_by_iommufd(machine: Machine) -> None:
    if not machine.exists(["/dev/iommu"]):
        pytest.skip("this kernel has no iommufd (CONFIG_IOMMUFD)")
    vf = machine.ssh(f"basename $(readlink /sys/bus/pci/devices/{DONE}/virtfn1)")
    guest = Guest(machine, "vm-iommufd", vf, how=IOMMUFD)
    try:
        assert_named(guest.hold(), machine.try_ssh("sriov-tui device"))
    finally:
        guest.kill()
