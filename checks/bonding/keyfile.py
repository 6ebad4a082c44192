"""NetworkManager: profiles in /etc/NetworkManager/system-connections (nm-settings-keyfile(5)), put to work by nmcli.

Where the ports have ifcfg files instead (EL7, EL8), those are written: NetworkManager reads them, too.
"""

from __future__ import annotations

import re
import uuid

from checks.bonding import WHO, Files, Recipe, Unclear, Wanted, cleared, removed, renamed, scripts
from sriov_tui.message import say
from sriov_tui.model import Run

FOLDER = "/etc/NetworkManager/system-connections"
SPACE = uuid.UUID("6f1d2c1e-5f0e-4a44-9c3e-8a0d7f6c2b11")  # of the ids that are made here
KEPT = ("ipv4", "ipv6", "proxy", "user", "802-3-ethernet.mtu")


def make(wanted: Wanted, files: Files) -> Recipe:
    """Profiles for the bond and its ports in the place of the ports' own."""
    by_scripts = any(scripts.file_of(*pair, files) for pair in zip(wanted.ports, wanted.macs, strict=True))
    texts = scripts.written(wanted, files) if by_scripts else _profiles(wanted, files)
    names = wanted.ports if by_scripts else tuple(f"{wanted.name}-{port}" for port in wanted.ports)
    before = [Run(argv=("nmcli", "general", "status"), undo=("nmcli", "connection", "reload"))]
    if wanted.carrier:
        show = ("nmcli", "device", "show", wanted.carrier)
        before.insert(0, Run(argv=show, undo=("nmcli", "--wait", "60", "device", "connect", wanted.carrier)))
    before += [Run(argv=removed(old), undo=("nmcli", "connection", "reload"), fades=True) for old, _ in wanted.vlans]
    return Recipe(
        before=(*before, cleared(wanted.name)),
        files=texts,
        after=(
            Run(argv=("nmcli", "connection", "reload")),
            *(Run(argv=("nmcli", "--wait", "60", "connection", "up", name)) for name in names),
        ),
        mode=0o644 if by_scripts else 0o600,
    )


def _profiles(wanted: Wanted, files: Files) -> dict[str, str | None]:
    own = {path: text for path, text in files.items() if path.startswith(f"{FOLDER}/")}
    found = {port: _profile_of(port, mac, own) for port, mac in zip(wanted.ports, wanted.macs, strict=True)}
    carrier = found.get(wanted.carrier, "")
    if wanted.carrier and not carrier:
        raise Unclear(
            say("No profile of NetworkManager is for {carrier} alone.", carrier=wanted.carrier),
            say("Give {carrier} a profile of its own with nmcli; then read again.", carrier=wanted.carrier),
        )
    for port, path in found.items():
        if path and port != wanted.carrier and _value(own[path], "ipv4", "method") == "manual":
            raise Unclear(
                say("{path} gives {port} an address, too.", path=path, port=port),
                say("Remove that profile, or its address."),
            )
    texts: dict[str, str | None] = {path: None for path in found.values() if path}
    texts[f"{FOLDER}/{wanted.name}.nmconnection"] = _bond(wanted, own.get(carrier, ""))
    for port in wanted.ports:
        texts[f"{FOLDER}/{wanted.name}-{port}.nmconnection"] = _port(wanted, port)
    names = wanted.names | ({_value(own[carrier], "connection", "uuid"): wanted.name} if carrier else {})
    for path, text in own.items():
        if _value(text, "vlan", "parent") in names:
            texts[path] = renamed(text, names)
    return texts


def _profile_of(port: str, mac: str, files: Files) -> str:
    """The path of the profile of a port alone: by its name, else by its MAC."""
    wired = {
        path: text
        for path, text in files.items()
        if _value(text, "connection", "type") in ("ethernet", "802-3-ethernet")
    }
    for path, text in wired.items():
        if _value(text, "connection", "interface-name") == port:
            return path
    return next((path for path, text in wired.items() if mac and _mac(text) == mac), "")


def _mac(text: str) -> str:
    found = _value(text, "ethernet", "mac-address") or _value(text, "802-3-ethernet", "mac-address")
    return found.lower()


def _sections(text: str) -> dict[str, list[str]]:
    """Section -> its lines, comments and all."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if match := re.fullmatch(r"\s*\[([^\]]+)\]\s*", line):
            lines = found.setdefault(match[1], [])
        else:
            lines.append(line)
    return found


def _value(text: str, section: str, key: str) -> str:
    pairs = (line.partition("=") for line in _sections(text).get(section, ()))
    return next((value.strip() for name, _, value in pairs if name.strip() == key), "")


def _file(sections: dict[str, list[str]], about: str) -> str:
    parts = []
    for name, lines in sections.items():
        kept = "\n".join(lines).strip("\n")
        parts.append(f"[{name}]\n{kept}\n" if kept else f"[{name}]\n")
    return f"# {WHO}: {about}.\n" + "\n".join(parts)


def _bond(wanted: Wanted, text: str) -> str:
    sections = _sections(renamed(text, wanted.names))
    head = {
        "connection": [
            f"id={wanted.name}",
            f"uuid={uuid.uuid5(SPACE, wanted.name + wanted.mac)}",
            "type=bond",
            f"interface-name={wanted.name}",
        ],
        "bond": [f"mode={wanted.mode}", *(f"{name}={value}" for name, value in wanted.options.items())],
        "ethernet": [f"cloned-mac-address={wanted.mac}"],
    }
    mtu = _value(text, "ethernet", "mtu")
    head["ethernet"] += [f"mtu={mtu}"] if mtu else []
    kept = {name: sections[name] for name in KEPT if name in sections}
    idle = {"ipv4": ["method=disabled"], "ipv6": ["method=ignore"]}
    return _file(head | (kept if text else idle), say("a bond of {ports}", ports=" and ".join(wanted.ports)))


def _port(wanted: Wanted, port: str) -> str:
    name = f"{wanted.name}-{port}"
    lines = [
        f"id={name}",
        f"uuid={uuid.uuid5(SPACE, name + wanted.mac)}",
        "type=ethernet",
        f"interface-name={port}",
        f"master={wanted.name}",
        "slave-type=bond",
    ]
    return _file({"connection": lines}, say("a port of {name}", name=wanted.name))
