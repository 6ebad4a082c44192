"""What lets sriov-tui see what it could not: one advice for the checks that meet something unknown."""

from __future__ import annotations

from sriov_tui.facts import HostFacts
from sriov_tui.message import NOTHING, lines, say, verbatim
from sriov_tui.model import Fix


def look_again(facts: HostFacts, *sources: str) -> Fix:
    """How to have it read: root is asked for only where it was missing; else the reasons that `sources` failed.

    A source is a path or a command, or what it begins with.
    """
    recorded = facts.source.kind == "recording"
    if facts.container:
        return Fix(title=say("Run sriov-tui on the host itself, not in a container."))
    if facts.root is False and recorded:
        return Fix(title=say("Record the machine again, as root."), manual=verbatim("sudo sriov-tui collect"))
    if facts.root is False:
        return Fix(title=say("Run sriov-tui as root."), manual=verbatim("sudo sriov-tui"))
    reasons = [
        say("{source}: {reason}", source=problem.source, reason=problem.reason)
        for problem in facts.problems
        if sources and problem.source.startswith(sources)
    ]
    manual = lines(*reasons[:5]) if reasons else NOTHING
    if recorded:
        return Fix(title=say("The recording does not hold it: look on the machine itself."), manual=manual)
    return Fix(title=say("Find out why it cannot be read."), manual=manual)
