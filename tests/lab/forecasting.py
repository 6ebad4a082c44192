"""Arrangements of a real machine, and how the prediction of `sriov-tui agent` is held against what then happens."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.machine import HERE, NETDEVS, PFS, Machine

STAND_IN = Path(__file__).with_name("stand_in_agent.py").read_bytes()
CONF = (HERE / "host.conf").read_text()
MANAGEMENT = "mgmt0/br0/10.0.2.15"
BOTH = (MANAGEMENT, "enp1s0/br1/bcast1", "enp2s0/br2/bcast2")
FIRST, SECOND = (f"/sys/bus/pci/devices/{pf}" for pf in PFS)
FIELDS = ("addr", "vendor_device_id", "model", "pf", "virtfn", "wire")
# As after a boot: no bond, no VF, drivers may take VFs, and vfio-pci has forgotten the id that new_id gave it.
CLEAN = f"""
ip link del bond0 2>/dev/null
for pf in {FIRST} {SECOND}; do echo 0 >$pf/sriov_numvfs; echo 1 >$pf/sriov_drivers_autoprobe; done
[ ! -e /sys/bus/pci/drivers/vfio-pci ] || echo 8086 10ca >/sys/bus/pci/drivers/vfio-pci/remove_id 2>/dev/null
udevadm settle
"""
BOND = """
modprobe bonding max_bonds=0
ip link add bond0 type bond mode active-backup
for port in enp1s0 enp2s0; do ip link set $port down; ip link set $port master bond0; done
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One arrangement: what is done to the clean machine, its host.conf, and what the facts say comes of it."""

    name: str
    setup: str = "true"
    networks: tuple[str, ...] = BOTH
    nics: tuple[str, ...] = ("enp1s0",)
    devices: int = 0
    error: str = ""  # what its message ends with
    replaced: tuple[str, str] = ("", "")  # in host.conf
    message: str = ""  # what it dies with before it probes
    wires: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    again: bool = False  # foresee the next start too


CASES = (
    Case(name="all VFs are there", setup=f"echo 7 >{FIRST}/sriov_numvfs", devices=7, wires=("bcast1",)),
    Case(name="no VF is there", nics=NETDEVS, devices=14, wires=("bcast1", "bcast2"), again=True),
    Case(
        name="4 of 7 on one of two cards",
        setup=f"echo 4 >{FIRST}/sriov_numvfs; echo 7 >{SECOND}/sriov_numvfs",
        nics=NETDEVS,
        error="sriov_numvfs: device or resource busy",
    ),
    Case(name="missing from networks", networks=(BOTH[2], MANAGEMENT), devices=7, wires=("bcast2",)),
    Case(
        name="missing from networks, the first entry in the IP form",
        networks=(MANAGEMENT, BOTH[2]),
        devices=7,
        wires=("",),
    ),
    Case(
        name="a bond of both ports",
        setup=BOND,
        networks=(MANAGEMENT, "bond0/br1/bcast9"),
        nics=("bond0",),
        devices=14,
        wires=("bcast9",),
    ),
    Case(name="a bond that networks lacks", setup=BOND, networks=(MANAGEMENT,), nics=("bond0",), skipped=("bond0",)),
    Case(
        name="autoprobe off, no VF yet",
        setup=f"echo 0 >{FIRST}/sriov_drivers_autoprobe",
        error="bind driver 01:10.2 : write vfio-pci/bind: no such device",
    ),
    Case(
        name="autoprobe off, all VFs are there",
        setup=f"echo 0 >{FIRST}/sriov_drivers_autoprobe; echo 7 >{FIRST}/sriov_numvfs",
        error="bind driver 01:10.2 : write vfio-pci/bind: no such device",
    ),
    Case(name="a name that no card has", nics=("enp1s0", "enp9s0"), devices=7, wires=("bcast1",), skipped=("enp9s0",)),
    Case(name="an item twice", nics=("enp1s0", "enp1s0"), devices=14, wires=("bcast1",)),
    Case(
        name="an entry too short",
        networks=(MANAGEMENT, "enp1s0/br1"),
        message="Parse nic conf enp1s0/br1 failed, too short",
    ),
    Case(name="an interface that is absent", networks=(*BOTH, "enp9s0/br9/w"), message="enp9s0 not exists"),
    Case(
        name="an address that is not there",
        networks=("mgmt0/br0/10.0.2.16",),
        message="Ip 10.0.2.16 is not configure on br0/mgmt0 ?",
    ),
    Case(
        name="one interface in two entries",
        networks=(*BOTH, "enp1s0/br3/w"),
        message="Failed to add interface: a port named enp1s0 already exists on bridge br1",
    ),
    Case(
        name="listen_interface, whose address moves",
        replaced=("listen_interface: br0", "listen_interface: mgmt0"),
        message="Listen interface mgmt0 master have no IP",
    ),
    Case(
        name="an unknown bridge driver",
        replaced=("bridge_driver: openvswitch", "bridge_driver: bridge"),
        message="Dirver bridge not found",
    ),
    Case(
        name="a card without SR-IOV beside a good one",
        setup=f"echo 7 >{FIRST}/sriov_numvfs",
        nics=("enp1s0", "mgmt0"),
        error="sriov_numvfs: no such file or directory",
    ),
)
# The VFs' driver is loaded, as on a host that had VFs before. While it still loads, the kernel already links a VF to it
# and has not made its file "unbind" yet: that race may end the host-agent's start earlier, which nobody can foresee.
OFF = Case(
    name="IOMMU off",
    setup="modprobe igbvf",
    error="bind driver 01:10.2 : write vfio-pci/bind: invalid argument",
)


def host_conf(case: Case) -> bytes:
    """An installer's file with the lists of this arrangement."""
    block = "".join(f"- {entry}\n" for entry in case.networks)
    nics = "".join(f"- {name}\n" for name in case.nics)
    text = CONF.replace(f"- {MANAGEMENT}\n", f"{block}sriov_nics:\n{nics}")
    assert case.replaced[0] in text
    return text.replace(*case.replaced).encode()


