"""Who creates VFs at boot, beside sriov-tui: every place that is known to set a number of VFs.

The order of the boot, with ours in its place, is `checks.boot.makers`' to tell.
"""

from __future__ import annotations

from typing import Any

from sriov_tui.facts import HostFacts, Initramfs
from sriov_tui.probe.makers import links, networks, parameters, rules, services
from sriov_tui.probe.source import Source, installed

READERS = (
    parameters.read,
    links.read,
    rules.read,
    services.early,
    networks.netplan,
    services.units,
    networks.profiles,
    services.hooks,
    services.late,
)
TOOLS = ("dracut", "update-initramfs")


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`vf_makers`, `vf_makers_unread`, and the `initramfs` that holds copies of some of these files."""
    fields: dict[str, Any] = {"initramfs": _initramfs(source, facts.kernel.release)}
    if facts.pfs is None:
        return fields
    unread: list[str] = []
    readers = READERS if any(pf.sriov_capable is not False for pf in facts.pfs) else ()
    found = tuple(maker for read in readers for maker in read(source, facts, unread))
    return fields | {"vf_makers": found, "vf_makers_unread": tuple(dict.fromkeys(unread))}


def _initramfs(source: Source, release: str) -> Initramfs:
    tools = {tool: installed(source, tool) for tool in TOOLS}
    return Initramfs(
        path=_path(source, release),
        tool=next((tool for tool, there in tools.items() if there), None if None in tools.values() else ""),
    )


def _path(source: Source, release: str) -> str | None:
    seen = []
    for path in (f"/boot/initramfs-{release}.img", f"/boot/initrd.img-{release}", f"/boot/initrd-{release}"):
        seen.append(source.exists(path))
        if seen[-1]:
            return path
    return None if None in seen else ""
