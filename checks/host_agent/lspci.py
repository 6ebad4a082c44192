"""A line of `lspci -nnmm` as the host-agent reads it: the address, the ids and the model of a VF.

Its pattern allows few characters in a name, and a name with another one costs the whole list: the device has no address
then, and `lspci -k -s` without one ends with status 1. Source: Cloudpods pkg/hostman/isolated_device/gpu.go.
"""

from __future__ import annotations

import functools

from sriov_tui.late import regex

LOST = "exit status 1"
_LABEL = r"[A-Za-z0-9_ +.,:;&/()\[\]-]+"


def _labelled(name: str) -> str:
    return rf"(?P<{name}_name>{_LABEL}) \[(?P<{name}>[0-9a-fA-F]{{4}})\]"


_REST = regex(
    " ".join(f'"{_labelled(name)}"' for name in ("kind", "vendor", "device"))
    + rf' .*"(?:{_LABEL} \[[0-9a-fA-F]{{4}}\])?" "'
)  # fmt: skip
_MODEL = regex(rf"{_LABEL} \[(?P<model>{_LABEL})\]")


@functools.lru_cache(maxsize=64)
def named(rest: str) -> tuple[str, str] | None:
    """The ids, as in "8086:10ca", and the model out of what follows the address, of all VFs of a card the same.

    None where the host-agent's pattern does not fit. The model is the text in the last brackets of the name, which
    another bracket may precede; without any, the name.
    """
    found = _REST.match(rest)
    if found is None:
        return None
    inner = _MODEL.search(found["device_name"])
    return f"{found['vendor']}:{found['device']}", inner["model"] if inner else found["device_name"]


def line_of(vendor: int, device: int, names: tuple[str, str]) -> str:
    """What lspci will print behind the address of a new VF; for names that pci.ids lacks it has words of its own."""
    maker, model = names[0] or "Vendor", names[1] or "Device"
    return f'"Ethernet controller [0200]" "{maker} [{vendor:04x}]" "{model} [{device:04x}]" "" ""'
