"""Who holds a VF: the one judgement for the facts, the engine and the rollback."""

from __future__ import annotations

import contextlib
import json
import posixpath
import re
from collections.abc import Collection

from sriov_tui.facts import Holder
from sriov_tui.hosts.host import UNTOLD, Reader

DEVICES = "/sys/bus/pci/devices/"


UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
SERVERS = "/opt/cloud/workspace/servers"  # servers_path of host.conf, where nobody set another
LONGEST = 128  # characters of a name; the platform allows no more
DESCRIPTION = 1 << 20  # bytes of one that are read


class Holders:
    """The processes that have devices open, read once; OSError where not all of them can be seen."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._rows = reader.vfio_holders()
        self._names: dict[str, str] = {}

    def of(self, address: str, names: Collection[str], driver: str | None) -> tuple[Holder, ...]:
        """Who holds the function at this address, whose names below /dev/vfio (see `vfio_names`) are these.

        A device of VFIO of which the kernel does not tell which one it is may be any that such a driver has.
        """
        found = []
        for device, pid, command in self._rows:
            mine = device.startswith(f"{DEVICES}{address}/")
            named = posixpath.basename(device).removeprefix("noiommu-") in names and "/vfio" in device
            if mine or named or (device == UNTOLD and "vfio" in (driver or "")):
                short = device.removeprefix(f"{DEVICES}{address}/")
                found.append(Holder(pid=pid, command=command, vm=self._name(command), device=short, id=vm_id(command)))
        return tuple(found)

    def _name(self, command: str) -> str:
        """The name that the platform has for it now, by the host-agent's description; else that of the command line.

        A virtual machine that was renamed keeps its old name on its command line until it is started again.
        """
        if command not in self._names:
            self._names[command] = _described(self._reader, command) or vm_name(command)
        return self._names[command]


def vfio_names(reader: Reader, at: str) -> tuple[str, ...]:
    """The names of the function at this path below /dev/vfio: its IOMMU group, and since Linux 6.6 its own device."""
    names: list[str] = []
    with contextlib.suppress(OSError):
        names.append(posixpath.basename(reader.readlink(f"{at}/iommu_group")))
    with contextlib.suppress(OSError):
        names.extend(reader.listdir(f"{at}/vfio-dev"))
    return tuple(names)


def _described(reader: Reader, command: str) -> str:
    """The name in the file `desc` of the host-agent's folder for this server (Cloudpods qemu-kvm.go), or ""."""
    named = re.search(rf"(/[^\s,=:]*/servers/{UUID})/", command)
    id = vm_id(command)
    if not named and not id:
        return ""
    folder = named[1] if named else f"{SERVERS}/{id}"
    try:
        found = json.loads(reader.read(f"{folder}/desc", limit=DESCRIPTION))
    except (OSError, ValueError, RecursionError):
        return ""
    name = found.get("name") if isinstance(found, dict) else None
    return name[:LONGEST] if isinstance(name, str) and name.isprintable() else ""


def vm_name(command: str) -> str:
    """The virtual machine's name in a QEMU command line, or "" (`-name NAME` or `-name guest=NAME,...`)."""
    found = re.search(r"(?:^|\s)-name\s+(?:guest=)?([^\s,]+)", command)
    return found[1] if found else ""


def vm_id(command: str) -> str:
    """The virtual machine's id in a QEMU command line, or "": -uuid, or the host-agent's directory of that server."""
    found = re.search(rf"(?:^|\s)-uuid\s+({UUID})\b", command) or re.search(rf"/servers/({UUID})/", command)
    return found[1] if found else ""
