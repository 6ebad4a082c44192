"""What a reboot changed, in sentences."""

from __future__ import annotations

from dataclasses import replace

from sriov_tui.facts import Bridge, Iommu, Mlx5Driver, VfBar
from sriov_tui.services.changes import changes
from tests.samples import FIRST, SECOND, igb_host, igb_pf


def test_nothing_changed() -> None:
    assert changes(igb_host(), igb_host()) == ()


def test_arguments_iommu_and_vfs() -> None:
    before = igb_host(iommu=Iommu(tables=("DMAR",), units=(), groups=0, interrupt_remapping=True))
    after = igb_host(pfs=(igb_pf(numvfs=7), igb_pf(SECOND, "enp9s0")))
    line = (after.kernel.cmdline or "").replace("quiet", "intel_iommu=on")
    after = replace(after, kernel=replace(after.kernel, cmdline=line))
    assert changes(before, after) == (
        "New kernel arguments: intel_iommu=on.",
        "Gone from the kernel arguments: quiet.",
        "The IOMMU is active; it was not active.",
        f"{FIRST} has 7 of 7 VFs; it had 0 of 7.",
        f"{SECOND} has the interfaces enp9s0; it had enp2s0.",
    )


def test_what_the_bios_decides() -> None:
    bar, port = VfBar(index=0, start=0, size=0), Bridge(address="0000:00:04.0", ari_forwarding=False)
    off = replace(igb_pf(), vf_bars=(bar,), bridges=(port,), sriov=None, totalvfs=None)
    on = replace(off, vf_bars=(replace(bar, start=1),), bridges=(replace(port, ari_forwarding=True),), totalvfs=7)
    before, after = igb_host(pfs=(off,)), igb_host(pfs=(on,))
    after = replace(after, os=replace(after.os, bios="2.1"), cpu=replace(after.cpu, virtualization=False))
    assert changes(before, after) == (
        "The processor's virtualization is off; it was on.",
        "The BIOS is version 2.1; it was unknown.",
        f"{FIRST}: its SR-IOV capability is on; it was off.",
        f"{FIRST}: ARI forwarding above it is on; it was off.",
        f"{FIRST}: address room for its VFs is there; it was missing.",
        f"{FIRST} has 0 of 7 VFs; it had no.",
    )


def test_a_card_that_is_gone() -> None:
    (sentence,) = changes(igb_host(), igb_host(pfs=(igb_pf(),)))
    assert sentence.startswith(SECOND)
    assert sentence.endswith("is gone.")


def test_a_new_driver_is_told() -> None:
    before = igb_host(mlx5=Mlx5Driver(loaded_version=""))
    after = igb_host(mlx5=Mlx5Driver(loaded_version="5.8-7.0.6"))
    assert changes(before, after) == ("The loaded mlx5 driver is 5.8-7.0.6; it was the kernel's own.",)
