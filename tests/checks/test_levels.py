"""What blocks is FAIL, or could not be seen: so an audit and a fleet, which count levels, say the same of a host."""

from __future__ import annotations

from pathlib import Path

import pytest

import checks
from sriov_tui.fleet.hosts import FleetHost
from sriov_tui.model import Level
from sriov_tui.probe import gather
from sriov_tui.reports.audit import Report
from sriov_tui.simulated import SimulatedHost
from tests import machines
from tests.checks.test_explained import every_state


@pytest.mark.parametrize("build", [build for build in machines.ALL if build is not machines.big])
def test_what_blocks_is_at_least_skip(build: object, tmp_path: Path) -> None:
    facts = gather(SimulatedHost.create(build(), tmp_path / "machine"))  # type: ignore[operator]
    for choices in every_state(facts):
        findings, _ = checks.evaluate(facts, choices)
        assert [f.key for f in findings if f.blocks and f.level < Level.SKIP] == []
        host, report = FleetHost(name="a", file="a.json", findings=findings), Report(facts=facts, findings=findings)
        assert (host.state == "FAIL") == (host.count(Level.FAIL) > 0) == bool(report.failing)
