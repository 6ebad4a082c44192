"""The simulated installer of the vendor's driver: its lines, its exit codes, and what it leaves; and what loads it.

simulation["media"][PATH] = {"release", "distribution", "kernels", "end"}; `end` is one of ENDS. Its lines are NVIDIA's
("Installing MLNX_OFED"), here a second time beside `sriov_tui.run.vendor_installer`, so that a slip in one shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sriov_tui.hosts.machine import Machine, put_file, remove, text
from sriov_tui.model import MEDIA_DIR
from sriov_tui.simulated import makers
from sriov_tui.simulated.log import log
from sriov_tui.simulated.media import opened
from sriov_tui.simulated.mellanox import driver
from sriov_tui.simulated.mellanox.firmware import cards

ENDS = ("success", "missing packages", "failed build", "disk full", "prompt", "not the distribution", "no card")
UNINSTALL, INITD = "/usr/sbin/ofed_uninstall.sh", "/etc/init.d/openibd"
Output = Callable[[str], None]


def install(machine: Machine, arguments: list[str], output: Output) -> int:
    """`mlnxofedinstall`, as far as `end` lets it come."""
    medium = machine.simulation.get("media", {}).get(opened(machine))
    if medium is None:
        output("mlnxofedinstall: not found on the simulated machine")
        return 127
    if "--force" not in arguments:
        output("Do you want to continue?[y/N]:")
        return 1
    if not cards(machine):
        output("Error: No supported devices were found on this system.")
        return 171
    kernel = text(machine, "/proc/sys/kernel/osrelease")
    for line in _lines(medium, kernel, "--add-kernel-support" in arguments, "--without-fw-update" in arguments):
        output(line)
    status = _STATUS.get(medium.get("end", "success"), 0)
    if status == 0:
        _leave(machine, str(medium["release"]))
    return status


_STATUS = {"missing packages": 172, "failed build": 1, "disk full": 28, "prompt": 1, "not the distribution": 22,
           "no card": 171}  # fmt: skip


def _lines(medium: dict[str, Any], kernel: str, build: bool, no_firmware: bool) -> Iterator[str]:
    """What is printed until it ends."""
    release, end = medium["release"], medium.get("end", "success")
    work = f"/tmp/MLNX_OFED_LINUX-{release}-{kernel}"
    if end == "not the distribution":
        yield f"Error: The current MLNX_OFED_LINUX is intended for {medium['distribution']}"
        return
    if end == "no card":
        yield "Error: No supported devices were found on this system."
        return
    if end == "prompt":
        yield "This program will install the MLNX_OFED_LINUX package on your machine."
        yield "Do you want to continue?[y/N]:"
        return
    if build:
        yield f"Note: This program will create MLNX_OFED_LINUX TGZ for {medium['distribution']} under {work} directory."
        yield f"See log file {work}/mlnx_iso.4711_logs/mlnx_ofed_iso.4711.log"
    if end == "disk full":
        yield "\x1b[1;31mERROR: Not enough disk space in the /tmp directory. Required 614400KB\x1b[0;39m"
        return
    yield "Checking if all needed packages are installed..."
    if end == "missing packages":
        yield "Error: One or more required packages for installing MLNX_OFED_LINUX are missing."
        yield "Please install the missing packages using your Linux distribution Package Management tool."
        yield "Run:"
        yield "yum install tcl tk gcc-gfortran"
        return
    if build:
        yield "Building MLNX_OFED_LINUX RPMS . Please wait..."
        if end == "failed build":
            yield f'ERROR: Failed executing "MLNX_OFED_SRC-{release}/install.pl --kernel {kernel}"'
            yield f"ERROR: See {work}/mlnx_iso.4711_logs/mlnx_ofed_iso.4711.log"
            yield f"Failed to build MLNX_OFED_LINUX for {kernel}"
            return
        yield f"Creating metadata-rpms for {kernel} ..."
        yield f"Created {work}/MLNX_OFED_LINUX-{release}-{medium['distribution']}-ext.tgz"
    yield from _install_lines(release, no_firmware)


def _install_lines(release: str, no_firmware: bool) -> Iterator[str]:
    yield "Logs dir: /tmp/MLNX_OFED_LINUX.4712.logs"
    yield "General log file: /tmp/MLNX_OFED_LINUX.4712.logs/general.log"
    yield "Verifying KMP rpms compatibility with target kernel..."
    yield "Checking SW Requirements..."
    yield "Removing old packages..."
    yield "Installing new packages"
    for package in ("ofed-scripts", "mlnx-tools", "mlnx-ofa_kernel", "mlnx-ofa_kernel-modules", "rdma-core"):
        yield f"Installing {package}-{release}..."
    if not no_firmware:
        yield "Device (03:00.0):"
        yield "\tStatus:           Up to date"
    yield "Installation passed successfully"
    yield "To load the new driver, run:"
    yield "/etc/init.d/openibd restart"


def _leave(machine: Machine, release: str) -> None:
    driver.install(machine, release)
    put_file(machine, UNINSTALL, b"", 0o755)
    put_file(machine, INITD, b"", 0o755)


def uninstall(machine: Machine, arguments: list[str], output: Output) -> int:
    """`ofed_uninstall.sh --force`: it removes itself, too."""
    if UNINSTALL not in machine.files:
        output(f"{UNINSTALL}: not found on the simulated machine")
        return 127
    output("Uninstall finished successfully")
    driver.uninstall(machine)
    remove(machine, UNINSTALL)
    remove(machine, INITD)
    return 0


def restart(machine: Machine, arguments: list[str], output: Output) -> int:
    """`openibd restart`: the module on the disk is the loaded one."""
    if arguments != ["restart"] or INITD not in machine.files:
        output(f"{INITD}: not found on the simulated machine")
        return 127
    if machine.holders:
        output("rmmod: ERROR: Module mlx5_core is in use by: mlx5_vfio_pci")
        return 1
    output("Unloading HCA driver:                                      [  OK  ]")
    driver.load(machine, machine.simulation.get("module_versions", {}).get(driver.MODULE, ""))
    log(machine, "mlx5_core: loaded anew")
    output("Loading HCA driver and Access Layer:                       [  OK  ]")
    return 0


def build_initramfs(program: str, machine: Machine, arguments: list[str], output: Output) -> int:
    """`dracut --force FILE RELEASE`, `update-initramfs -u -k RELEASE`."""
    if f"/usr/bin/{program}" not in machine.files and f"/usr/sbin/{program}" not in machine.files:
        output(f"{program}: not found on the simulated machine")
        return 127
    if not driver.initramfs(machine):
        output(f"{program}: there is no initramfs")
        return 1
    driver.build_initramfs(machine)
    makers.keep_copies(machine)
    return 0


COMMANDS: dict[str, Callable[[Machine, list[str], Output], int]] = {
    f"{MEDIA_DIR}/mlnxofedinstall": install,
    UNINSTALL: uninstall,
    INITD: restart,
    **{tool: partial(build_initramfs, tool) for tool in ("dracut", "update-initramfs")},
}
