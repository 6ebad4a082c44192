"""The vendor's driver: its installer, and which module is loaded in the end."""

from __future__ import annotations

from checks.troubleshooting.cause import Case, Entry
from checks.troubleshooting.judges import fact
from sriov_tui.message import Message, Text, say, verbatim
from sriov_tui.model import Fix

LOADED = verbatim("cat /sys/module/mlx5_core/version; sriov-tui audit --only driver")


def _stale(case: Case) -> tuple[Text, Text, Message] | None:
    mlx5 = case.facts.mlx5
    if mlx5 is None or not mlx5.stale:
        return None
    loaded = mlx5.loaded_version or say("the kernel's own")
    text = say(
        "loaded: {loaded}; on disk: {installed_version}",
        loaded=loaded,
        installed_version=mlx5.installed_version or mlx5.installed_path,
    )
    return (
        "/sys/module/mlx5_core, modinfo mlx5_core",
        text,
        say("The loaded driver is {loaded}, not the installed one.", loaded=loaded),
    )


def _other_kernel(case: Case) -> tuple[Text, Text, Message] | None:
    mlx5 = case.facts.mlx5
    if mlx5 is None or not mlx5.ofed or mlx5.installed_vendor is not False:
        return None
    here = say(
        "{ofed} is installed, but the kernel {release} has only its own mlx5_core.",
        ofed=mlx5.ofed,
        release=case.facts.kernel.release,
    )
    return "ofed_info -s; modinfo -n mlx5_core", f"{mlx5.ofed}; {mlx5.installed_path}", here


ENTRIES = (
    Entry(
        id="ofed.other-kernel",
        cause=say("The vendor's driver was built for another kernel than the one that runs."),
        looks_at=say("ofed_info, the mlx5_core that the next load takes"),
        judge=fact(_other_kernel),
        fix=Fix(
            title=say("Boot the kernel that it was built for, or install it again with --add-kernel-support."),
            verify=verbatim("modinfo -n mlx5_core"),
        ),
        source="dell/omnia #1574; azhpc-images #119.",
    ),
    Entry(
        id="ofed.not-loaded",
        cause=say("The vendor's driver is installed, but an older one is still loaded (from the initramfs)."),
        looks_at=say("srcversion and version of the loaded mlx5_core and of the one on disk"),
        judge=fact(_stale),
        fix=Fix(title=say("dracut -f (Debian: update-initramfs -u), then reboot."), verify=LOADED),
        source="modinfo(8), -F srcversion; /sys/module/MODULE/srcversion, kernel/module/main.c.",
    ),
    Entry(
        id="module.unsigned",
        cause=say("Secure Boot refuses the driver's module, which is not signed with an enrolled key."),
        looks_at=say("the kernel log, the text that was pasted"),
        fix=Fix(
            title=say("Enrol the vendor's key (mokutil --import), sign the module, or switch Secure Boot off."),
            verify=verbatim("modprobe mlx5_core; mokutil --sb-state"),
        ),
        source="NVIDIA MLNX_OFED documentation, UEFI Secure Boot.",
    ),
    Entry(
        id="ofed.packages",
        cause=say("Packages that the installer needs are missing."),
        looks_at=say("the text that was pasted"),
        fix=Fix(
            title=say("Install what it lists in the line after `Run:`, then start it again."),
            verify=say("the installer's exit status is 0 (172: still missing)."),
        ),
        source="MLNX_OFED release notes, exit codes.",
    ),
    Entry(
        id="ofed.build",
        cause=say("The driver could not be built for this kernel."),
        looks_at=say("the text that was pasted"),
        fix=Fix(
            title=say(
                "Install kernel-devel of exactly this kernel and a compiler as new as the kernel's; else "
                "a newer driver."
            ),
            manual=verbatim("The log is named in the installer's output: mlnx_ofed_iso.*.log."),
            verify=verbatim("ls /lib/modules/$(uname -r)/build"),
        ),
        source="uclasystem/hermit #8.",
    ),
    Entry(
        id="packages.centos7",
        cause=say("CentOS 7 has reached its end: its mirror list is gone."),
        looks_at=say("the text that was pasted"),
        fix=Fix(title=say("Point the repositories to vault.centos.org."), verify=verbatim("yum repolist")),
        source="apache/arrow #43122.",
    ),
    Entry(
        id="ofed.disk-full",
        cause=say("There is not enough room on the disk for the installer."),
        looks_at=say("the text that was pasted"),
        fix=Fix(title=say("Free some 5 GiB in /tmp, or give --tmpdir."), verify=verbatim("df -h /tmp")),
        source="MLNX_OFED release notes, exit code 28.",
    ),
    Entry(
        id="ofed.distribution",
        cause=say("The installer is of another distribution than this host."),
        looks_at=say("the text that was pasted"),
        fix=Fix(
            title=say("Take the installer of this distribution; --skip-distro-check only where it is known to fit."),
            verify=verbatim("cat /etc/os-release"),
        ),
        source="MLNX_OFED documentation.",
    ),
    Entry(
        id="ofed.mixed",
        cause=say("Modules of the vendor's driver and of the kernel are mixed."),
        looks_at=say("the text that was pasted"),
        fix=Fix(
            title=say("Install the driver again with --add-kernel-support."),
            verify=verbatim("lsmod | grep mlx_compat"),
        ),
        source="MLNX_OFED 5.8 documentation.",
    ),
    Entry(
        id="ofed.in-use",
        cause=say("The driver cannot be unloaded: something uses it."),
        looks_at=say("the text that was pasted"),
        fix=Fix(
            title=say("Stop what uses it (RDMA, iSER, Open vSwitch), or reboot instead; not over SSH on such a card."),
            verify=verbatim("lsmod | grep mlx5_core"),
        ),
        source="openibd; doca-driver-build #52, #424.",
    ),
    Entry(
        id="ip.vf-list",
        cause=say("The distribution's `ip` cannot take the VF list of an InfiniBand card."),
        looks_at=say("the text that was pasted"),
        fix=Fix(
            title=say("Use the `ip` of mlnx-iproute2 (/opt/mellanox/iproute2/sbin/ip)."),
            verify=verbatim("ip link show"),
        ),
        source="the guide, InfiniBand; sriov-network-operator #1025.",
    ),
)
