"""The simulated `lspci -nnmm`."""

from __future__ import annotations

from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, names, text
from sriov_tui.simulated.drivers import DEVICES, device

CLASSES = {
    "0200": "Ethernet controller",
    "0207": "Infiniband controller",
    "0300": "VGA compatible controller",
    "0600": "Host bridge",
    "0604": "PCI bridge",
}


def refresh(machine: Machine) -> None:
    """Let the two forms of the command say what is in the machine now."""
    rows = [_row(machine, address) for address in names(machine, DEVICES)]
    machine.queries["lspci -nnmm -D"] = Completed(0, "".join(rows), "")
    machine.queries["lspci -nnmm"] = Completed(0, "".join(row.removeprefix("0000:") for row in rows), "")


def _row(machine: Machine, address: str) -> str:
    at = device(machine, address)
    words = machine.udev.get(at, {})
    maker, model = (words.get(f"ID_{part}_FROM_DATABASE") or "Device" for part in ("VENDOR", "MODEL"))
    code, vendor, number = (text(machine, f"{at}/{name}").removeprefix("0x") for name in ("class", "vendor", "device"))
    kind = CLASSES.get(code[:4], "Class")
    return f'{address} "{kind} [{code[:4]}]" "{maker} [{vendor}]" "{model} [{number}]" -r01 -p00 "" ""\n'
