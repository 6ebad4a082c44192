"""A real server's sysfs, recorded by others: two Intel 82599, the IOMMU off."""

from __future__ import annotations

from pathlib import Path

import pytest

from sriov_tui.facts import Pf
from sriov_tui.hosts.recorded import RecordedHost, RecordingHost
from sriov_tui.probe import gather
from sriov_tui.simulated.vfs import store_numvfs
from tests.umockdev import machine_of

DUMP = Path(__file__).parents[4] / "shared" / "fixtures" / "two-82599-iommu-off.umockdev"
PORTS = ("0000:04:00.0", "0000:04:00.1")

pytestmark = pytest.mark.skipif(not DUMP.exists(), reason=f"the shared folder with {DUMP.name} is not here")


def port(pfs: tuple[Pf, ...] | None, address: str) -> Pf:
    return next(pf for pf in pfs or () if pf.address == address)


def test_the_facts_of_a_real_server(tmp_path: Path) -> None:
    recorder = RecordingHost(RecordedHost(machine_of(DUMP)))
    facts = gather(recorder)
    recorder.save(tmp_path, "hp")
    assert gather(RecordedHost(tmp_path)).pfs == facts.pfs
    assert (facts.iommu.units, facts.iommu.groups, facts.iommu.active) == ((), 0, False)
    first, second = (port(facts.pfs, address) for address in PORTS)
    assert (first.netdevs, second.netdevs) == (("eno49",), ("eno50",))
    assert (first.driver, first.totalvfs, first.numvfs, first.autoprobe) == ("ixgbe", 63, 0, True)
    assert (first.vendor, first.device, first.class_code, first.numa_node) == (0x8086, 0x10FB, 0x020000, 0)
    assert first.name == (
        "Intel Corporation 82599ES 10-Gigabit SFI/SFP+ Network Connection (Ethernet 10Gb 2-port 560FLR-SFP+ Adapter)"
    )
    # Recorded without root: config space ends before the capabilities, so they are unknown, and sysfs has to do.
    assert (first.config_bytes, first.ari, first.sriov, first.sriov_capable) == (64, None, None, True)
    assert first.iommu_group is None
    assert first.pcie is not None
    assert (first.pcie.speed, first.pcie.width) == ("5.0 GT/s PCIe", 8)
    assert first.vf_bars is not None
    assert all(bar.start for bar in first.vf_bars)


def test_the_simulated_kernel_makes_vfs_of_a_real_card() -> None:
    machine = machine_of(DUMP)
    store_numvfs(machine, PORTS[1], "63")
    pf = port(gather(RecordedHost(machine)).pfs, PORTS[1])
    assert (pf.numvfs, len(pf.vfs)) == (63, 63)
    assert [vf.address for vf in pf.vfs[:4]] == ["0000:04:10.1", "0000:04:10.3", "0000:04:10.5", "0000:04:10.7"]
    assert {(vf.driver, vf.iommu_group) for vf in pf.vfs} == {("", None)}
