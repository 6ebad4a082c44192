"""The switch inside a card, its representors, and the bond of its ports as the driver has it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sriov_tui.facts import Eswitch, HostFacts, Lag, Link, Pf, Representor
from sriov_tui.late import regex
from sriov_tui.message import say
from sriov_tui.probe.source import Source

DRIVER = "mlx5_core"
VF_PORT = regex(r"(?:c\d+)?pf(\d+)vf(\d+)")  # phys_port_name of a representor (net/devlink/port.c)


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`eswitch`, `representors` and `lag` of every PF that mlx5_core has; nothing where there is none."""
    if not any(pf.driver == DRIVER for pf in facts.pfs or ()):
        return {}
    return {"pfs": tuple(_with_eswitch(source, pf, facts) if pf.driver == DRIVER else pf for pf in facts.pfs or ())}


def _with_eswitch(source: Source, pf: Pf, facts: HostFacts) -> Pf:
    uplink = facts.link(pf.netdev)
    return replace(
        pf,
        eswitch=eswitch(source, f"pci/{pf.address}", pf.netdev if pf.compat_devlink else ""),
        representors=None if facts.links is None else representors(facts.links, pf.address, uplink),
        lag=_lag(source, pf.address),
    )


def eswitch(source: Source, handle: str, netdev: str) -> Eswitch | None:
    """What devlink says of this device; else what the vendor driver's files of this interface say, where it has them.

    `netdev` is "" where there are no such files. None (noted) where neither could be read.
    """
    compat = f"/sys/class/net/{netdev}/compat/devlink"
    steering = source.text(f"{compat}/steering_mode") if netdev else None
    argv = ("devlink", "-j", "dev", "eswitch", "show", handle)
    done = source.ask(argv)
    found = parse(done.out, handle) if done.status == 0 else None
    if found is not None:
        return replace(found, steering_mode=steering)
    if netdev and (mode := source.text(f"{compat}/mode")):
        inline, encap = source.text(f"{compat}/inline"), source.text(f"{compat}/encap")
        return Eswitch(mode=mode, inline_mode=inline, encap_mode=encap, steering_mode=steering, source="compat")
    reason = (done.err.strip().splitlines() or [say("exit status {status}", status=done.status)])[-1]
    if "not supported" in reason:
        return Eswitch(mode="")
    source.problem(" ".join(argv), (reason if done.status else say("an answer that is not understood")))
    return None


def parse(text: str, handle: str) -> Eswitch | None:
    """devlink's answer, as JSON or as the line of words that an old one prints in spite of `-j`."""
    try:
        values = json.loads(text)["dev"][handle]
    except (ValueError, KeyError, TypeError):
        words = text.split()
        values = dict(zip(words[1::2], words[2::2], strict=False)) if words[:1] == [f"{handle}:"] else None
    if not isinstance(values, dict) or not isinstance(values.get("mode"), str):
        return None
    return Eswitch(mode=values["mode"], inline_mode=values.get("inline-mode"), encap_mode=_encap(values))


def _encap(values: dict[str, Any]) -> str | None:
    """Some versions of devlink print encap as "enable" and "disable"."""
    word = values.get("encap-mode", values.get("encap"))
    return {"enable": "basic", "disable": "none"}.get(word, word) if isinstance(word, str) else None


def representors(links: Iterable[Link], address: str, uplink: Link | None) -> tuple[Representor, ...]:
    """The VF representors of the PF at this address, by VF index.

    They hang on the PF's own PCI device; where they hang on none, they share the uplink's switch and port number.
    """
    found = []
    for link in links:
        port = VF_PORT.fullmatch(link.phys_port_name)
        if port and (link.pci == address if link.pci else _same_port(link, port[1], uplink)):
            found.append(Representor(vf=int(port[2]), netdev=link.name))
    return tuple(sorted(found, key=lambda representor: (representor.vf, representor.netdev)))


def _same_port(link: Link, pf_number: str, uplink: Link | None) -> bool:
    if uplink is None or not uplink.phys_switch_id or uplink.phys_switch_id != link.phys_switch_id:
        return False
    return uplink.phys_port_name in ("", f"p{pf_number}")


def _lag(source: Source, address: str) -> Lag | None:
    """Root only; the kernel refuses all but `state` while the LAG is not active (EINVAL)."""
    at = f"/sys/kernel/debug/mlx5/{address}/lag"
    state = source.text(f"{at}/state")
    if not state:
        return None
    if state != "active":
        return Lag(state=state)
    members = source.text(f"{at}/members") or ""
    return Lag(state=state, type=source.text(f"{at}/type") or "", members=tuple(members.split()))
