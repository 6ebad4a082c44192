"""Other hardware in one boot: ports without ACS, a switch, a second root bus, an NVMe with SR-IOV: judged, then tried.

QEMU's 82576 sits on PCI Express alone, so that none can be had behind a bridge to conventional PCI; nor has QEMU a
second PCI domain (VMD) on this machine.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lab import evidence, forecasting
from tests.lab.conftest import Boot
from tests.lab.machine import TOTALVFS, Machine

MAC = "52:54:00:cc:00:0{}"
# A card's place, and whether each of its VFs will be alone in its IOMMU group.
PLACES = {"plain port": True, "no ACS": False, "no ACS, its second port": False, "switch": False, "second root": True}
IGB = {place: f"igb,mac={MAC.format(number)}" for number, place in enumerate(PLACES, 1)}
DEVICES = (
    "pcie-root-port,id=plain,slot=1,chassis=1",
    f"{IGB['plain port']},bus=plain",
    "pcie-root-port,id=open,slot=2,chassis=2,disable-acs=on",
    f"{IGB['no ACS']},bus=open,addr=0.0,multifunction=on,x-pcie-ari-nextfn-1=on",  # else ARI hides the second
    f"{IGB['no ACS, its second port']},bus=open,addr=0.1,multifunction=on",
    "pcie-root-port,id=above,slot=3,chassis=3",
    "x3130-upstream,id=switch,bus=above",
    "xio3130-downstream,id=below,bus=switch,slot=4,chassis=4",  # QEMU gives it no ACS
    f"{IGB['switch']},bus=below",
    "pcie-root-port,id=disk,slot=5,chassis=5",
    "nvme-subsys,id=subsystem",
    "nvme,bus=disk,serial=lab,subsys=subsystem,sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2,"
    "max_ioqpairs=6,msix_qsize=5",
    "pxb-pcie,id=second,bus_nr=64,bus=pcie.0",
    "pcie-root-port,id=far,bus=second,slot=6,chassis=6",
    f"{IGB['second root']},bus=far",
)
NVME = "basename $(dirname $(grep -l 0x010802 /sys/bus/pci/devices/*/class))"


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """One machine with all of them."""
    return boot("--cpu", "phenom", "--nics", "0", *(word for spec in DEVICES for word in ("--device", spec)))


@pytest.fixture(scope="module")
def netdevs(machine: Machine) -> dict[str, str]:
    """The interface of each place, by the MAC that its card got; host.conf has all of them."""
    links = json.loads(machine.ssh("ip -j link"))
    by_mac = {link["address"]: link["ifname"] for link in links}
    found = {place: by_mac[MAC.format(number)] for number, place in enumerate(PLACES, 1)}
    nics = tuple(found.values())
    networks = (forecasting.MANAGEMENT, *(f"{name}/br{number}/wire{number}" for number, name in enumerate(nics, 1)))
    case = forecasting.Case(name="all places", networks=networks, nics=nics)
    machine.write(evidence.HOST_CONF, forecasting.host_conf(case))
    return found


@pytest.fixture(scope="module")
def addresses(machine: Machine, netdevs: dict[str, str]) -> dict[str, str]:
    """The PCI address of each place."""
    paths = machine.ssh("; ".join(f"readlink -f /sys/class/net/{name}/device" for name in netdevs.values()))
    return {place: path.rpartition("/")[2] for place, path in zip(netdevs, paths.splitlines(), strict=True)}


def findings(machine: Machine, id: str) -> dict[str, dict[str, Any]]:
    """The audit's findings of this id, by what they are about."""
    return {found["subject"]: found for found in evidence.audit(machine)["findings"] if found["id"] == id}


def test_the_groups_are_foretold(machine: Machine, addresses: dict[str, str]) -> None:
    told = {subject: found["level"] for subject, found in findings(machine, "iommu.acs").items()}
    assert told == {addresses[place]: "OK" if alone else "FAIL" for place, alone in PLACES.items()}


def test_an_nvme_with_sriov_is_no_card_of_ours(machine: Machine, netdevs: dict[str, str]) -> None:
    nvme = machine.ssh(NVME)
    assert machine.ssh(f"cat /sys/bus/pci/devices/{nvme}/sriov_totalvfs") == "2"
    report = evidence.audit(machine)
    assert not [found["id"] for found in report["findings"] if nvme in (found.get("subject", ""), found["title"])]


def test_a_second_root_bus_is_of_the_same_domain(machine: Machine, addresses: dict[str, str]) -> None:
    place = machine.ssh(f"readlink -f /sys/bus/pci/devices/{addresses['second root']}")
    assert place.startswith("/sys/devices/pci0000:40/")
    assert findings(machine, "agent.pci-domain") == {}


@pytest.mark.station
def test_what_the_agent_reports_of_all_is_foreseen(machine: Machine, netdevs: dict[str, str]) -> None:
    foreseen = forecasting.foreseen(machine)
    happened = forecasting.happened(machine)
    assert (happened["error"], len(happened["devices"])) == (foreseen["error"], len(foreseen["devices"]))
    assert (happened["error"], len(happened["devices"])) == ("", TOTALVFS * len(PLACES))
    forecasting.compare(foreseen["devices"], happened["devices"])


@pytest.mark.station
def test_the_groups_are_as_foretold(machine: Machine, addresses: dict[str, str]) -> None:
    for place, alone in PLACES.items():
        bound = evidence.bind_as_the_agent_does(machine, addresses[place])
        assert {vf.group_size == 1 for vf in bound} == {alone}, (place, bound)
    told = {subject: found["level"] for subject, found in findings(machine, "vfs.isolation").items()}
    assert told == {addresses[place]: "OK" if alone else "FAIL" for place, alone in PLACES.items()}
