"""Simulated NVIDIA cards: models as data, and firmware, driver, eswitch and LAG that react."""

from __future__ import annotations

from sriov_tui.hosts.machine import Machine
from sriov_tui.simulated.mellanox import driver, eswitch, firmware, lag


def boot(machine: Machine) -> None:
    """The machine was reset: the firmware's next values are in force, and every eswitch is in legacy mode again."""
    if firmware.cards(machine):
        firmware.boot(machine)
        driver.boot(machine)
        eswitch.boot(machine)
        machine.simulation.update(lag={})


def follow(machine: Machine) -> None:
    """Let everything that can be read of the cards say how they are now; nothing without such a card."""
    if firmware.cards(machine):
        firmware.refresh(machine)
        driver.follow(machine)
        eswitch.follow(machine)
        lag.follow(machine)
