"""AMD's IOMMU: it is found without an argument, named as AMD's, and the audit asks for nothing of Intel's."""

from __future__ import annotations

from tests.lab import evidence
from tests.lab.conftest import Boot
from tests.lab.machine import PFS, TOTALVFS


def test_it_is_judged_right_and_vfs_are_alone(boot: Boot) -> None:
    machine = boot("--iommu", "amd")
    assert evidence.iommu_active(machine)
    machine.ssh(f"echo {TOTALVFS} >/sys/bus/pci/devices/{PFS[0]}/sriov_numvfs; udevadm settle")
    report = evidence.audit(machine)
    for id in ("iommu.firmware", "iommu.active"):
        assert evidence.finding(report, id)["level"] == "OK"
    assert "IVRS" in str(evidence.finding(report, "iommu.firmware"))
    bound = evidence.bind_as_the_agent_does(machine, PFS[0])
    assert [(vf.driver, vf.group_size) for vf in bound] == [("vfio-pci", 1)] * TOTALVFS
