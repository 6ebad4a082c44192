"""Machines whose ports shall form a bond: one for each tool that configures the network, and a CentOS 7.9."""

from __future__ import annotations

from sriov_tui.hosts.machine import Machine, put_dir, put_file
from sriov_tui.model import BondChoice, BondMode, Choices, NicChoice
from tests import driver_machines, machines
from tests.builder import Builder
from tests.mellanox_machines import PF0, PF1

IGB0, IGB1 = "0000:01:00.0", "0000:02:00.0"
SLICE = "/sys/fs/cgroup/system.slice"
SERVICES = {"NetworkManager": "NetworkManager.service", "systemd-networkd": "systemd-networkd.service"}
STATIC = {  # the files that give enp2s0 192.0.2.7/24, and enp2s0.100 203.0.113.7/24
    "ifupdown": {
        "/etc/network/interfaces": "auto lo enp2s0 enp2s0.100\niface lo inet loopback\niface enp2s0 inet static\n"
        "    address 192.0.2.7/24\niface enp2s0.100 inet static\n    address 203.0.113.7/24\n"
        "    vlan-raw-device enp2s0\n"
    },
    "network-scripts": {
        "/etc/sysconfig/network-scripts/ifcfg-enp2s0": "DEVICE=enp2s0\nONBOOT=yes\nIPADDR=192.0.2.7\nPREFIX=24\n",
        "/etc/sysconfig/network-scripts/ifcfg-enp2s0.100": "DEVICE=enp2s0.100\nVLAN=yes\n"
        "ONBOOT=yes\nIPADDR=203.0.113.7\n",
        "/run/lock/subsys/network": "",
    },
    "NetworkManager": {
        "/etc/NetworkManager/system-connections/a.nmconnection": "[connection]\nid=a\nuuid=u-1\ntype=ethernet\n"
        "interface-name=enp2s0\n[ipv4]\naddress1=192.0.2.7/24\nmethod=manual\n",
        "/etc/NetworkManager/system-connections/v.nmconnection": "[connection]\nid=v\nuuid=u-2\ntype=vlan\n"
        "interface-name=enp2s0.100\n[vlan]\nid=100\nparent=enp2s0\n[ipv4]\naddress1=203.0.113.7/24\nmethod=manual\n",
    },
    "systemd-networkd": {
        "/etc/systemd/network/10-a.network": "[Match]\nName=enp2s0\n[Network]\nAddress=192.0.2.7/24\nVLAN=enp2s0.100\n",
        "/etc/systemd/network/20-v.netdev": "[NetDev]\nName=enp2s0.100\nKind=vlan\n[VLAN]\nId=100\n",
        "/etc/systemd/network/20-v.network": "[Match]\nName=enp2s0.100\n[Network]\nAddress=203.0.113.7/24\n",
    },
    "netplan": {
        "/etc/netplan/50-a.yaml": "network:\n  version: 2\n  ethernets:\n    enp2s0:\n      addresses: [192.0.2.7/24]\n"
        "  vlans:\n    enp2s0.100: {id: 100, link: enp2s0, addresses: [203.0.113.7/24]}\n"
    },
}
TOOLS = tuple(STATIC)


def configured(machine: Machine, tool: str, files: dict[str, str] | None = None) -> Machine:
    """The machine with this tool in use, and these files of it."""
    put_dir(machine, "/sys/devices/virtual/net")
    for folder in ("/etc/network/interfaces.d", "/etc/netplan", "/etc/NetworkManager/system-connections",
                   "/etc/sysconfig/network-scripts", "/etc/systemd/network", SLICE):  # fmt: skip
        put_dir(machine, folder)
    put_dir(machine, f"{SLICE}/{SERVICES.get(tool, 'ssh.service')}")
    idle = {
        "ifupdown": {"/etc/network/interfaces": "auto mgmt0\niface mgmt0 inet dhcp\n"},
        "network-scripts": {"/etc/sysconfig/network-scripts/ifcfg-mgmt0": "DEVICE=mgmt0\n",
                            "/run/lock/subsys/network": ""},
        "systemd-networkd": {"/etc/systemd/network/10-mgmt0.network": "[Match]\nName=mgmt0\n[Network]\nDHCP=yes\n"},
        "netplan": {"/etc/netplan/50-a.yaml": "network:\n  ethernets:\n    mgmt0: {dhcp4: true}\n"},
    }  # fmt: skip
    for path, text in (idle.get(tool, {}) if files is None else files).items():
        put_file(machine, path, text, 0o600)
    return machine


def carrying(tool: str, session: bool = False) -> Machine:
    """Two igb ports; the second has an address and a VLAN with another, by this tool."""
    builder = Builder(f"bond-{tool}", f"Two igb ports, one in use, configured by {tool}.")
    machine = configured(machines.igb_on(builder), tool, STATIC[tool])
    row = next(row for row in machine.netlink["links"] if row["name"] == "enp2s0")
    builder.link(
        row
        | {
            "name": "enp2s0.100",
            "kind": "vlan",
            "parent": row["index"],
            "vlan": 100,
            "index": 0,
            "up": True,
            "carrier": True,
        }
    )
    put_dir(machine, "/sys/class/net/enp2s0.100")
    builder.address("enp2s0", "192.0.2.7", 24)
    builder.address("enp2s0.100", "203.0.113.7", 24)
    row |= {"up": True, "carrier": True}
    if session:
        machine.environment["SSH_CONNECTION"] = "192.0.2.1 50000 192.0.2.7 22"
    return machine


def centos79() -> Machine:
    """CentOS 7.9 on Cloudpods' kernel: a bare ConnectX-6 Dx, the vendor driver's image on the disk, network-scripts."""
    return configured(driver_machines.centos7(), "network-scripts")


def bond(mode: BondMode = "802.3ad", ports: tuple[str, ...] = (PF0, PF1), over_session: bool = False) -> BondChoice:
    """The wish for bond0."""
    return BondChoice(mode=mode, ports=ports, over_session=over_session)


def wish(mode: BondMode = "802.3ad", numvfs: int | None = None, use: str = "offload") -> Choices:
    """Both ports of the ConnectX in bond0, on one platform network."""
    nics = tuple(
        NicChoice(address=address, use="offload" if use == "offload" else "sriov", numvfs=numvfs, bridge="br1",
                  wire="bcast0")
        for address in (PF0, PF1)
    )  # fmt: skip
    return Choices(nics=nics, bonds=(bond(mode),))
