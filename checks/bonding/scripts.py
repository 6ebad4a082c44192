"""network-scripts: ifcfg-* files (initscripts' sysconfig.txt), which NetworkManager reads, too."""

from __future__ import annotations

import posixpath
import re

from checks.bonding import (
    WHO,
    BondChanges,
    BondSpec,
    Files,
    NotMine,
    Unsupported,
    cleared,
    named_elsewhere,
    names_in,
    renamed,
    taken,
    unknown_setting,
)
from checks.bonding import config as configs
from checks.bonding.ifcfg import (
    BESIDE,
    FOLDER,
    LEFT_OUT,
    family,
    file_of,
    is_plain,
    key_of,
    profiles,
    settings,
    vlan_of,
)
from checks.bonding.ifcfg import read as read_files
from sriov_tui.late import regex
from sriov_tui.message import Message, say
from sriov_tui.model import Run

OWN = ("DEVICE", "NAME", "TYPE", "ONBOOT", "HWADDR", "MACADDR", "UUID", "ETHTOOL_OPTS")
OF_PORT = ("HWADDR", "UUID", "NM_CONTROLLED", "ETHTOOL_OPTS", "MTU")
KNOWN = regex(
    r"(IPADDR|PREFIX|NETMASK|GATEWAY|DNS|BROADCAST|NETWORK)\d*(_START|_END)?|CLONENUM_START|BOOTPROTO|DOMAIN|SEARCH|"
    r"PEERDNS|PEERROUTES|DEFROUTE|METRIC|MTU|ZONE|SRCADDR|SCOPE|ONPARENT|NOZEROCONF|ARPCHECK|ARPUPDATE|LINKDELAY|"
    r"IPV4_\w+|IPV6\w*|DHCP\w*|PERSISTENT_DHCLIENT|NM_CONTROLLED|USERCTL|HOTPLUG|NO_ALIASROUTING|"
    r"PROXY_METHOD|BROWSER_ONLY|RES_OPTIONS|VLAN|PHYSDEV|VLAN_ID|REORDER_HDR|AUTOCONNECT_PRIORITY|ACD_TIMEOUT|"
    r"CONNECTION_METERED|LLMNR|MDNS|BOOT_WAIT|GATEWAYDEV|STABLE_ID"
)
"""Settings that mean the same on a bond; of any other a person has to say what becomes of it."""
_NO = ("no", "false", "n", "f", "0")


def read(wanted: BondSpec, files: Files) -> configs.Configs:
    """What the files give each interface; of our own files what is the bond's alone counts for nothing."""
    return read_files(files, {nic.mac: nic.name for nic in wanted.hardware})


def make(wanted: BondSpec, files: Files) -> BondChanges:
    """Files, and ifdown and ifup for them."""
    texts, told = written(wanted, files)
    ports = [port for port in wanted.ports if file_of(port, "", files)]
    down = [old for old, _ in wanted.vlans] + ports
    up = [wanted.name, *(new for _, new in wanted.vlans)]
    return BondChanges(
        before=(*(Run(argv=("ifdown", name), undo=("ifup", name), fades=True) for name in down), cleared(wanted.name)),
        files=texts,
        after=tuple(Run(argv=("ifup", name)) for name in up),
        told=told,
    )


def written(wanted: BondSpec, files: Files) -> tuple[dict[str, str | None], tuple[Message, ...]]:
    """The files of the bond, its ports and the VLANs on it, the old names gone; and what is to be told."""
    found = dict(zip(wanted.ports, (file_of(*pair, files) for pair in zip(wanted.ports, wanted.macs, strict=True)),
                     strict=True))  # fmt: skip
    told = [message for port, path in found.items() if path and port != wanted.carrier
            for message in _free(port, path, files)]  # fmt: skip
    carrier = found.get(wanted.carrier, "")
    if wanted.carrier and not carrier:
        raise NotMine(say("No file of {folder} configures {carrier}.", folder=FOLDER, carrier=wanted.carrier))
    for path, values in profiles(files).items():
        _judge(wanted, path, values, files[path], carrier)
    texts: dict[str, str | None] = {f"{FOLDER}/ifcfg-{wanted.name}": _bond(wanted, files.get(carrier, ""))}
    for port, path in found.items():
        texts[path or f"{FOLDER}/ifcfg-{port}"] = _port(wanted, port, files.get(path, ""))
    for old, new in wanted.names.items():
        texts |= _moved(wanted, old, new, files, carrier)
    return texts, tuple(told)


