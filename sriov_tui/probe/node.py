"""Kubernetes on this host: the addresses under which the cluster knows it."""

from __future__ import annotations

import re
from typing import Any

from sriov_tui.facts import HostFacts
from sriov_tui.late import regex
from sriov_tui.probe.source import Source

KUBELET = "/var/lib/kubelet"
SETTINGS = (  # where installers give kubelet its address: kubeadm, k3s (configuration, units of server and agent)
    "/var/lib/kubelet/kubeadm-flags.env",
    "/etc/rancher/k3s/config.yaml",
    "/etc/systemd/system/k3s.service",
    "/etc/systemd/system/k3s-agent.service",
)
NODE_IP = regex(r"^[^#\n]*?\bnode-ip['\"]?[\s\\=:'\"]+(?P<ips>[0-9a-fA-F.:,]+)", re.MULTILINE)


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`node_ips`."""
    there = source.exists(KUBELET)
    if not there:
        return {"node_ips": None if there is None else ()}
    told = [ip for path in SETTINGS for ip in _given(source.text(path) or "")]
    return {"node_ips": tuple(dict.fromkeys(told or _default(facts)))}


def _given(text: str) -> list[str]:
    return [ip for found in NODE_IP.finditer(text) for ip in found["ips"].strip(",").split(",")]


def _default(facts: HostFacts) -> list[str]:
    """Without --node-ip kubelet takes the address of the interface that has the default route (kubelet's manual)."""
    links = {route.link for route in facts.routes or () if route.destination == "default"}
    return [a.ip for link in facts.links or () if link.name in links for a in link.addresses if a.scope == "global"][:1]
