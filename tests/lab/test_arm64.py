"""An arm64 server, with an SMMU and without: both judged right; VFs made on the first, without argument or reboot."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lab import evidence
from tests.lab.conftest import Boot
from tests.lab.machine import PFS, TOTALVFS, Machine, reason_to_skip

pytestmark = pytest.mark.skipif(bool(why := reason_to_skip("arm64")), reason=f"no arm64 machine here: {why}")
ANSWERS = f'version = 1\n[[nics]]\naddress = "{PFS[0]}"\nuse = "sriov"\nbridge = "br1"\nwire = "bcast1"\n'
IORT = "/sys/firmware/acpi/tables/IORT"


def machine_with(boot: Boot, iommu: str) -> tuple[Machine, dict[str, Any]]:
    """A machine that lists its SMMU, or none, in the IORT that both have; and its audit."""
    machine = boot("--arch", "arm64", "--iommu", iommu)
    machine.write("/root/answers.toml", ANSWERS.encode())
    machine.ssh("chmod 600 /root/answers.toml")
    assert machine.exists([IORT])
    assert not [word for word in evidence.kernel_arguments(machine) if "iommu" in word]
    return machine, evidence.audit(machine, "--answers", "/root/answers.toml")


def level(report: dict[str, Any], id: str) -> str:
    """The level of the one finding of this id."""
    found: str = evidence.finding(report, id)["level"]
    return found


def test_without_an_smmu_the_firmware_is_named_and_no_argument(boot: Boot) -> None:
    machine, report = machine_with(boot, "none")
    assert not evidence.iommu_active(machine)
    assert (level(report, "iommu.firmware"), level(report, "iommu.active")) == ("FAIL", "FAIL")
    assert "SMMU" in evidence.finding(report, "iommu.firmware")["title"]
    assert evidence.finding(report, "iommu.active")["detail"].startswith("Verdict: off in firmware.")
    done = machine.try_ssh("sriov-tui plan --answers /root/answers.toml --format json")
    assert done.status == 2
    planned = json.loads(done.out)
    assert "iommu.firmware" in {finding["id"] for finding in planned["blocking"]}
    assert not planned["reboot"]
    assert "iommu.arguments" not in {step["id"] for step in planned["steps"]}
    assert "iommu.passthrough" not in f"{report}{planned}"


def test_with_one_the_vfs_are_made(boot: Boot) -> None:
    machine, report = machine_with(boot, "smmuv3")
    assert evidence.iommu_active(machine)
    assert (level(report, "iommu.firmware"), level(report, "iommu.active")) == ("OK", "OK")
    done = machine.try_ssh("sriov-tui apply --answers /root/answers.toml --yes")
    assert done.status == 0, done.out + done.err
    assert "Verified" in done.out
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [TOTALVFS, 0]
    bound = evidence.bind_as_the_agent_does(machine, PFS[0])
    assert [(vf.driver, vf.group_size) for vf in bound] == [("vfio-pci", 1)] * TOTALVFS
    assert evidence.not_ok(evidence.audit(machine)) == {}
    machine.reboot()
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [TOTALVFS, 0]
