"""The kernels and cards that a release of the vendor's driver is for: refused for offload, allowed for plain SR-IOV."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import driver_image, driver_install, offload
from checks.cards import driver_releases, driver_windows
from sriov_tui.facts import HostFacts, ImageLabel, Os
from sriov_tui.model import Choices, Level
from tests import driver_machines as machines
from tests.checks.common import found, steps
from tests.mellanox_machines import PF0

MACHINE = machines.centos7()
FACTS, OFFLOAD = machines.choose(machines.facts_of(MACHINE), MACHINE)
_, PLAIN = machines.choose(machines.facts_of(MACHINE), MACHINE, use="sriov")


def on(kernel: str, release: str, device: int = 0x101D, kernels: tuple[str, ...] = ()) -> HostFacts:
    label = ImageLabel(release=release, distribution="rhel7.9", machine="x86_64")
    image = replace(FACTS.images[0], named=label, content=label, kernels=kernels)
    pfs = tuple(replace(pf, device=device) if pf.mellanox else pf for pf in FACTS.pfs or ())
    return replace(FACTS, images=(image,), kernel=replace(FACTS.kernel, release=kernel), pfs=pfs)


@pytest.mark.parametrize(
    ("version", "kernel", "builds", "switch"),
    [
        ("5.8-1.1.2.1", "5.4.130-1.yn20230805.el7.x86_64", True, True),
        ("5.8-1.1.2.1", "6.0.0", True, True),
        ("5.8-1.1.2.1", "6.1.0-18-amd64", True, False),
        ("5.8-3.0.7.0", "6.1.0", True, True),
        ("5.8-3.0.7.0", "6.2.0", True, False),
        ("5.8-7.0.6.1", "6.1.0", True, True),
        ("5.8-7.0.6.1", "6.2.0", True, None),  # nobody has read that update
        ("5.8-7.0.6", "3.10.0-1160.el7.x86_64", True, True),
        ("24.04-0.6.6.0", "3.10.0-1160.el7.x86_64", False, False),
        ("24.10-1.1.4.0", "6.12.9", True, True),
        ("24.10-1.1.4", "6.13.0", True, False),
        ("24.10-3.2.5.0", "6.13.0", True, None),
        ("25.10-1.7.1", "6.17.0-14-generic", True, True),
        ("25.10-1.7.1", "6.18.1", True, False),
        ("25.10", "6.18.1", True, None),
        ("26.01-1.0.0", "6.12.0", None, None),
        ("4.9-7.1.0.0", "5.4.0", None, None),
        ("4.9-7.1.0.0", "6.1.0", None, False),
        ("5.4-3.7.5.0", "3.10.0-957.el7", True, None),
        ("5.4-3.7.5.0", "5.15.0", True, None),
        ("5.4-3.7.5.0", "5.16.0", True, False),
        ("24.10-1.1.4.0", "", None, None),
        ("", "6.1.0", None, None),
    ],
)
def test_the_window(version: str, kernel: str, builds: bool | None, switch: bool | None) -> None:
    assert (driver_windows.builds(version, kernel), driver_windows.switch(version, kernel)) == (builds, switch)


VERSIONS = st.builds("{}.{:02}-{}.{}.{}".format, st.integers(4, 27), st.integers(1, 12), *[st.integers(0, 9)] * 3)
KERNELS = st.builds("{}.{}.{}".format, st.integers(2, 8), st.integers(0, 30), st.integers(0, 400))


@given(VERSIONS, KERNELS)
def test_a_switch_is_promised_only_inside_a_window(version: str, kernel: str) -> None:
    window, here = driver_windows.window_of(version), driver_windows.kernel(kernel)
    if driver_windows.switch(version, kernel):
        assert window is not None
        assert here is not None
        assert window.least <= here < window.on_below
        assert driver_windows.builds(version, kernel)


def test_no_release_loses_a_kernel_that_an_older_one_had() -> None:
    limits = [row.on_below for row in driver_windows.WINDOWS]
    assert limits == sorted(limits, reverse=True)
    least = [row.least for row in driver_windows.WINDOWS]
    assert least == sorted(least, reverse=True)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (on("6.13.1", "24.10-1.1.4.0"), "without its switch"),
        (on("5.10.1", "24.10-1.1.4.0", 0x1023), "not made for ConnectX-8 (0000:03:00.0)"),
        (on("5.10.1", "25.10-1.7.1.0", 0x1013), "not made for ConnectX-4"),
        (on("5.10.1", "5.8-1.1.2.1", 0x1007), "not made for ConnectX-3"),
    ],
)
def test_offload_is_refused_before_the_install_and_plain_sriov_is_not(facts: HostFacts, words: str) -> None:
    refused = found(driver_image, facts, OFFLOAD)["driver.image host"]
    assert (refused.level, refused.blocks, words in refused.title) == (Level.FAIL, True, True)
    assert refused.fix is not None
    assert "plain SR-IOV" in refused.fix.title
    assert "driver.install" not in steps(driver_install, facts, OFFLOAD)
    allowed = found(driver_image, facts, PLAIN)["driver.image host"]
    assert (allowed.level, allowed.blocks, words in allowed.detail) == (Level.WARN, False, True)
    assert "driver.install" in steps(driver_install, facts, PLAIN)


@pytest.mark.parametrize("wish", [OFFLOAD, PLAIN])
def test_a_kernel_below_the_least_is_refused_for_both(wish: Choices) -> None:
    kernel = "3.10.0-1160.el7.x86_64"
    finding = found(driver_image, on(kernel, "24.10-1.1.4.0"), wish)["driver.image host"]
    assert (finding.level, finding.blocks) == (Level.FAIL, True)
    assert "its build ends below 4.18" in finding.title
    built = found(driver_image, on(kernel, "24.10-1.1.4.0", kernels=(kernel,)), PLAIN)["driver.image host"]
    assert not built.blocks


@pytest.mark.parametrize(
    ("kernel", "release", "compat"),
    [("5.4.130", "5.8-7.0.6.1", True), ("6.6.1", "5.8-7.0.6.1", None), ("6.13.0", "24.10-1.1.4.0", False)],
)
def test_compat_devlink_is_never_promised_outside_the_window(kernel: str, release: str, compat: bool | None) -> None:
    facts = on(kernel, release)
    assert facts.mlx5 is not None
    on_disk = replace(facts, mlx5=replace(facts.mlx5, installed_version=release.rpartition(".")[0]))
    there = driver_install.booted(on_disk)
    assert {pf.compat_devlink for pf in there.pfs or () if pf.mellanox} == {compat}
    brought = driver_install.brought(facts, PLAIN)
    assert {pf.compat_devlink for pf in brought.pfs or () if pf.mellanox} == {compat}


def test_offload_waits_where_nobody_knows_the_window() -> None:
    facts = on("6.6.1", "5.8-7.0.6.1")
    image = found(driver_image, facts, OFFLOAD)["driver.image host"]
    assert (image.level, image.blocks, "not known before it is loaded" in image.detail) == (Level.WARN, False, True)
    finding = found(offload, facts, OFFLOAD)[f"offload.possible {PF0}"]
    assert (finding.level, finding.blocks) == (Level.SKIP, True)
    assert finding.fix is not None
    assert "plain SR-IOV" in finding.fix.title
    assert offload.wanted(facts, OFFLOAD) == ()


def test_nothing_is_offered_that_has_no_switch_there() -> None:
    assert FACTS.driver_ground is not None
    noble = replace(FACTS, os=Os(id="ubuntu", version="24.04"), driver_ground=replace(FACTS.driver_ground, minor=""))
    stock = replace(noble, kernel=replace(FACTS.kernel, release="6.8.0-31-generic"))
    assert "MLNX_OFED_LINUX-24.10-1.1.4.0-ubuntu24.04" in driver_releases.advice(stock)
    newer = replace(noble, kernel=replace(FACTS.kernel, release="6.14.0-27-generic"))
    text = driver_releases.advice(newer)
    assert "MLNX_OFED_LINUX" not in text
    assert "DOCA-Host 3.2 keeps offload, by its source (driver 25.10). It is kept up until 2028-10." in text
    assert "keeps offload" not in driver_releases.advice(replace(noble, kernel=replace(FACTS.kernel, release="6.18.0")))
