"""One sitting of the wizard: what it tells after a visit to the BIOS, and where it keeps a summary."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.words import why_read_only
from sriov_tui.hosts.machine import put_file
from sriov_tui.model import SriovError
from sriov_tui.run import store
from sriov_tui.simulated import SimulatedHost
from sriov_tui.tui.session import Session
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


def test_the_summary_is_kept_beside_the_run_and_is_nobody_elses(tmp_path: Path) -> None:
    SimulatedHost.create(machines.two_igb(), tmp_path)
    session = Session(f"simulated:{tmp_path}")
    run = store.create(session.state(WANT).plan, f"simulated:{tmp_path}", tmp_path / "state")
    path, lines = session.services().save_summary(session.state(WANT))
    assert path == str(run / "summary.md")
    assert Path(path).read_text().splitlines() == list(lines)
    assert Path(path).stat().st_mode & 0o777 == 0o600
    assert "## What the host shows now" in lines


def test_a_view_that_cannot_write_saves_no_summary() -> None:
    with pytest.raises(SriovError, match="cannot change"):
        Session("recorded:tests/hosts/lab-idle").services().save_summary(None)


def test_a_read_only_view_of_a_simulated_machine_changes_nothing(tmp_path: Path) -> None:
    SimulatedHost.create(machines.two_igb(), tmp_path)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    session = Session(f"simulated:{tmp_path}", read_only=True)
    state, services = session.state(WANT), session.services()
    assert state.mode == "read-only"
    assert "read-only" in why_read_only(state)
    services.save_answers(WANT)
    for act in (services.resume_run, services.rollback_run, services.stop_run, services.confirm_run, services.reboot):
        with pytest.raises(SriovError, match="cannot change the machine"):
            act()
    with pytest.raises(SriovError, match="cannot change the machine"):
        services.start_run(state.plan)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files
    assert Session(f"simulated:{tmp_path}").state(WANT).mode == "simulated"
