"""Inbox and vendor driver: what each leaves in sysfs, and what `modinfo` and `ofed_info` say of the one on disk.

simulation["module_versions"]["mlx5_core"] is the version of the module on disk: there only for the vendor's.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sriov_tui.facts import vendor_version
from sriov_tui.host import Completed
from sriov_tui.machine import Machine, names, put_file, remove, text
from sriov_tui.simulated.drivers import device
from sriov_tui.simulated.mellanox.firmware import cards, ports

MODULE = "mlx5_core"
INBOX = "kernel/drivers/net/ethernet/mellanox/mlx5/core/mlx5_core.ko.xz"
VENDOR = "extra/mlnx-ofa_kernel/drivers/net/ethernet/mellanox/mlx5/core/mlx5_core.ko"


def install(machine: Machine, release: str) -> None:
    """The vendor driver of this release ("5.8-1.1.2.1") is on disk; the loaded module stays until it is reloaded."""
    machine.simulation.setdefault("module_versions", {})[MODULE] = release.rpartition(".")[0]
    put_file(machine, "/usr/bin/ofed_info", b"", 0o755)
    machine.queries["ofed_info -s"] = Completed(0, f"MLNX_OFED_LINUX-{release}:\n", "")


def vendor_loaded(machine: Machine) -> bool:
    """Whether the vendor driver is the loaded one."""
    return vendor_version(text(machine, f"/sys/module/{MODULE}/version"))


def boot(machine: Machine) -> None:
    """The module on disk is the one that a boot loads, also where it is in the initramfs."""
    remove(machine, f"/sys/module/{MODULE}/version")
    version = machine.simulation.get("module_versions", {}).get(MODULE)
    if version and f"/sys/module/{MODULE}" in machine.dirs:
        put_file(machine, f"/sys/module/{MODULE}/version", f"{version}\n")


def follow(machine: Machine) -> None:
    """Let `modinfo` and sysfs say which driver is on disk and which is loaded."""
    release = text(machine, "/proc/sys/kernel/osrelease")
    version = machine.simulation.get("module_versions", {}).get(MODULE, "")
    fields = {"filename": f"/lib/modules/{release}/{VENDOR if version else INBOX}", "version": version,
              "srcversion": _srcversion(version)}  # fmt: skip
    for name, word in fields.items():
        machine.queries[f"modinfo -F {name} {MODULE}"] = Completed(0, f"{word}\n" if word else "", "")
    if f"/sys/module/{MODULE}" in machine.dirs:
        loaded = text(machine, f"/sys/module/{MODULE}/version")
        put_file(machine, f"/sys/module/{MODULE}/srcversion", f"{_srcversion(loaded)}\n")
        for card in cards(machine):
            for address in ports(machine, card):
                _tell_ethtool(machine, address, loaded or release)


def _tell_ethtool(machine: Machine, address: str, version: str) -> None:
    for name in names(machine, f"{device(machine, address)}/net"):
        done = machine.queries.get(f"ethtool -i {name}")
        if done is not None:
            told = re.sub(r"(?m)^version: .*$", f"version: {version}", done.out)
            machine.queries[f"ethtool -i {name}"] = replace(done, out=told)


def _srcversion(version: str) -> str:
    return "533BB7E5866E52F63B9ACCB" if not version else f"{sum(version.encode()):024X}"
