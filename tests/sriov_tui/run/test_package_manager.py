"""What dnf and apt print: their dry run judged, their stages, and the cause in a failed install's output."""

from __future__ import annotations

import pytest

from checks.messages import installing
from sriov_tui.hosts.machine import Machine, put_file
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import SriovError
from sriov_tui.run import package_manager, resolution
from sriov_tui.run.judged import built, judge
from sriov_tui.run.stages import stage

KERNEL = "6.8.0-88-generic"
APT, DNF = ("apt-get", "-s", "install", "doca-ofed"), ("dnf", "--assumeno", "install", "doca-ofed")


def host(**files: str) -> RecordedHost:
    machine = Machine(name="m", complete=True)
    put_file(machine, "/proc/sys/kernel/osrelease", f"{KERNEL}\n")
    for path, text in files.items():
        put_file(machine, path, text)
    return RecordedHost(machine)


def refusal(argv: tuple[str, ...], lines: list[str], status: int = 0) -> str:
    try:
        judge("resolution", argv, status, lines, host())
    except SriovError as error:
        return f"{error.title}\n{error.hint}"
    return ""


def test_apt_tells_what_comes_goes_rises_and_falls() -> None:
    lines = ["The following packages will be DOWNGRADED:", "  perftest rdma-core", "The following NEW packages:",
             "  doca-ofed", "Remv qperf [1.0]", "Inst rdma-core [60-1] (50-1 DOCA [amd64])",
             "Inst libibverbs1:amd64 [50-1] (2510 DOCA [amd64]) []", "Inst doca-ofed (3.2.1 DOCA [amd64])",
             "Conf doca-ofed (3.2.1 DOCA [amd64])"]  # fmt: skip
    found = resolution.of_apt(lines)
    assert (found.installed, found.removed) == (["doca-ofed"], ["qperf"])
    assert (found.upgraded, found.downgraded) == (["libibverbs1"], ["rdma-core"])


def test_dnf_tells_the_same_in_a_table_with_broken_lines() -> None:
    lines = ["Dependencies resolved.", "=" * 80, " Package   Arch  Version  Repository  Size", "Installing:",
             " doca-ofed                 x86_64  3.2.1  doca  7 k", "     replacing  infiniband-diags.x86_64 41.0-1",
             "Upgrading:", " a-package-whose-name-takes-the-whole-line-of-the-table",
             "                           x86_64  2510   doca  7 k",
             "    replacing a-package-whose-name-takes-the-whole-line-of-the-table x86_64 41 @System 1",
             "Removing dependent packages:", " virt-viewer  x86_64  1  @base 1 M", "", "Transaction Summary", "=" * 80,
             " Installing: 1 package", "Operation aborted."]  # fmt: skip
    found = resolution.of_dnf(lines)
    assert (found.installed, found.upgraded) == (
        ["doca-ofed"], ["a-package-whose-name-takes-the-whole-line-of-the-table"])  # fmt: skip
    assert found.removed == ["infiniband-diags", "virt-viewer"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Remv qemu-system-x86 [8.2]", "would remove packages that are not for RDMA and not NVIDIA's: qemu-system-x86"),
        ("Remv libibus-1.0-5 [1]", "libibus-1.0-5"),
        ("Inst linux-image-6.11.0-9-generic (6.11 x)", "would change the kernel: linux-image-6.11.0-9-generic"),
        ("Inst linux-headers-6.11.0-9-generic (6.11 x)", "would change the kernel"),
        ("Inst openvswitch-switch [3.3] (3.2 x)", "would change Open vSwitch: openvswitch-switch"),
        ("Inst doca-openvswitch (3.2 x)", "would change Open vSwitch"),
        ("Inst python3-openvswitch [3.3] (3.4 x)", "would change Open vSwitch"),
    ],
)
def test_what_the_host_may_not_stand(line: str, words: str) -> None:
    told = refusal(APT, [line, "Inst doca-ofed (3.2 x)"])
    assert words in told
    assert "Nothing of the driver was installed." in told


@pytest.mark.parametrize(
    "line",
    [
        "Remv rdma-core [50-1]", "Remv librdmacm1 [50-1]", "Inst libibverbs1 [50-1] (2510 x)", "Remv mlnx-tools [1]",
        "Inst kernel-mft-dkms (4.34 x)", f"Inst linux-modules-extra-{KERNEL} (6.8 x)", "Inst openmpi [4.1] (4.1.9 x)",
        "Inst libc6 [2.39] (2.39-1 x)",
    ],
)  # fmt: skip
def test_what_belongs_to_it(line: str) -> None:
    assert refusal(APT, [line, "Inst doca-ofed (3.2 x)"]) == ""


