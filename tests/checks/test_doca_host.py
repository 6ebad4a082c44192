"""A local package of DOCA-Host: read by its own header, judged, and what its install needs of the host."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import driver_build, driver_image, driver_install
from sriov_tui.facts import HostFacts, ImageLabel, Os
from sriov_tui.hosts.machine import Machine, put_file
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices, Finding, Level
from sriov_tui.probe.image import candidates, look
from tests import doca_machines, packages
from tests import driver_machines as machines
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


def test_before_dkms_an_rpm_is_installed_by_hand() -> None:
    data = packages.rpm("doca-host", "3.1.0", "091000_25.07_rhel96", "x86_64")
    facts, wish = chosen(data, "a b.rpm", ROCKY, "5.14.0-570.el9.x86_64")
    told = found(driver_image, facts, wish)["driver.image host"]
    assert (told.level, told.blocks) == (Level.FAIL, True)
    assert "is installed by hand: before DOCA 3.2 an rpm has no DKMS" in told.title
    assert told.fix is not None
    words = ("rpm -Uvh '/root/a b.rpm'", "doca-kernel-support -k 5.14.0-570.el9.x86_64", "--exclude=kernel-core",
             "doca-kernel-5.14.0.570.el9.x86.64", "dnf --assumeno", "mlx_compat", "`dracut -f`")  # fmt: skip
    assert [word for word in words if word not in told.fix.manual] == []
    assert found(driver_build, facts, wish) == {}


def test_zypper_is_left_to_the_operator() -> None:
    data = packages.rpm("doca-host", "3.2.1", "044000_25.10_sles15sp5", "x86_64")
    sles = Os(id="sles", version="15.5", pretty_name="SUSE Linux Enterprise Server 15 SP5")
    facts, wish = chosen(data, "x.rpm", sles, "5.14.21-150500.55-default")
    told = found(driver_image, facts, wish)["driver.image host"]
    assert "this program does not use zypper" in told.title
    assert told.fix is not None
    assert "zypper --no-refresh install --dry-run doca-ofed" in told.fix.manual


def test_for_plain_sriov_it_is_told_what_is_missing() -> None:
    facts, wish = chosen(NOBLE, DEB, UBUNTU, "6.18.0-9-generic", use="sriov")
    told = found(driver_image, facts, wish)["driver.image host"]
    assert (told.level, told.blocks) == (Level.WARN, False)
    assert "is DOCA-Host" in told.title
    assert "without its switch" in told.detail


def test_what_is_installed_is_done() -> None:
    facts, wish = chosen(EL9, RPM, ROCKY, "5.14.0-570.el9.x86_64")
    assert facts.mlx5 is not None
    version = "3.2.1-044000_25.10_rhel9"
    mlx5 = replace(facts.mlx5, ofed="OFED-internal-25.10-1.7.1", doca_host=version, installed_depends="mlx_compat")
    done = found(driver_image, replace(facts, mlx5=mlx5), wish)["driver.image host"]
    assert (done.level, done.title, done.blocks) == (Level.OK, f"DOCA-Host {version} is installed.", False)
    lost = replace(facts, mlx5=replace(mlx5, installed_depends="mlxfw"))  # its build failed, the package is there
    assert driver_install.wished(lost, wish) is not None


@pytest.mark.parametrize(("device", "release"), [(0x1013, "3.2.1-044000_25.10"), (0x1023, "2.9.1-018000_24.10")])
def test_a_card_of_another_release_is_refused_for_offload(device: int, release: str) -> None:
    """ConnectX-4 ends with 24.10; ConnectX-8 begins with 25.01."""
    version, _, rest = release.partition("-")
    data = packages.rpm("doca-host", version, f"{rest}_rhel9", "x86_64")
    facts, wish = chosen(data, "x.rpm", ROCKY, "5.14.0-570.el9.x86_64")
    pfs = tuple(replace(pf, device=device) if pf.mellanox else pf for pf in facts.pfs or ())
    told = found(driver_image, replace(facts, pfs=pfs), wish)["driver.image host"]
    assert told.blocks
    assert "is not made for ConnectX-" in told.title


def equipped(name: str = "openeuler", **ground: Any) -> tuple[HostFacts, Choices]:
    """A host with all that is needed, but for this."""
    machine = doca_machines.build(name)
    facts, wish = machines.choose(machines.facts_of(machine), machine, doca_machines.path(name))
    assert facts.driver_ground is not None
    return replace(facts, driver_ground=replace(facts.driver_ground, **ground)), wish


@pytest.mark.parametrize("name", ["openeuler", "ubuntu"])
def test_with_all_that_is_needed_every_finding_is_ok(name: str) -> None:
    facts, wish = equipped(name)
    findings = found(driver_build, facts, wish)
    assert {key: one.title for key, one in findings.items() if one.level is not Level.OK} == {}
    assert {"driver.headers host", "driver.tools host", "driver.dkms host", "driver.space host"} <= set(findings)
    assert "and it is whole" in found(driver_image, facts, wish)["driver.image host"].title


@pytest.mark.parametrize(
    ("id", "ground", "words"),
    [
        ("driver.headers", {"headers": False}, "headers of the kernel 5.10.0-182.oe2203.x86_64 are missing"),
        ("driver.tools", {"tools_missing": ("flex", "bison")}, "cannot build the driver without flex, bison"),
        ("driver.dkms", {"dkms": "2.8.7"}, "dkms 2.8.7 is too old: the driver needs 3.2"),
        ("driver.space", {"room_var": 1 << 30}, "/var has 1024 MiB, 3072 MiB are needed"),
        ("driver.compiler", {"compilers": (("gcc", "4.8.5"),)}, "was built with gcc"),
    ],
)
def test_each_need_that_is_not_met_stops_it(id: str, ground: dict[str, Any], words: str) -> None:
    facts, wish = equipped(**ground)
    told = found(driver_build, facts, wish)[f"{id} host"]
    assert (told.level, told.blocks, words in told.title) == (Level.FAIL, True, True), told.title
    assert told.fix is not None
    assert steps(driver_install, facts, wish) == {}


@pytest.mark.parametrize("ground", [{"tools_missing": None}, {"dkms": None}, {"headers": None}, {"room_var": None}])
def test_what_cannot_be_read_is_not_ok(ground: dict[str, Any]) -> None:
    facts, wish = equipped(**ground)
    levels = {one.level for one in found(driver_build, facts, wish).values()}
    assert levels - {Level.OK} <= {Level.SKIP, Level.INFO}
    assert levels != {Level.OK}


def test_where_another_kernel_boots_next_nothing_is_built() -> None:
    facts, wish = equipped()
    entry = facts.boot.entries[0] if facts.boot.entries else None
    assert entry is not None
    other = replace(entry, title="other", kernel="/boot/vmlinuz-5.10.0-200.oe2203.x86_64")
    facts = replace(facts, boot=replace(facts.boot, entries=(other,), default_title="other"))
    told = found(driver_build, facts, wish)["driver.next-kernel host"]
    assert told.blocks
    assert "takes the kernel 5.10.0-200.oe2203.x86_64" in told.title


@pytest.mark.parametrize(
    ("name", "mok", "words", "manual"),
    [
        ("openeuler", "", "does not trust the key", "dkms generate_mok\nmokutil --import /var/lib/dkms/mok.pub"),
        ("openeuler", None, "does not trust the key", "dkms generate_mok"),
        ("ubuntu", "", "does not trust the key", "update-secureboot-policy --new-key\nmokutil --import /var/lib/shim"),
        ("ubuntu", "requested", "waits for the key of DKMS", "console"),
        ("ubuntu", "enrolled", "trusts the key that DKMS signs with", ""),
    ],
)
def test_secure_boot_takes_the_key_of_dkms_first(name: str, mok: str | None, words: str, manual: str) -> None:
    facts, wish = equipped(name, mok=mok)
    facts = replace(facts, kernel=replace(facts.kernel, secure_boot=True))
    told = found(driver_build, facts, wish)["driver.secure-boot host"]
    assert words in told.title
    assert told.blocks is (mok != "enrolled")
    assert (driver_install.INSTALL in steps(driver_install, facts, wish)) is (mok == "enrolled")
    assert manual in (told.fix.manual if told.fix else "")


def test_mlnx_ofed_without_its_uninstaller_is_refused() -> None:
    facts, wish = equipped(uninstaller=False, packages=("mlnx-ofa_kernel", "rdma-core"))
    assert facts.mlx5 is not None
    facts = replace(facts, mlx5=replace(facts.mlx5, ofed="MLNX_OFED_LINUX-24.10-1.1.4.0"))
    told = found(driver_image, facts, wish)["driver.image host"]
    assert told.blocks
    assert told.title.startswith("MLNX_OFED_LINUX-24.10-1.1.4.0 is installed and has to go first")
    assert told.fix is not None
    assert told.fix.manual == "These are there: mlnx-ofa_kernel, rdma-core"


def test_the_distributions_own_doca_is_not_mixed() -> None:
    facts, wish = equipped("ubuntu", packages=("doca-ofed-generic", "doca-ofed-userspace"))
    told = found(driver_image, facts, wish)["driver.image host"]
    assert told.blocks
    assert "own DOCA-OFED is installed (doca-ofed-generic)" in told.title


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
