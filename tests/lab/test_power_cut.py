"""The plug is pulled at random moments: the machine boots, host.conf is whole, and both ways out work.

SRIOV_TUI_CUTS is the number of cuts (2), SRIOV_TUI_SEED draws the moments; each test prints its own.
"""

from __future__ import annotations

import os
import random
import time

import pytest

from tests.lab import cuts, evidence
from tests.lab.conftest import Boot
from tests.lab.cuts import Phase, Rehearsal
from tests.lab.machine import Machine

CUTS = int(os.environ.get("SRIOV_TUI_CUTS", "2"))
SEED = os.environ.get("SRIOV_TUI_SEED") or str(time.time_ns() % 1_000_000)
# Most in the apply; the others in what an operator does next.
PHASES: tuple[Phase, ...] = (
    "apply",
    "apply",
    "apply",
    "apply",
    "rollback",
    "apply",
    "apply",
    "boot",
    "apply",
    "resume",
)


class Ground:
    """The machine on which cut follows cut; a fresh one after a failure, so that each counts for itself."""

    def __init__(self, boot: Boot) -> None:
        self._boot = boot
        self.clean = False
        self.rehearsal: Rehearsal

    def machine(self) -> Machine:
        """Ready to apply, its caches written back."""
        if not self.clean:
            self._machine = self._boot()
            cuts.prepare(self._machine, cuts.ANSWERS)
            self.before = evidence.tree(self._machine)
            self.rehearsal = self._rehearse()
        self.clean = False
        return self._machine

    def _rehearse(self) -> Rehearsal:
        """Once there and back without a cut."""
        works: dict[Phase, cuts.Work] = {"apply": cuts.whole(self._machine, "apply")}
        start = time.monotonic()
        self._machine.reboot()
        boot = time.monotonic() - start
        works["resume"] = cuts.whole(self._machine, "resume")
        cuts.stands(self._machine)
        works["rollback"] = cuts.whole(self._machine, "rollback")
        cuts.is_as_before(self._machine, self.before)
        told = ", ".join(f"{phase} {work.seconds:.0f} s, {len(work.lines)} lines" for phase, work in works.items())
        print(f"rehearsal: reboot {boot:.0f} s, {told}")
        return Rehearsal(boot, works)


@pytest.fixture(scope="module")
def ground(boot: Boot) -> Ground:
    """The machine of all cuts."""
    return Ground(boot)


@pytest.mark.parametrize("number", range(CUTS))
def test_a_cut_and_the_way_out(ground: Ground, number: int) -> None:
    machine = ground.machine()
    phase = PHASES[number % len(PHASES)]
    moment = ground.rehearsal.moment(phase, number, random.Random(f"{SEED} {number}"))
    forth = phase in ("boot", "resume") or (phase == "apply" and number % 2 == 1)
    print(f"cut {number}, seed {SEED}: {moment}, then {'resume and rollback' if forth else 'rollback'}")
    if phase != "apply":
        cuts.whole(machine, "apply")
    if phase == "resume":
        machine.reboot()
    cuts.cut(machine, moment)
    machine.up("--keep")
    cuts.consistent(machine)
    if forth:
        cuts.resume(machine)
        cuts.stands(machine)
    machine.ssh("sriov-tui rollback --yes")
    cuts.is_as_before(machine, ground.before)
    machine.ssh("sync")
    ground.clean = True