@pytest.mark.parametrize(
    ("argv", "lines", "status", "refused"),
    [
        (DNF, ["Dependencies resolved.", "Installing:", " doca-ofed x86_64", "Operation aborted."], 1, False),
        (
            DNF,
            ["Dependencies resolved.", "Installing:", " doca-ofed x86_64", "Operation aborted by the user."],
            1,
            False,
        ),
        (DNF, ["Dependencies resolved.", "Nothing to do.", "Complete!"], 0, False),
        (DNF, ["Error: Unable to find a match: doca-ofed"], 1, True),
        (DNF, [], 0, True),
        (APT, ["E: Unable to locate package doca-ofed"], 100, True),
        (APT, ["0 upgraded, 0 newly installed, 0 to remove"], 0, False),
    ],
)
def test_the_end_of_a_dry_run(argv: tuple[str, ...], lines: list[str], status: int, refused: bool) -> None:
    assert bool(refusal(argv, lines, status)) is refused


@pytest.mark.parametrize(
    ("line", "there"),
    [
        (f"mlnx-ofed-kernel/25.10, {KERNEL}, x86_64: installed", True),
        (f"mlnx-ofed-kernel, 25.10, {KERNEL}, x86_64: installed", True),
        (f"mlnx-ofed-kernel/25.10, {KERNEL}, x86_64: installed (original_module exists)", True),
        (f"mlnx-ofed-kernel/25.10, {KERNEL}, x86_64: built", False),
        ("mlnx-ofed-kernel/25.10: added", False),
        (f"mlnx-ofed-kernel/25.10, {KERNEL}-x, x86_64: installed", False),
        (f"m/1, {KERNEL}, x86_64: installed (WARNING! Diff between built and installed module!)", False),
        ("", False),
    ],
)
def test_what_dkms_says_is_built(line: str, there: bool) -> None:
    assert built([line], KERNEL) is there


def test_a_failed_build_is_told_with_its_log_and_cause() -> None:
    log = {"/var/lib/dkms/mlnx-ofed-kernel/25.10/build/make.log": "/bin/sh: 1: flex: not found\n"}
    argv = ("dkms", "status", "-m", "mlnx-ofed-kernel", "-k", KERNEL)
    with pytest.raises(SriovError) as caught:
        judge("built", argv, 0, [], host(**log))
    assert "DKMS has not built the driver for Linux 6.8.0-88-generic" in caught.value.title
    assert "A tool of the build is missing or too old" in caught.value.hint
    assert "/25.10/build/make.log" in caught.value.hint


def test_the_module_of_the_kernel_itself_is_no_success() -> None:
    argv = ("modinfo", "-k", KERNEL, "-F", "depends", "mlx5_core")
    judge("vendor", argv, 0, ["mlx_compat,mlxfw,psample"], host())
    for said in (["mlxfw,psample"], [], ["modinfo: ERROR: Module mlx5_core not found."], ["mlx_compat2"]):
        with pytest.raises(SriovError, match="the kernel's own mlx5_core"):
            judge("vendor", argv, 0, said, host())


def test_a_judgement_of_a_later_version_is_refused() -> None:
    with pytest.raises(SriovError, match="does not know"):
        judge("other", (), 0, [], host())


def test_the_stages_come_one_after_the_other() -> None:
    dnf = ["Last metadata expiration check: 0:01", "Dependencies resolved.", "Downloading Packages:",
           "Running transaction", "  Installing       : a-1 1/2", "  Running scriptlet: mlnx-ofa_kernel-dkms-25 2/2",
           "  Verifying        : a-1", "Complete!"]  # fmt: skip
    apt = ["Reading package lists...", "Get:1 file:/usr/share x", "Unpacking a (1) ...",
           "Setting up mlnx-ofed-kernel-dkms (25) ...", "Building initial module for 6.8",
           "Processing triggers for initramfs-tools (0.1) ..."]  # fmt: skip
    for lines, last in ((dnf, 6), (apt, 5)):
        numbers = [at.number for n in range(1, len(lines) + 1) if (at := stage(lines[:n], package_manager.STAGES))]
        assert numbers == sorted(numbers)
        assert numbers[-1] == last


