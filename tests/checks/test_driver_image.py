"""The vendor's driver: is it needed, which release fits, is the image the right one, and can it be built here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from checks import driver_build, driver_image, driver_install, driver_state, offload
from checks.cards import driver_releases
from sriov_tui.facts import DriverGround, DriverImage, HostFacts, ImageLabel, KernelModules, Os
from sriov_tui.model import Choices, DriverChoice, Finding, Level, Run
from tests import driver_machines as machines
from tests.checks.common import found, steps
from tests.mellanox_machines import NET0, PF0, connectx, infiniband
from tests.offload_machines import want, with_pf

MACHINE = machines.centos7()
FACTS, WISH = machines.choose(machines.facts_of(MACHINE), MACHINE)
IMAGE = FACTS.images[0]


def with_image(**changes: Any) -> HostFacts:
    return replace(FACTS, images=(replace(IMAGE, **changes),))


def with_ground(**changes: Any) -> HostFacts:
    assert FACTS.driver_ground is not None
    return replace(FACTS, driver_ground=replace(FACTS.driver_ground, **changes))


def about(facts: HostFacts = FACTS, wish: Choices = WISH, check: object = driver_image) -> dict[str, Finding]:
    return {key.partition(" ")[0]: finding for key, finding in found(check, facts, wish).items()}


def test_the_right_image_is_installed_by_one_step() -> None:
    assert about()["driver.image"].level is Level.OK
    step = steps(driver_install, FACTS, WISH)["driver.install"]
    look, install, rebuild = step.operations
    assert isinstance(install, Run)
    assert isinstance(look, Run)
    assert isinstance(rebuild, Run)
    assert install.medium is not None
    assert (install.medium.path, install.medium.sha256) == (machines.PATH, IMAGE.sha256)
    assert install.argv[:2] == ("env", f"PATH=/opt/rh/devtoolset-9/root/usr/bin:{driver_install.PATH}")
    assert install.argv[2:] == ("/run/sriov-tui/media/mlnxofedinstall", "--force", "--add-kernel-support",
                                "--without-fw-update")  # fmt: skip
    assert install.undo == ("/usr/sbin/ofed_uninstall.sh", "--force")
    assert look.undo == rebuild.argv
    assert step.disrupts == "reboot"


def test_the_firmware_is_written_only_where_that_is_wished() -> None:
    wish = replace(WISH, driver=replace(WISH.driver, firmware=True))
    step = steps(driver_install, FACTS, wish)["driver.install"]
    assert "--without-fw-update" not in str(step.operations)
    assert "newer firmware" in step.why


def test_a_kernel_that_the_image_is_built_for_needs_no_build() -> None:
    facts = with_image(kernels=(FACTS.kernel.release,))
    assert "--add-kernel-support" not in str(steps(driver_install, facts, WISH)["driver.install"].operations)
    assert set(about(facts, check=driver_build)) == {"driver.space", "driver.secure-boot"}


@pytest.mark.parametrize(
    ("facts", "wish", "words"),
    [
        (with_image(content=ImageLabel(distribution="debian12.5"), named=ImageLabel()), WISH, "is for debian12.5"),
        (with_image(content=ImageLabel(distribution="rhel8.8"), named=ImageLabel()), WISH, "is for rhel8.8"),
        (with_image(content=replace(IMAGE.content, machine="aarch64"), named=ImageLabel()), WISH, "is for aarch64"),
        (with_image(content=replace(IMAGE.content, distribution="rhel7.8")), WISH, "says rhel7.9, its content rhel7.8"),
        (with_image(content=ImageLabel(), named=ImageLabel()), WISH, "Neither the name"),
        (with_image(installer=False), WISH, "no mlnxofedinstall"),
        (with_image(exposed="/srv/pub"), WISH, "can write /srv/pub"),
        (with_image(error="it is no ISO image"), WISH, "it is no ISO image"),
        (replace(FACTS, images=()), WISH, "was not looked at"),
        (FACTS, replace(WISH, driver=replace(WISH.driver, sha256="")), "is not given"),
        (FACTS, replace(WISH, driver=replace(WISH.driver, sha256="abc")), "64 digits"),
        (FACTS, replace(WISH, driver=replace(WISH.driver, sha256="0" * 64)), "another SHA-256"),
        (replace(FACTS, os=Os(id="void", pretty_name="Void Linux")), WISH, "this host is Void Linux"),
    ],
)
def test_each_refusal_blocks_and_nothing_is_planned(facts: HostFacts, wish: Choices, words: str) -> None:
    finding = about(facts, wish)["driver.image"]
    assert (finding.level, finding.blocks) == (Level.FAIL, True)
    assert words in finding.title
    assert finding.fix is not None
    assert steps(driver_install, facts, wish) == {}


def test_another_minor_version_is_accepted_and_the_installer_is_told() -> None:
    facts = with_image(content=replace(IMAGE.content, distribution="rhel7.8"), named=ImageLabel())
    assert about(facts)["driver.image"].level is Level.WARN
    operations = str(steps(driver_install, facts, WISH)["driver.install"].operations)
    assert "'--distro', 'rhel7.8'" in operations


def test_without_a_choice_nothing_is_said_or_done() -> None:
    none = replace(WISH, driver=DriverChoice())
    for check in (driver_image, driver_build, driver_install):
        assert found(check, FACTS, none) == {}
        assert steps(check, FACTS, none) == {}


def test_what_is_installed_already_is_not_installed_again() -> None:
    assert FACTS.mlx5 is not None
    mlx5 = replace(FACTS.mlx5, ofed="MLNX_OFED_LINUX-5.8-7.0.6.1", installed_depends="mlx_compat")
    facts = replace(FACTS, mlx5=mlx5)
    assert steps(driver_install, facts, WISH) == {}
    assert about(facts)["driver.image"].title == "MLNX_OFED 5.8-7.0.6.1 is installed."
    other = replace(facts, mlx5=replace(mlx5, ofed="MLNX_OFED_LINUX-5.8-1.1.2.1"))
    run = steps(driver_install, other, WISH)["driver.install"].operations[1]
    assert isinstance(run, Run)
    assert (run.undo, "5.8-1.1.2.1 was installed before" in run.no_way_back) == ((), True)


# -- prerequisites -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "id", "level", "words"),
    [
        (with_ground(headers=False), "driver.headers", Level.FAIL, "kernel-devel-5.4.130"),
        (with_ground(headers=None), "driver.headers", Level.SKIP, ""),
        (with_ground(compilers=(("gcc", "4.8.5"),), mirror_gone=True), "driver.compiler", Level.FAIL,
         "baseurl=http://vault.centos.org/7.9.2009/sclo/$basearch/rh/"),
        (with_ground(compilers=()), "driver.compiler", Level.FAIL, "devtoolset-9-gcc"),
        (with_ground(compilers=None), "driver.compiler", Level.SKIP, ""),
        (with_ground(compilers=(("gcc", "4.8.5"),), kernel_compiler=None), "driver.compiler", Level.OK, ""),
        (with_ground(room_tmp=100 << 20), "driver.space", Level.FAIL, ""),
        (with_ground(room_tmp=2000 << 20), "driver.space", Level.WARN, ""),
        (with_ground(room_usr=10 << 20), "driver.space", Level.WARN, ""),
        (with_ground(room_tmp=None), "driver.space", Level.INFO, ""),
        (replace(FACTS, kernel=replace(FACTS.kernel, secure_boot=True)), "driver.secure-boot", Level.FAIL, "mokutil"),
    ],
)  # fmt: skip
def test_what_a_build_needs(facts: HostFacts, id: str, level: Level, words: str) -> None:
    finding = about(facts, check=driver_build)[id]
    assert finding.level is level
    assert words in (finding.fix.manual if finding.fix else "")
    assert bool(steps(driver_install, facts, WISH)) is not (level is Level.FAIL)


def test_signed_modules_need_the_vendors_key() -> None:
    facts = replace(with_image(kernels=(FACTS.kernel.release,)), kernel=replace(FACTS.kernel, secure_boot=True))
    finding = about(facts, check=driver_build)["driver.secure-boot"]
    assert (finding.level, finding.blocks) == (Level.WARN, False)


def test_the_way_to_headers_by_distribution() -> None:
    stock = replace(with_ground(headers=False), kernel=replace(FACTS.kernel, release="3.10.0-1160.el7.x86_64"))
    stock = replace(stock, images=(replace(IMAGE, kernels=()),))
    fix = about(stock, check=driver_build)["driver.headers"].fix
    assert fix is not None
    assert "vault.centos.org/7.9.2009/updates" in fix.manual


# -- which release -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("os", "minor", "device", "release", "distribution"),
    [
        (Os(id="centos", version="7"), "7.9.2009", 0x101D, "5.8-7.0.6.1", "rhel7.9"),
        (Os(id="centos", version="7"), "7.9.2009", 0x1007, "4.9-7.1.0.0", "rhel7.9"),
        (Os(id="rocky", version="9.4"), "9.4", 0x1021, "24.10-1.1.4.0", "rhel9.4"),
        (Os(id="rocky", version="9.6"), "9.6", 0x1021, "24.10-1.1.4.0", "rhel9.4"),
        (Os(id="debian", version="12"), "12.8", 0x101D, "24.10-1.1.4.0", "debian12.5"),
        (Os(id="ubuntu", version="22.04"), "", 0x101F, "24.10-1.1.4.0", "ubuntu22.04"),
        (Os(id="openEuler", version="22.03", pretty_name="openEuler 22.03 (LTS-SP3)"), "", 0x101D, "5.8-7.0.6.1",
         "openeuler22.03"),
        (Os(id="kylin", version="V10", pretty_name="Kylin V10 (Sword)"), "", 0x101D, "5.8-7.0.6.1", "kylin10sp2"),
        (Os(id="kylin", version="V10", pretty_name="Kylin V10 (Lance)"), "", 0x101D, "5.8-7.0.6.1", "kylin10sp2"),
        (Os(id="kylin", version="V10", pretty_name="Kylin V10 (Tercel)"), "", 0x101D, "5.8-7.0.6.1", "kylin10"),
    ],
)  # fmt: skip
def test_the_release_that_fits(os: Os, minor: str, device: int, release: str, distribution: str) -> None:
    pfs = tuple(replace(pf, device=device) for pf in FACTS.pfs or () if pf.mellanox)
    fits = driver_releases.fitting(replace(with_ground(minor=minor), os=os, pfs=pfs))
    assert fits is not None
    assert (fits[0].version, fits[1]) == (release, distribution)


def test_the_advice_names_the_address_and_the_end_of_support() -> None:
    text = driver_releases.advice(FACTS)
    name = "MLNX_OFED-5.8-7.0.6.1/MLNX_OFED_LINUX-5.8-7.0.6.1-rhel7.9-x86_64.iso"
    assert f"https://content.mellanox.com/ofed/{name}" in text
    assert "Its support ended in 2025-11." in text
    assert "It is kept up until 2025-11." in driver_releases.advice(replace(FACTS, gathered_at="2025-06-01T00:00:00Z"))
    newer = replace(FACTS, kernel=replace(FACTS.kernel, release="6.6.1"))
    assert "Its list ends at Linux 5.15" in driver_releases.advice(newer)
    assert "DOCA-OFED" in driver_releases.advice(replace(FACTS, os=Os(id="debian", version="13")))


def test_releases_are_sourced_and_spelled_as_files_are() -> None:
    for release in driver_releases.RELEASES:
        assert release.source
        for word in release.distributions:
            url = driver_releases.url(release, word, "x86_64")
            from sriov_tui.probe.image import NAME

            assert NAME.fullmatch(url.rpartition("/")[2]), url


# -- loaded, installed, lost -------------------------------------------------------------------------------------------


def state(facts: HostFacts, use: str = "sriov", wish: Choices | None = None) -> dict[str, Finding]:
    return found(driver_state, facts, wish or want(addresses=(PF0,), use=use))


def test_plain_sriov_needs_no_vendors_driver_and_offload_does() -> None:
    bare = replace(FACTS, images=())
    assert state(bare)[f"driver.vendor {PF0}"].level is Level.OK
    wished = state(bare, "offload")[f"driver.vendor {PF0}"]
    assert wished.level is Level.WARN
    assert wished.fix is not None
    assert "step 3" in wished.fix.title
    assert "content.mellanox.com" in wished.detail
    planned = state(FACTS, wish=WISH)[f"driver.vendor {PF0}"]
    assert planned.fix is not None
    assert "driver.install" in planned.fix.steps


def test_the_loaded_and_the_installed_driver_are_told_apart() -> None:
    facts = machines.facts_of(connectx())
    assert state(facts)[f"driver.vendor {PF0}"].level is Level.OK
    assert facts.mlx5 is not None
    old = replace(facts, mlx5=replace(facts.mlx5, loaded_version="", loaded_srcversion="OTHER"))
    finding = state(old)[f"driver.vendor {PF0}"]
    assert (finding.level, finding.fix is not None and "reboot" in finding.fix.title) == (Level.WARN, True)
    assert f"driver.vendor {PF0}" not in state(with_pf(facts, driver="mlx4_core"))
    unknown = replace(facts, mlx5=replace(facts.mlx5, loaded_version=None, loaded_srcversion=None))
    assert state(unknown)[f"driver.vendor {PF0}"].level is Level.INFO


@pytest.mark.parametrize(
    ("kernels", "level", "words"),
    [
        ((("6.12.1-amd64", True),), Level.OK, "Every kernel"),
        ((("6.12.1-amd64", False), ("6.1.0", True)), Level.FAIL, "The running kernel 6.12.1-amd64 has lost"),
        ((("6.12.1-amd64", True), ("6.1.0", False)), Level.INFO, "Kernels without the vendor's driver: 6.1.0"),
    ],
)
def test_a_kernel_that_has_lost_the_driver(kernels: tuple[tuple[str, bool], ...], level: Level, words: str) -> None:
    facts = machines.facts_of(connectx())
    assert facts.driver_ground is not None
    rows = tuple(KernelModules(release=release, vendor=vendor) for release, vendor in kernels)
    finding = state(replace(facts, driver_ground=replace(facts.driver_ground, kernels=rows)))["driver.kernels host"]
    assert (finding.level, words in finding.title) == (level, True)


def test_the_kernel_of_the_next_boot_has_lost_the_driver() -> None:
    facts = machines.facts_of(connectx())
    assert facts.driver_ground is not None
    entry = replace((facts.boot.entries or ())[0], kernel="/boot/vmlinuz-6.13.0", title="new")
    ground = replace(facts.driver_ground, kernels=(KernelModules(release="6.13.0", vendor=False),))
    facts = replace(facts, driver_ground=ground, boot=replace(facts.boot, entries=(entry,), default_title="new"))
    assert "The next boot takes the kernel 6.13.0" in state(facts)["driver.kernels host"].title


def test_with_doca_host_the_lost_driver_is_built_by_dkms() -> None:
    facts = machines.facts_of(connectx())
    assert facts.driver_ground is not None
    assert facts.mlx5 is not None
    rows = (KernelModules(release=facts.kernel.release, vendor=False),)
    mlx5 = replace(facts.mlx5, ofed="OFED-internal-25.10-1.7.1", doca_host="3.2.1-044000_25.10_rhel9")
    facts = replace(facts, mlx5=mlx5, driver_ground=replace(facts.driver_ground, kernels=rows))
    found_here = state(facts)
    fix = found_here["driver.kernels host"].fix
    assert fix is not None
    assert "dkms autoinstall" in fix.manual
    assert "(OFED-internal-25.10-1.7.1, doca-host-3.2.1-044000_25.10_rhel9)" in found_here[f"driver.vendor {PF0}"].title


@pytest.mark.parametrize(("use", "level"), [("sriov", Level.OK), ("offload", Level.WARN)])
def test_offload_is_on_offer_once_the_driver_is_planned(use: str, level: Level) -> None:
    wish = replace(want(use=use), driver=WISH.driver)
    finding = found(offload, FACTS, wish)[f"offload.possible {PF0}"]
    assert (finding.level, finding.blocks) == (level, False)
    bare = found(offload, FACTS, want(use=use))[f"offload.possible {PF0}"]
    assert (bare.level, bare.blocks) == ((Level.INFO, False) if use == "sriov" else (Level.FAIL, True))
    assert {pf.address for pf in offload.wanted(FACTS, WISH)} == {"0000:03:00.0", "0000:03:00.1"}
    assert offload.wanted(FACTS, want()) == ()


def test_infiniband_with_vfs_needs_the_vendors_ip() -> None:
    facts = machines.facts_of(infiniband())
    finding = state(facts)["driver.ip host"]
    assert (finding.level, "Buffer too small" in finding.title) == (Level.WARN, True)
    assert facts.driver_ground is not None
    there = replace(facts, driver_ground=replace(facts.driver_ground, ip_vendor=True))
    assert state(there)["driver.ip host"].level is Level.OK
    assert "driver.ip host" not in state(machines.facts_of(connectx()))


# -- loaded at once ----------------------------------------------------------------------------------------------------


def now(facts: HostFacts) -> tuple[dict[str, Finding], dict[str, Any]]:
    wish = replace(WISH, driver=replace(WISH.driver, restart="now"))
    return found(driver_install, facts, wish), steps(driver_install, facts, wish)


def test_loaded_at_once_only_where_no_link_carries_anything() -> None:
    findings, planned = now(FACTS)
    assert findings["driver.restart host"].level is Level.OK
    assert planned["driver.restart"].disrupts == "link"
    assert planned["driver.install"].disrupts == "no"
    assert FACTS.ssh is not None
    findings, planned = now(replace(FACTS, ssh=replace(FACTS.ssh, pfs=(PF0,))))
    assert findings["driver.restart host"].blocks
    assert f"{NET0} carries your SSH session" in findings["driver.restart host"].title
    assert planned == {}


def test_unknown_ground_is_never_no() -> None:
    ground: Callable[[], DriverGround] = DriverGround
    facts = replace(FACTS, driver_ground=ground())
    assert about(facts)["driver.image"].level is not Level.FAIL
    assert about(facts, check=driver_build)["driver.headers"].level is Level.SKIP
    assert isinstance(IMAGE, DriverImage)
