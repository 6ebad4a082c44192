"""Back from the BIOS: the wizard tells what is different since it was left."""

from __future__ import annotations

from pathlib import Path

from sriov_tui.machine import put_file
from sriov_tui.session import Session
from sriov_tui.simulated import SimulatedHost
from tests import machines
from tests.checks.common import WANT


def test_what_a_visit_to_the_bios_changed_is_told(tmp_path: Path) -> None:
    host = SimulatedHost.create(machines.bios_off(), tmp_path)
    session = Session(f"simulated:{tmp_path}")
    assert session.state().changes == ()
    session.services().save_answers(WANT)
    assert Session(f"simulated:{tmp_path}").state().changes == ()
    table = b"DMAR".ljust(0x24, b"\0") + b"\x2f\x01"
    host.change(lambda machine: put_file(machine, "/sys/firmware/acpi/tables/DMAR", table, 0o400))
    host.reboot()
    back = Session(f"simulated:{tmp_path}")
    told = back.state().changes
    assert "The firmware's IOMMU tables: DMAR; they were: none." in told
    assert "The IOMMU is active; it was not active." in told
    assert "Interrupt remapping is on; it was unknown." in told
    back.services().save_answers(WANT)
    assert back.state().changes == told  # as long as this sitting lasts
    assert Session(f"simulated:{tmp_path}").state().changes == ()
