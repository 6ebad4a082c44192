"""The files on a host that are ours, or that several parts of the program name."""

from __future__ import annotations

STATE_DIR = "/var/lib/sriov-tui"


HOST_CONF = "/etc/yunion/host.conf"


HOST_LOCAL_CONF = "/etc/yunion/host_local.conf"


GRUB_DROP_IN = "/etc/default/grub.d/90-sriov-tui.cfg"


MODULES_LOAD_FILE = "/etc/modules-load.d/sriov-tui.conf"


UDEV_RULES_FILE = "/etc/udev/rules.d/80-sriov-tui.rules"


NAMES_RULES_FILE = "/etc/udev/rules.d/81-sriov-tui-names.rules"


UNITS = "/etc/systemd/system"


WANTED_UNITS = f"{UNITS}/multi-user.target.wants"


TEMPORARY = ".sriov-tui"  # end of the names of the files that take another one's place by a rename


def draft_of(path: str) -> str:
    """Where a command writes what is to become this file: beside it, under a name that the engine sweeps away."""
    directory, _, name = path.rpartition("/")
    return f"{directory}/.{name}.draft{TEMPORARY}"


def lag_unit(card: str) -> str:
    """The name of the systemd unit that waits for the bond in hardware of the card at this address without function."""
    return f"sriov-tui-lag-{card}.service"


def vfs_unit(address: str) -> str:
    """The name of the systemd unit that creates the VFs of the PF at this address at every boot, its link up first."""
    return f"sriov-tui-vfs-{address}.service"


def switchdev_unit(address: str) -> str:
    """The name of the systemd unit that puts the PF at this address into switchdev mode at every boot."""
    return f"sriov-tui-offload-{address}.service"
