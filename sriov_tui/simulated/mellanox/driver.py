"""Inbox and vendor driver: what each leaves in sysfs, and what `modinfo` and `ofed_info` say of the one on disk.

simulation["module_versions"]["mlx5_core"] is the version of the module on disk: there only for the vendor's.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sriov_tui.facts import vendor_version
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, names, put_file, remove, text
from sriov_tui.simulated.drivers import device
from sriov_tui.simulated.mellanox.firmware import cards, ports

MODULE = "mlx5_core"
INBOX = "kernel/drivers/net/ethernet/mellanox/mlx5/core/mlx5_core.ko.xz"
VENDOR = "extra/mlnx-ofa_kernel/drivers/net/ethernet/mellanox/mlx5/core/mlx5_core.ko"
COMPAT = "extra/mlnx-ofa_kernel/compat/mlx_compat.ko"


def install(machine: Machine, release: str, ofed: str = "MLNX_OFED_LINUX", version: str = "") -> None:
    """The vendor driver of this release ("5.8-1.1.2.1") is on disk; the loaded module stays until it is reloaded.

    `version` is the module's own, else that of the release without its last number.
    """
    machine.simulation.setdefault("module_versions", {})[MODULE] = version or release.rpartition(".")[0]
    machine.simulation["ofed"] = release
    _list(machine, VENDOR)
    put_file(machine, "/usr/bin/ofed_info", b"", 0o755)
    machine.queries["ofed_info -s"] = Completed(0, f"{ofed}-{release}:\n", "")


def uninstall(machine: Machine) -> None:
    """Only the kernel's own driver is on the disk again."""
    machine.simulation.get("module_versions", {}).pop(MODULE, None)
    machine.simulation.pop("ofed", None)
    _list(machine, INBOX)
    remove(machine, "/usr/bin/ofed_info")
    machine.queries.pop("ofed_info -s", None)


def _list(machine: Machine, module: str) -> None:
    """Write modules.dep whole, as depmod does, with the module that the next load takes."""
    path = f"/lib/modules/{text(machine, '/proc/sys/kernel/osrelease')}/modules.dep"
    if path in machine.files:
        bare = machine.simulation.setdefault("modules_dep", machine.files[path].decode())
        needs = f" {COMPAT}" if module == VENDOR else ""
        put_file(machine, path, bare.replace(f"{INBOX}:", f"{module}:{needs}"))


def initramfs(machine: Machine) -> str:
    """Where the initramfs of the running kernel is; "" where the machine has none."""
    release = text(machine, "/proc/sys/kernel/osrelease")
    paths = (f"/boot/initramfs-{release}.img", f"/boot/initrd.img-{release}", f"/boot/initrd-{release}")
    return next((path for path in paths if path in machine.files), "")


def build_initramfs(machine: Machine) -> None:
    """Put the module on the disk into the initramfs; its text says which one, "" for the kernel's own."""
    version = machine.simulation.get("module_versions", {}).get(MODULE, "")
    put_file(machine, initramfs(machine), f"{MODULE}={version}\n", 0o600)


def vendor_loaded(machine: Machine) -> bool:
    """Whether the vendor driver is the loaded one."""
    return vendor_version(text(machine, f"/sys/module/{MODULE}/version"))


def boot(machine: Machine) -> None:
    """The module in the initramfs is the one that a boot loads; where there is none in it, the one on the disk."""
    version = machine.simulation.get("module_versions", {}).get(MODULE)
    inside = text(machine, path) if (path := initramfs(machine)) else ""
    load(machine, inside.removeprefix(f"{MODULE}=") if inside.startswith(f"{MODULE}=") else version or "")


def load(machine: Machine, version: str) -> None:
    """Replace the loaded module by this one; "" is the kernel's own, which has no version."""
    remove(machine, f"/sys/module/{MODULE}/version")
    if version and f"/sys/module/{MODULE}" in machine.dirs:
        put_file(machine, f"/sys/module/{MODULE}/version", f"{version}\n")


def follow(machine: Machine) -> None:
    """Let `modinfo` and sysfs say which driver is on disk and which is loaded."""
    release = text(machine, "/proc/sys/kernel/osrelease")
    version = machine.simulation.get("module_versions", {}).get(MODULE, "")
    fields = {"filename": f"/lib/modules/{release}/{VENDOR if version else INBOX}", "version": version,
              "srcversion": _srcversion(version),
              "depends": "mlx_compat,mlxfw,psample,tls" if version else "mlxfw,psample,tls"}  # fmt: skip
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
