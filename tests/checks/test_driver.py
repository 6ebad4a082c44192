"""The card's driver, and vfio now and at boot."""

from __future__ import annotations

import pytest

from checks import driver
from sriov_tui.facts import Module
from sriov_tui.model import (
    Level,
    Run,
)
from tests.checks.common import found, steps, with_pf
from tests.samples import FIRST, igb_host


@pytest.mark.parametrize(
    ("name", "level"), [("", Level.FAIL), ("vfio-pci", Level.FAIL), (None, Level.SKIP), ("igb", Level.OK)]
)
def test_driver(name: str | None, level: Level) -> None:
    assert found(driver, with_pf(igb_host(), driver=name))[f"driver.bound {FIRST}"].level is level


def test_vfio_is_loaded_now_and_at_boot() -> None:
    modules = (Module(name="vfio_pci", loaded=False, available=True),)
    facts = igb_host(modules=modules, modules_load=())
    assert found(driver, facts)["driver.vfio host"].level is Level.WARN
    assert found(driver, facts)["driver.vfio-boot host"].level is Level.WARN
    planned = steps(driver, facts)
    assert planned["driver.vfio"].operations == (
        Run(argv=("modprobe", "vfio-pci"), undo=("modprobe", "-r", "vfio-pci")),
    )
    assert "driver.vfio-boot" in planned
    assert steps(driver, igb_host()) == {}


def test_a_kernel_without_vfio_blocks() -> None:
    facts = igb_host(modules=(Module(name="vfio_pci", loaded=False, available=False),))
    assert found(driver, facts)["driver.vfio host"].blocks