def foreseen(machine: Machine) -> dict[str, Any]:
    """What the program says, whatever its exit status."""
    done = machine.try_ssh("sriov-tui agent --json")
    document: dict[str, Any] = json.loads(done.out)
    forecast: dict[str, Any] = document["forecast"]
    assert forecast["loads"]
    assert not forecast["idle"]
    part: dict[str, Any] = forecast["sriov"]
    if not forecast["starts"]:
        assert done.status == 2, done.err
        assert document["reports"] == 0
        return {"message": forecast["message"]}
    # 2 tells a script that something is lost, with a word about it.
    assert done.status == (2 if part["error"] or part["skipped"] or not part["devices"] else 0), done.err
    return part


def happened(machine: Machine) -> dict[str, Any]:
    """What the stand-in did and would report."""
    told: dict[str, Any] = json.loads(machine.ssh("python3 - /etc/yunion/host.conf", stdin=STAND_IN))
    return told


def documented(error: str) -> str:
    """The part of a message that is known: paths are told to their last two names."""
    return re.sub(r"/sys/\S*?/([^/\s:]+/[^/\s:]+):", r"\1:", error)


def play(machine: Machine, case: Case) -> None:
    """Foresee, let it happen, compare."""
    machine.ssh(f"{CLEAN}\nset -e\n{case.setup}\nudevadm settle")
    machine.write("/etc/yunion/host.conf", host_conf(case))
    before = foreseen(machine)
    truth = happened(machine)
    assert truth["message"] == case.message
    if case.message or "message" in before:
        assert before == {"message": case.message}
        return
    # The stand-in itself does what the facts say of the host-agent.
    assert len(truth["devices"]) == case.devices, truth
    assert documented(truth["error"]).endswith(case.error), truth
    assert bool(truth["error"]) is bool(case.error)
    assert {device["wire"] for device in truth["devices"]} == set(case.wires)
    assert documented(before["error"]) == documented(truth["error"])
    assert tuple(name for name, _ in before["skipped"]) == case.skipped
    compare(before["devices"], truth["devices"])
    if case.again:
        after = foreseen(machine)  # now the VFs are there, on vfio-pci: every model is known, and nothing is to be done
        assert after["changes"] == []
        compare(after["devices"], truth["devices"])
        assert all(device["model"] for device in after["devices"])


def compare(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    """Every field of every device, in order; a model may be unknown only where the VF is still to be made."""
    assert [device["addr"] for device in ours] == [device["addr"] for device in theirs]
    for our, their in zip(ours, theirs, strict=True):
        unknown = ("model",) if our["planned"] and not our["model"] else ()
        for field in FIELDS:
            assert field in unknown or our[field] == their[field], (field, our, their)
