"""What the audit tells of a host beside its findings, so that many hosts can be compared: `facts` in its JSON."""

from __future__ import annotations

from typing import Any

from sriov_tui.facts import HostFacts, Pf
from sriov_tui.matching import model, place


def summary(facts: HostFacts) -> dict[str, Any]:
    """A few plain values; null is "unknown", as in the facts themselves.

    `arguments` is the running kernel's command line; `nics` has an object per PF: address, slot, model
    (vendor:device), name, interface, driver with its version, firmware, numvfs and totalvfs.
    """
    machine = " ".join(word for word in (facts.os.maker, facts.os.product) if word)
    return {
        "os": facts.os.pretty_name or None,
        "machine": machine or None,
        "bios": facts.os.bios,
        "kernel": facts.kernel.release or None,
        "arguments": facts.kernel.cmdline,
        "nics": None if facts.pfs is None else [_nic(pf) for pf in facts.pfs],
    }


def _nic(pf: Pf) -> dict[str, Any]:
    return {
        "address": pf.address,
        "slot": place(pf) or None,
        "model": model(pf) or None,
        "name": pf.name,
        "interface": pf.netdev,
        "driver": pf.driver,
        "driver_version": pf.driver_version,
        "firmware": pf.firmware_version,
        "numvfs": pf.numvfs,
        "totalvfs": pf.totalvfs,
    }
