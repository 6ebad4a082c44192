"""Which distribution a host is, in the words of driver packages: every one that Cloudpods' users have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import driver_image
from checks.cards import doca_host, driver_releases
from sriov_tui.facts import DriverImage, HostFacts, Kernel, Os
from tests import packages
from tests.checks.common import found
from tests.checks.test_doca_host import chosen

KYLIN = "Kylin Linux Advanced Server V10"
HOSTS: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("centos", "7", "CentOS Linux 7 (Core)", "5.4.130-1.yn20230805.el7.x86_64", "rhel7", "rpm"),
    ("rocky", "8.9", "Rocky Linux 8.9", "4.18.0-513.el8.x86_64", "rhel8.9", "rpm"),
    ("rocky", "10.0", "Rocky Linux 10.0", "6.12.0-55.el10.x86_64", "rhel10.0", "rpm"),
    ("almalinux", "9.4", "AlmaLinux 9.4", "5.14.0-427.el9.x86_64", "rhel9.4", "rpm"),
    ("openEuler", "20.03", "openEuler 20.03 (LTS-SP3)", "4.19.90-2112.8.0.0131.oe1.x86_64", "openeuler20.03sp3", "rpm"),
    ("openEuler", "22.03", "openEuler 22.03 (LTS-SP3)", "5.10.0-182.oe2203.x86_64", "openeuler22.03sp3", "rpm"),
    ("openEuler", "24.03", "openEuler 24.03 (LTS)", "6.6.0-28.oe2403.x86_64", "openeuler24.03", "rpm"),
    ("kylin", "V10", f"{KYLIN} (Tercel)", "4.19.90-17.ky10.x86_64", "kylin10sp1", "rpm"),
    ("kylin", "V10", f"{KYLIN} (Sword)", "4.19.90-24.4.v2101.ky10.x86_64", "kylin10sp2", "rpm"),
    ("kylin", "V10", f"{KYLIN} (Lance)", "4.19.90-52.22.v2207.ky10.x86_64", "kylin10sp3", "rpm"),
    ("kylin", "V10", KYLIN, "4.19.90-52.22.v2207.ky10.aarch64", "kylin10sp3", "rpm"),
    ("kylin", "V10", KYLIN, "4.19.90-9.ky10.x86_64", "kylin10", "rpm"),
    ("kylin", "V11", "Kylin Linux Advanced Server V11 (Swan25)", "6.6.0-32.ky11.x86_64", "kylin11", "rpm"),
    ("uos", "20", "UnionTech OS Server 20", "4.19.90-2305.uel20.x86_64", "uos20", ""),
    ("anolis", "8.8", "Anolis OS 8.8", "5.10.134-13.an8.x86_64", "anolis8.8", "rpm"),
    ("anolis", "23", "Anolis OS 23", "6.6.7-1.an23.x86_64", "anolis23", "rpm"),
    ("opencloudos", "8.8", "OpenCloudOS 8.8", "5.4.119-20.oc8.x86_64", "opencloudos8.8", "rpm"),
    ("opencloudos", "9.2", "OpenCloudOS 9.2", "6.6.34-19.oc9.x86_64", "opencloudos9.2", "rpm"),
    ("alinux", "3", "Alibaba Cloud Linux 3", "5.10.134-16.al8.x86_64", "alinux3", "rpm"),
    ("tencentos", "4.2", "TencentOS Server 4.2", "6.6.30-5.tl4.x86_64", "tencentos4.2", "rpm"),
    ("ctyunos", "23.01", "CTyunOS 23.01", "5.10.0-136.ctl3.x86_64", "ctyunos23.01", "rpm"),
    ("sles", "15.5", "SUSE Linux Enterprise Server 15 SP5", "5.14.21-150500.55-default", "sles15sp5", "rpm"),
    ("debian", "11", "Debian GNU/Linux 11", "5.10.0-28-amd64", "debian11", "deb"),
    ("debian", "12", "Debian GNU/Linux 12", "6.1.0-18-amd64", "debian12", "deb"),
    ("debian", "13", "Debian GNU/Linux 13", "6.12.43-amd64", "debian13", "deb"),
    ("ubuntu", "20.04", "Ubuntu 20.04.6 LTS", "5.4.0-182-generic", "ubuntu20.04", "deb"),
    ("ubuntu", "22.04", "Ubuntu 22.04.4 LTS", "5.15.0-130-generic", "ubuntu22.04", "deb"),
    ("ubuntu", "24.04", "Ubuntu 24.04.3 LTS", "6.8.0-88-generic", "ubuntu24.04", "deb"),
    ("ubuntu", "26.04", "Ubuntu 26.04 LTS", "7.0.0-10-generic", "ubuntu26.04", "deb"),
)
"""os-release's ID, VERSION_ID and PRETTY_NAME, the kernel; the vendor's word, and the kind of its packages."""


@pytest.mark.parametrize(("id", "version", "pretty", "kernel", "token", "kind"), HOSTS)
def test_the_vendors_word_and_the_kind_of_packages(
    id: str, version: str, pretty: str, kernel: str, token: str, kind: str
) -> None:
    facts = HostFacts(os=Os(id=id, version=version, pretty_name=pretty), kernel=Kernel(release=kernel))
    assert driver_releases.token(facts) == token
    refused = {
        one: doca_host.other_kind(facts, DriverImage(path=f"/root/x.{one}", kind=one)) is not None
        for one in ("rpm", "deb")
    }
    assert refused == {one: bool(kind) and one != kind for one in refused}


@pytest.mark.parametrize(
    ("here", "word", "fits"),
    [
        ("openeuler22.03sp3", "ctyunos23.01", True),
        ("openeuler22.03sp3", "openeuler22.03sp1", True),
        ("openeuler20.03sp3", "ctyunos23.01", False),
        ("openeuler24.03", "ctyunos23.01", False),
        ("ctyunos23.01", "openeuler22.03sp3", False),
        ("kylin10sp3", "kylin10sp2", True),
        ("kylin11", "kylin10sp3", False),
    ],
)
def test_whose_package_is_for_whom(here: str, word: str, fits: bool) -> None:
    assert driver_releases.fits_here(here, word) is fits


def test_openeuler_takes_the_package_that_nvidias_own_script_takes_there() -> None:
    data = packages.rpm("doca-host", "3.2.1", "044000_25.10_ctyunos2301", "x86_64")
    os = Os(id="openEuler", version="22.03", pretty_name="openEuler 22.03 (LTS-SP3)")
    facts, wish = chosen(data, "x.rpm", os, "5.10.0-182.oe2203.x86_64")
    assert not found(driver_image, facts, wish)["driver.image host"].blocks
    old = replace(os, version="20.03", pretty_name="openEuler 20.03 (LTS-SP3)")
    assert found(driver_image, replace(facts, os=old), wish)["driver.image host"].blocks
