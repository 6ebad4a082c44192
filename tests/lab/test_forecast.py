"""What `sriov-tui agent` foresees on a real kernel, held against a stand-in that then does what the host-agent does."""

from __future__ import annotations

import pytest

from tests.lab.conftest import Boot
from tests.lab.forecasting import CASES, Case, play
from tests.lab.machine import KVM, Machine


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """Two idle NICs, the IOMMU on."""
    return boot(*KVM)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_the_prediction_is_what_happens(machine: Machine, case: Case) -> None:
    play(machine, case)
