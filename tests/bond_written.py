"""A `Spec` in the files of each tool, in one of the many ways that the tool allows."""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

from tests.bond_specs import NICS, PORT, Files, Spec, Written


def ifupdown(random: Random, spec: Spec) -> Written:
    """Stanzas, in the main file or in one of interfaces.d, with aliases or several stanzas for more addresses."""
    out = Written()
    kind = spec.bad[0]
    lines = ["# by hand", "source /etc/network/interfaces.d/*" if kind != "source" else "source /opt/net/*", "",
             random.choice(["auto lo", f"auto lo {spec.name}"]), "iface lo inet loopback", ""]  # fmt: skip
    mine = [] if spec.name in lines[3] else [f"{random.choice(['auto', 'allow-hotplug'])} {spec.name}"]
    mine += _stanzas(random, spec, kind)
    for above in spec.vlans:
        mine += ["", f"auto {above.name}", *_stanzas(random, above, "")]
    if kind == "mapping":
        mine.append("mapping ens*\n    script /bin/x")
    if kind == "bridge":
        mine += ["iface br0 inet manual", f"    bridge_ports {spec.name}"]
    if kind == "taken":
        mine.append("iface bond0 inet manual")
    mine += {"free": ["iface ens1 inet dhcp"], "": random.choice([[], ["iface ens1 inet manual"]])}.get(kind, [])
    other = ["auto ens3", "iface ens3 inet static", "    address 198.51.100.3/24", f"    # beside {spec.name}"]
    if random.random() < 0.5:
        out.files["/etc/network/interfaces.d/own"] = "\n".join(mine) + "\n"
    else:
        lines += mine
    out.files["/etc/network/interfaces.d/other"] = "\n".join(other) + "\n"
    out.others.append("/etc/network/interfaces.d/other")
    out.files["/etc/network/interfaces"] = "\n".join(lines) + random.choice(["\n", "\n\n", ""])
    return out


def _stanzas(random: Random, spec: Spec, kind: str) -> list[str]:
    indent = random.choice(["    ", "\t", "  "])
    lines: list[str] = []
    body = [f"mtu {spec.mtu}"] if spec.mtu else []
    body += [f"dns-nameservers {' '.join(spec.dns)}"] if spec.dns else []
    body += [f"{random.choice(['up', 'post-up'])} ip route add {to} via {by} dev {spec.name}" for to, by in spec.routes]
    body += [f"gateway {spec.gateway}"] if spec.gateway else []
    body += {"option": ["wpa-driver wired"], "hook": [f"post-up ethtool -K {spec.name} tso off"]}.get(kind, [])
    if spec.vlan and random.random() < 0.5:
        body.append(f"vlan-raw-device {PORT}")
    for number, address in enumerate(spec.v4):
        label = f"{spec.name}:{number}" if number and random.random() < 0.4 else spec.name
        ip = address.partition("/")[0]
        split = random.random() < 0.3
        lines.append(f"iface {label} inet {'tunnel' if kind == 'tie' else 'static'}")
        lines += (
            [f"{indent}address {ip}", f"{indent}netmask 255.255.255.0"] if split else [f"{indent}address {address}"]
        )
        lines += [indent + line for line in body]
        body = []
    if spec.dhcp4:
        lines += [f"iface {spec.name} inet {'ppp' if kind == 'tie' else 'dhcp'}", *(indent + line for line in body)]
    if not lines and (body or not spec.v6):
        lines += [f"iface {spec.name} inet manual", *(indent + line for line in body)]
    for address in spec.v6:
        lines += [f"iface {spec.name} inet6 static", f"{indent}address {address}"]
    return lines


def scripts(random: Random, spec: Spec) -> Written:
    """ifcfg files, named as they are or by DEVICE or HWADDR; numbered addresses or aliases; routes beside them."""
    out, at, kind = Written(), "/etc/sysconfig/network-scripts", spec.bad[0]
    for one in (spec, *spec.vlans):
        out.files |= _ifcfg(random, one, at, spec.bad)
    if kind == "tie":
        out.files[f"{at}/ifcfg-copy"] = f"DEVICE={spec.name}\nIPADDR=203.0.113.1\n"
        first = next(path for path in out.files if path.endswith((f"ifcfg-{spec.name}", "ifcfg-uplink")))
        out.files[first] = f"DEVICE={spec.name}\n" + out.files[first].replace("DEVICE", "#")
    if kind == "free":
        out.files[f"{at}/ifcfg-ens1"] = random.choice(
            ["BOOTPROTO=dhcp\n", "IPADDR=1.2.3.4\n", "IPV6ADDR=2001:db8::9/64\n"]
        )
    elif random.random() < 0.5:
        out.files[f"{at}/ifcfg-ens1"] = "DEVICE=ens1\nONBOOT=no\nBOOTPROTO=dhcp\n"
    if kind == "taken":
        out.files[f"{at}/ifcfg-bond0"] = "DEVICE=bond0\n"
    for name, text in (("ifcfg-ens3", "DEVICE=ens3\nIPADDR=198.51.100.3\nPREFIX=24\n"), ("ifcfg-lo", "DEVICE=lo\n"),
                       ("ifcfg-ens2.bak", "DEVICE=ens2\nIPADDR=203.0.113.77\n")):  # fmt: skip
        out.files[f"{at}/{name}"] = text
        out.others.append(f"{at}/{name}")
    return out


