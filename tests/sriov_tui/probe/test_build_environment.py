"""The ground for a driver's build as it is read: compilers, headers, room, each kernel's mlx5_core."""

from __future__ import annotations

import pytest

from sriov_tui.facts import DriverGround, Initramfs, KernelModules
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_file, put_link, remove
from sriov_tui.simulated.mellanox import driver
from tests import machines
from tests.boot_machines import YN
from tests.driver_machines import RELEASE, TOOLSET, centos7, facts_of
from tests.mellanox_machines import connectx


def ground(machine: Machine) -> DriverGround:
    found = facts_of(machine).driver_ground
    assert found is not None
    return found


def test_a_host_that_is_ready() -> None:
    found = ground(centos7())
    assert (found.machine, found.minor, found.headers) == ("x86_64", "7.9.2009", True)
    assert found.compilers == (("gcc", "4.8.5"), (TOOLSET, "9.3.1"))
    assert facts_of(centos7()).initramfs == Initramfs(path=f"/boot/initramfs-{YN}.img", tool="dracut")
    assert (found.room_tmp, found.room_usr) == (50_000_000 << 10, 50_000_000 << 10)
    assert found.kernels == (KernelModules(release=YN, vendor=False),)
    assert (found.built_for, found.mirror_gone, found.ip_vendor) == (YN, True, False)


def test_a_bare_host_has_nothing_and_says_so() -> None:
    found = ground(connectx())
    assert (found.headers, found.compilers) == (False, ())
    assert facts_of(connectx()).initramfs == Initramfs(path="", tool="")
    assert (found.kernel_compiler, found.room_tmp, found.mirror_gone) == (None, None, False)
    assert found.kernels == (KernelModules(release="6.12.1-amd64", vendor=True),)


def test_nothing_is_looked_at_without_such_a_card() -> None:
    assert facts_of(machines.two_igb()).driver_ground is None


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (
            "Linux version 3.10.0-1160.el7.x86_64 (m@k) (gcc version 4.8.5 20150623 (Red Hat 4.8.5-44) (GCC) ) #1",
            "4.8.5",
        ),
        ("Linux version 6.12.1-amd64 (d@d) (x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0, GNU ld) #1", "14.2.0"),
        ("Linux version 5.14.0-427.el9.x86_64 (m@k) (gcc (GCC) 11.4.1 20231218 (Red Hat 11.4.1-3), GNU ld)", "11.4.1"),
        ("Linux version 6.8.0 (b@l) (x86_64-linux-gnu-gcc-13 (Ubuntu 13.2.0-23ubuntu4) 13.2.0, GNU ld) #31", "13.2.0"),
        ("Linux version 6.6 (clang version 17.0.6, LLD 17.0.6) #1", None),
        ("", None),
    ],
)
def test_the_compiler_of_the_kernel(text: str, version: str | None) -> None:
    machine = centos7()
    put_file(machine, "/proc/version", f"{text}\n")
    assert ground(machine).kernel_compiler == version


@pytest.mark.parametrize("out", ["", "df: /tmp: No such file or directory\n", "a b c d e f\n", "x 1 2 -3 4% /tmp\n"])
def test_room_that_cannot_be_read_is_unknown(out: str) -> None:
    machine = centos7()
    machine.queries["df -Pk /tmp"] = Completed(0 if out else 1, out, "")
    assert ground(machine).room_tmp is None


def test_a_weak_link_leads_to_the_kernel_that_the_module_was_built_for() -> None:
    machine = centos7()
    driver.install(machine, RELEASE)
    driver.follow(machine)
    path = machine.queries["modinfo -F filename mlx5_core"].out.strip()
    put_file(machine, "/lib/modules/3.10.0-1160.el7.x86_64/extra/mlx5_core.ko", b"")
    put_link(machine, path, "/lib/modules/3.10.0-1160.el7.x86_64/extra/mlx5_core.ko")
    assert ground(machine).built_for == "3.10.0-1160.el7.x86_64"


def test_a_commented_mirror_is_no_mirror() -> None:
    machine = centos7()
    put_file(machine, "/etc/yum.repos.d/CentOS-Base.repo", "#mirrorlist=http://mirrorlist.centos.org/\n")
    assert not ground(machine).mirror_gone


def test_a_kernel_without_modules_is_none_at_all() -> None:
    machine = centos7()
    remove(machine, f"/lib/modules/{YN}/modules.dep")
    assert ground(machine).kernels == ()


@pytest.mark.parametrize(
    ("row", "vendor"),
    [
        ("extra/mlnx-ofa_kernel/mlx5_core.ko: extra/mlnx-ofa_kernel/compat/mlx_compat.ko kernel/net/tls/tls.ko", True),
        ("kernel/drivers/net/mlx5_core.ko.xz: updates/dkms/mlx_compat.ko.xz", True),  # DKMS on openEuler
        ("updates/mlx5_core.ko: kernel/net/tls/tls.ko", False),  # a distribution's own update
        ("kernel/drivers/net/mlx5_core.ko: kernel/net/psample/psample.ko", False),
    ],
)
def test_the_vendors_needs_mlx_compat_wherever_it_lies(row: str, vendor: bool) -> None:
    machine = centos7()
    put_file(machine, f"/lib/modules/{YN}/modules.dep", f"{row}\n")
    kernels = ground(machine).kernels
    assert kernels is not None
    assert [kernel.vendor for kernel in kernels] == [vendor]
