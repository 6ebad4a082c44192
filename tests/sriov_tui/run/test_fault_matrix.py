"""A sample of the fault matrix; `python -m tests.fault_matrix` runs it over every machine and plan."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from sriov_tui.hosts.machine import Machine
from sriov_tui.model import Plan
from tests.fault_matrix import ONS, THENS, Then, check, check_way_back
from tests.fault_scenes import scenes

WANTED = (
    "two-igb, from a part of its VFs",
    "iommu-off, 1 of its ports",
    "bond-ssh, 2 of its ports now",
    "centos7-connectx-6-dx, its driver",
    "ubuntu-connectx-6-dx, its driver",
    "connectx-7-1, offload",
    "bond by ifupdown",
    "bond by systemd-networkd",
)


@cache
def plans() -> dict[str, tuple[Machine, Plan]]:
    """Every scene by its name."""
    return {name: (machine, plan) for name, machine, plan in scenes()}


def test_there_are_plans_of_every_machine_that_can_be_changed() -> None:
    machines = {name.partition(",")[0] for name in plans()}
    assert machines >= {"two-igb", "iommu-off", "bios-off", "connectx-6", "bond-ssh", "garbage"}


@pytest.mark.parametrize("then", THENS)
@pytest.mark.parametrize("name", WANTED)
def test_cut_at_every_tenth_moment(name: str, then: Then, tmp_path: Path) -> None:
    machine, plan = plans()[name]
    for on in ONS:
        cases, faults = check(machine, plan, on, then, tmp_path, every=10)
        assert faults == []
        assert cases >= 2


@pytest.mark.parametrize("name", ["two-igb, 1 of its ports", "connectx-new, 1 of its ports", "connectx-7-1, offload"])
def test_the_way_back_cut_at_every_second_operation(name: str, tmp_path: Path) -> None:
    machine, plan = plans()[name]
    cases, faults = check_way_back(machine, plan, tmp_path, every=2)
    assert faults == []
    assert cases >= 6
