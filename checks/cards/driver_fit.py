"""Whether the chosen driver image has its switch on this kernel and is made for these cards, before it is installed.

What is missing stands against offload alone: plain SR-IOV needs neither the switch nor compat/devlink.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.cards import driver_releases as releases
from checks.cards import driver_windows as windows
from sriov_tui.cards import family_of
from sriov_tui.facts import HostFacts
from sriov_tui.message import Message, say
from sriov_tui.model import Choices


def cannot_build(facts: HostFacts, release: str, kernels: tuple[str, ...]) -> Message | None:
    """Why this release cannot be built on the running kernel, where its own packages are for others."""
    window, kernel = windows.window_of(release), facts.kernel.release
    if window is None or kernel in kernels or windows.builds(release, kernel) is not False:
        return None
    return say(
        "The driver {release} cannot be built on Linux {kernel}: its build ends below {least}.",
        release=release,
        kernel=kernel,
        least=_dotted(window.least),
    )


def against_offload(facts: HostFacts, release: str) -> Iterator[Message]:
    """What is known to keep this release from offloading on this host."""
    window, kernel = windows.window_of(release), facts.kernel.release
    if windows.switch(release, kernel) is False:
        limit = (window or windows.WINDOWS[-1]).off_from
        yield say(
            "The driver {release} builds on Linux {kernel} without its switch (E-Switch), as from {limit} on: "
            "no switchdev, no compat/devlink.",
            release=release,
            kernel=kernel,
            limit=_dotted(limit),
        )
    for pf in releases.cards(facts):
        if windows.made_for(release, pf) is False:
            family = family_of(pf)
            yield say(
                "The driver {release} is not made for {card} ({address}).",
                release=release,
                card=family.name if family else pf.address,
                address=pf.address,
            )


def unknown(facts: HostFacts, release: str) -> Message | None:
    """What nobody has read of this release: whether it has its switch on this kernel."""
    if windows.switch(release, facts.kernel.release) is not None:
        return None
    return say(
        "Whether the driver {release} has its switch (E-Switch) on Linux {kernel} is not known before it is loaded.",
        release=release,
        kernel=facts.kernel.release or "?",
    )


def offloads(choices: Choices) -> bool:
    """Whether any port shall offload."""
    return any(choice.use == "offload" for choice in choices.chosen)


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
