"""Fleets for tests and measurements: true audits of the demo machines, many times, a few of them made to differ."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import checks
from checks.host_agent.requested import asked_for
from sriov_tui.model import Choices, NicChoice
from sriov_tui.probe import gather
from sriov_tui.reports import audit as report
from sriov_tui.run import engine, store
from sriov_tui.services.demos import demo_machine
from sriov_tui.services.evaluation import evaluate
from sriov_tui.simulated import SimulatedHost

Audit = dict[str, Any]
HOSTILE = "<script>alert(1)</script>\"'&</td><img src=x onerror=alert(2)>"


def audit(demo: str, *wanted: str) -> Audit:
    """The audit of a demo machine, as `sriov-tui audit --format json` prints it; first set up for the `wanted` NICs."""
    with tempfile.TemporaryDirectory() as folder:
        host = SimulatedHost.create(demo_machine(demo), Path(folder) / "machine")
        nics = [
            NicChoice(address=nic, use="sriov", bridge=f"br{i}", wire=f"wire{i}") for i, nic in enumerate(wanted, 1)
        ]
        if wanted:
            state = evaluate(gather(host), Choices(nics=tuple(nics)))
            engine.apply(store.create(state.plan, f"simulated:{folder}/machine", f"{folder}/state"), host)
        facts = gather(host)
    document: Audit = json.loads(
        report.to_json(report.Report(facts=facts, findings=checks.evaluate(facts, asked_for(facts))[0]))
    )
    return document


def old_firmware(document: Audit) -> None:
    """Another firmware on every card."""
    for nic in document["facts"]["nics"]:
        nic["firmware"] = "3.25, 0x80000681" if nic["firmware"] else nic["firmware"]


def no_iommu_argument(document: Audit) -> None:
    """An argument that the others do not have."""
    document["facts"]["arguments"] += " pci=nomsi"


def fewer_vfs(document: Audit) -> None:
    """A VF count of its own."""
    document["facts"]["nics"][-1]["numvfs"] = 3


CHANGES: tuple[Callable[[Audit], None], ...] = (old_firmware, no_iommu_argument, fewer_vfs)


def write_fleet(folder: Path, number: int = 500, broken: bool = True) -> None:
    """So many audits below `folder`: most of one kind, every tenth another, some with a change, two files broken."""
    ready = audit("two-igb", "0000:01:00.0", "0000:02:00.0")
    others = [
        audit("bond-ssh"),
        audit("two-igb", "0000:01:00.0"),
        audit("iommu-off"),
        audit("iommu-off", "0000:01:00.0"),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(number):
        document = copy.deepcopy(ready if index % 10 else others[index // 10 % len(others)])
        document["host"] = f"kvm{index:03d}"
        document["facts"]["arguments"] += f" root=UUID={index:08x}"
        if index % 97 == 13:
            CHANGES[index // 97 % len(CHANGES)](document)
        (folder / f"kvm{index:03d}.json").write_text(json.dumps(document, indent=1))
    if broken:
        (folder / "half.json").write_text('{"version": 1, "findings": [')
        (folder / "list.json").write_text("[]")
