"""The simulated kernel keeps the contract that the lab's real kernel is held to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sriov_tui.hosts.host import Host
from sriov_tui.hosts.machine import Machine
from sriov_tui.simulated import SimulatedHost
from tests import machines, mellanox_machines
from tests.sriov_tui.simulated.contract import CONTRACT


@pytest.mark.parametrize("clause", CONTRACT, ids=lambda clause: clause.__name__)
@pytest.mark.parametrize(
    ("build", "pf"),
    [
        (machines.two_igb, machines.FIRST),
        (machines.iommu_off, machines.SECOND),
        (machines.connectx6, "0000:03:00.1"),
        (machines.bond_ssh, "0000:03:00.0"),
        *((build, mellanox_machines.PF0) for build in mellanox_machines.ALL),
        (mellanox_machines.connectx, mellanox_machines.PF1),
    ],
)
def test_contract(clause: Callable[[Host, str], None], build: Callable[[], Machine], pf: str, tmp_path: Path) -> None:
    host = SimulatedHost.create(build(), tmp_path)
    clause(host, pf)
    again = SimulatedHost(tmp_path)
    assert again.read(f"/sys/bus/pci/devices/{pf}/sriov_numvfs") == b"0\n"
    assert again.machine == host.machine
