"""A local package of DOCA-Host: read by its own header, judged, and installed by hand."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import driver_build, driver_image, driver_install
from sriov_tui.facts import HostFacts, ImageLabel, Os
from sriov_tui.hosts.machine import Machine, put_file
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices, Finding, Level
from sriov_tui.probe.image import candidates, look
from tests import driver_machines as machines
from tests import packages
from tests.checks.common import found, steps

MACHINE = machines.centos7()
FACTS, WISH = machines.choose(machines.facts_of(MACHINE), MACHINE)
RPM = "doca-host-3.2.1-044000_25.10_rhel9.x86_64.rpm"
DEB = "doca-host_3.2.1-044000-25.10-ubuntu2404_amd64.deb"
EL9 = packages.rpm("doca-host", "3.2.1", "044000_25.10_rhel9", "x86_64")
NOBLE = packages.deb("doca-host", "3.2.1-044000-25.10-ubuntu2404", "amd64")
ROCKY = Os(id="rocky", version="9.6", pretty_name="Rocky Linux 9.6")
UBUNTU = Os(id="ubuntu", version="24.04", pretty_name="Ubuntu 24.04.3 LTS")


def reader(data: bytes, name: str) -> RecordedHost:
    machine = Machine(name="m", complete=True)
    put_file(machine, f"/root/{name}", data, 0o644)
    return RecordedHost(machine)


def chosen(data: bytes, name: str, os: Os, kernel: str, use: str = "offload") -> tuple[HostFacts, Choices]:
    image = look(reader(data, name), f"/root/{name}")
    _, wish = machines.choose(FACTS, MACHINE, use=use)
    assert FACTS.driver_ground is not None
    facts = replace(FACTS, os=os, images=(image,), kernel=replace(FACTS.kernel, release=kernel),
                    driver_ground=replace(FACTS.driver_ground, minor=""))  # fmt: skip
    return facts, replace(wish, driver=replace(wish.driver, image=image.path, sha256=image.sha256))


def finding(data: bytes, name: str, os: Os, kernel: str, use: str = "offload") -> Finding:
    facts, wish = chosen(data, name, os, kernel, use)
    assert steps(driver_install, facts, wish) == {}
    assert found(driver_build, facts, wish) == {}
    return found(driver_image, facts, wish)["driver.image host"]


@pytest.mark.parametrize(
    ("data", "name", "version", "distribution"),
    [
        (EL9, RPM, "3.2.1-044000_25.10_rhel9", "rhel9"),
        (EL9, "doca (1).rpm", "3.2.1-044000_25.10_rhel9", "rhel9"),
        (NOBLE, DEB, "3.2.1-044000-25.10-ubuntu2404", "ubuntu24.04"),
        (packages.deb("doca-host", "3.2.1-044000-25.10-ubuntu2404", "amd64", "gz"), "x.deb",
         "3.2.1-044000-25.10-ubuntu2404", "ubuntu24.04"),
        (packages.deb("doca-host", "3.2.1-044000-25.10-ubuntu2404", "amd64", ""), "x.deb",
         "3.2.1-044000-25.10-ubuntu2404", "ubuntu24.04"),
    ],
)  # fmt: skip
def test_the_header_tells_what_it_is(data: bytes, name: str, version: str, distribution: str) -> None:
    image = look(reader(data, name), f"/root/{name}")
    assert (image.error, image.package, image.version) == ("", "doca-host", version)
    assert image.content == ImageLabel(release="25.10", distribution=distribution, machine="x86_64")


def test_where_python_cannot_unpack_the_header_the_name_counts() -> None:
    image = look(reader(packages.deb("x", "1", "amd64", "zst"), DEB), f"/root/{DEB}")
    assert (image.error, image.package, image.version) == ("", "", "3.2.1-044000-25.10-ubuntu2404")
    assert image.named == ImageLabel(release="25.10", distribution="ubuntu24.04", machine="x86_64")


@pytest.mark.parametrize(
    ("token", "distribution"),
    [("rhel810", "rhel8.10"), ("rhel95", "rhel9.5"), ("rhel10", "rhel10"), ("ol96", "ol9.6"), ("rhel8", "rhel8"),
     ("ubuntu2204", "ubuntu22.04"), ("debian125", "debian12.5"), ("sles15sp5", "sles15sp5"), ("alinux32", "alinux3.2"),
     ("anolis86", "anolis8.6"), ("ctyunos2301", "ctyunos23.01"), ("bclinux2110sp2", "bclinux21.10sp2")],
)  # fmt: skip
def test_distributions_without_dots(token: str, distribution: str) -> None:
    data = packages.rpm("doca-host", "2.9.1", f"018000_24.10_{token}", "aarch64")
    image = look(reader(data, "x.rpm"), "/root/x.rpm")
    assert image.content == ImageLabel(release="24.10", distribution=distribution, machine="aarch64")


@given(st.binary(max_size=400), st.sampled_from([EL9, NOBLE]), st.integers(0, 400), st.sampled_from(["rpm", "deb"]))
def test_any_bytes_are_a_package_or_an_error(noise: bytes, whole: bytes, at: int, ending: str) -> None:
    path = f"/root/x.{ending}"
    for data in (noise, whole[:at], whole[:at] + noise + whole[at + len(noise) :]):
        image = look(reader(data, f"x.{ending}"), path)
        assert image.error or image.package


def test_the_file_list_shows_it_and_no_other_package() -> None:
    host = reader(EL9, RPM)
    put_file(host.machine, "/root/bash-5.rpm", b"")
    assert [one.name for one in candidates(host, "/root")] == [RPM]


@pytest.mark.parametrize(
    ("data", "name", "os", "kernel", "words"),
    [
        (packages.rpm("bash", "5.1", "1.el9", "x86_64"), "bash.rpm", ROCKY, "5.14.0-570.el9", "the package bash, not"),
        (packages.rpm("doca-host", "5", "1", "x86_64"), "x.rpm", ROCKY, "5.14.0-570.el9", "which DOCA-Host it is"),
        (EL9.replace(b"x86_64", b"ppc64l"), "x.rpm", ROCKY, "5.14.0-570.el9", "is for ppc64l"),
        (packages.rpm("doca-host", "3.2.1", "044000_25.10_rhel8", "x86_64"), RPM, ROCKY, "5.14.0-570.el9",
         "says rhel9, its content rhel8"),
        (packages.rpm("doca-host", "3.2.1", "044000_25.10_rhel8", "x86_64"), "x.rpm", ROCKY, "5.14.0-570.el9",
         "is for rhel8, and this host is rhel9.6"),
        (packages.deb("doca-host", "3.2.1-044000-25.10-rhel9", "amd64"), "x.deb", ROCKY, "5.14.0-570.el9",
         "is a .deb, and Rocky Linux 9.6"),
        (NOBLE, DEB, UBUNTU, "6.18.0-9-generic", "without its switch"),
        (NOBLE, DEB, UBUNTU, "4.15.0-9-generic", "its build ends below 4.18"),
        (b"<html>", RPM, ROCKY, "5.14.0-570.el9", "it is no package"),
    ],
)  # fmt: skip
def test_each_refusal(data: bytes, name: str, os: Os, kernel: str, words: str) -> None:
    refused = finding(data, name, os, kernel)
    assert (refused.level, refused.blocks, words in refused.title) == (Level.FAIL, True, True), refused.title


@pytest.mark.parametrize(
    ("data", "name", "os", "kernel", "words"),
    [
        (EL9, RPM, ROCKY, "5.14.0-570.el9.x86_64",
         (f"`rpm -Uvh /root/{RPM}`", "--exclude=kernel-core --exclude=kernel-modules ", "dnf --assumeno",
          "dkms status -m mlnx-ofa_kernel", "5.14.0-570.el9.x86_64", "`dracut -f`")),
        (NOBLE, DEB, UBUNTU, "6.17.0-14-generic",
         (f"`dpkg -i /root/{DEB}`", "apt-get -s install doca-ofed", "dkms status -m mlnx-ofed-kernel",
          "update-initramfs -u")),
        (packages.rpm("doca-host", "3.1.0", "091000_25.07_rhel96", "x86_64"), "a b.rpm", ROCKY, "5.14.0-570.el9.x86_64",
         ("rpm -Uvh '/root/a b.rpm'", "doca-kernel-support")),
    ],
)  # fmt: skip
def test_the_right_package_is_installed_by_hand(
    data: bytes, name: str, os: Os, kernel: str, words: tuple[str, ...]
) -> None:
    told = finding(data, name, os, kernel)
    assert "this program does not install it" in told.title
    assert told.fix is not None
    assert [word for word in words if word not in told.fix.manual] == []
    assert "ofed_uninstall" not in told.fix.manual


def test_for_plain_sriov_it_is_told_what_is_missing() -> None:
    told = finding(NOBLE, DEB, UBUNTU, "6.18.0-9-generic", use="sriov")
    assert "this program does not install it" in told.title
    assert "without its switch" in told.detail


def test_mlnx_ofed_goes_first_and_what_is_installed_is_done() -> None:
    facts, wish = chosen(EL9, RPM, ROCKY, "5.14.0-570.el9.x86_64")
    assert facts.mlx5 is not None
    old = replace(facts, mlx5=replace(facts.mlx5, ofed="MLNX_OFED_LINUX-24.10-1.1.4.0"))
    fix = found(driver_image, old, wish)["driver.image host"].fix
    assert fix is not None
    assert fix.manual.startswith("First remove MLNX_OFED")
    version = "3.2.1-044000_25.10_rhel9"
    mlx5 = replace(facts.mlx5, ofed="OFED-internal-25.10-1.7.1", doca_host=version, installed_depends="mlx_compat")
    done = found(driver_image, replace(facts, mlx5=mlx5), wish)["driver.image host"]
    assert (done.level, done.title, done.blocks) == (Level.OK, f"DOCA-Host {version} is installed.", False)
    lost = replace(facts, mlx5=replace(mlx5, installed_depends="mlxfw"))  # its build failed, the package is there
    assert found(driver_image, lost, wish)["driver.image host"].blocks


@pytest.mark.subprocess
@pytest.mark.machine
def test_dpkg_reads_the_same(tmp_path: Path) -> None:
    """What the tests build is a package for dpkg-deb, too, where that is installed."""
    path = tmp_path / DEB
    path.write_bytes(NOBLE)
    try:
        done = subprocess.run(["dpkg-deb", "-f", path, "Version"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no dpkg-deb here")
    assert done.stdout.strip() == "3.2.1-044000-25.10-ubuntu2404", done.stderr
