"""NetworkManager: profiles in /etc/NetworkManager/system-connections (nm-settings-keyfile(5)), put to work by nmcli.

Where the ports have ifcfg files instead (EL7, EL8), those are written: NetworkManager reads them, too.
"""

from __future__ import annotations

import re

from checks.bonding import (
    WHO,
    BondChanges,
    BondSpec,
    Files,
    Nic,
    NotMine,
    Unsupported,
    cleared,
    ifcfg,
    named_elsewhere,
    names_in,
    removed,
    scripts,
    taken,
    unknown_setting,
)
from checks.bonding import config as configs
from checks.bonding import profiles as nm
from checks.bonding.profiles import FOLDER, Profile
from sriov_tui.late import regex
from sriov_tui.message import Message, say
from sriov_tui.model import Run

SPACE = "6f1d2c1e-5f0e-4a44-9c3e-8a0d7f6c2b11"  # of the ids that are made here
WHOLE = ("ipv4", "ipv6", "proxy", "user", "hostname")  # sections that mean the same on a bond
MOVED = regex(
    r"zone|metered|llmnr|mdns|dns-over-tls|lldp|autoconnect-retries|wait-device-timeout|stable-id|mptcp-flags|"
    r"gateway-ping-timeout|wait-activation-delay|mud-url"
)
"""Settings of [connection] that mean the same on a bond; of any other a person has to say what becomes of it."""
MOST = 999  # of a priority


def by_scripts(wanted: BondSpec, files: Files) -> bool:
    """Whether ifcfg files configure the ports: then these are written."""
    own = nm.profiles(files)
    if any(profile.is_of(nic) for profile in own for nic in _nics(wanted)):
        return False
    return any(ifcfg.file_of(nic.name, nic.mac, files) for nic in _nics(wanted))


def read(wanted: BondSpec, files: Files) -> configs.Configs:
    """What NetworkManager gives each interface: a keyfile counts before an ifcfg file."""
    return {**scripts.read(wanted, files), **nm.read(wanted, files)}


def make(wanted: BondSpec, files: Files) -> BondChanges:
    """Profiles for the bond and its ports in the place of the ports' own."""
    scripted = by_scripts(wanted, files)
    for nic in _nics(wanted):
        if wanted.switched is None and nm.state_of(nic, files).get("managed") in ("false", "0"):
            raise Unsupported(
                say("NetworkManager is told to leave {port} alone.", port=nic.name),
                say("nmcli device set {port} managed yes; then read the machine again.", port=nic.name),
            )
    texts, told = scripts.written(wanted, files) if scripted else _profiles(wanted, files)
    names = wanted.ports if scripted else tuple(f"{wanted.name}-{port}" for port in wanted.ports)
    before = [Run(argv=("nmcli", "general", "status"), undo=("nmcli", "connection", "reload"))]
    if wanted.carrier:
        show = ("nmcli", "device", "show", wanted.carrier)
        before.insert(0, Run(argv=show, undo=("nmcli", "--wait", "60", *_again(wanted, files))))
    return BondChanges(
        before=(*before, cleared(wanted.name)),
        files=texts,
        after=(
            Run(argv=("nmcli", "connection", "reload")),
            *(Run(argv=("nmcli", "-g", "connection.uuid", "connection", "show", name))
              for name in (() if scripted else (wanted.name, *names))),
            *(Run(argv=removed(old), fades=True) for old, _ in wanted.vlans),
            *(Run(argv=("nmcli", "--wait", "60", "connection", "up", name)) for name in names),
        ),
        mode=0o644 if scripted else 0o600,
        told=told,
    )  # fmt: skip


def _nics(wanted: BondSpec) -> list[Nic]:
    return [nic for nic in wanted.hardware if nic.name in wanted.ports]


def _again(wanted: BondSpec, files: Files) -> tuple[str, ...]:
    """What puts the carrier's own profile to work again: by its UUID where it has several."""
    nic = next(nic for nic in _nics(wanted) if nic.name == wanted.carrier)
    every = nm.profiles(files)
    counts = nm.effective(nic, files, every)
    if counts and sum(profile.is_of(nic) for profile in every) > 1:
        return ("connection", "up", "uuid", counts.value("connection", "uuid"))
    return ("device", "connect", wanted.carrier)


