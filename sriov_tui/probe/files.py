"""The text files that plans change or depend on, whole and with their digest."""

from __future__ import annotations

import hashlib
from typing import Any

from sriov_tui.cards import driver_of
from sriov_tui.facts import Boot, HostFacts, TextFile
from sriov_tui.hosts.host import NotRecorded
from sriov_tui.message import say
from sriov_tui.model import (
    GRUB_DROP_IN,
    HOST_CONF,
    HOST_LOCAL_CONF,
    MODULES_LOAD_FILE,
    NAMES_RULES_FILE,
    UDEV_RULES_FILE,
    UNITS,
    WANTED_UNITS,
    lag_unit,
    switchdev_unit,
    vfs_unit,
)
from sriov_tui.probe.managers import network_files
from sriov_tui.probe.source import Source

LARGEST = 256 << 10  # bytes of a file that is parsed; the host-agent's own host.conf has 4 KiB
PATHS = (HOST_CONF, HOST_LOCAL_CONF, GRUB_DROP_IN, MODULES_LOAD_FILE, UDEV_RULES_FILE, "/boot/grub/grub.cfg")
KERNEL_CMDLINE = "/etc/kernel/cmdline"


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`files`."""
    paths = (
        *PATHS,
        *_boot_files(facts.boot),
        *_offload_files(facts),
        *_vf_units(facts),
        *network_files(source, facts),
        *_maker_files(facts),
    )
    return {"files": tuple(_file(source, path) for path in dict.fromkeys(paths))}


def _offload_files(facts: HostFacts) -> tuple[str, ...]:
    """What puts an NVIDIA card into switchdev mode at boot, and the link that is there where it is enabled."""
    cards = [pf for pf in facts.pfs or () if pf.mellanox]
    units = [*(switchdev_unit(pf.address) for pf in cards), *dict.fromkeys(lag_unit(pf.card) for pf in cards)]
    return (NAMES_RULES_FILE, *(f"{at}/{unit}" for unit in units for at in (UNITS, WANTED_UNITS))) if units else ()


def _maker_files(facts: HostFacts) -> tuple[str, ...]:
    """What sets a number of VFs that may have to be changed."""
    return tuple(maker.path for maker in facts.vf_makers or () if maker.start is not None)


def _vf_units(facts: HostFacts) -> tuple[str, ...]:
    """What creates the VFs at boot of cards whose driver needs the link up, and the link where it is enabled."""
    pfs = [pf for pf in facts.pfs or () if (driver := driver_of(pf)) and driver.needs_link_up]
    return tuple(f"{at}/{vfs_unit(pf.address)}" for pf in pfs for at in (UNITS, WANTED_UNITS))


def _boot_files(boot: Boot) -> tuple[str, ...]:
    """What a change of the kernel arguments reads or rewrites."""
    if boot.loader == "grub2-bls":
        environment = (boot.environment,) if boot.environment else ()
        return (*boot.settings, KERNEL_CMDLINE, *environment, *boot.entry_files)
    config = (boot.config,) if boot.config else ()
    return (*boot.settings, *config)


def _file(source: Source, path: str) -> TextFile:
    try:
        data = source.reader.read(path)
        mode = source.reader.mode(path)
    except FileNotFoundError:
        return TextFile(path=path, state="absent")
    except NotRecorded:
        source.problem(path, say("not in this recording"))
        return TextFile(path=path, state="unreadable")
    except OSError as error:
        source.problem(path, error.strerror or str(error))
        return TextFile(path=path, state="unreadable")
    if len(data) > LARGEST and not path.startswith("/boot/"):
        source.problem(path, say("larger than {size} KiB", size=LARGEST >> 10))
        return TextFile(path=path, state="unreadable")
    return TextFile(
        path=path,
        state="present",
        # What is below /boot is only compared, never edited: its digest is enough.
        text=None if path.startswith("/boot/") else data.decode("utf-8", "surrogateescape"),
        sha256=hashlib.sha256(data).hexdigest(),
        mode=mode,
    )