def _ifcfg(random: Random, one: Spec, at: str, bad: tuple[str, str]) -> Files:
    """The files of one interface."""
    files: Files = {}
    quote = random.choice(['"', "'", ""])
    named = random.choice(["DEVICE", "name", "HWADDR"]) if not one.vlan else "DEVICE"
    path = f"{at}/ifcfg-{one.name}" if named != "HWADDR" else f"{at}/ifcfg-uplink"
    lines = ["# by anaconda"] if random.random() < 0.5 else []
    by = {"DEVICE": f"DEVICE={quote}{one.name}{quote}", "HWADDR": f"HWADDR={NICS.get(one.name, '').upper()}"}
    lines += [by[named]] if named in by else []
    lines += [f"ONBOOT={'no' if bad[0] == 'onboot' and not one.vlan else 'yes'}"]
    lines += [f"BOOTPROTO={'dhcp' if one.dhcp4 else random.choice(['none', 'static'])}"]
    lines += ["VLAN=yes"] if one.vlan else []
    alias = len(one.v4) > 1 and named == "DEVICE" and random.random() < 0.4
    for number, address in enumerate(one.v4):
        ip, _, length = address.partition("/")
        n = str(number) if number else ""
        if number and alias:
            files[f"{at}/ifcfg-{one.name}:{n}"] = f"DEVICE={one.name}:{n}\nIPADDR={ip}\nPREFIX={length}\n"
            continue
        lines += [f"IPADDR{n}={quote}{ip}{quote}", random.choice([f"PREFIX{n}={length}", f"NETMASK{n}=255.255.255.0"])]
    lines += [f"IPV6ADDR={one.v6[0]}"] if one.v6 else []
    lines += [f"GATEWAY={one.gateway}"] if one.gateway else []
    lines += [f"DNS{n}={dns}" for n, dns in enumerate(one.dns, 1)] + ([f"MTU={one.mtu}"] if one.mtu else [])
    lines += ["ZONE=internal"] if random.random() < 0.3 else []
    if not one.vlan:
        lines += {"key": [f"{bad[1]}=x0"], "shell": ["IPADDR9=$(hostname -i)"]}.get(bad[0], [])
    if one.routes:
        dev = random.choice(["", f" dev {one.name}"])
        files[f"{at}/route-{one.name}"] = "".join(f"{to} via {gw}{dev}\n" for to, gw in one.routes)
    return files | {path: "\n".join(lines) + "\n"}