def _profiles(wanted: BondSpec, files: Files) -> tuple[dict[str, str | None], tuple[Message, ...]]:
    every, nics = nm.profiles(files), {nic.name: nic for nic in _nics(wanted)}
    carrier = nm.effective(nics[wanted.carrier], files, every) if wanted.carrier else None
    if wanted.carrier and carrier is None:
        raise NotMine(
            say("No profile of NetworkManager is for {carrier} alone.", carrier=wanted.carrier),
            say("Give {carrier} a profile of its own with nmcli; then read again.", carrier=wanted.carrier),
        )
    if carrier is not None:
        _understood(wanted, carrier)
    texts, told = _gone(wanted, every, carrier)
    first = _priority(wanted, every, list(nics.values()), carrier, texts)
    metric = nm.metric_of(nics[wanted.carrier], files) if wanted.carrier else ""
    new = [_bond(wanted, carrier, first, metric), *(_port(wanted, port, carrier, first) for port in wanted.ports)]
    for name, text in zip((wanted.name, *(f"{wanted.name}-{port}" for port in wanted.ports)), new, strict=True):
        for profile in every:
            if (
                name in (profile.value("connection", "id"), profile.iface)
                or profile.path == f"{FOLDER}/{name}.nmconnection"
            ):
                raise taken(profile.path, name)
        texts[f"{FOLDER}/{name}.nmconnection"] = text
    for profile in every:
        own = any(profile.is_of(nic) for nic in nics.values())
        if not own and profile.path not in texts and (text := _beside(wanted, profile, carrier, texts, every)):
            texts[profile.path] = text
    return texts, tuple(told)


def _free(port: str, profile: Profile) -> None:
    """Unsupported where a profile of the port that carries nothing has an address, or the like."""
    found = nm.config_of(profile)
    if found.addresses or found.routes or found.rules:
        raise Unsupported(
            say("{path} gives {port} an address, too.", path=profile.path, port=port),
            say("Remove that profile, or its address."),
        )
    if profile.value("connection", "master") or profile.value("connection", "controller"):
        raise unknown_setting(profile.path, "connection.controller", port)


def _gone(
    wanted: BondSpec, every: list[Profile], carrier: Profile | None
) -> tuple[dict[str, str | None], list[Message]]:
    """The profiles of the ports alone, which would fight for them at the next boot: removed, and told."""
    texts: dict[str, str | None] = {}
    told = []
    for nic in _nics(wanted):
        for profile in (one for one in every if one.is_of(nic)):
            if nic.name != wanted.carrier:
                _free(nic.name, profile)
            if profile.path.startswith(f"{FOLDER}/"):
                texts[profile.path] = None
                id = profile.value("connection", "id")
                gone = say("The profile {id} of {port} is removed: {path}.", id=id, port=nic.name, path=profile.path)
                told += [] if profile is carrier else [gone]
    return texts, told


def _understood(wanted: BondSpec, profile: Profile) -> None:
    """Unsupported where the carrier's profile has a setting that has no known meaning for a bond."""
    path = profile.path
    if not path.startswith(f"{FOLDER}/"):
        raise Unsupported(
            say("{path} configures {carrier}, and NetworkManager writes it again.", path=path, carrier=wanted.carrier),
            say("Give {carrier} a profile of its own with nmcli; then read again.", carrier=wanted.carrier),
        )
    if not profile.starts:
        raise unknown_setting(path, "connection.autoconnect", wanted.carrier)
    for section in profile.sections:
        for key, value in profile.values(section).items():
            known = (
                section in (*WHOLE, *nm.PORT_SECTIONS)
                or (section == "connection" and (MOVED.fullmatch(key) or key in nm.IDENTITY[:7]))
                or (section == "ethernet" and (key in nm.OF_PORT or key == "mtu"))
            )
            mac = key != "cloned-mac-address" or value.lower() == wanted.mac
            legacy = section == "ipv4" and re.fullmatch(r"(address(es)?|routes?)\d*", key) and ";" in value
            if not known or not mac or legacy:
                raise unknown_setting(path, f"{section}.{key}", wanted.carrier)
        if section not in (*WHOLE, *nm.PORT_SECTIONS, "connection", "ethernet") and not profile.values(section):
            raise unknown_setting(path, f"[{section}]", wanted.carrier)


def _priority(
    wanted: BondSpec, every: list[Profile], nics: list[Nic], carrier: Profile | None, gone: dict[str, str | None]
) -> int:
    """The priority that the new profiles need at boot against those that also fit a port."""
    others = [profile for profile in every if profile.path not in gone and profile.starts
              and any(profile.is_of(nic) or profile.may_fit(nic) for nic in nics)]  # fmt: skip
    first = max([carrier.priority if carrier else 0, *(profile.priority + 1 for profile in others)])
    if first > MOST:
        raise Unsupported(
            say("{path} has the highest priority and fits {ports}, too.", path=others[0].path, ports=wanted.ports),
            say("Lower its connection.autoconnect-priority; then read the machine again."),
        )
    return first


