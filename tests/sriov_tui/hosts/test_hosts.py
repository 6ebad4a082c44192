"""The machines that were recorded for real, and the simulated one held against them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sriov_tui.facts import HostFacts, Pf, Source
from sriov_tui.hosts.machine_file import load
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe import gather
from sriov_tui.simulated import SimulatedHost
from tests import machines

HOSTS = Path(__file__).parents[2] / "hosts"
NAMES = sorted(path.name for path in HOSTS.iterdir() if path.is_dir())


def pf_of(facts: HostFacts, address: str = machines.FIRST) -> Pf:
    found = facts.pf(address)
    assert found is not None
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_recording_is_read_to_the_end_and_tells_where_it_is_from(name: str) -> None:
    assert len((HOSTS / name / "about.md").read_text().splitlines()) > 2
    facts = gather(RecordedHost(HOSTS / name))
    # What a later version asks for, a recording of an earlier one does not have; anything else is a fault.
    assert {problem.reason for problem in facts.problems} <= {"not in this recording"}
    assert facts.source == Source("recording", load(HOSTS / name).name)
    assert facts.pfs


def test_the_idle_lab() -> None:
    facts = gather(RecordedHost(HOSTS / "lab-idle"))
    pf = pf_of(facts)
    assert (pf.driver, pf.netdevs, pf.totalvfs, pf.numvfs, pf.vfs) == ("igb", ("enp1s0",), 7, 0, ())
    assert facts.iommu.active is True
    assert facts.ssh is not None
    assert facts.ssh.pfs == ("0000:00:05.0",)
    assert facts.boot.default_title == "Debian GNU/Linux"


def lines_of(facts: HostFacts) -> set[str]:
    """What lspci says of the VFs, the names of subsystems left out: they are those of the lab's QEMU."""
    return {line.partition(" -r")[0] for address, line in facts.lspci if address.startswith("0000:01:1")}


def test_the_simulated_igb_is_the_real_one(tmp_path: Path) -> None:
    host = SimulatedHost.create(machines.two_igb(), tmp_path)
    for name in ("lab-idle", "lab-7-vfs"):
        real = gather(RecordedHost(HOSTS / name))
        if pf_of(real).numvfs:
            host.write_attribute(f"/sys/bus/pci/devices/{machines.FIRST}/sriov_numvfs", "7", 10)
        ours, theirs = pf_of(gather(host)), pf_of(real)
        for field in ("vendor", "device", "class_code", "name", "driver", "numa_node", "pcie", "config_bytes", "sriov",
                      "ari", "acs", "totalvfs", "numvfs", "autoprobe", "netdevs", "compat_devlink"):  # fmt: skip
            assert getattr(ours, field) == getattr(theirs, field), field
        assert [(vf.index, vf.address, vf.driver, vf.netdevs, vf.holders) for vf in ours.vfs] == [
            (vf.index, vf.address, vf.driver, vf.netdevs, vf.holders) for vf in theirs.vfs
        ]
        assert all(vf.group_members == (vf.address,) for vf in (*ours.vfs, *theirs.vfs))
    assert lines_of(real) == lines_of(gather(host))
