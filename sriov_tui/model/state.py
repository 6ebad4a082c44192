"""All that a screen is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sriov_tui.facts import HostFacts
from sriov_tui.model.choices import Choices
from sriov_tui.model.findings import Explanation, Finding
from sriov_tui.model.plans import Plan
from sriov_tui.model.runs import RunView

Mode = Literal["real", "simulated", "read-only"]


Explain = Callable[[str], Explanation | None]
"""The id of a finding to what it is about; None where there is no more to say."""


Foretell = Callable[[], tuple[Finding, ...]]
"""The findings about the host that is expected after the plan: computed when they are asked for."""


def _unexplained(id: str) -> Explanation | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that a screen is given. The app replaces it whole; no screen keeps any of it.

    `diff` is the unified diff of host.conf; `report` what the host-agent will say at its next
    start; `mode` tells a real machine from a simulated one and from a view that cannot write.
    """

    facts: HostFacts = HostFacts()
    choices: Choices = Choices()
    findings: tuple[Finding, ...] = ()
    plan: Plan = Plan()
    diff: str = ""
    forecast: tuple[str, ...] = ()
    mode: Mode = "read-only"
    run: RunView | None = None
    changes: tuple[str, ...] = ()  # what a reboot changed
    commands: tuple[str, ...] = ()  # what makes the host-agent of this host read host.conf
    explain: Explain = _unexplained
    foretell: Foretell | None = field(default=None, compare=False)  # None: as they are now


Evaluate = Callable[[Choices], State]
"""Choices to the State that follows from them: pure, milliseconds; the app hands it to every screen."""
