"""What differs between two snapshots of one host, in sentences: what a reboot, or the operator in the BIOS, changed."""

from __future__ import annotations

from collections.abc import Iterator

from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import Message, say, verbatim


def changes(before: HostFacts, after: HostFacts) -> tuple[str, ...]:
    """Sentences on what is different now; none where all is as it was."""
    return tuple(_changes(before, after))


def _changes(before: HostFacts, after: HostFacts) -> Iterator[str]:
    if before.kernel.release != after.kernel.release:
        yield say(
            "The kernel is {release}; it was {release2}.", release=after.kernel.release, release2=before.kernel.release
        )
    old, new = ((facts.kernel.cmdline or "").split() for facts in (before, after))
    if added := [token for token in new if token not in old]:
        yield say("New kernel arguments: {added}.", added=" ".join(added))
    if gone := [token for token in old if token not in new]:
        yield say("Gone from the kernel arguments: {gone}.", gone=" ".join(gone))
    if before.iommu.tables != after.iommu.tables:
        yield say(
            "The firmware's IOMMU tables: {tables}; they were: {tables2}.",
            tables=_words(after.iommu.tables),
            tables2=_words(before.iommu.tables),
        )
    if before.iommu.active != after.iommu.active:
        yield say("The IOMMU is {after}; it was {before}.", after=_active(after), before=_active(before))
    if before.mlx5 and after.mlx5 and before.mlx5.loaded_version != after.mlx5.loaded_version:
        yield say("The loaded mlx5 driver is {after}; it was {before}.", after=_driver(after), before=_driver(before))
    yield from _firmware(before, after)
    for pf in after.pfs or ():
        yield from _pf(before.pf(pf.address), pf)
    for pf in before.pfs or ():
        if after.pfs is not None and after.pf(pf.address) is None:
            yield say("{address} {name} is gone.", address=pf.address, name=pf.name or "")


def _driver(facts: HostFacts) -> str:
    version = facts.mlx5.loaded_version if facts.mlx5 else None
    return say("unknown") if version is None else verbatim(version) if version else say("the kernel's own")


def _firmware(before: HostFacts, after: HostFacts) -> Iterator[str]:
    """What somebody may have set in the BIOS."""
    pairs = (
        (say("The processor's virtualization"), before.cpu.virtualization, after.cpu.virtualization),
        ("Interrupt remapping", before.iommu.interrupt_remapping, after.iommu.interrupt_remapping),
        ("Secure Boot", before.kernel.secure_boot, after.kernel.secure_boot),
    )
    for name, old, new in pairs:
        if old != new:
            yield say("{name} is {new}; it was {old}.", name=name, new=_on(new), old=_on(old))
    if before.os.bios != after.os.bios:
        yield say(
            "The BIOS is version {bios}; it was {bios2}.",
            bios=after.os.bios or say("unknown"),
            bios2=before.os.bios or say("unknown"),
        )


def _pci(before: Pf, after: Pf) -> Iterator[str]:
    """What the firmware decides about a card: its capability, room for its VFs, ARI on the port above."""
    if before.sriov_capable != after.sriov_capable:
        new, old = _on(after.sriov_capable), _on(before.sriov_capable)
        yield say("{address}: its SR-IOV capability is {new}; it was {old}.", address=after.address, new=new, old=old)
    was, now = ((pf.bridges[0].ari_forwarding if pf.bridges else None) for pf in (before, after))
    if was != now:
        yield say(
            "{address}: ARI forwarding above it is {now}; it was {was}.",
            address=after.address,
            now=_on(now),
            was=_on(was),
        )
    if _has_room(before) != _has_room(after):
        yield say(
            "{address}: address room for its VFs is {after}; it was {before}.",
            address=after.address,
            after=_there(after),
            before=_there(before),
        )


def _has_room(pf: Pf) -> bool | None:
    return None if pf.vf_bars is None else all(bar.start for bar in pf.vf_bars)


def _there(pf: Pf) -> str:
    return {True: "there", False: "missing", None: "unknown"}[_has_room(pf)]


def _on(value: bool | None) -> str:
    return {True: "on", False: "off", None: "unknown"}[value]


def _pf(before: Pf | None, after: Pf) -> Iterator[str]:
    if before is None:
        yield say("{address} {name} is new.", address=after.address, name=after.name or "")
        return
    yield from _pci(before, after)
    if before.netdevs != after.netdevs:
        yield say(
            "{address} has the interfaces {netdevs}; it had {netdevs2}.",
            address=after.address,
            netdevs=_words(after.netdevs),
            netdevs2=_words(before.netdevs),
        )
    if before.driver != after.driver:
        yield say(
            "{address} has the driver {driver}; it had {driver2}.",
            address=after.address,
            driver=after.driver or say("none"),
            driver2=before.driver or say("none"),
        )
    if (before.numvfs, before.totalvfs) != (after.numvfs, after.totalvfs):
        yield (
            say(
                "{address} has {after} VFs; it had {before}.",
                address=after.address,
                after=_count(after),
                before=_count(before),
            )
        )


def _count(pf: Pf) -> Message:
    if pf.totalvfs is None:
        return say("no")
    return (
        say("unknown of {totalvfs}", totalvfs=pf.totalvfs)
        if pf.numvfs is None
        else say("{numvfs} of {totalvfs}", numvfs=pf.numvfs, totalvfs=pf.totalvfs)
    )


def _words(items: tuple[str, ...] | None) -> str:
    return say("unknown") if items is None else verbatim(", ".join(items)) if items else say("none")


def _active(facts: HostFacts) -> str:
    return {True: "active", False: say("not active"), None: "unknown"}[facts.iommu.active]
