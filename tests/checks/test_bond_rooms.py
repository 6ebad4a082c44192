"""Each tool's files and commands for a bond, word for word; and the tools' own parsers take them.

`python -m tests.checks.test_bond_rooms` writes the golden files: read them before you commit them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from checks.bonding import (
    BondChanges,
    BondSpec,
    Files,
    Unsupported,
    ifcfg,
    ifupdown,
    keyfile,
    layers,
    netplan,
    network_files,
    networkd,
    profiles,
    renamed,
    scripts,
    stanzas,
)
from sriov_tui.model import BOND_CHOICES

GOLDEN = Path(__file__).parents[1] / "golden" / "bonds"
IDLE = BondSpec(name="bond0", mode="802.3ad", ports=("ens1", "ens2"), macs=("02:00:00:00:00:01", "02:00:00:00:00:02"),
              mac="02:00:00:00:00:01")  # fmt: skip
CARRIES = replace(IDLE, mode="active-backup", mac="02:00:00:00:00:02", carrier="ens2",
                  vlans=(("ens2.100", "bond0.100"),))  # fmt: skip

INTERFACES = """\
# by hand
source /etc/network/interfaces.d/*

auto lo ens2 ens2.100
iface lo inet loopback

# the network of the house
iface ens2 inet static
    address 192.0.2.7/24
    gateway 192.0.2.1
    dns-nameservers 192.0.2.1
    up ip route add 198.51.100.0/24 via 192.0.2.2 dev ens2
iface ens2 inet6 static
    address 2001:db8::7/64

allow-hotplug ens1
iface ens1 inet manual

iface ens2.100 inet static
    address 203.0.113.7/24
    vlan-raw-device ens2
"""
IFCFG = {
    f"{ifcfg.FOLDER}/ifcfg-ens2": 'TYPE="Ethernet"\nNAME="ens2"\nDEVICE="ens2"\nUUID="0f4c"\n'
    'HWADDR=02:00:00:00:00:02\nONBOOT="yes"\nBOOTPROTO=none\nIPADDR=192.0.2.7\nPREFIX=24\nGATEWAY=192.0.2.1\nDNS1=192.0.2.1\nMTU=9000\n',
    f"{ifcfg.FOLDER}/ifcfg-ens1": "DEVICE=ens1\nONBOOT=no\nBOOTPROTO=none\n",
    f"{ifcfg.FOLDER}/ifcfg-ens2.100": "DEVICE=ens2.100\nVLAN=yes\nONBOOT=yes\nBOOTPROTO=none\n"
    "IPADDR=203.0.113.7\nPREFIX=24\n",
    f"{ifcfg.FOLDER}/route-ens2": "198.51.100.0/24 via 192.0.2.2 dev ens2\n",
}
PROFILES = {
    f"{profiles.FOLDER}/wired.nmconnection": "[connection]\nid=wired\nuuid=7c5a3e0e-0f0b-4a1b-9a77-8f7a3a1f5b10\n"
    "type=ethernet\ninterface-name=ens2\n\n[ethernet]\nmtu=9000\n\n[ipv4]\naddress1=192.0.2.7/24,192.0.2.1\n"
    "dns=192.0.2.1;\nmethod=manual\nroute1=198.51.100.0/24,192.0.2.2\n\n[ipv6]\nmethod=ignore\n",
    f"{profiles.FOLDER}/vlan.nmconnection": "[connection]\nid=vlan\nuuid=1b2d9a5e-6f6d-4a3e-8f1a-7a8b9c0d1e2f\n"
    "type=vlan\ninterface-name=ens2.100\n\n[vlan]\nid=100\nparent=7c5a3e0e-0f0b-4a1b-9a77-8f7a3a1f5b10\n\n[ipv4]\n"
    "address1=203.0.113.7/24\nmethod=manual\n",
}
NETWORKS = {
    f"{network_files.FOLDER}/10-wired.network": "[Match]\nName=ens?\nName=!ens9\n\n[Link]\nMTUBytes=9000\n\n[Network]\n"
    "Address=192.0.2.7/24\nGateway=192.0.2.1\nVLAN=ens2.100\n",
    f"{network_files.FOLDER}/20-vlan.netdev": "[NetDev]\nName=ens2.100\nKind=vlan\n\n[VLAN]\nId=100\n",
    f"{network_files.FOLDER}/20-vlan.network": "[Match]\nName=ens2.100\n\n[Network]\nAddress=203.0.113.7/24\n",
}
YAML = """\
# made by the installer
network:
  version: 2
  renderer: networkd
  ethernets:
    mgmt0:
      dhcp4: true  # leave it
    uplink:
      match:
        macaddress: "02:00:00:00:00:02"
      set-name: ens2
      mtu: 9000
      addresses:
        - 192.0.2.7/24
      routes:
        - to: 0.0.0.0/0
          via: 192.0.2.1
      nameservers: {addresses: [192.0.2.1]}
  vlans:
    ens2.100:
      id: 100
      link: uplink
      addresses: ["203.0.113.7/24"]
"""
GENERATE = shutil.which("generate", path=f"/usr/libexec/netplan:/usr/lib/netplan:{os.environ['PATH']}")
Room = Callable[[BondSpec, Files], BondChanges]
CASES: dict[str, tuple[Room, BondSpec, Files]] = {
    "ifupdown-idle": (ifupdown.make, IDLE, {stanzas.MAIN: "auto lo\niface lo inet loopback\n"}),
    "ifupdown": (ifupdown.make, CARRIES, {stanzas.MAIN: INTERFACES}),
    "network-scripts-idle": (scripts.make, IDLE, {}),
    "network-scripts": (scripts.make, CARRIES, IFCFG),
    "networkmanager-idle": (keyfile.make, IDLE, {}),
    "networkmanager": (keyfile.make, CARRIES, PROFILES),
    "networkmanager-ifcfg": (keyfile.make, CARRIES, IFCFG),
    "networkd-idle": (networkd.make, IDLE, {}),
    "networkd": (networkd.make, CARRIES, NETWORKS),
    "netplan-idle": (netplan.make, IDLE, {}),
    "netplan": (netplan.make, CARRIES, {f"{layers.FOLDER}/50-cloud-init.yaml": YAML}),
}


def text_of(recipe: BondChanges) -> str:
    """The recipe as a text to read: the commands with their undo, then every file."""
    lines = [f"$ {' '.join(run.argv)}\n    undo: {' '.join(run.undo) or '-'}\n" for run in recipe.before]
    for path, text in recipe.files.items():
        lines.append(f"--- {path} ({recipe.mode:o})\n{text}" if text is not None else f"--- {path}: removed\n")
    lines += [f"$ {' '.join(run.argv)}\n    undo: {' '.join(run.undo) or '-'}\n" for run in recipe.after]
    return "".join(lines)


def made(name: str) -> BondChanges:
    """The recipe of a case."""
    room, wanted, files = CASES[name]
    return room(wanted, files)


@pytest.mark.parametrize("name", CASES)
def test_files_and_commands_word_for_word(name: str) -> None:
    assert text_of(made(name)) == (GOLDEN / f"{name}.txt").read_text()


@pytest.mark.parametrize(
    ("room", "files", "words"),
    [
        (ifupdown.make, {stanzas.MAIN: INTERFACES.replace("ens1 inet manual", "ens1 inet dhcp")}, "ens1, too"),
        (ifupdown.make, {stanzas.MAIN: "mapping ens1\n  script x\n"}, "mapping"),
        (ifupdown.make, {}, "No stanza"),
        (scripts.make, {}, "No file"),
        (scripts.make, IFCFG | {f"{ifcfg.FOLDER}/ifcfg-ens1": "BOOTPROTO=dhcp\n"}, "ens1, too"),
        (scripts.make, IFCFG | {f"{ifcfg.FOLDER}/ifcfg-ens1": "IPADDR=1.2.3.4\n"}, "an address, too"),
        (keyfile.make, {}, "No profile"),
        (networkd.make, {}, "No file"),
        (networkd.make, {p: t for p, t in NETWORKS.items() if not p.endswith("vlan.netdev")}, "No .netdev"),
        (netplan.make, {}, "No file"),
        (netplan.make, {"/etc/netplan/a.yaml": "a: [\n"}, "no YAML"),
        (netplan.make, {"/etc/netplan/a.yaml": "a: 1\n"}, "no network"),
        (netplan.make, {"/etc/netplan/a.yaml": YAML.replace("mgmt0", "ens1")}, "ens1, too"),
    ],
)
def test_what_is_not_understood_is_refused(room: Room, files: Files, words: str) -> None:
    with pytest.raises(Unsupported) as refused:
        room(CARRIES, files)
    assert words in refused.value.why


def test_only_whole_names_are_replaced() -> None:
    names = {"ens2": "bond0", "ens2.100": "bond0.100"}
    text = "ens2 ens2.100 ens20 xens2 ens2-x ens2.1000 dev=ens2, ens2:"
    assert renamed(text, names) == "bond0 bond0.100 ens20 xens2 ens2-x ens2.1000 dev=bond0, bond0:"


def write(recipe: BondChanges, files: Files, root: Path) -> None:
    """Put the files below a directory, as they are once the bond is made."""
    for path, text in {**files, **recipe.files}.items():
        target = root / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        if text is not None:
            target.write_text(text)
            target.chmod(recipe.mode)


@pytest.mark.subprocess
@pytest.mark.skipif(not shutil.which("nmcli"), reason="nmcli is not installed here")
@pytest.mark.parametrize("name", ["networkmanager-idle", "networkmanager"])
def test_networkmanager_takes_its_profiles(name: str) -> None:
    """nmcli reads each profile, and says all of it again."""
    for path, text in made(name).files.items():
        if text is None:
            continue
        done = subprocess.run(["nmcli", "--offline", "connection", "modify", "connection.autoconnect", "yes"],
                              input=text, capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, f"{path}: {done.stderr}"
        lines = [line for line in text.splitlines() if "=" in line and not line.startswith(("uuid", "slave-", "#"))]
        assert {line for line in lines if line not in done.stdout.splitlines()} <= {"master=bond0"}, done.stdout


@pytest.mark.subprocess
@pytest.mark.skipif(not shutil.which("ifup"), reason="ifupdown is not installed here")
@pytest.mark.parametrize("name", ["ifupdown-idle", "ifupdown"])
def test_ifup_would_make_the_bond(name: str, tmp_path: Path) -> None:
    recipe, (_, wanted, files) = made(name), CASES[name]
    write(recipe, {path: text.replace("source ", "# source ") for path, text in files.items()}, tmp_path)
    argv = ["ifup", "--no-act", "--force", "-v", "-i", str(tmp_path / "etc/network/interfaces"), "--state-dir",
            str(tmp_path), "bond0"]  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    for port in wanted.ports:
        assert f"ip link set {port} master bond0" in said
    assert said.index(f"type bond mode {wanted.mode}") < said.index("master bond0")


@pytest.mark.subprocess
@pytest.mark.skipif(not GENERATE, reason="netplan is not installed here")
@pytest.mark.parametrize("name", ["netplan-idle", "netplan"])
def test_netplan_takes_it(name: str, tmp_path: Path) -> None:
    recipe, (_, wanted, files) = made(name), CASES[name]
    write(recipe, files, tmp_path)
    argv = [GENERATE or "", "--root-dir", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made_files = {path.name: path.read_text() for path in (tmp_path / "run/systemd/network").iterdir()}
    assert f"Mode={wanted.mode}" in made_files["10-netplan-bond0.netdev"]
    assert sum("Bond=bond0" in text for text in made_files.values()) == 2


def test_every_mode_has_its_own_options() -> None:
    for mode in BOND_CHOICES:
        options = replace(CARRIES, mode=mode).options
        assert ("primary" in options) == (mode == "active-backup")
        assert ("xmit_hash_policy" in options) == (mode != "active-backup")


def main() -> None:
    """Write the golden files."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name in CASES:
        (GOLDEN / f"{name}.txt").write_text(text_of(made(name)))


if __name__ == "__main__":
    main()
