"""The installer's documented lines: stages that only go forward, and a cause with a next step for every end."""

from __future__ import annotations

import pytest

from sriov_tui.message import verbatim
from sriov_tui.model import MEDIA_DIR
from sriov_tui.run import stages
from sriov_tui.run.stages import begins, stage
from sriov_tui.run.vendor_installer import STAGES, watches, why

ARGV = ("env", "PATH=/opt/rh/devtoolset-9/root/usr/bin:/bin", f"{MEDIA_DIR}/mlnxofedinstall", "--force")
RESTART = ("/etc/init.d/openibd", "restart")
FULL = """\
Note: This program will create MLNX_OFED_LINUX TGZ for rhel7.9 under /tmp/MLNX_OFED_LINUX-5.8-1.1.2.1-5.4.130 directory.
See log file /tmp/MLNX_OFED_LINUX-5.8-1.1.2.1-5.4.130/mlnx_iso.71_logs/mlnx_ofed_iso.71.log

Checking if all needed packages are installed...
Building MLNX_OFED_LINUX RPMS . Please wait...
Creating metadata-rpms for 5.4.130 ...
Created /tmp/MLNX_OFED_LINUX-5.8-1.1.2.1-5.4.130/MLNX_OFED_LINUX-5.8-1.1.2.1-rhel7.9-ext.tgz
Installing /tmp/MLNX_OFED_LINUX-5.8-1.1.2.1-5.4.130/MLNX_OFED_LINUX-5.8-1.1.2.1-rhel7.9-ext
Logs dir: /tmp/MLNX_OFED_LINUX.62574.logs
General log file: /tmp/MLNX_OFED_LINUX.62574.logs/general.log
Verifying KMP rpms compatibility with target kernel...
Checking SW Requirements...
Removing old packages...
Installing new packages
Installing ofed-scripts-5.8...
Installing mlnx-ofa_kernel-5.8...
Device (03:00.0):
\tStatus: Up to date
Restart needed for updates to take effect.
Installation passed successfully
To load the new driver, run:
/etc/init.d/openibd restart
""".splitlines()


def test_the_stages_of_a_full_install_come_one_after_the_other() -> None:
    numbers = [at.number for n in range(1, len(FULL) + 1) if (at := stage(FULL[:n], STAGES))]
    assert numbers == sorted(numbers)
    assert sorted(set(numbers)) == list(range(1, len(STAGES) + 1))
    assert stage(FULL, STAGES) == stages.Stage(9, 9, verbatim("is done"))
    assert stage([], STAGES) is None
    assert stage(["no line of the installer"], STAGES) is None


def test_debian_builds_debs_and_a_coloured_line_counts() -> None:
    at = stage(["\x1b[1;34mBuilding MLNX_OFED_LINUX DEBS . Please wait...\x1b[0;39m"], STAGES)
    assert at is not None
    assert at.title == "builds the packages for this kernel"
    assert begins("Removing old packages...", STAGES)
    assert not begins("tcl is installed", STAGES)


def test_an_earlier_line_leads_to_no_earlier_stage() -> None:
    at = stage([*FULL, "Checking if all needed packages are installed..."], STAGES)
    assert at is not None
    assert at.number == 9


@pytest.mark.parametrize(
    ("status", "lines", "cause", "following"),
    [
        (172, ["Error: One or more required packages for installing MLNX_OFED_LINUX are missing.",
               "Please install the missing packages using your Linux distribution Package Management tool.", "Run:",
               "yum install tcl tk"], "packages that the installer needs are missing", "Run `yum install tcl tk`"),
        (172, ["Error: One or more required packages for installing MLNX_OFED_LINUX are missing."],
         "packages that the installer needs are missing", "Install what it names above"),
        (1, ["\x1b[1;31mERROR: 'createrepo' is not installed!\x1b[0;39m"], "the program createrepo is missing",
         "Install the package createrepo"),
        (1, ['ERROR: Failed executing "MLNX_OFED_SRC-5.8/install.pl"', "ERROR: See /tmp/x/mlnx_ofed_iso.71.log",
             "Failed to build MLNX_OFED_LINUX for 5.4.130"], "could not be built for the kernel 5.4.130",
         "The build's log: /tmp/x/mlnx_ofed_iso.71.log."),
        (1, ["Error: mlnx-ofed-kernel-dkms installation failed!", "Collecting debug info...", "See:",
             "\t/tmp/MLNX_OFED_LINUX.1.logs/mlnx-ofed-kernel-dkms.debinstall.log"],
         "the package mlnx-ofed-kernel-dkms could not be installed",
         "Its log: /tmp/MLNX_OFED_LINUX.1.logs/mlnx-ofed-kernel-dkms.debinstall.log."),
        (1, ["ERROR: Not enough disk space in the /tmp directory. Required 614400KB"], "not enough room",
         "It needs 600 MiB in /tmp."),
        (1, ["cp: error writing '/tmp/x': No space left on device"], "not enough room", "5 GiB"),
        (22, ["Error: The current MLNX_OFED_LINUX is intended for rhel7.8"], "for rhel7.8, another distribution",
         "Choose the image"),
        (1, ['14: curl#6 - "Could not resolve host: mirrorlist.centos.org; Unknown error"'], "mirror list is gone",
         "vault.centos.org"),
        (1, ["modprobe: ERROR: could not insert 'mlx5_core': Required key not available"], "Secure Boot", "mokutil"),
        (1, ["Do you want to continue?[y/N]:"], "asked a question", "by hand"),
        (1, ["something new"], "the installation failed", "Its last line: something new"),
        (2, [], "no firmware", "It printed nothing."),
        (22, [], "options", "another image"),
        (28, [], "not enough room", "df -h"),
        (124, [], "did not end in time", "log"),
        (126, [], "could not be started", "damaged"),
        (127, [], "no installer in the image", "mlnxofedinstall"),
        (171, [], "finds no card", "lspci"),
        (172, [], "is missing", "resume"),
        (173, [], "mst driver", "dmesg"),
        (99, [], "it ended with status 99", "log"),
    ],
)  # fmt: skip
def test_every_end_has_a_cause_and_a_next_step(status: int, lines: list[str], cause: str, following: str) -> None:
    told = why(ARGV, status, lines)
    assert told is not None
    assert cause in told[0]
    assert following in told[1]


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("Module rdma_cm belong to kernel which is not a part of MLNX[FAILED]kipping...", "the module rdma_cm"),
        ("rmmod: ERROR: Module mlx5_core is in use by: mlx5_vfio_pci", "something uses the old driver"),
        ("modprobe: ERROR: could not insert 'mlx5_core': Key was rejected by service", "Secure Boot refuses"),
    ],
)
def test_the_restart_of_the_driver_is_explained(line: str, cause: str) -> None:
    told = why(RESTART, 1, ["Unloading HCA driver:   [  OK  ]", line])
    assert told is not None
    assert cause in told[0]


def test_no_other_command_is_explained() -> None:
    assert why(("update-grub",), 1, ["No space left on device"]) is None
    assert why(RESTART, 1, ["nothing known"]) is None
    assert watches(ARGV)
    assert not watches(("dracut", "--force"))