def _free(port: str, path: str, files: Files) -> list[Message]:
    """What becomes of the own file of the port that carries nothing; Unsupported where it gives addresses at boot."""
    values, name = settings(files[path]), posixpath.basename(path)
    if any(re.fullmatch(r"IPADDR\d*|IPV6ADDR\w*", key) for key in values):
        raise Unsupported(
            say("{path} gives {port} an address, too.", path=path, port=port),
            say("Remove IPADDR and IPV6ADDR from {path}.", path=path),
        )
    dynamic = values.get("BOOTPROTO", "none") in ("dhcp", "bootp")
    if dynamic and values.get("ONBOOT", "yes") not in _NO:
        raise Unsupported(
            say("{path} configures {port}, too.", path=path, port=port),
            say("Set BOOTPROTO=none in {path}.", path=path),
        )
    others = [one for one in profiles(files) if one != path and family(one, settings(files[one])) == port]
    others += [one for one in files if posixpath.basename(one) in [f"{kind}{port}" for kind in BESIDE]]
    if others:
        raise Unsupported(
            say("{path} configures {port}, too.", path=others[0], port=port), say("Remove {path}.", path=others[0])
        )
    lost = [key for key in values if key not in (*OWN, *OF_PORT)]
    return [say("{name} keeps only what is the port's: {lost} go.", name=name, lost=tuple(lost))] if lost else []


def _judge(wanted: BondSpec, path: str, values: dict[str, str], text: str, carrier: str) -> None:
    """Unsupported where a file has a part in this that is not understood."""
    name = family(path, values)
    if name == wanted.name or (name in dict(wanted.vlans).values() and name not in dict(wanted.vlans)):
        raise taken(path, name)
    if re.fullmatch(r"(.*)-range\d+", name) and name.rpartition("-")[0] in wanted.names:
        raise unknown_setting(path, name.rpartition("-")[2], wanted.carrier)
    if path == carrier or name in wanted.names:
        _understood(path, values, text, name or wanted.carrier)
        if path == carrier and values.get("ONBOOT", "yes") in _NO:
            raise unknown_setting(path, "ONBOOT=no", name or wanted.carrier)
        return
    if (above := vlan_of(path, values)) and above[0] in wanted.names:
        raise Unsupported(
            say("{path} makes the VLAN {name}, which is not there now.", path=path, name=name),
            say("Bring it up, or remove {path}; then read the machine again.", path=path),
        )
    olds = [*wanted.ports, *(old for old, new in wanted.names.items() if old != new)]
    for line in text.splitlines() if name not in wanted.ports else ():
        if key_of(line) not in ("NAME", "UUID", "HWADDR") and (old := names_in(line.split("#")[0], olds)):
            raise named_elsewhere(path, old, line.strip())


def _understood(path: str, values: dict[str, str], text: str, name: str) -> None:
    for line in text.splitlines():
        key = key_of(line)
        if not is_plain(line) or (key and not KNOWN.fullmatch(key) and key not in OWN):
            raise unknown_setting(path, key or line.strip(), name)
    if values.get("TYPE", "Ethernet").lower() not in ("ethernet", "vlan"):
        raise unknown_setting(path, f"TYPE={values['TYPE']}", name)


def _bond(wanted: BondSpec, text: str) -> str:
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
        *(renamed(line, wanted.names) for line in text.splitlines() if key_of(line) not in OWN),
    ]
    lines += [] if "BOOTPROTO" in settings(text) else ["BOOTPROTO=none"]
    return "".join(f"{line}\n" for line in lines)


def _port(wanted: BondSpec, port: str, text: str) -> str:
    lines = [
        f"# {WHO}: a port of {wanted.name}.",
        f"DEVICE={port}",
        f"NAME={port}",
        "TYPE=Ethernet",
        f"MASTER={wanted.name}",
        "SLAVE=yes",
        "ONBOOT=yes",
        "BOOTPROTO=none",
        *(line for line in text.splitlines() if key_of(line) in OF_PORT),
    ]
    return "".join(f"{line}\n" for line in lines)


def _moved(wanted: BondSpec, old: str, new: str, files: Files, carrier: str) -> dict[str, str | None]:
    """The files of an interface, its aliases, routes and rules under its new name."""
    texts: dict[str, str | None] = {}
    for path, text in files.items():
        prefix, _, name = posixpath.basename(path).partition("-")
        if posixpath.dirname(path) != FOLDER or path == carrier or LEFT_OUT.search(path):
            continue
        beside = f"{prefix}-" in BESIDE and name == old
        if beside or (prefix == "ifcfg" and family(path, settings(text)) == old):
            target = f"{FOLDER}/{prefix}-{renamed(name, {old: new})}"
            if target != path and target in files:
                raise taken(target, new)
            texts |= {path: None, target: renamed(text, wanted.names)}
    return texts