GROUPS: dict[int, tuple[str, str]] = {
    1: (
        "packages.kernel-extra",
        " mlnx-ofed-kernel-modules : Depends: linux-modules-extra-5.15.0-130-generic but it is not installable",
    ),
    2: (
        "packages.kernel-extra",
        " mlnx-ofed-kernel-modules depends on linux-modules-extra-6.8.0-1023-oracle; however:",
    ),
    3: (
        "packages.unconfigured",
        "dpkg: error processing package mlnx-ofed-kernel-modules (--install): dependency "
        "problems - leaving unconfigured",
    ),
    4: (
        "packages.conflict",
        "dpkg: error: trying to overwrite '/etc/pmix-mca-params.conf', which is also in package x",
    ),
    5: (
        "packages.key",
        "GPG error: file:/x ./ Release: The following signatures couldn't be verified because the public "
        "key is not available: NO_PUBKEY A024F6F0E0E6D6A281",
    ),
    6: ("packages.not-found", "E: Unable to locate package doca-ofed"),
    7: ("packages.two-sources", "E: Conflicting values set for option Signed-By regarding source file:/x ./: a != b"),
    8: ("packages.not-found", "Error: Unable to find a match: doca-ofed"),
    9: ("packages.dkms-old", "  - nothing provides dkms >= 3.2 needed by mlnx-ofa_kernel-dkms-25.10.noarch"),
    10: (
        "packages.conflict",
        "  - cannot install both libibverbs-61.0-2.el9 from baseos and libibverbs-2510 from @System",
    ),
    11: (
        "packages.conflict",
        "file /usr/lib64/libibverbs.so.1 from install of libibverbs-2510 conflicts with file from "
        "package libibverbs-61.0",
    ),
    12: ("packages.key", "Error: GPG check FAILED"),
    14: ("packages.removal", "Removing dependent packages: ohpc-base-compute, librdmacm"),
    15: (
        "ofed.headers",
        "doca-kernel-support: Error: Could not determine kernel version from source directory "
        "/lib/modules/5.14.0/build",
    ),
    16: ("packages.repodata", "Error: Failed to download metadata for repo 'doca-kernel': Cannot download repomd.xml"),
    17: (
        "ofed.headers",
        "Error! Your kernel headers for kernel 6.8.0 cannot be found at /lib/modules/6.8.0/build or "
        "/lib/modules/6.8.0/source.",
    ),
    18: ("ofed.build", "Error! Bad return status for module build on kernel: 6.8.0 (x86_64)"),
    19: ("ofed.build", "Build of drivers/net/ethernet/mellanox/mlx5/core/mlx5_core.ko failed for: 6.12.1 (x86_64)"),
    20: (
        "ofed.build-first",
        "Aborting build of module iser/25.10 for kernel 6.8.0 (x86_64) due to missing BUILD_DEPENDS: mlnx-ofed-kernel",
    ),
    21: (
        "ofed.module-older",
        "Module version 24.10 for mlx5_core.ko is not newer than what is already found in kernel 6.8",
    ),
    22: ("ofed.depmod", "Problems with depmod detected. Automatically uninstalling this module."),
    23: ("ofed.autoinstall", "/usr/lib/kernel/install.d/40-dkms.install failed with exit status 11."),
    24: ("ofed.kernel-range", "Kernel version 3.10.0 is less then supported kernel 4.18. Exiting..."),
    25: (
        "ofed.kernel-range",
        "Warning: CONFIG_MLX5_ESWITCH not support kernel version 6.18 or higher (current: 6.18.1).",
    ),
    26: ("ofed.tools", "/bin/sh: 1: make: not found"),
    27: ("ofed.kernel-new", "error: passing argument 1 of 'tls_offload_rx_resync_async_request_end' from incompatible"),
    28: ("ofed.kernel-new", "error: 'struct dpll_ffo_param' declared inside parameter list"),
    29: ("ofed.built-in", "ERROR: modpost: mlxfw: 'mlxfw_firmware_flash' exported twice."),
    30: ("module.unsigned", "modprobe: ERROR: could not insert 'mlx5_core': Key was rejected by service"),
    31: ("module.sign-tools", "Binary update-secureboot-policy not found, modules won't be signed"),
    32: ("module.other-kernel", "modprobe: ERROR: could not insert 'mlx5_ib': Exec format error"),
    33: ("ofed.mixed", "Avoid loading inbox module: mlx5_core"),
    34: ("ofed.load-failed", "Loading HCA driver and Access Layer:                       [FAILED]"),
    35: ("ofed.weak-modules", "weak-modules2: failed to link mlx5_core.ko for 5.14.21-150500.55-default"),
    36: (
        "firmware.not-in-driver",
        "The firmware for this device is not distributed inside Mellanox driver: 3b:00.0 (PSID: DEL1)",
    ),
}
"""The groups of failures that are known of DOCA's installs, and the cause that each speaks of. 13 is a warning."""


@pytest.mark.parametrize("number", GROUPS)
def test_each_group_of_failures_is_recognised_in_the_output(number: int) -> None:
    from checks.troubleshooting.causes import entry

    id, line = GROUPS[number]
    known = entry(id)
    assert known is not None
    noise = [
        "Reading package lists...",
        "Setting up libc6 ...",
        line,
        "E: Sub-process /usr/bin/dpkg returned error code",
    ]
    assert package_manager.cause(noise) == (known.cause, known.fix.title)
    told = package_manager.why(100, noise)
    assert told[0] == known.cause
    assert "`sriov-tui resume`" in told[1]


def test_a_warning_about_a_key_is_no_cause() -> None:
    warning = "warning: doca-host-3.1.0.rpm: Header V3 RSA/SHA256 Signature, key ID 6e87a4ab: NOKEY"
    assert package_manager.cause([warning]) is None
    assert package_manager.why(1, [warning])[0] == "it ended with status 1"


def test_the_root_counts_more_than_what_follows_from_it() -> None:
    lines = [GROUPS[number][1] for number in (18, 20, 3, 26)]
    for order in (lines, lines[::-1]):
        found = package_manager.cause(order)
        assert found is not None
        assert "A tool of the build is missing" in found[0]


def test_every_row_of_installers_has_a_cause_or_is_a_warning() -> None:
    for row in installing.MESSAGES:
        if (
            row.cause.startswith(("packages.", "ofed.", "module."))
            and row.cause != "packages.unknown-key"
            and not row.given
        ):
            for line in row.lines:
                assert package_manager.cause([line]) is not None, line
