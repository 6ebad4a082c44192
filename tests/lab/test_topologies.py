"""Cards in all places of one machine: the audit says of each what the kernel's own IOMMU groups say."""

from __future__ import annotations

import pytest

from tests.lab import evidence
from tests.lab.conftest import Boot
from tests.lab.machine import TOTALVFS, Machine

MACS = [f"52:54:00:bb:01:0{number}" for number in range(1, 6)]
WITHOUT_ACS, SWITCH, FIRST, SECOND, EXPANDER = MACS
DEVICES = (
    # A root port without Access Control Services: what is behind it is in one group with it.
    "pcie-root-port,id=noacs,slot=1,chassis=1,disable-acs=on",
    f"igb,bus=noacs,mac={WITHOUT_ACS}",
    # A PCIe switch: a card behind one of its ports, behind the other an NVMe disk with SR-IOV, which is no card.
    "pcie-root-port,id=up,slot=2,chassis=2",
    "x3130-upstream,id=switch,bus=up",
    "xio3130-downstream,id=down1,bus=switch,addr=0,slot=3,chassis=3",
    "xio3130-downstream,id=down2,bus=switch,addr=1,slot=4,chassis=4",
    f"igb,bus=down1,mac={SWITCH}",
    "nvme-subsys,id=disks",
    "nvme,bus=down2,subsys=disks,serial=lab,sriov_max_vfs=1,sriov_vq_flexible=2,sriov_vi_flexible=1",
    # Two PFs in one slot, and so in one group.
    "pcie-root-port,id=both,slot=5,chassis=5",
    f"igb,bus=both,addr=0.0,multifunction=on,mac={FIRST}",
    f"igb,bus=both,addr=0.1,multifunction=on,mac={SECOND}",
    # Another host bridge, as a second processor has one; QEMU puts it into PCI domain 0000, too.
    "pxb-pcie,id=expander,bus_nr=128,bus=pcie.0",
    "pcie-root-port,id=far,bus=expander,slot=6,chassis=6",
    f"igb,bus=far,mac={EXPANDER}",
)
GROUPS = """
for vf in /sys/bus/pci/devices/%s/virtfn*; do ls $vf/iommu_group/devices | tr '\\n' ' '; echo; done
"""


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """All of them in one boot."""
    options = [word for device in DEVICES for word in ("--device", device)]
    return boot("--nics", "0", *options)


@pytest.fixture(scope="module")
def cards(machine: Machine) -> dict[str, str]:
    """MAC -> address of the PF with this MAC."""
    lines = machine.ssh(
        'for at in /sys/class/net/*; do [ ! -e $at/device/sriov_totalvfs ] || echo "$(cat $at/address) '
        '$(basename $(readlink $at/device))"; done'
    ).splitlines()
    return dict(line.split() for line in lines)


@pytest.fixture(scope="module")
def groups(machine: Machine, cards: dict[str, str]) -> dict[str, list[list[str]]]:
    """MAC -> what is in the group of each VF, once all are there."""
    for address in cards.values():
        machine.ssh(f"echo {TOTALVFS} >/sys/bus/pci/devices/{address}/sriov_numvfs; udevadm settle")
    return {
        mac: [line.split() for line in machine.ssh(GROUPS % address).splitlines()] for mac, address in cards.items()
    }


@pytest.fixture(scope="module")
def levels(machine: Machine, cards: dict[str, str], groups: dict[str, list[list[str]]]) -> dict[tuple[str, str], str]:
    """The audit of all of them: (id, subject) -> level."""
    assert groups
    nics = ", ".join(
        f'{{ address = "{address}", use = "sriov", bridge = "br{n}", wire = "bcast{n}" }}'
        for n, address in enumerate(sorted(cards.values()), 1)
    )
    machine.write("/root/answers.toml", f"version = 1\nnics = [{nics}]\n".encode())
    report = evidence.audit(machine, "--answers /root/answers.toml")
    return {(finding["id"], finding.get("subject", "host")): finding["level"] for finding in report["findings"]}


def test_the_machine_is_what_it_is_meant_to_be(cards: dict[str, str], groups: dict[str, list[list[str]]]) -> None:
    """Without this the others would show nothing."""
    assert set(cards) == set(MACS)
    assert {len(members) for members in groups.values()} == {TOTALVFS}
    shared = {mac for mac, members in groups.items() if any(len(group) > 1 for group in members)}
    assert WITHOUT_ACS in shared
    assert EXPANDER not in shared
    assert cards[EXPANDER].startswith("0000:8")


@pytest.mark.parametrize("mac", MACS)
def test_a_card_is_judged_by_its_groups(
    cards: dict[str, str], groups: dict[str, list[list[str]]], levels: dict[tuple[str, str], str], mac: str
) -> None:
    alone = all(len(group) == 1 for group in groups[mac])
    assert levels["vfs.isolation", cards[mac]] == ("OK" if alone else "FAIL")
    assert levels["hardware.pf", cards[mac]] == "OK"


def test_a_disk_with_sriov_is_no_card(machine: Machine, levels: dict[tuple[str, str], str]) -> None:
    (disk,) = machine.ssh("lspci -Dn -d ::0108 | cut -d' ' -f1").split()
    assert machine.ssh(f"cat /sys/bus/pci/devices/{disk}/sriov_totalvfs") == "1"
    assert not [key for key in levels if key[1] == disk]
    assert disk not in machine.ssh("sriov-tui device")
