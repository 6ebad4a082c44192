"""The firmware settings of NVIDIA cards, read by PCI address: `mst start` would change the machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sriov_tui.facts import HostFacts, NvSetting
from sriov_tui.late import regex
from sriov_tui.message import say
from sriov_tui.probe.source import Source, installed

TOOLS = ("mstconfig", "mlxconfig")  # mstflint's first: it never needs the mst driver
SETTINGS = frozenset((
    "SRIOV_EN", "NUM_OF_VFS", "PF_NUM_OF_VF_VALID", "PF_NUM_OF_VF", "NUM_OF_PF",
    "LINK_TYPE_P1", "LINK_TYPE_P2",
    "PF_LOG_BAR_SIZE", "VF_LOG_BAR_SIZE", "NUM_PF_MSIX", "NUM_VF_MSIX", "STRICT_VF_MSIX_NUM",
    "INTERNAL_CPU_MODEL", "INTERNAL_CPU_PAGE_SUPPLIER", "INTERNAL_CPU_ESWITCH_MANAGER",
    "INTERNAL_CPU_IB_VPORT0", "INTERNAL_CPU_OFFLOAD_ENGINE",
))  # fmt: skip
TIMEOUT = 20.0  # seconds; a card with a busy command interface answers late
_COLUMNS = {"Default": "default", "Current": "current", "Next Boot": "next"}
_ROW = regex(r"[\s*]*(?P<ro>RO\s+)?(?P<name>[A-Z][A-Z0-9_]*)\s+(?P<values>\S.*)")


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`firmware_tool`, and `nvconfig` of every PF of such a card; nothing where there is none."""
    if not any(pf.mellanox for pf in facts.pfs or ()):
        return {}
    found = {tool: installed(source, tool) for tool in TOOLS}
    tool = next((tool for tool in TOOLS if found[tool]), None if None in found.values() else "")
    if not tool:
        return {"firmware_tool": tool}
    pfs = [replace(pf, nvconfig=_nvconfig(source, tool, pf.address)) if pf.mellanox else pf for pf in facts.pfs or ()]
    return {"firmware_tool": tool, "pfs": tuple(pfs)}


def _nvconfig(source: Source, tool: str, address: str) -> tuple[NvSetting, ...] | None:
    argv = (tool, "-d", address, "-e", "q")
    done = source.ask(argv, TIMEOUT)
    settings = parse(done.out)
    if done.status == 0 and settings:
        return tuple(setting for setting in settings if setting.name in SETTINGS)
    lines = [line.strip() for line in (done.out + done.err).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("-E-")]
    source.problem(" ".join(argv), (errors or lines or [say("exit status {status}", status=done.status)])[-1])
    return None


def parse(text: str) -> tuple[NvSetting, ...]:
    """Every setting in a query's text; a row whose values do not fit the header's columns is left out.

    The header names the columns that there are: firmware that tells neither default nor current values has one.
    """
    columns: list[str] = []
    settings = []
    for line in text.splitlines():
        if "Configurations:" in line:
            titles = sorted((line.index(title), field) for title, field in _COLUMNS.items() if title in line)
            columns = [field for _, field in titles]
        elif columns and (row := _ROW.fullmatch(line)):
            values = row["values"].split()
            if len(values) == len(columns):
                known = {field: value for field, value in zip(columns, values, strict=True) if value != "N/A"}
                settings.append(NvSetting(name=row["name"], read_only=row["ro"] is not None, **known))
    return tuple(settings)
