"""What follows from a change: everything that can be read says how the machine is now."""

from __future__ import annotations

from sriov_tui.hosts.machine import Machine
from sriov_tui.simulated import links, mellanox, ovs


def follow(machine: Machine) -> None:
    """After every change and every boot; a second time it changes nothing."""
    mellanox.follow(machine)
    links.follow(machine)
    ovs.follow(machine)
