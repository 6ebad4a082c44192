"""Every way to use a VF keeps it: the facts, the engine and the rollback judge by the same functions."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from checks.cards import in_use
from sriov_tui.hosts.machine import Machine, names, put_dir, remove
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe import gather
from sriov_tui.simulated.drivers import device
from sriov_tui.simulated.vfs import store_numvfs
from tests import machines

VF, NETDEV = "0000:01:10.0", "enp1s0v0"


def row(machine: Machine, name: str) -> dict[str, Any]:
    return next(row for row in machine.netlink["links"] if row["name"] == name)


def add(machine: Machine, name: str, kind: str, **changes: Any) -> dict[str, Any]:
    index = 1 + max(other["index"] for other in machine.netlink["links"])
    new = row(machine, NETDEV) | {"name": name, "index": index, "kind": kind, "master": 0, "parent": 0} | changes
    machine.netlink["links"].append(new)
    return new


def address(machine: Machine, name: str, ip: str = "192.168.7.7") -> None:
    machine.netlink["addresses"].append(
        {"index": row(machine, name)["index"], "ip": ip, "prefixlen": 24, "scope": "global"}
    )


def in_a(machine: Machine, kind: str) -> None:
    row(machine, NETDEV)["master"] = add(machine, "ovs-system" if kind == "openvswitch" else "x0", kind)["index"]


def above(machine: Machine, kind: str) -> None:
    add(machine, "x0", kind, parent=row(machine, NETDEV)["index"])


def route(machine: Machine) -> None:
    index = row(machine, NETDEV)["index"]
    machine.netlink["routes"].append({"destination": "default", "link": index, "gateway": "192.168.7.1"})


def session(machine: Machine) -> None:
    address(machine, NETDEV)
    machine.environment["SSH_CONNECTION"] = "192.168.7.9 5 192.168.7.7 22"


def elsewhere(machine: Machine) -> None:
    """Its interface is in a container's network namespace."""
    machine.netlink["links"].remove(row(machine, NETDEV))
    remove(machine, f"{device(machine, VF)}/net/{NETDEV}")


def bound(machine: Machine, driver: str) -> None:
    elsewhere(machine)
    machine.links[f"{device(machine, VF)}/driver"] = f"/sys/bus/pci/drivers/{driver}"


def held(machine: Machine, name: str) -> None:
    assert machine.holders is not None
    machine.holders.append((name, 4242, "qemu -name vm1"))


def group(machine: Machine) -> str:
    return os.path.basename(machine.links[f"{device(machine, VF)}/iommu_group"])


def cdev(machine: Machine) -> None:
    put_dir(machine, f"{device(machine, VF)}/vfio-dev/vfio3")
    held(machine, "/dev/vfio/devices/vfio3")


def untold(machine: Machine, driver: str) -> None:
    bound(machine, driver)
    held(machine, "anon_inode:[vfio-device]")


USES: dict[str, Callable[[Machine], None]] = {
    "session": session,
    "address": lambda m: address(m, NETDEV),
    "default route": route,
    "bridge": lambda m: in_a(m, "bridge"),
    "bond": lambda m: in_a(m, "bond"),
    "Open vSwitch": lambda m: in_a(m, "openvswitch"),
    "vlan": lambda m: above(m, "vlan"),
    "macvtap": lambda m: above(m, "macvtap"),
    "another namespace": elsewhere,
    "XDP": lambda m: row(m, NETDEV).update(xdp=True),
    "uio": lambda m: bound(m, "uio_pci_generic"),
    "vfio group": lambda m: held(m, f"/dev/vfio/{group(m)}"),
    "vfio group in a chroot": lambda m: held(m, f"/run/host/dev/vfio/{group(m)}"),
    "vfio group of vfio-noiommu": lambda m: held(m, f"/dev/vfio/noiommu-{group(m)}"),
    "vfio device": cdev,
    "mlx5_vfio_pci": lambda m: untold(m, "mlx5_vfio_pci"),
    "uio device": lambda m: held(m, f"/sys/bus/pci/devices/{VF}/uio/uio0"),
    "RDMA": lambda m: held(m, f"/sys/bus/pci/devices/{VF}/infiniband_verbs/uverbs1"),
    "vDPA": lambda m: held(m, f"/sys/bus/pci/devices/{VF}/mlx5_core.vnet.0/vdpa0/vhost-vdpa-0"),
    "mapped": lambda m: held(m, f"/sys/bus/pci/devices/{VF}/resource0"),
    "not to be seen": lambda m: m.errors.update(vfio_holders="EPERM"),
}


def with_vfs() -> Machine:
    machine = machines.two_igb()
    store_numvfs(machine, machines.FIRST, "7")
    assert NETDEV in names(machine, f"{device(machine, VF)}/net")
    return machine


@pytest.mark.parametrize("name", USES)
def test_each_use_of_a_vf_is_seen(name: str) -> None:
    machine = with_vfs()
    USES[name](machine)
    facts = gather(RecordedHost(machine))
    pf, other = facts.pf(machines.FIRST), facts.pf(machines.SECOND)
    assert pf is not None
    assert other is not None
    assert [use for use in in_use.on_vfs(facts, pf) if VF in use]
    assert in_use.on_vfs(facts, other) == []


def test_vfs_that_nobody_uses_are_free() -> None:
    facts = gather(RecordedHost(with_vfs()))
    assert [in_use.on_vfs(facts, pf) for pf in facts.pfs or ()] == [[], [], []]
