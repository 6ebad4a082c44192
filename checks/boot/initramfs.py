"""The initramfs, built again where it holds copies of what a plan changes: the driver, modprobe.d, .link files."""

from __future__ import annotations

from sriov_tui.facts import HostFacts
from sriov_tui.model import Run

PATIENCE = 600.0  # seconds


def rebuild(facts: HostFacts) -> tuple[str, ...]:
    """The command that builds the running kernel's initramfs; () where none is known."""
    path, tool, release = facts.initramfs.path, facts.initramfs.tool, facts.kernel.release
    if not path or not tool:
        return ()
    return ("dracut", "--force", path, release) if tool == "dracut" else ("update-initramfs", "-u", "-k", release)


def around(facts: HostFacts) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """What stands before and after the changes: the first does nothing but build it again when all else is undone."""
    command = rebuild(facts)
    if not command:
        return (), ()
    first = Run(argv=("test", "-f", facts.initramfs.path or ""), undo=command, timeout=PATIENCE)
    return (first,), (Run(argv=command, timeout=PATIENCE),)
