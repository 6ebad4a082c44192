"""What differs between two snapshots of one host, in sentences: what a reboot, or the operator in the BIOS, changed."""

from __future__ import annotations

from collections.abc import Iterator

from sriov_tui.facts import HostFacts, Pf


def changes(before: HostFacts, after: HostFacts) -> tuple[str, ...]:
    """Sentences on what is different now; none where all is as it was."""
    return tuple(_changes(before, after))


def _changes(before: HostFacts, after: HostFacts) -> Iterator[str]:
    if before.kernel.release != after.kernel.release:
        yield f"The kernel is {after.kernel.release}; it was {before.kernel.release}."
    old, new = ((facts.kernel.cmdline or "").split() for facts in (before, after))
    if added := [token for token in new if token not in old]:
        yield f"New kernel arguments: {' '.join(added)}."
    if gone := [token for token in old if token not in new]:
        yield f"Gone from the kernel arguments: {' '.join(gone)}."
    if before.iommu.tables != after.iommu.tables:
        yield f"The firmware's IOMMU tables: {_words(after.iommu.tables)}; they were: {_words(before.iommu.tables)}."
    if before.iommu.active != after.iommu.active:
        yield f"The IOMMU is {_active(after)}; it was {_active(before)}."
    if before.mlx5 and after.mlx5 and before.mlx5.loaded_version != after.mlx5.loaded_version:
        yield f"The loaded mlx5 driver is {_driver(after)}; it was {_driver(before)}."
    yield from _firmware(before, after)
    for pf in after.pfs or ():
        yield from _pf(before.pf(pf.address), pf)
    for pf in before.pfs or ():
        if after.pfs is not None and after.pf(pf.address) is None:
            yield f"{pf.address} {pf.name or ''} is gone."


def _driver(facts: HostFacts) -> str:
    version = facts.mlx5.loaded_version if facts.mlx5 else None
    return "unknown" if version is None else version or "the kernel's own"


def _firmware(before: HostFacts, after: HostFacts) -> Iterator[str]:
    """What somebody may have set in the BIOS."""
    pairs = (
        ("The processor's virtualization", before.cpu.virtualization, after.cpu.virtualization),
        ("Interrupt remapping", before.iommu.interrupt_remapping, after.iommu.interrupt_remapping),
        ("Secure Boot", before.kernel.secure_boot, after.kernel.secure_boot),
    )
    for name, old, new in pairs:
        if old != new:
            yield f"{name} is {_on(new)}; it was {_on(old)}."
    if before.os.bios != after.os.bios:
        yield f"The BIOS is version {after.os.bios or 'unknown'}; it was {before.os.bios or 'unknown'}."


def _pci(before: Pf, after: Pf) -> Iterator[str]:
    """What the firmware decides about a card: its capability, room for its VFs, ARI on the port above."""
    if before.sriov_capable != after.sriov_capable:
        new, old = _on(after.sriov_capable), _on(before.sriov_capable)
        yield f"{after.address}: its SR-IOV capability is {new}; it was {old}."
    was, now = ((pf.bridges[0].ari_forwarding if pf.bridges else None) for pf in (before, after))
    if was != now:
        yield f"{after.address}: ARI forwarding above it is {_on(now)}; it was {_on(was)}."
    if _has_room(before) != _has_room(after):
        yield f"{after.address}: address room for its VFs is {_there(after)}; it was {_there(before)}."


def _has_room(pf: Pf) -> bool | None:
    return None if pf.vf_bars is None else all(bar.start for bar in pf.vf_bars)


def _there(pf: Pf) -> str:
    return {True: "there", False: "missing", None: "unknown"}[_has_room(pf)]


def _on(value: bool | None) -> str:
    return {True: "on", False: "off", None: "unknown"}[value]


def _pf(before: Pf | None, after: Pf) -> Iterator[str]:
    if before is None:
        yield f"{after.address} {after.name or ''} is new."
        return
    yield from _pci(before, after)
    if before.netdevs != after.netdevs:
        yield f"{after.address} has the interfaces {_words(after.netdevs)}; it had {_words(before.netdevs)}."
    if before.driver != after.driver:
        yield f"{after.address} has the driver {after.driver or 'none'}; it had {before.driver or 'none'}."
    if (before.numvfs, before.totalvfs) != (after.numvfs, after.totalvfs):
        yield (f"{after.address} has {_count(after)} VFs; it had {_count(before)}.")


def _count(pf: Pf) -> str:
    if pf.totalvfs is None:
        return "no"
    return f"{'unknown' if pf.numvfs is None else pf.numvfs} of {pf.totalvfs}"


def _words(items: tuple[str, ...] | None) -> str:
    return "unknown" if items is None else ", ".join(items) or "none"


def _active(facts: HostFacts) -> str:
    return {True: "active", False: "not active", None: "unknown"}[facts.iommu.active]
