"""The mlx5 driver: which one is loaded, and which one lies on the disk."""

from __future__ import annotations

from typing import Any

from sriov_tui.facts import HostFacts, Mlx5Driver
from sriov_tui.message import say
from sriov_tui.probe.source import Source, installed

MODULE = "mlx5_core"
PACKAGE = {
    "dpkg-query": ("dpkg-query", "-W", "-f=${Version}", "doca-host"),
    "rpm": ("rpm", "-q", "--qf", "%{VERSION}-%{RELEASE}", "doca-host"),
}
"""Who is asked for a package: a Debian may have an rpm too, whose database is empty."""


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`mlx5`; nothing where there is no such card."""
    if not any(pf.mellanox for pf in facts.pfs or ()):
        return {}
    module = facts.module(MODULE)
    loaded = module.loaded if module else None
    ofed = _ofed(source)
    return {
        "mlx5": Mlx5Driver(
            loaded=loaded,
            ofed=ofed,
            doca_host=_doca_host(source, ofed),
            loaded_version=_loaded(source, "version", loaded),
            loaded_srcversion=_loaded(source, "srcversion", loaded),
            installed_path=_modinfo(source, "filename"),
            installed_version=_modinfo(source, "version"),
            installed_srcversion=_modinfo(source, "srcversion"),
            installed_depends=_modinfo(source, "depends"),
        )
    }


def _ofed(source: Source) -> str | None:
    there = installed(source, "ofed_info")
    if not there:
        return None if there is None else ""
    done = source.query(("ofed_info", "-s"))
    return done.out.strip().rstrip(":") if done else None


def _doca_host(source: Source, ofed: str | None) -> str | None:
    """The version of the package doca-host; asked only where the driver is not MLNX_OFED's. "" where it is absent."""
    if not ofed or ofed.startswith("MLNX_OFED"):
        return ofed and ""
    for program, argv in PACKAGE.items():
        if installed(source, program):
            done = source.ask(argv)
            return done.out.strip() if done.status == 0 else "" if done.status == 1 else None
    return None


def _loaded(source: Source, name: str, loaded: bool | None) -> str | None:
    """An attribute of the loaded module; "" where it is not there: a module without a version has no such file."""
    if not loaded:
        return None if loaded is None else ""
    path = f"/sys/module/{MODULE}/{name}"
    there = source.exists(path)
    return source.text(path) if there else None if there is None else ""


def _modinfo(source: Source, field: str) -> str | None:
    """A field of the module on the disk; "" where the module has none or is not there (modinfo ends with 1)."""
    done = source.ask(("modinfo", "-F", field, MODULE))
    if done.status in (0, 1):
        return done.out.strip().partition("\n")[0]
    source.problem(
        f"modinfo -F {field} {MODULE}", (done.err.strip() or say("exit status {status}", status=done.status))
    )
    return None