def networkmanager(random: Random, spec: Spec) -> Written:
    """Keyfiles by interface or MAC, active or the only one; dead profiles, and one that fits every port, beside."""
    out, at, kind = Written(), "/etc/NetworkManager/system-connections", spec.bad[0]
    uuid = "0f0f0f0f-0000-4000-8000-000000000001"
    for number, one in enumerate((spec, *spec.vlans)):
        lines = ["[connection]", f"id={one.name} by hand"]
        lines += [
            f"uuid={uuid[:-1]}{number + 1}",
            f"type={'vlan' if one.vlan else random.choice(['ethernet', '802-3-ethernet'])}",
        ]
        by_mac = not one.vlan and random.random() < 0.3
        lines += [] if by_mac else [f"interface-name={one.name}"]
        lines += ["zone=internal"] if random.random() < 0.3 else []
        lines += ["autoconnect=false"] if kind == "onboot" and not one.vlan else []
        ether = [f"mac-address={NICS[one.name].upper()}"] if by_mac else []
        ether += [f"mtu={one.mtu}"] if one.mtu else []
        lines += ["", f"[{random.choice(['ethernet', '802-3-ethernet'])}]", *ether] if ether else []
        lines += ["", "[vlan]", f"id={one.vlan}", f"parent={random.choice([PORT, uuid])}"] if one.vlan else []
        lines += ["", "[ipv4]", f"method={'auto' if one.dhcp4 else 'manual' if one.v4 else 'disabled'}"]
        inline = bool(one.gateway) and random.random() < 0.5
        lines += [f"address{n}={a}{',' + one.gateway if inline and n == 1 else ''}" for n, a in enumerate(one.v4, 1)]
        lines += [f"gateway={one.gateway}"] if one.gateway and not inline else []
        lines += [f"dns={';'.join(one.dns)};"] if one.dns else []
        lines += [f"route{n}={to},{by}" for n, (to, by) in enumerate(one.routes, 1)]
        lines += ["", "[ipv6]", f"method={'manual' if one.v6 else random.choice(['ignore', 'disabled'])}"]
        lines += [f"address{n}={a}" for n, a in enumerate(one.v6, 1)]
        if not one.vlan:
            lines += {"section": [f"[{spec.bad[1]}]", "x=1"]}.get(kind, [])
            lines += ["", "[ethtool]", "ring-rx=4096"] if random.random() < 0.2 else []
        out.files[f"{at}/{one.name} by hand.nmconnection"] = "\n".join(lines) + "\n"
    dead = _keyfile("twin", "ethernet", PORT, "[ipv4]\nmethod=manual\naddress1=203.0.113.5/24\n")
    if kind == "tie":
        out.files[f"{at}/a twin.nmconnection"] = dead
    elif kind != "onboot" and random.random() < 0.4:
        out.files[f"{at}/a twin.nmconnection"] = dead
        out.files["/run/NetworkManager/devices/3"] = f"[device]\nmanaged=true\nconnection-uuid={uuid}\n"
    if kind == "unmanaged":
        out.files["/run/NetworkManager/devices/3"] = f"[device]\nmanaged=false\nconnection-uuid={uuid}\n"
    extra = {
        "refers": {"vpn": f"[connection]\nid=vpn\ntype=dummy\ninterface-name=d0\nsecondaries={uuid};\n"},
        "taken": {"x": "[connection]\nid=x\ntype=bond\ninterface-name=bond0\n"},
        "free": {"f": _keyfile("f", "ethernet", "ens1", "[ipv6]\nmethod=manual\naddress1=2001:db8::9/64\n")},
    }.get(kind, {})
    out.files |= {f"{at}/{name}.nmconnection": text for name, text in extra.items()}
    others = {"ens3": _keyfile("ens3", "ethernet", "ens3", "[ipv4]\nmethod=manual\naddress1=198.51.100.3/24\n")}
    if random.random() < 0.3:
        others["any"] = "[connection]\nid=any\nuuid=u-any\ntype=ethernet\n[ipv4]\nmethod=auto\n"
    out.files |= {f"{at}/{name}.nmconnection": text for name, text in others.items()}
    out.others += [f"{at}/{name}.nmconnection" for name in others]
    return out


def _keyfile(id: str, kind: str, name: str, more: str) -> str:
    return f"[connection]\nid={id}\nuuid=u-{id}\ntype={kind}\ninterface-name={name}\n{more}"


def networkd(random: Random, spec: Spec) -> Written:
    """.network and .netdev files by name, glob or MAC, with sections or lines, drop-ins, and files that come later."""
    out, at, kind = Written(), "/etc/systemd/network", spec.bad[0]
    for one in (spec, *spec.vlans):
        match = f"Name={one.name}" if one.vlan else _match(random, one)
        match += "\nDriver=igb" if kind == "match" and not one.vlan else ""
        lines = ["# by hand", "[Match]", match, "", "[Network]"]
        lines += [f"DHCP={'ipv4' if one.dhcp4 else 'no'}", "IPv6AcceptRA=no"]
        lines += [f"VLAN={above.name}" for above in one.vlans]
        sections: list[str] = []
        for address in (*one.v4, *one.v6):
            if random.random() < 0.3:
                sections += ["", "[Address]", f"Address={address}"]
            else:
                lines.append(f"Address={address}")
        lines += [f"Gateway={one.gateway}"] if one.gateway else []
        lines += [f"DNS={' '.join(one.dns)}"] if one.dns else []
        for to, by in one.routes:
            sections += ["", "[Route]", f"Destination={to}", f"Gateway={by}"]
        if not one.vlan:
            lines += {"key": ["Bridge=br0"]}.get(kind, [])
            sections += {"section": ["", "[QDisc]", "Parent=root"]}.get(kind, [])
        mtu = ["", "[Link]", f"MTUBytes={one.mtu}"] if one.mtu else []
        name = f"{random.choice(['10', '50'])}-{one.name}.network"
        if mtu and random.random() < 0.3:
            out.files[f"{at}/{name}.d/mtu.conf"] = "\n".join(mtu[1:]) + "\n"
            mtu = []
        out.files[f"{at}/{name}"] = "\n".join(lines + mtu + sections) + "\n"
        if one.vlan:
            out.files[f"{at}/20-{one.name}.netdev"] = f"[NetDev]\nName={one.name}\nKind=vlan\n\n[VLAN]\nId={one.vlan}\n"
    if kind == "free":
        out.files[f"{at}/05-free.network"] = "[Match]\nName=ens1\n[Network]\nAddress=203.0.113.9/24\n"
    if kind == "taken":
        out.files[f"{at}/30-bond.netdev"] = "[NetDev]\nName=bond0\nKind=bond\n"
    others = {f"{at}/00-ens3.network": "[Match]\nName=ens3\n[Network]\nAddress=198.51.100.3/24\n",
              "/usr/lib/systemd/network/99-default.network": "[Match]\nName=en*\n[Network]\nDHCP=yes\n"}  # fmt: skip
    out.files |= others
    out.others += list(others)
    return out


