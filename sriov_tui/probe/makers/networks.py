"""Numbers of VFs in the files of network tools: netplan, NetworkManager's keyfiles and ifcfg files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sriov_tui.facts import HostFacts, Pf, VfMaker
from sriov_tui.late import regex
from sriov_tui.probe.makers.cards import Known, both, chosen, either, globbed, mac
from sriov_tui.probe.makers.places import drop_ins, logical_lines, text_of
from sriov_tui.probe.source import Source

NETPLAN = ("/etc/netplan", "/run/netplan", "/lib/netplan")
PROFILES = (
    "/etc/NetworkManager/system-connections",
    "/run/NetworkManager/system-connections",
    "/usr/lib/NetworkManager/system-connections",
)
SCRIPTS = "/etc/sysconfig/network-scripts"
_FUNCTIONS = regex(r"^\s*virtual-function-count:\s*(?P<count>\d+)\s*(?:#.*)?$")
_KEY = regex(r"^(?P<indent>\s*)['\"]?(?P<key>[^\s'\":#][^'\":#]*)['\"]?:")
_TOTAL = regex(r"\s*total-vfs\s*=\s*(?P<count>\d+)\s*$")
_IFCFG = regex(r"\s*SRIOV_TOTAL_VFS\s*=\s*['\"]?(?P<count>\d+)['\"]?\s*$")


def netplan(source: Source, facts: HostFacts, unread: list[str]) -> Iterator[VfMaker]:
    """`virtual-function-count` of each ethernet (netplan.io, reference), which netplan sets by way of 0."""
    for path, text in drop_ins(source, NETPLAN, ".yaml", unread):
        if "virtual-function-count" not in text:
            continue
        ethernets = _ethernets(text)
        lines = text.split("\n")
        for at, line in enumerate(lines):
            if found := _FUNCTIONS.match(line):
                id = _above(lines, at)
                body = ethernets.get(id)
                yield VfMaker(kind="netplan", path=path, line=at + 1, text=line, count=found["count"],
                              start=found.start("count"), pfs=_by_match(facts, id, body))  # fmt: skip


def _ethernets(text: str) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        network = (YAML(typ="safe").load(text) or {}).get("network") or {}
        found = network.get("ethernets") or {}
        return {str(id): body or {} for id, body in found.items()}
    except (YAMLError, AttributeError):
        return {}


def _above(lines: list[str], at: int) -> str:
    """The key that the line at this index stands below."""
    depth = len(lines[at]) - len(lines[at].lstrip())
    for line in reversed(lines[:at]):
        found = _KEY.match(line)
        if found and len(found["indent"]) < depth:
            return found["key"].strip()
    return ""


def _by_match(facts: HostFacts, id: str, body: dict[str, Any] | None) -> tuple[str, ...] | None:
    if body is None:
        return None
    match = body.get("match")
    if not isinstance(match, dict):
        return chosen(facts, lambda pf: either(globbed(name, (id,)) for name in pf.netdevs or ()))
    return chosen(facts, lambda pf: both(_one(facts, pf, body, str(key), value) for key, value in match.items()))


def _one(facts: HostFacts, pf: Pf, body: dict[str, Any], key: str, value: Any) -> Known:
    words = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    match key:
        case "name":
            names = (*(pf.netdevs or ()),)
            renamed = body.get("set-name") in names  # by its first name it was found, which is not kept
            return True if renamed else either(globbed(name, words) for name in names)
        case "macaddress":
            return globbed(mac(facts, pf), words, fold=True)
        case "driver":
            return globbed(pf.driver, words)
    return None


def profiles(source: Source, facts: HostFacts, unread: list[str]) -> Iterator[VfMaker]:
    """`sriov.total-vfs` of NetworkManager's profiles, which it sets by way of 0 as it activates them."""
    used = facts.network_managers
    if used is not None and "NetworkManager" not in used:
        return
    for path, text in drop_ins(source, PROFILES, "", unread):
        yield from _keyfile(facts, path, text)
    for name in source.names(SCRIPTS) or ():
        if name.startswith("ifcfg-"):
            yield from _ifcfg(facts, f"{SCRIPTS}/{name}", text_of(source, f"{SCRIPTS}/{name}", unread) or "")


def _keyfile(facts: HostFacts, path: str, text: str) -> Iterator[VfMaker]:
    section, values = "", {}
    for _, line in logical_lines(text):
        key, _, value = line.partition("=")
        section = line.strip().strip("[]") if line.startswith("[") else section
        values[section, key.strip()] = value.strip()
    if values.get(("connection", "autoconnect")) == "false":
        return
    names = {"name": values.get(("connection", "interface-name")), "mac": values.get(("ethernet", "mac-address"))}
    section = ""
    for number, line in logical_lines(text):
        section = line.strip().strip("[]") if line.startswith("[") else section
        if section == "sriov" and (found := _TOTAL.match(line)):
            yield _profile(facts, path, number, line, found, names)


def _ifcfg(facts: HostFacts, path: str, text: str) -> Iterator[VfMaker]:
    pairs = (line.partition("=") for _, line in logical_lines(text))
    values = {key.strip(): value.strip().strip("'\"") for key, _, value in pairs}
    if values.get("ONBOOT", "yes").lower() == "no":
        return
    names = {"name": values.get("DEVICE"), "mac": values.get("HWADDR")}
    for number, line in logical_lines(text):
        if found := _IFCFG.match(line):
            yield _profile(facts, path, number, line, found, names)


def _profile(
    facts: HostFacts, path: str, number: int, line: str, found: re.Match[str], names: dict[str, str | None]
) -> VfMaker:
    return VfMaker(
        kind="profile",
        path=path,
        line=number,
        text=line,
        count=found["count"],
        start=found.start("count"),
        pfs=chosen(facts, lambda pf: _names(facts, pf, names)),
    )


def _names(facts: HostFacts, pf: Pf, names: dict[str, str | None]) -> Known:
    tests = []
    if names["name"]:
        tests.append(either(globbed(name, (names["name"],)) for name in pf.netdevs or ()))
    if names["mac"]:
        tests.append(globbed(mac(facts, pf), (names["mac"],), fold=True))
    return both(tests) if tests else None
