"""The prediction on a machine without an IOMMU: the first VF seems to be bound, the second ends it all."""

from __future__ import annotations

from tests.lab.conftest import Boot
from tests.lab.forecasting import OFF, play
from tests.lab.machine import KVM


def test_the_prediction_is_what_happens(boot: Boot) -> None:
    machine = boot("--iommu", "none", *KVM)
    assert machine.ssh("ls /sys/kernel/iommu_groups") == ""
    play(machine, OFF)
