"""Reading the machine: `gather` turns a `Reader` into `HostFacts`, and never raises.

One module per group of facts. A probe that fails leaves its fields unknown and a
`ProbeProblem` behind, so that one broken device hides nothing but itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sriov_tui.facts import HostFacts
from sriov_tui.host import Reader
from sriov_tui.probe import boot, eswitch, files, firmware, managers, mlx5, net, node, ovs, pci, system
from sriov_tui.probe.source import Source

Probe = Callable[[Source, HostFacts], dict[str, Any]]

PROBES: tuple[tuple[str, Probe], ...] = (
    ("system", system.probe),
    ("pci", pci.probe),
    ("net", net.probe),
    ("node", node.probe),
    ("boot", boot.probe),
    ("modules", system.probe_modules),
    ("firmware", firmware.probe),
    ("mlx5", mlx5.probe),
    ("eswitch", eswitch.probe),
    ("ovs", ovs.probe),
    ("managers", managers.probe),
    ("files", files.probe),
)
"""In order: each is given the facts of those before it, and returns fields of HostFacts."""


def gather(reader: Reader) -> HostFacts:
    """Everything that checks want to know of this machine, in one snapshot."""
    facts = HostFacts(source=reader.source, gathered_at=reader.now())
    for name, probe in PROBES:
        source = Source(reader, name)
        try:
            facts = replace(facts, **probe(source, facts))
        except Exception as error:
            source.problem(name, f"the probe failed: {type(error).__name__}: {error}")
        facts = replace(facts, problems=(*facts.problems, *source.problems))
    return facts
