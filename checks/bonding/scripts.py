"""network-scripts: ifcfg-* files (initscripts' sysconfig.txt), which NetworkManager reads, too."""

from __future__ import annotations

import posixpath
import re

from checks.bonding import WHO, Files, Recipe, Unclear, Wanted, cleared, renamed
from sriov_tui.message import say
from sriov_tui.model import Run

FOLDER = "/etc/sysconfig/network-scripts"
OWN = ("DEVICE", "NAME", "TYPE", "ONBOOT", "HWADDR", "MACADDR", "UUID", "MASTER", "SLAVE", "ETHTOOL_OPTS")
OF_PORT = ("HWADDR", "UUID", "NM_CONTROLLED", "ETHTOOL_OPTS", "MTU")
_SETTING = re.compile(r"\s*(?:export\s+)?(?P<key>\w+)=(?P<value>.*)")
_ROUTES = ("route-", "route6-", "rule-", "rule6-")


def make(wanted: Wanted, files: Files) -> Recipe:
    """Files, and ifdown and ifup for them."""
    texts = written(wanted, files)
    ports = [port for port in wanted.ports if file_of(port, "", files)]
    down = [old for old, _ in wanted.vlans] + ports
    up = [wanted.name, *(new for _, new in wanted.vlans)]
    return Recipe(
        before=(*(Run(argv=("ifdown", name), undo=("ifup", name), fades=True) for name in down), cleared(wanted.name)),
        files=texts,
        after=tuple(Run(argv=("ifup", name)) for name in up),
    )


def written(wanted: Wanted, files: Files) -> dict[str, str | None]:
    """The files of the bond, its ports and the VLANs on it; the old names go."""
    found = dict(zip(wanted.ports, (file_of(*pair, files) for pair in zip(wanted.ports, wanted.macs, strict=True)),
                     strict=True))  # fmt: skip
    for port, path in found.items():
        if port != wanted.carrier and path and _settings(files[path]).get("BOOTPROTO", "none") in ("dhcp", "bootp"):
            raise Unclear(
                say("{path} configures {port}, too.", path=path, port=port),
                say("Set BOOTPROTO=none in {path}.", path=path),
            )
        if port != wanted.carrier and path and re.search(r"^\s*IPADDR", files[path], re.MULTILINE):
            raise Unclear(
                say("{path} gives {port} an address, too.", path=path, port=port),
                say("Remove IPADDR from {path}.", path=path),
            )
    carrier = found.get(wanted.carrier, "")
    if wanted.carrier and not carrier:
        raise Unclear(say("No file of {folder} configures {carrier}.", folder=FOLDER, carrier=wanted.carrier))
    texts: dict[str, str | None] = {f"{FOLDER}/ifcfg-{wanted.name}": _bond(wanted, files.get(carrier, ""))}
    for port, path in found.items():
        texts[path or f"{FOLDER}/ifcfg-{port}"] = _port(wanted, port, files.get(path, ""))
    for old, new in wanted.names.items():
        texts |= _moved(wanted, old, new, files, with_ifcfg=old != wanted.carrier)
    return texts


def file_of(port: str, mac: str, files: Files) -> str:
    """The path of a port's ifcfg file, by DEVICE, else by HWADDR, else by its name; "" where it has none."""
    own = {path: _settings(text) for path, text in files.items() if path.startswith(f"{FOLDER}/ifcfg-")}
    for path, settings in own.items():
        if settings.get("DEVICE") == port:
            return path
    for path, settings in own.items():
        if mac and "DEVICE" not in settings and settings.get("HWADDR", "").lower() == mac:
            return path
    path = f"{FOLDER}/ifcfg-{port}"
    return path if path in own and "DEVICE" not in own[path] else ""


def _settings(text: str) -> dict[str, str]:
    found = (_SETTING.match(line) for line in text.splitlines())
    return {match["key"]: match["value"].strip().strip("'\"") for match in found if match}


def _key(line: str) -> str:
    match = _SETTING.match(line)
    return match["key"] if match else ""


def _bond(wanted: Wanted, text: str) -> str:
    options = " ".join([f"mode={wanted.mode}", *(f"{name}={value}" for name, value in wanted.options.items())])
    lines = [
        f"# {WHO}: a bond of {' and '.join(wanted.ports)}.",
        f"DEVICE={wanted.name}",
        f"NAME={wanted.name}",
        "TYPE=Bond",
        "BONDING_MASTER=yes",
        f'BONDING_OPTS="{options}"',
        f"MACADDR={wanted.mac}",
        "ONBOOT=yes",
        *(renamed(line, wanted.names) for line in text.splitlines() if _key(line) not in OWN),
    ]
    lines += [] if "BOOTPROTO" in _settings(text) else ["BOOTPROTO=none"]
    return "".join(f"{line}\n" for line in lines)


def _port(wanted: Wanted, port: str, text: str) -> str:
    lines = [
        f"# {WHO}: a port of {wanted.name}.",
        f"DEVICE={port}",
        f"NAME={port}",
        "TYPE=Ethernet",
        f"MASTER={wanted.name}",
        "SLAVE=yes",
        "ONBOOT=yes",
        "BOOTPROTO=none",
        *(line for line in text.splitlines() if _key(line) in OF_PORT),
    ]
    return "".join(f"{line}\n" for line in lines)


def _moved(wanted: Wanted, old: str, new: str, files: Files, with_ifcfg: bool) -> dict[str, str | None]:
    """The files of an interface under its new name."""
    texts: dict[str, str | None] = {}
    for path, text in files.items():
        prefix, _, name = posixpath.basename(path).partition("-")
        if name == old and (f"{prefix}-" in _ROUTES or (prefix == "ifcfg" and with_ifcfg)):
            texts |= {path: None, f"{FOLDER}/{prefix}-{new}": renamed(text, wanted.names)}
    return texts
