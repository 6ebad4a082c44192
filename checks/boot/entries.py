"""The entries of a boot menu that count: those of a boot without a person at the console, and the next one's."""

from __future__ import annotations

from collections.abc import Iterable

from checks.boot import arguments
from sriov_tui.facts import Boot, BootEntry

RECOVERY = ("single", "rescue", "systemd.unit=rescue.target", "systemd.unit=emergency.target", "recovery")


def normal(entries: Iterable[BootEntry]) -> tuple[BootEntry, ...]:
    """The entries that are no rescue: those that a boot without a person at the console may take."""
    return tuple(
        entry
        for entry in entries
        if not set(RECOVERY) & set(arguments.tokens(entry.arguments)) and "rescue" not in entry.kernel
    )


def next_entry(boot: Boot) -> BootEntry | None:
    """The entry that the next boot takes, or None where it is not known."""
    return next((entry for entry in boot.entries or () if entry.title == boot.default_title), None)


def next_kernel(boot: Boot) -> str:
    """The release that the boot menu starts by itself; "" where that is not known."""
    entry = next((entry for entry in boot.entries or () if entry.title == boot.default_title), None)
    return entry.kernel.rpartition("vmlinuz-")[2] if entry and "vmlinuz-" in entry.kernel else ""
