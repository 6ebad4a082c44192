"""netplan: YAML below /etc/netplan (netplan(5)), edited with its comments and its order kept."""

from __future__ import annotations

import io
import re
from typing import Any

from checks.bonding import MIIMON, POLICY, Files, Recipe, Unclear, Wanted, cleared, removed
from sriov_tui.message import say
from sriov_tui.model import Run

FOLDER = "/etc/netplan"
NEW = f"{FOLDER}/90-sriov-tui.yaml"
OF_PORT = (  # what stays with the port: how it is found, and its hardware
    "match", "set-name", "wakeonlan", "emit-lldp", "virtual-function-count", "embedded-switch-mode",
    "delay-virtual-functions-rebind", "link", "optional",
)  # fmt: skip


def make(wanted: Wanted, files: Files) -> Recipe:
    """The body of the carrier's entry goes to the bond's; VLANs stand on the bond."""
    found = {path: _load(path, text) for path, text in files.items() if path.endswith(".yaml")}
    ids = {port: _entry_of(port, mac, found) for port, mac in zip(wanted.ports, wanted.macs, strict=True)}
    carrier = ids.get(wanted.carrier)
    if wanted.carrier and carrier is None:
        raise Unclear(say("No file of {folder} configures {carrier}.", folder=FOLDER, carrier=wanted.carrier))
    at = carrier[0] if carrier else NEW
    documents = found if at in found else {**found, at: {"network": {"version": 2}}}
    body = _move(wanted, ids, documents)
    network = documents[at]["network"]
    for port in wanted.ports:
        if ids[port] is None:
            network.setdefault("ethernets", {})[port] = {}
    network.setdefault("bonds", {})[wanted.name] = _bond(wanted, ids, body)
    _vlans(wanted, carrier[1] if carrier else "", documents)
    texts = {path: _dump(document, files.get(path, "")) for path, document in documents.items()}
    return Recipe(
        before=(
            Run(argv=("netplan", "generate"), undo=("netplan", "apply")),
            *(Run(argv=removed(old), undo=("netplan", "generate"), fades=True) for old, _ in wanted.vlans),
            cleared(wanted.name),
        ),
        files={
            path: text for path, text in texts.items() if path not in files or _changed(files[path], documents[path])
        },
        after=(
            Run(argv=("netplan", "generate")),
            Run(argv=("netplan", "apply")),
        ),
        mode=0o600,
    )


def _yaml(text: str = "") -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    if re.search(r"^( +)\S.*:\n\1 +- ", text, re.MULTILINE):
        yaml.indent(mapping=_step(text), sequence=_step(text) + 2, offset=_step(text))
    else:
        yaml.indent(mapping=_step(text), sequence=_step(text), offset=0)
    return yaml


def _step(text: str) -> int:
    """How far the file indents."""
    found = re.search(r"^network:.*\n(?: *#.*\n)*( +)", text, re.MULTILINE)
    return len(found[1]) if found else 2


def _load(path: str, text: str) -> Any:
    from ruamel.yaml.error import YAMLError

    try:
        document = _yaml().load(text)
    except YAMLError as error:
        raise Unclear(
            say(
                "{path} is no YAML: {problem}.",
                path=path,
                problem=str(error.problem if hasattr(error, "problem") else error),
            )
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get("network"), dict):
        raise Unclear(say("{path} has no network: of its own.", path=path))
    return document


def _dump(document: Any, text: str) -> str:
    stream = io.StringIO()
    _yaml(text).dump(document, stream)
    return stream.getvalue()


def _changed(text: str, document: Any) -> bool:
    return bool(_yaml().load(text) != document)


def _entry_of(port: str, mac: str, documents: dict[str, Any]) -> tuple[str, str] | None:
    """(file, id) of a port: by its set-name or id, else by its MAC."""
    for path, document in documents.items():
        for id, body in (document["network"].get("ethernets") or {}).items():
            body = body or {}
            match = body.get("match") or {}
            if port in (body.get("set-name"), match.get("name")) or (id == port and not match):
                return path, id
            if str(match.get("macaddress", "")).lower() == mac:
                return path, id
    return None


def _move(wanted: Wanted, ids: dict[str, tuple[str, str] | None], documents: dict[str, Any]) -> dict[str, Any]:
    """Take out of the ports what the bond takes over; the carrier's part of it."""
    body: dict[str, Any] = {}
    for port, entry in ids.items():
        if entry is None:
            continue
        path, id = entry
        ethernets = documents[path]["network"]["ethernets"]
        own = ethernets[id] or {}
        moved = {key: value for key, value in own.items() if key not in OF_PORT}
        if port == wanted.carrier:
            body = moved
        elif moved.get("addresses") or moved.get("dhcp4") or moved.get("dhcp6"):
            raise Unclear(
                say("{path} configures {port}, too.", path=path, port=port),
                say("Remove its addresses from {path}.", path=path),
            )
        ethernets[id] = {key: value for key, value in own.items() if key in OF_PORT}
    return body


def _bond(wanted: Wanted, ids: dict[str, tuple[str, str] | None], body: dict[str, Any]) -> dict[str, Any]:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    names = {port: entry[1] if entry else port for port, entry in ids.items()}
    parameters: dict[str, Any] = {"mode": wanted.mode, "mii-monitor-interval": MIIMON}
    if "xmit_hash_policy" in wanted.options:
        parameters["transmit-hash-policy"] = POLICY
    if primary := wanted.options.get("primary"):
        parameters["primary"] = names[primary]
    kept = {key: value for key, value in body.items() if key != "macaddress"}
    mac = DoubleQuotedScalarString(wanted.mac)  # YAML 1.1 has numbers in base 60
    return {"interfaces": [names[port] for port in wanted.ports], "macaddress": mac,
            "parameters": parameters, **kept}  # fmt: skip


def _vlans(wanted: Wanted, id: str, documents: dict[str, Any]) -> None:
    """VLANs above the carrier get the bond below them, and their new names, in their old places."""
    for document in documents.values():
        vlans: Any = document["network"].get("vlans") or {}
        names = dict(wanted.vlans)
        for name in [name for name, body in vlans.items() if id and body and body.get("link") == id]:
            vlans[name]["link"] = wanted.name
            if name in names:
                place = list(vlans).index(name)
                vlans.insert(place, names[name], vlans.pop(name))  # of ruamel's maps
