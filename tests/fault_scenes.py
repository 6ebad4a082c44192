"""Every plan of the test machines that the engine is cut in: each machine with every kind of choice."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace

from sriov_tui.cards import obstacle
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices, NicChoice, Plan
from sriov_tui.probe import gather
from sriov_tui.services.evaluation import evaluate
from sriov_tui.simulated.vfs import store_numvfs
from tests import bond_machines, doca_machines, driver_machines, machines, mellanox_machines


def scenes() -> Iterator[tuple[str, Machine, Plan]]:
    """Every machine with every kind of choice that gives a plan of its own."""
    seen = set()
    for build in machines.ALL:
        machine = machines.big(2, 8) if build is machines.big else build()  # the same plans, copied in less time
        if machine.environment.get("euid", "0") != "0":
            continue
        for word, start, choices in _choices(machine):
            plan = evaluate(gather(_Memory(start)), choices).plan
            key = (machine.name, plan.steps)
            if plan.steps and key not in seen:
                seen.add(key)
                yield f"{machine.name}, {word}", start, plan
    for model in ("connectx-5", "connectx-7"):  # VFs or the mode first, with and without the inline mode
        machine = mellanox_machines.connectx(model, ports=1)
        offloaded = evaluate(gather(_Memory(machine)), _offload(machine))
        if "ovs.restart" in {step.id for step in offloaded.plan.steps}:
            yield f"{machine.name}, offload", machine, offloaded.plan
    machine = driver_machines.centos7()
    facts, choices = driver_machines.choose(gather(_Memory(machine)), machine, use="sriov")
    yield f"{machine.name}, its driver", machine, evaluate(facts, choices).plan
    for name in doca_machines.FAMILIES:
        machine = doca_machines.build(name)
        facts, choices = driver_machines.choose(
            gather(_Memory(machine)), machine, doca_machines.path(name), use="sriov"
        )
        yield f"{machine.name}, its driver", machine, evaluate(facts, choices).plan
    for tool in bond_machines.TOOLS:
        start = bond_machines.carrying(tool)
        choices = Choices(bonds=(bond_machines.bond("active-backup", (bond_machines.IGB0, bond_machines.IGB1)),))
        yield f"bond by {tool}", start, evaluate(gather(_Memory(start)), choices).plan


class _Memory(RecordedHost):
    """A machine to read, without a folder."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    @property
    def machine(self) -> Machine:
        return self._machine


def _choices(machine: Machine) -> Iterator[tuple[str, Machine, Choices]]:
    facts = gather(_Memory(machine))
    able = [pf for pf in facts.pfs or () if (found := obstacle(facts, pf)) is None or found.kind != "unseen"]
    able = [pf for pf in able if pf.sriov_capable]
    nics = [
        NicChoice(
            address=pf.address,
            use="sriov",
            numvfs=None if pf.totalvfs or not pf.nvconfig else 4,
            bridge=f"br{number}",
            wire=f"wire{number}",
        )
        for number, pf in enumerate(able[:2], 1)
    ]
    for count in range(1, len(nics) + 1):
        yield f"{count} of its ports", machine, Choices(nics=tuple(nics[:count]))
        now = tuple(replace(nic, when="now") for nic in nics[:count])
        yield f"{count} of its ports now", machine, Choices(nics=now)
    if nics:
        yield "arguments set", machine, Choices(nics=tuple(nics[:1]), kernel_args="set")
        part = copy.deepcopy(machine)
        try:
            store_numvfs(part, nics[0].address, "3")
        except OSError:
            return
        yield "from a part of its VFs", part, Choices(nics=tuple(nics[:1]))


def _offload(machine: Machine) -> Choices:
    able = [pf for pf in gather(_Memory(machine)).pfs or () if pf.sriov_capable]
    return Choices(
        nics=tuple(
            NicChoice(address=pf.address, use="offload", bridge=f"br{number}", wire=f"wire{number}")
            for number, pf in enumerate(able, 1)
        )
    )
