"""A line of `lspci -nnmm` as the host-agent reads it: the address, the ids and the model of a VF.

Its pattern allows few characters in a name, and a name with another one costs the whole list: the device has no address
then, and `lspci -k -s` without one ends with status 1. Source: Cloudpods pkg/hostman/isolated_device/gpu.go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LOST = "exit status 1"
_LABEL = r"[A-Za-z0-9_ +.,:;&/()\[\]-]+"


def _labelled(name: str) -> str:
    return rf"(?P<{name}_name>{_LABEL}) \[(?P<{name}>[0-9a-fA-F]{{4}})\]"


_LINE = re.compile(
    r'(?P<address>[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-9a-fA-F]) '
    + " ".join(f'"{_labelled(name)}"' for name in ("kind", "vendor", "device"))
    + rf' .*"(?:{_LABEL} \[[0-9a-fA-F]{{4}}\])?" "'
)  # fmt: skip
_MODEL = re.compile(rf"{_LABEL} \[(?P<model>{_LABEL})\]")


@dataclass(frozen=True, slots=True)
class Identity:
    """What the host-agent knows of a device: `address` without its PCI domain, `ids` as in "8086:10ca"."""

    address: str
    ids: str
    model: str


def parse(line: str) -> Identity | None:
    """The device of a line; None where the host-agent's pattern does not fit.

    The model is the text in the last brackets of the name, which another bracket may precede; without any, the name.
    """
    found = _LINE.search(line)
    if found is None:
        return None
    inner = _MODEL.search(found["device_name"])
    model = inner["model"] if inner else found["device_name"]
    return Identity(found["address"], f"{found['vendor']}:{found['device']}", model)


def line_of(address: str, vendor: int, device: int, names: tuple[str, str]) -> str:
    """The line that lspci will print for a VF that is not there yet; names that pci.ids lacks are lspci's own words."""
    maker, model = names[0] or "Vendor", names[1] or "Device"
    return f'{address} "Ethernet controller [0200]" "{maker} [{vendor:04x}]" "{model} [{device:04x}]" "" ""'
