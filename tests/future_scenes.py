"""Every plan whose outcome is foretold: those that the engine is cut in, and those of all other test machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sriov_tui.cards.families import FAMILIES
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices
from sriov_tui.probe import gather
from sriov_tui.simulated.boot import power_on
from tests import (
    acs_machines,
    bond_machines,
    boot_machines,
    card_machines,
    doca_machines,
    driver_machines,
    machines,
    maker_machines,
    mellanox_machines,
    offload_machines,
)
from tests.checks.test_explained import every_state
from tests.fault_scenes import _choices

Scene = tuple[Machine, HostFacts, Choices]


class Memory(RecordedHost):
    """A machine to read, without a folder."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    @property
    def machine(self) -> Machine:
        return self._machine


def scenes() -> dict[str, Callable[[], Iterator[Scene]]]:
    """Each machine by its name, with what is chosen on it."""
    found: dict[str, Callable[[], Iterator[Scene]]] = {}
    for build in machines.ALL:
        made = (lambda: machines.big(2, 8)) if build is machines.big else build
        found[build.__name__] = lambda made=made: _of_all_kinds(made())  # type: ignore[misc]
    for number, build in enumerate(mellanox_machines.ALL):
        found[f"mellanox {number}"] = lambda build=build: _of_all_kinds(build())  # type: ignore[misc]
    for name in boot_machines.NAMES:
        found[f"boot {name}"] = lambda name=name: _every_state(boot_machines.named(name))  # type: ignore[misc]
    for family in FAMILIES:
        for up in (True, False):
            found[f"card {family.name} {'up' if up else 'down'}"] = lambda family=family, up=up: _chosen(  # type: ignore[misc]
                card_machines.port_of(family, up), card_machines.WANT
            )
    for kind in maker_machines.LEFT:
        found[f"others' {kind}"] = lambda kind=kind: _left(kind)  # type: ignore[misc]
    for tool in bond_machines.TOOLS:
        found[f"bond by {tool}"] = lambda tool=tool: _bonds(tool)  # type: ignore[misc]
    found["bond in switchdev"] = lambda: _chosen(mellanox_machines.connectx(), bond_machines.wish())
    found["no acs"] = lambda: _of_all_kinds(acs_machines.no_acs())
    found["driver"] = _driver
    for name in doca_machines.FAMILIES:
        found[f"doca {name}"] = lambda name=name: _doca(name)  # type: ignore[misc]
    return found


def _of_all_kinds(machine: Machine) -> Iterator[Scene]:
    if machine.environment.get("euid", "0") != "0":
        return
    for _, start, choices in _choices(machine):
        yield start, gather(Memory(start)), choices
    yield from _every_state(machine)


def _every_state(machine: Machine) -> Iterator[Scene]:
    facts = gather(Memory(machine))
    for choices in every_state(facts):
        yield machine, facts, choices
    for choice in choices.nics:
        yield machine, facts, Choices(nics=(replace(choice, use="sriov"),))
    if facts.pf(mellanox_machines.PF0) and facts.pf(mellanox_machines.PF1):
        yield machine, facts, offload_machines.want()
        yield machine, facts, offload_machines.ONE
        yield machine, facts, offload_machines.want(numvfs=4)


def _chosen(machine: Machine, *choices: Choices) -> Iterator[Scene]:
    facts = gather(Memory(machine))
    for one in choices:
        yield machine, facts, one


def _left(kind: str) -> Iterator[Scene]:
    machine = machines.two_igb()
    maker_machines.with_initramfs(machine)
    maker_machines.leave(machine, kind, 3)
    power_on(machine)
    yield from _every_state(machine)


def _bonds(tool: str) -> Iterator[Scene]:
    ports = (bond_machines.IGB0, bond_machines.IGB1)
    for mode in ("active-backup", "802.3ad"):
        yield from _chosen(bond_machines.carrying(tool), Choices(bonds=(bond_machines.bond(mode, ports),)))


def _doca(name: str) -> Iterator[Scene]:
    machine = doca_machines.build(name)
    for restart in ("boot", "now"):
        yield (machine, *driver_machines.choose(gather(Memory(machine)), machine, doca_machines.path(name),
                                                restart=restart))  # fmt: skip
    machine = doca_machines.with_ofed(name)
    yield (machine, *driver_machines.choose(gather(Memory(machine)), machine, doca_machines.path(name)))


def _driver() -> Iterator[Scene]:
    for use in ("sriov", "offload"):
        machine = driver_machines.centos7()
        facts, choices = driver_machines.choose(gather(Memory(machine)), machine, use=use)
        yield machine, facts, choices
        yield machine, facts, replace(choices, nics=tuple(replace(nic, numvfs=64) for nic in choices.nics))
    machine = driver_machines.centos7()
    yield (machine, *driver_machines.choose(gather(Memory(machine)), machine, restart="now"))
