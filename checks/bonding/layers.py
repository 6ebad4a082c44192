"""netplan's YAML files as netplan reads them: three folders, merged by key (netplan(5), "Permissions and order").

Of files with one name that in /run counts before /etc, and that before /lib. All are then read in the order of their
names: mappings are merged, a list goes on where the earlier one ended, any other value replaces the earlier one
(netplan's src/parse.c, and its test_merging.py).
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from checks.bonding import BondSpec, Files, Nic, Unsupported
from checks.bonding.config import Config, Gathered, cidr, fits, route
from sriov_tui.message import say

FOLDER = "/etc/netplan"
FOLDERS = ("/run/netplan", FOLDER, "/lib/netplan", "/usr/lib/netplan")
KINDS = (
    "ethernets",
    "bonds",
    "vlans",
    "bridges",
    "wifis",
    "modems",
    "tunnels",
    "vrfs",
    "dummy-devices",
    "virtual-ethernets",
)
OF_PORT = (  # what stays with the port: how it is found, and its hardware
    "match", "set-name", "wakeonlan", "emit-lldp", "virtual-function-count", "embedded-switch-mode",
    "delay-virtual-functions-rebind", "link", "receive-checksum-offload", "transmit-checksum-offload",
    "tcp-segmentation-offload", "tcp6-segmentation-offload", "generic-segmentation-offload",
    "generic-receive-offload", "large-receive-offload",
)  # fmt: skip


def in_force(files: Files) -> list[str]:
    """The paths of the files that netplan reads, in its order."""
    found: dict[str, str] = {}
    for folder in reversed(FOLDERS):
        found |= {posixpath.basename(path): path for path in files
                  if posixpath.dirname(path) == folder and path.endswith(".yaml")}  # fmt: skip
    return [found[name] for name in sorted(found)]


def load(path: str, text: str) -> Any:
    """The document of a file, comments and all."""
    from ruamel.yaml.error import YAMLError

    try:
        document = editor(text).load(text)
    except YAMLError as error:
        raise Unsupported(
            say(
                "{path} is no YAML: {problem}.",
                path=path,
                problem=str(error.problem if hasattr(error, "problem") else error),
            )
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get("network"), dict):
        raise Unsupported(say("{path} has no network: of its own.", path=path))
    return document


def editor(text: str = "") -> Any:
    """A round-trip parser that indents as the file does."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    step = _step(text)
    if re.search(r"^( +)\S.*:\n\1 +- ", text, re.MULTILINE):
        yaml.indent(mapping=step, sequence=step + 2, offset=step)
    else:
        yaml.indent(mapping=step, sequence=step, offset=0)
    return yaml


def _step(text: str) -> int:
    """How far the file indents."""
    found = re.search(r"^network:.*\n(?: *#.*\n)*( +)", text, re.MULTILINE)
    return len(found[1]) if found else 2


def dump(document: Any, text: str) -> str:
    """The document as text, in the style of the file."""
    stream = io.StringIO()
    editor(text).dump(document, stream)
    return stream.getvalue()


def merged(documents: dict[str, Any]) -> dict[str, Any]:
    """What netplan makes of the documents together."""
    found: dict[str, Any] = {}
    for document in documents.values():
        _merge(found, document["network"])
    return found


def _merge(into: dict[str, Any], more: Any) -> None:
    for key, value in more.items():
        old = into.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            old += [one for one in value if one not in old]
        elif isinstance(value, dict):
            into[key] = {}
            _merge(into[key], value)
        elif value is not None or key not in into:
            into[key] = list(value) if isinstance(value, list) else value


def matches(id: str, body: Any, nic: Nic) -> bool:
    """Whether an entry of ethernets is for a link: by match, where it has one, else by its id."""
    body = body or {}
    match = body.get("match")
    if not match:
        return id == nic.name
    names = match.get("name", ())
    names = [names] if isinstance(names, str) else list(names)
    mac = str(match.get("macaddress", "")).lower()
    by_name = not names or any(fits(nic.name, name) for name in names) or body.get("set-name") == nic.name
    return by_name and mac in ("", nic.mac)