def _match(random: Random, one: Spec) -> str:
    """By name, MAC, glob or what it is not; a MAC alone would fit the VLANs above, too."""
    by = random.choice([f"Name={one.name}", f"MACAddress={NICS[one.name]}", "Name=ens[2]", "Name=!ens1 ens3 lo v* *.*"])
    return by + ("\nType=ether" if ("MAC" in by and one.vlans) or random.random() < 0.5 else "")


def netplan(random: Random, spec: Spec) -> Written:
    """One file or two layers of it, by id, by set-name and MAC or by a glob; old and new words for gateways."""
    out, at, kind = Written(), "/etc/netplan", spec.bad[0]
    id = random.choice([spec.name, "uplink", "aglob"]) if kind not in ("glob", "run") else "uplink"
    matches: dict[str, dict[str, object]] = {
        "uplink": {"match": {"macaddress": NICS[PORT]}, "set-name": PORT},
        "aglob": {"match": {"name": "ens2*"}},
    }
    match = {"match": {"name": "ens*"}} if kind == "glob" else matches.get(id, {})
    body: dict[str, object] = {**match, **_yaml_body(random, spec)}
    body |= {spec.bad[1]: {}} if kind == "key" else {}
    ethernets: dict[str, object] = {id: body}
    if kind == "free":
        ethernets["ens1"] = random.choice([{"dhcp4": True}, {"addresses": ["2001:db8::9/64"]}])
    network: dict[str, object] = {"version": 2, "ethernets": ethernets}
    vlans = {one.name: {"id": one.vlan, "link": id, **_yaml_body(random, one)} for one in spec.vlans}
    network |= {"vlans": vlans} if vlans else {}
    network |= {"bridges": {"br0": {"interfaces": [id]}}} if kind == "bridge" else {}
    network |= {"bonds": {"bond0": {"interfaces": []}}} if kind == "taken" else {}
    first: dict[str, object] = {"network": {"ethernets": {id: {**match, "dhcp4": True}}}}
    if random.random() < 0.3:
        out.files[f"{at}/10-installer.yaml"] = _yaml(first)
        body.setdefault("dhcp4", False)
    out.files[f"{at}/60-own.yaml"] = "# by hand\n" + _yaml({"network": network})
    if kind == "run":
        out.files["/run/netplan/50-run.yaml"] = _yaml(first)
    other = {"network": {"ethernets": {"ens3": {"addresses": ["198.51.100.3/24"]}}}}
    if kind != "glob":
        out.files[f"{at}/20-other.yaml"] = _yaml(other)
        out.others.append(f"{at}/20-other.yaml")
    return out


def _yaml_body(random: Random, spec: Spec) -> dict[str, object]:
    body: dict[str, object] = {}
    body |= {"dhcp4": True} if spec.dhcp4 else random.choice([{}, {"dhcp4": False}])
    body |= {"addresses": [*spec.v4, *spec.v6]} if spec.v4 or spec.v6 else {}
    routes = [{"to": to, "via": by} for to, by in spec.routes]
    if spec.gateway and random.random() < 0.4:
        body["gateway4"] = spec.gateway
    elif spec.gateway:
        routes.append({"to": random.choice(["default", "0.0.0.0/0"]), "via": spec.gateway})
    body |= {"routes": routes} if routes else {}
    body |= {"nameservers": {"addresses": list(spec.dns)}} if spec.dns else {}
    body |= {"mtu": spec.mtu} if spec.mtu else {}
    body |= {"accept-ra": False} if random.random() < 0.2 else {}
    return body


def _yaml(document: object) -> str:
    from ruamel.yaml import YAML

    stream = io.StringIO()
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    yaml.dump(document, stream)
    return stream.getvalue()


RENDER: dict[str, Callable[[Random, Spec], Written]] = {
    "ifupdown": ifupdown,
    "network-scripts": scripts,
    "NetworkManager": networkmanager,
    "systemd-networkd": networkd,
    "netplan": netplan,
}
