"""systemd-networkd: .netdev and .network files (systemd.network(5)).

Of all files that fit an interface the first by name counts, so new ones that come first are enough: none is changed.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re

from checks.bonding import MIIMON, WHO, Files, Recipe, Unclear, Wanted, cleared, removed, renamed
from sriov_tui.message import say
from sriov_tui.model import Run

FOLDER = "/etc/systemd/network"
FIRST = "00-sriov-tui"
SERVICE = "systemd-networkd.service"
RESTART = ("systemctl", "restart", SERVICE)


def make(wanted: Wanted, files: Files) -> Recipe:
    """New files that come first, and a restart of the service: it keeps the links that are as they shall be."""
    texts: dict[str, str | None] = {}
    stem = f"{FOLDER}/{FIRST}-{wanted.name}"
    texts[f"{stem}.netdev"] = netdev(wanted)
    texts[f"{stem}.network"] = _network(wanted, wanted.carrier, wanted.name, files)
    for port in wanted.ports:
        texts[f"{stem}-{port}.network"] = (
            f"# {WHO}: a port of {wanted.name}.\n[Match]\nName={port}\n\n[Network]\nBond={wanted.name}\n"
            + ("PrimarySlave=yes\n" if wanted.options.get("primary") == port else "")
        )
    for old, new in wanted.vlans:
        texts[f"{FOLDER}/{FIRST}-{new}.netdev"] = _vlan(wanted, old, files)
        texts[f"{FOLDER}/{FIRST}-{new}.network"] = _network(wanted, old, new, files)
    return Recipe(
        before=(
            Run(argv=("systemctl", "is-active", SERVICE), undo=RESTART),
            *(Run(argv=removed(old), undo=RESTART, fades=True) for old, _ in wanted.vlans),
            cleared(wanted.name),
        ),
        files=texts,
        after=(Run(argv=RESTART),),
    )


def netdev(wanted: Wanted) -> str:
    """The bond itself."""
    policy = (
        [f"TransmitHashPolicy={wanted.options['xmit_hash_policy']}"] if "xmit_hash_policy" in wanted.options else []
    )
    lines = [
        f"# {WHO}: a bond of {' and '.join(wanted.ports)}.",
        "[NetDev]",
        f"Name={wanted.name}",
        "Kind=bond",
        f"MACAddress={wanted.mac}",
        "",
        "[Bond]",
        f"Mode={wanted.mode}",
        f"MIIMonitorSec={MIIMON}ms",
        *policy,
    ]
    return "".join(f"{line}\n" for line in lines)


def _network(wanted: Wanted, old: str, new: str, files: Files) -> str:
    """What the first file for the old name says, for the new one."""
    about = f"# {WHO}: in the place of "
    if not old:
        return f"# {WHO}: the bond has no address.\n[Match]\nName={new}\n\n[Network]\nLinkLocalAddressing=no\n"
    mac = dict(zip(wanted.ports, wanted.macs, strict=True)).get(old, "")
    path = _file_of(old, mac, files)
    if not path:
        raise Unclear(say("No file of {folder} configures {old}.", folder=FOLDER, old=old))
    text = renamed(files[path], wanted.names)
    head, _, rest = re.split(r"(?m)^(\[Match\][^\n]*\n(?:(?!\[)[^\n]*\n?)*)", text, maxsplit=1)
    return f"{about}{path} for {old}.\n{head}[Match]\nName={new}\n\n{rest.lstrip()}"


def _file_of(name: str, mac: str, files: Files) -> str:
    """The path of the .network file that counts for an interface; "" where there is none."""
    for path in sorted(files, key=posixpath.basename):
        if path.endswith(".network") and _matches(files[path], name, mac):
            return path
    return ""


def _matches(text: str, name: str, mac: str) -> bool:
    """Whether its [Match] fits, by Name= or MACAddress=; what else it may ask for is taken as met."""
    names, macs = _values(text, "Match", "Name"), _values(text, "Match", "MACAddress")
    if not names and not macs:
        return False
    plain = [pattern for pattern in names if not pattern.startswith("!")]
    by_name = not names or any(fnmatch.fnmatchcase(name, pattern) for pattern in plain)
    return by_name and (not macs or mac in [value.lower() for value in macs])


def _values(text: str, section: str, key: str) -> list[str]:
    found: list[str] = []
    here = ""
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("["):
            here = stripped.strip("[]")
        elif here == section and stripped.partition("=")[0].strip() == key:
            found += stripped.partition("=")[2].split()
    return found


def _vlan(wanted: Wanted, old: str, files: Files) -> str:
    for path, text in sorted(files.items()):
        if path.endswith(".netdev") and old in _values(text, "NetDev", "Name"):
            return f"# {WHO}: in the place of {path}.\n{renamed(text, wanted.names)}"
    raise Unclear(say("No .netdev file of {folder} makes {old}.", folder=FOLDER, old=old))
