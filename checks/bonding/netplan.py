"""netplan: YAML below /etc/netplan (netplan(5)), edited with its comments and its order kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.bonding import (
    MIIMON,
    POLICY,
    BondChanges,
    BondSpec,
    Files,
    NotMine,
    Unsupported,
    cleared,
    layers,
    named_elsewhere,
    other_lease,
    removed,
    taken,
    unknown_setting,
)
from checks.bonding import config as configs
from checks.bonding.layers import FOLDER, OF_PORT
from sriov_tui.message import Message, say
from sriov_tui.model import Run

NEW = f"{FOLDER}/90-sriov-tui.yaml"
BOTH = ("optional",)  # true of the port and of the bond
KNOWN = (
    "addresses", "dhcp4", "dhcp6", "dhcp4-overrides", "dhcp6-overrides", "dhcp-identifier", "gateway4", "gateway6",
    "routes", "routing-policy", "nameservers", "mtu", "ipv6-mtu", "accept-ra", "link-local", "optional",
    "optional-addresses", "critical", "ignore-carrier", "activation-mode", "ipv6-privacy", "ipv6-address-generation",
    "ipv6-address-token", "macaddress", "renderer",
)  # fmt: skip
"""Keys that mean the same on a bond; of any other a person has to say what becomes of it."""
OF_VLAN = (*KNOWN, "id", "link")


def read(wanted: BondSpec, files: Files) -> configs.Configs:
    """What netplan gives each interface."""
    return layers.read(wanted, files)


def make(wanted: BondSpec, files: Files) -> BondChanges:
    """The body of the carrier's entry, out of every file, goes to the bond's; VLANs stand on the bond."""
    found = {path: layers.load(path, files[path]) for path in layers.in_force(files)}
    network = layers.merged(found)
    ids = layers.entries(network, wanted.hardware)
    carrier = ids.get(wanted.carrier, "")
    if wanted.carrier and not carrier:
        raise NotMine(say("No file of {folder} configures {carrier}.", folder=FOLDER, carrier=wanted.carrier))
    told = _judge(wanted, network, ids, found)
    holds = [path for path, document in found.items() if carrier in (document["network"].get("ethernets") or {})]
    at = holds[-1] if carrier else NEW
    documents = found if at in found else {**found, at: {"network": {"version": 2}}}
    whole = found[at] if len(holds) == 1 else {"network": network}  # the file's own has its comments
    body = (whole["network"].get("ethernets") or {}).get(carrier) or {} if carrier else {}
    _strip(wanted, ids, documents)
    own = documents[at]["network"]
    for port in wanted.ports:
        if port not in ids:
            own.setdefault("ethernets", {})[port] = {}
    own.setdefault("bonds", {})[wanted.name] = _bond(wanted, ids, body)
    for path, old, line in _follow(wanted, carrier, documents):
        raise named_elsewhere(path, old, line)
    texts = {path: layers.dump(document, files.get(path, "")) for path, document in documents.items()}
    changed: dict[str, str | None] = {
        path: text for path, text in texts.items() if path not in files or _differs(files[path], text)
    }
    for path in changed:
        if not path.startswith(f"{FOLDER}/"):
            raise Unsupported(
                say("{path} configures {port}, too, and it is written again at every boot.", path=path,
                    port=wanted.carrier or wanted.ports[0]),
                say("Take what it says into {folder}; then read the machine again.", folder=FOLDER),
            )  # fmt: skip
    return BondChanges(
        before=(Run(argv=("netplan", "generate"), undo=("netplan", "apply")), cleared(wanted.name)),
        files=changed,
        after=(
            Run(argv=("netplan", "generate")),
            *(Run(argv=removed(old), fades=True) for old, _ in wanted.vlans),
            Run(argv=("netplan", "apply")),
        ),
        mode=0o600,
        told=told,
    )


def _differs(old: str, new: str) -> bool:
    return bool(layers.editor().load(old) != layers.editor().load(new))


def _judge(
    wanted: BondSpec, network: dict[str, Any], ids: dict[str, str], found: dict[str, Any]
) -> tuple[Message, ...]:
    """Unsupported where something there is not understood; else what is to be told of the free port."""
    told: list[Message] = []
    for port in (port for port in wanted.ports if port in ids):
        body, id = network["ethernets"][ids[port]] or {}, ids[port]
        path = _place(found, "ethernets", id)
        if others := [name for name, other in ids.items() if other == id and name != port]:
            raise Unsupported(
                say("The entry {id} of {path} fits {port} and {others}.", id=id, path=path, port=port,
                    others=tuple(others)),
                say("Give {port} an entry of its own there; then read the machine again.", port=port),
            )  # fmt: skip
        if port == wanted.carrier:
            _understood(wanted, path, port, body)
            told += _lease(wanted, network, body)
        else:
            told += _free(path, port, id, body)
    for name, _ in wanted.vlans:
        for key in (network.get("vlans") or {}).get(name) or {}:
            if key not in OF_VLAN:
                raise unknown_setting(_place(found, "vlans", name), key, name)
    for kind, entries in network.items():
        for name in (wanted.name, *(new for old, new in wanted.vlans if old != new)):
            if isinstance(entries, dict) and name in entries:
                raise taken(_place(found, kind, name), name)
    return tuple(told)


def _understood(wanted: BondSpec, path: str, port: str, body: dict[str, Any]) -> None:
    for key, value in body.items():
        if key not in (*OF_PORT, *KNOWN) or (key == "macaddress" and str(value).lower() != wanted.mac):
            raise unknown_setting(path, key, port)


def _lease(wanted: BondSpec, network: dict[str, Any], body: dict[str, Any]) -> list[Message]:
    """What is to be told of an address by DHCP."""
    by_networkd = body.get("renderer", network.get("renderer", "networkd")) == "networkd"
    same = not by_networkd or not body.get("dhcp4") or body.get("dhcp-identifier") == "mac"
    return [] if same else [other_lease(wanted, "dhcp-identifier: mac")]


def _free(path: str, port: str, id: str, body: dict[str, Any]) -> list[Message]:
    """What is to be told of the entry of the port that carries nothing; Unsupported where it has an address."""
    carries = ("addresses", "dhcp4", "dhcp6", "routes", "routing-policy", "gateway4", "gateway6")
    if any(value for key, value in body.items() if key in carries):
        raise Unsupported(
            say("{path} configures {port}, too.", path=path, port=port),
            say("Remove its addresses from {path}.", path=path),
        )
    lost = tuple(key for key, value in body.items() if key not in (*OF_PORT, *BOTH) and value)
    return [say("The entry {id} keeps only what is the port's: {lost} go.", id=id, lost=lost)] if lost else []


def _place(found: dict[str, Any], kind: str, id: str) -> str:
    """The last file that has an entry."""
    return [path for path, document in found.items() if id in (document["network"].get(kind) or {})][-1]


def _strip(wanted: BondSpec, ids: dict[str, str], documents: dict[str, Any]) -> None:
    """Take out of the ports, in every file, what the bond takes over."""
    for document in documents.values():
        ethernets: Any = document["network"].get("ethernets") or {}
        for id in (ids[port] for port in wanted.ports if ids.get(port) in ethernets):
            ethernets[id] = {key: value for key, value in (ethernets[id] or {}).items() if key in (*OF_PORT, *BOTH)}


def _bond(wanted: BondSpec, ids: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    names = {port: ids.get(port, port) for port in wanted.ports}
    parameters: dict[str, Any] = {"mode": wanted.mode, "mii-monitor-interval": MIIMON}
    if "xmit_hash_policy" in wanted.options:
        parameters["transmit-hash-policy"] = POLICY
    if primary := wanted.options.get("primary"):
        parameters["primary"] = names[primary]
    kept = {key: value for key, value in body.items() if key != "macaddress" and key not in OF_PORT}
    mac = DoubleQuotedScalarString(wanted.mac)  # YAML 1.1 has numbers in base 60
    return {"interfaces": [names[port] for port in wanted.ports], "macaddress": mac,
            "parameters": parameters, **kept}  # fmt: skip


def _follow(wanted: BondSpec, id: str, documents: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """VLANs above the carrier get the bond below them and their new names; so does what stands on those.

    What stands on a port and cannot follow is yielded: (file, name, place).
    """
    new = {old: then for old, then in wanted.vlans if old != then}
    ports = {id, *wanted.ports} - {""}
    for path, document in documents.items():
        network = document["network"]
        for name, below in _vlans(wanted, id, network, new):
            if below in ports or below in new:
                yield path, below, f"vlans: {name}: link: {below}"
        for kind in ("bridges", "bonds", "vrfs", "tunnels", "openvswitch"):
            entries: Any = network.get(kind) or {}
            for name, body in entries.items():
                own = isinstance(body, dict) and name != wanted.name
                listed: Any = body.get("interfaces") if own else None
                for place, one in enumerate(listed or ()):
                    listed[place] = new.get(one, one)
                    if one in ports:
                        yield path, one, f"{kind}: {name}: interfaces: {one}"


def _vlans(wanted: BondSpec, id: str, network: Any, new: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The VLANs of a document moved; those that are none of the bond's are yielded with what is below them."""
    vlans: Any = network.get("vlans") or {}
    for name in list(vlans):
        below = (vlans[name] or {}).get("link")
        if id and below == id and name in dict(wanted.vlans):
            vlans[name]["link"] = wanted.name
        else:
            yield name, below or ""
        if name in new:
            vlans.insert(list(vlans).index(name), new[name], vlans.pop(name))  # of ruamel's maps
