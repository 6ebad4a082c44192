"""Reading the machine: `gather` turns a `Reader` into `HostFacts`, and never raises.

One module per group of facts. A probe that fails leaves its fields unknown and a
`ProbeProblem` behind, so that one broken device hides nothing but itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sriov_tui.beside import Beside
from sriov_tui.facts import HostFacts, ProbeProblem
from sriov_tui.hosts.host import Reader
from sriov_tui.message import say
from sriov_tui.probe import (
    boot,
    build_environment,
    eswitch,
    files,
    firmware,
    makers,
    managers,
    mlx5,
    net,
    node,
    ovs,
    pci,
    system,
)
from sriov_tui.probe.source import Source

Probe = Callable[[Source, HostFacts], dict[str, Any]]
Found = tuple[dict[str, Any], tuple[ProbeProblem, ...]]

SYSTEM: tuple[str, Probe] = ("system", system.probe)
"""Waits for commands (dmesg, pgrep) most of its time."""
HARDWARE: tuple[tuple[str, Probe], ...] = (("pci", pci.probe), ("net", net.probe))
"""Meanwhile; without any of the system's facts."""
THEN: tuple[tuple[str, Probe], ...] = (
    ("node", node.probe),
    ("boot", boot.probe),
    ("modules", system.probe_modules),
    ("firmware", firmware.probe),
    ("mlx5", mlx5.probe),
    ("ground", build_environment.probe),
    ("eswitch", eswitch.probe),
    ("ovs", ovs.probe),
    ("managers", managers.probe),
    ("makers", makers.probe),
    ("files", files.probe),
)
"""In order: each is given the facts of all before it, and returns fields of HostFacts."""


def gather(reader: Reader) -> HostFacts:
    """Everything that checks want to know of this machine, in one snapshot."""
    facts = HostFacts(source=reader.source, gathered_at=reader.now())
    empty = facts
    system = Beside(lambda: _find(reader, SYSTEM, empty))
    for probe in HARDWARE:
        facts = _with(facts, _find(reader, probe, facts))
    facts = _with(facts, system.result())
    for probe in THEN:
        facts = _with(facts, _find(reader, probe, facts))
    return facts


def gather_uses(reader: Reader) -> HostFacts:
    """Cards, links and the SSH session only: what uses them, read at once, for whoever is about to change them."""
    facts = HostFacts(source=reader.source, gathered_at=reader.now())
    for probe in HARDWARE:
        facts = _with(facts, _find(reader, probe, facts))
    return facts


def _find(reader: Reader, named: tuple[str, Probe], facts: HostFacts) -> Found:
    name, probe = named
    source, fields = Source(reader, name), {}
    try:
        fields = probe(source, facts)
    except Exception as error:
        source.problem(name, say("the probe failed: {name}: {error}", name=type(error).__name__, error=str(error)))
    return fields, tuple(source.problems)


def _with(facts: HostFacts, found: Found) -> HostFacts:
    fields, problems = found
    return replace(facts, **fields, problems=(*facts.problems, *problems))