def entries(network: dict[str, Any], hardware: tuple[Nic, ...]) -> dict[str, str]:
    """Interface -> id of its entry in ethernets; Unsupported where two entries fit one."""
    found: dict[str, str] = {}
    for id, body in (network.get("ethernets") or {}).items():
        for nic in hardware:
            if matches(id, body, nic):
                if nic.name in found:
                    raise Unsupported(
                        say("Two entries of netplan fit {name}: {ids}.", name=nic.name, ids=(found[nic.name], id)),
                        say("Keep one of them; then read the machine again."),
                    )
                found[nic.name] = id
    return found


def read(wanted: BondSpec, files: Files) -> dict[str, Config]:
    """What netplan gives each interface, of hardware by its name now, of anything else by its id."""
    network = merged({path: load(path, files[path]) for path in in_force(files)})
    names: dict[str, list[str]] = {}
    for name, id in entries(network, wanted.hardware).items():
        names.setdefault(id, []).append(name)
    real = {id: one[0] for id, one in names.items() if len(one) == 1}
    found: dict[str, Config] = {}
    vlans: dict[str, list[tuple[str, int]]] = {}
    for kind in KINDS:
        for id, body in (network.get(kind) or {}).items():
            for name in names.get(id, [id]) if kind == "ethernets" else [id]:
                found[name] = config_of(kind, body or {}, real)
            if kind == "vlans" and body and body.get("link"):
                below = real.get(body["link"], body["link"])
                vlans.setdefault(below, []).append((id, int(body.get("id", 0))))
    for below, above in vlans.items():
        got = found.get(below, Config())
        found[below] = replace(got, vlans=frozenset(above))
    return found


def config_of(kind: str, body: dict[str, Any], real: dict[str, str]) -> Config:
    """What an entry gives its link; what is hardware's counts for nothing, nor what makes a bond of ours."""
    got = Gathered()
    for key, value in body.items():
        if key in _TAKEN:
            _TAKEN[key](value, got)
        elif key == "interfaces":
            got.rest += [(key, real.get(one, str(one))) for one in value or () if kind != "bonds"]
        elif key == "link" and kind in ("vlans", "ethernets"):
            pass
        elif key not in (*OF_PORT, "macaddress", "parameters", "id"):
            got.add(key, str(_plain(value)))
    return got.config


def _addresses(value: Any, got: Gathered) -> None:
    for one in value or ():
        got.addresses.append(cidr(str(next(iter(one)) if isinstance(one, dict) else one)))
        got.rest += [("address", str(_plain(one)))] if isinstance(one, dict) else []


def _dynamic(word: str) -> Callable[[Any, Gathered], None]:
    def take(value: Any, got: Gathered) -> None:
        got.dynamic += [word] if value else []

    return take


def _accept_ra(value: Any, got: Gathered) -> None:
    if value:
        got.dynamic.append("ra")
    else:
        got.add("accept-ra", "false")


def _routes(value: Any, got: Gathered) -> None:
    for one in value or ():
        more = " ".join(f"{key}={word}" for key, word in sorted(one.items()) if key not in ("to", "via"))
        got.routes.append(route(str(one.get("to", "")), str(one.get("via", "")), more))


def _rules(value: Any, got: Gathered) -> None:
    got.rules += [" ".join(f"{key}={word}" for key, word in sorted(one.items())) for one in value or ()]


def _nameservers(value: Any, got: Gathered) -> None:
    got.dns += [str(one) for one in (value or {}).get("addresses") or ()]
    got.rest += [("search", str(one)) for one in (value or {}).get("search") or ()]


_TAKEN: dict[str, Callable[[Any, Gathered], None]] = {
    "addresses": _addresses,
    "dhcp4": _dynamic("dhcp4"),
    "dhcp6": _dynamic("dhcp6"),
    "accept-ra": _accept_ra,
    "gateway4": lambda value, got: got.routes.append(route("default", str(value))),
    "gateway6": lambda value, got: got.routes.append(route("default", str(value))),
    "routes": _routes,
    "routing-policy": _rules,
    "nameservers": _nameservers,
    "mtu": lambda value, got: got.set_mtu(str(value)),
}
"""Keys that have a form of their own."""


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in sorted(value.items())}
    return [_plain(one) for one in value] if isinstance(value, list) else value