def _beside(
    wanted: BondSpec, profile: Profile, carrier: Profile | None, gone: dict[str, str | None], every: list[Profile]
) -> str:
    """The new text of another profile: a VLAN that stands on the carrier; "" where nothing changes."""
    uuids = {one.value("connection", "uuid") for one in every if gone.get(one.path, "") is None} - {""}
    parent = profile.value("vlan", "parent")
    above = carrier is not None and profile.type == "vlan" and parent in (
        wanted.carrier, carrier.value("connection", "uuid"))  # fmt: skip
    if above and profile.iface not in dict(wanted.vlans):
        raise Unsupported(
            say("{path} makes the VLAN {name}, which is not there now.", path=profile.path, name=profile.iface or "?"),
            say("Bring it up, or remove {path}; then read the machine again.", path=profile.path),
        )
    if above and not profile.path.startswith(f"{FOLDER}/"):
        raise named_elsewhere(profile.path, wanted.carrier, f"parent={parent}")
    lines = []
    olds = {*wanted.ports, *(old for old, new in wanted.names.items() if old != new)}
    for line in profile.text.splitlines():
        key, equals, value = (part.strip() for part in line.partition("="))
        if above and equals and key in ("parent", "interface-name"):
            new = wanted.name if key == "parent" else wanted.names.get(value, value)
            line = f"{key}={new}"
        elif (
            equals and key not in ("id", "timestamp") and not line.startswith("#") and names_in(value, [*olds, *uuids])
        ):
            raise named_elsewhere(profile.path, names_in(value, [*olds, *uuids]), line)
        lines.append(line)
    if profile.iface in dict(wanted.vlans).values() and profile.iface not in dict(wanted.vlans):
        raise taken(profile.path, profile.iface)
    return "".join(f"{line}\n" for line in lines) if above else ""


def _file(sections: dict[str, list[str]], about: str) -> str:
    parts = []
    for name, lines in sections.items():
        kept = "\n".join(lines).strip("\n")
        parts.append(f"[{name}]\n{kept}\n" if kept else f"[{name}]\n")
    return f"# {WHO}: {about}.\n" + "\n".join(parts)


def _bond(wanted: BondSpec, profile: Profile | None, priority: int, metric: str) -> str:
    """The bond's profile; its routes keep their metric, so that they count as before beside those of other cards."""
    head = {
        "connection": [
            f"id={wanted.name}",
            f"uuid={_id_of(wanted.name + wanted.mac)}",
            "type=bond",
            f"interface-name={wanted.name}",
            *_first(priority),
        ],
        "bond": [f"mode={wanted.mode}", *(f"{name}={value}" for name, value in wanted.options.items())],
        "ethernet": [f"cloned-mac-address={wanted.mac}"],
    }
    about = say("a bond of {ports}", ports=" and ".join(wanted.ports))
    if profile is None:
        return _file(head | {"ipv4": ["method=disabled"], "ipv6": ["method=ignore"]}, about)
    kept = profile.values("connection").items()
    head["connection"] += [f"{key}={value}" for key, value in kept if MOVED.fullmatch(key)]
    mtu = profile.value("ethernet", "mtu")
    head["ethernet"] += [f"mtu={mtu}"] if mtu else []
    kept_whole = {name: profile.sections[name] for name in WHOLE if name in profile.sections}
    for section in nm.routed(profile):
        own = [line for line in kept_whole[section] if not line.startswith("route-metric")]
        kept_whole[section] = [*"\n".join(own).rstrip().split("\n"), f"route-metric={metric}"]
    return _file(head | kept_whole, about)


def _first(priority: int) -> list[str]:
    return [f"autoconnect-priority={priority}"] if priority else []


def _port(wanted: BondSpec, port: str, carrier: Profile | None, priority: int) -> str:
    """A port's profile; the carrier's keeps what is about its hardware."""
    name = f"{wanted.name}-{port}"
    lines = [
        f"id={name}",
        f"uuid={_id_of(name + wanted.mac)}",
        "type=ethernet",
        f"interface-name={port}",
        f"master={wanted.name}",
        "slave-type=bond",
        *_first(priority),
    ]
    sections = {"connection": lines}
    if carrier is not None and port == wanted.carrier:
        own = [f"{key}={value}" for key, value in carrier.values("ethernet").items()
               if key in nm.OF_PORT and not key.endswith("mac-address")]  # fmt: skip
        sections |= {"ethernet": own} if own else {}
        sections |= {name: carrier.sections[name] for name in nm.PORT_SECTIONS if name in carrier.sections}
    return _file(sections, say("a port of {name}", name=wanted.name))


def _id_of(name: str) -> str:
    """The id of a profile that is made here: the same for the same name."""
    import uuid

    return str(uuid.uuid5(uuid.UUID(SPACE), name))
