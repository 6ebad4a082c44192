"""Bonds out of sysfs, the hw-tc-offload feature, who manages the links, and the two mlx5 drivers."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from sriov_tui.facts import Bond, BondPort, Feature, Lacp, Mlx5Driver
from sriov_tui.hosts.ethtool import hw_tc_offload
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_dir, put_file, remove
from sriov_tui.hosts.recorded import RecordedHost, RecordingHost
from sriov_tui.probe import gather
from tests import machines

BONDING = "/sys/devices/virtual/net/bond0/bonding"
PORT = "/sys/devices/pci0000:00/0000:00:01.0/0000:03:00.{}/net/enp3s0f{}np{}/bonding_slave"
PORTS = ("enp3s0f0np0", "enp3s0f1np1")
UPPER = "/sys/fs/cgroup/system.slice"


def bond_of(machine: Machine) -> Bond:
    link = gather(RecordedHost(machine)).link("bond0")
    assert link is not None
    assert link.bond is not None
    return link.bond


def with_bond(files: dict[str, str]) -> Machine:
    machine = machines.bond_ssh()
    for path in (BONDING, *(PORT.format(port, port, port) for port in (0, 1))):
        remove(machine, path)
    for name, value in files.items():
        put_file(machine, f"{BONDING}/{name}", value)
    return machine


LACP = {
    "mode": "802.3ad 4\n",
    "xmit_hash_policy": "layer3+4 1\n",
    "miimon": "100\n",
    "lacp_rate": "fast 1\n",
    "ad_partner_mac": "00:1c:73:00:00:99\n",
    "ad_num_ports": "2\n",
    "ad_aggregator": "1\n",
}


def test_a_bond_with_lacp() -> None:
    machine = with_bond(LACP)
    for name, value in (("state", "active\n"), ("mii_status", "up\n"), ("ad_aggregator_id", "1\n")):
        put_file(machine, f"{PORT.format(0, 0, 0)}/{name}", value)
    bond = bond_of(machine)
    assert bond.lacp == Lacp(partner="00:1c:73:00:00:99", ports=2, aggregator=1, rate="fast")
    assert bond.lacp.answered
    assert (bond.mode, bond.ports, bond.xmit_policy, bond.miimon) == ("802.3ad", PORTS, "layer3+4", 100)
    assert bond.port_states == (
        BondPort(name=PORTS[0], state="active", mii="up", aggregator=1),
        BondPort(name=PORTS[1]),
    )


def test_a_switch_that_never_answered() -> None:
    lacp = bond_of(with_bond(LACP | {"ad_partner_mac": "00:00:00:00:00:00\n"})).lacp
    assert lacp is not None
    assert not lacp.answered


def test_what_only_root_may_see_is_unknown() -> None:
    assert bond_of(with_bond(LACP | {"ad_partner_mac": "\n"})).lacp is None
    assert bond_of(with_bond({})) == Bond(
        mode="802.3ad", ports=PORTS, port_states=tuple(BondPort(name=port) for port in PORTS)
    )


def test_garbage_in_a_bond_is_told() -> None:
    machine = with_bond(LACP | {"miimon": "[/]\n", "xmit_hash_policy": "\xff\xfe\n"})
    assert bond_of(machine).miimon is None
    assert "/sys/class/net/bond0/bonding/miimon" in [
        problem.source for problem in gather(RecordedHost(machine)).problems
    ]


@pytest.mark.parametrize(
    ("words", "feature"),
    [("on", Feature(on=True)), ("off", Feature(on=False)), ("off [fixed]", Feature(on=False, fixed=True)),
     ("on [fixed]", Feature(on=True, fixed=True)), (None, None), ("", None)],
)  # fmt: skip
def test_the_features_words(words: str | None, feature: Feature | None) -> None:
    machine = machines.connectx6()
    for row in machine.netlink["links"]:
        row["hw_tc_offload"] = words
    link = gather(RecordedHost(machine)).link(PORTS[0])
    assert link is not None
    assert link.hw_tc_offload == feature


def test_the_kernel_tells_the_feature_of_lo_and_nothing_of_what_is_not_there() -> None:
    assert "lo" in {name for _, name in socket.if_nameindex()}
    assert hw_tc_offload(("lo", "no-such-link", "x" * 40)) == {"lo": "off [fixed]"}


def managers(files: dict[str, str], *services: str) -> tuple[str, ...] | None:
    machine = machines.two_igb()
    put_dir(machine, f"{UPPER}/cron.service")
    for path, text in files.items():
        put_file(machine, path, text)
    for service in services:
        put_dir(machine, f"{UPPER}/{service}.service")
    return gather(RecordedHost(machine)).network_managers


def test_what_counts_beside_the_own_files_of_a_tool_is_read_too_and_nothing_else_of_cloud_init() -> None:
    machine = machines.two_igb()
    wanted = ("/run/NetworkManager/devices/3", "/run/NetworkManager/system-connections/auto.nmconnection",
              "/run/systemd/network/10-a.network", "/etc/systemd/network/10-a.network.d/mtu.conf",
              "/run/netplan/a.yaml", "/etc/netplan/b.yaml", "/etc/cloud/cloud.cfg.d/99-no-network.cfg",
              "/etc/sysconfig/network/ifcfg-eth0")  # fmt: skip
    for path in (*wanted, "/etc/cloud/cloud.cfg.d/50-users.cfg"):
        put_file(machine, path, "x\n")
    for service in ("NetworkManager", "systemd-networkd", "wickedd"):
        put_dir(machine, f"{UPPER}/{service}.service")
    facts = gather(RecordedHost(machine))
    assert facts.network_managers == ("netplan", "NetworkManager", "systemd-networkd", "wicked")
    read = {file.path for file in facts.files}
    assert set(wanted) <= read
    assert "/etc/cloud/cloud.cfg.d/50-users.cfg" not in read


IFACE = "auto lo\niface lo inet loopback\n"
SCRIPT = "/etc/sysconfig/network-scripts/ifcfg-eth0"


@pytest.mark.parametrize(
    ("files", "services", "expected"),
    [
        ({}, (), ()),
        ({"/etc/network/interfaces": IFACE}, (), ()),
        ({"/etc/network/interfaces": IFACE + "  iface eth0 inet dhcp\n"}, (), ("ifupdown",)),
        ({"/etc/network/interfaces.d/eth0": "iface eth0 inet6 auto\n"}, (), ("ifupdown",)),
        ({"/etc/network/interfaces": "# iface eth0 inet dhcp\n"}, (), ()),
        ({"/etc/netplan/50-cloud.yaml": ""}, ("systemd-networkd",), ("netplan",)),
        ({"/etc/netplan/README": ""}, (), ()),
        ({"/etc/systemd/network/a.network": ""}, ("systemd-networkd",), ("systemd-networkd",)),
        ({"/etc/systemd/network/a.network": ""}, (), ()),
        ({"/etc/systemd/network/a.link": ""}, ("systemd-networkd",), ()),
        ({SCRIPT: ""}, ("NetworkManager",), ("NetworkManager",)),
        ({SCRIPT: "", "/run/lock/subsys/network": ""}, (), ("network-scripts",)),
        ({"/etc/sysconfig/network-scripts/ifcfg-lo": "", "/run/lock/subsys/network": ""}, (), ()),
        ({SCRIPT: "", "/run/lock/subsys/network": ""}, ("NetworkManager",), ("NetworkManager", "network-scripts")),
    ],
)
def test_who_manages_the_links(files: dict[str, str], services: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert managers(files, *services) == expected


def test_without_control_groups_nobody_knows() -> None:
    machine = machines.two_igb()
    remove(machine, "/sys/fs")
    assert gather(RecordedHost(machine)).network_managers is None


def driver(
    ofed: str, loaded: tuple[str, str], installed: tuple[str, str, str], depends: str | None = None
) -> Mlx5Driver:
    return Mlx5Driver(
        loaded=True,
        ofed=ofed,
        loaded_version=loaded[0],
        loaded_srcversion=loaded[1],
        installed_path=installed[0],
        installed_version=installed[1],
        installed_srcversion=installed[2],
        installed_depends=depends,
    )


INBOX = "/lib/modules/6.12/kernel/drivers/net/ethernet/mellanox/mlx5/core/mlx5_core.ko.xz"
EXTRA = "/lib/modules/5.4/extra/mlnx-ofa_kernel/drivers/net/ethernet/mellanox/mlx5/core/mlx5_core.ko"


@pytest.mark.parametrize(
    ("facts", "loaded_vendor", "installed_vendor", "stale"),
    [
        (driver("", ("", ""), (INBOX, "", "")), False, False, False),
        (driver("", ("5.0-0", "A"), (INBOX, "5.0-0", "A")), False, False, False),
        (driver("MLNX_OFED_LINUX-5.8-1.1.2.1", ("5.8-1.1.2", "B"), (EXTRA, "5.8-1.1.2", "B")), True, True, False),
        (driver("MLNX_OFED_LINUX-5.8-1.1.2.1", ("5.0-0", "A"), (EXTRA, "5.8-1.1.2", "B")), False, True, True),
        (driver("MLNX_OFED_LINUX-5.8-1.1.2.1", ("", ""), (EXTRA, "5.8-1.1.2", "B")), False, True, True),
        (driver("OFED-internal-25.10-1.7.1", ("25.10-1.7.1", ""), (EXTRA, "25.10-1.7.1", "")), True, True, False),
        (driver("", ("", ""), ("", "", "")), False, False, False),
        (Mlx5Driver(loaded=False, loaded_version="", installed_path=EXTRA), False, None, False),
        # openEuler's DKMS puts the vendor's in the place of the kernel's own; a distribution's update lies elsewhere
        (driver("OFED-internal-25.10-1.7.1", ("", "A"), (INBOX, "", "B"), "mlx_compat,tls"), False, True, True),
        (driver("OFED-internal-25.10-1.7.1", ("", "B"), (INBOX, "", "B"), "mlx_compat,tls"), True, True, False),
        (driver("", ("", "A"), (EXTRA, "", "A"), "mlxfw,psample,tls"), False, False, False),
        (driver("", ("", "A"), (EXTRA, "", "A"), ""), False, False, False),
        (driver("", ("", "A"), (EXTRA, "", "A"), "not_mlx_compat"), False, False, False),
        (Mlx5Driver(), None, None, None),
    ],
)
def test_loaded_against_installed(
    facts: Mlx5Driver, loaded_vendor: bool | None, installed_vendor: bool | None, stale: bool | None
) -> None:
    assert (facts.loaded_vendor, facts.installed_vendor, facts.stale) == (loaded_vendor, installed_vendor, stale)


def test_the_driver_is_read_from_sysfs_modinfo_and_ofed_info() -> None:
    machine = machines.connectx6()
    put_file(machine, "/usr/bin/ofed_info", b"", 0o755)
    machine.queries["ofed_info -s"] = Completed(0, "MLNX_OFED_LINUX-5.8-1.1.2.1:\n", "")
    fields = {"filename": EXTRA, "version": "5.8-1.1.2", "srcversion": "B", "depends": "mlx_compat,tls"}
    for field, value in fields.items():
        machine.queries[f"modinfo -F {field} mlx5_core"] = Completed(0, f"{value}\n", "")
    put_file(machine, "/sys/module/mlx5_core/srcversion", "A\n")
    found = gather(RecordedHost(machine)).mlx5
    wanted = driver("MLNX_OFED_LINUX-5.8-1.1.2.1", ("", "A"), (EXTRA, "5.8-1.1.2", "B"), "mlx_compat,tls")
    assert found == replace(wanted, doca_host="")
    assert found.stale
    assert (found.release, found.doca) == ("5.8-1.1.2.1", False)
    machine.queries["modinfo -F version mlx5_core"] = Completed(124, "", "modinfo: no answer within 10 s")
    facts = gather(RecordedHost(machine))
    assert facts.mlx5 is not None
    assert facts.mlx5.installed_version is None
    assert "modinfo -F version mlx5_core" in [problem.source for problem in facts.problems]


@pytest.mark.parametrize(
    ("told", "release", "doca"),
    [
        ("MLNX_OFED_LINUX-24.10-1.1.4.0:", "24.10-1.1.4.0", False),
        ("OFED-internal-25.01-0.6.0:", "25.01-0.6.0", True),
        ("OFED-internal-25.10-1.7.1.413", "25.10-1.7.1.413", True),
        ("OFED-internal-26.04-1.0.9", "26.04-1.0.9", True),
        ("something else", "", False),
    ],
)
def test_the_release_in_ofed_info(told: str, release: str, doca: bool) -> None:
    machine = machines.connectx6()
    put_file(machine, "/usr/bin/ofed_info", b"", 0o755)
    machine.queries["ofed_info -s"] = Completed(0, f"{told}\n", "")
    found = gather(RecordedHost(machine)).mlx5
    assert found is not None
    assert (found.release, found.doca) == (release, doca)


@pytest.mark.parametrize(
    ("program", "query", "answer", "version"),
    [
        ("rpm", "rpm -q --qf %{VERSION}-%{RELEASE} doca-host", Completed(0, "3.2.1-044000_25.10_rhel9", ""),
         "3.2.1-044000_25.10_rhel9"),
        ("rpm", "rpm -q --qf %{VERSION}-%{RELEASE} doca-host",
         Completed(1, "package doca-host is not installed\n", ""), ""),
        ("dpkg-query", "dpkg-query -W -f=${Version} doca-host",
         Completed(0, "3.4.1-010000-26.04-ubuntu2404", ""), "3.4.1-010000-26.04-ubuntu2404"),
        ("dpkg-query", "dpkg-query -W -f=${Version} doca-host", Completed(124, "", "no answer within 10 s"), None),
        ("", "", None, None),
    ],
)  # fmt: skip
def test_the_version_of_doca_host(program: str, query: str, answer: Completed | None, version: str | None) -> None:
    machine = machines.connectx6()
    for path in ("ofed_info", program):
        put_file(machine, f"/usr/bin/{path}", b"", 0o755) if path else None
    machine.queries["ofed_info -s"] = Completed(0, "OFED-internal-25.10-1.7.1:\n", "")
    if answer:
        machine.queries[query] = answer
    found = gather(RecordedHost(machine)).mlx5
    assert found is not None
    assert found.doca_host == version


def test_a_host_without_these_cards_starts_no_command_for_them() -> None:
    recorder = RecordingHost(RecordedHost(machines.two_igb()))
    facts = gather(recorder)
    assert (facts.mlx5, facts.firmware_tool) == (None, None)
    asked = recorder.machine().queries
    programs = {query.partition(" ")[0] for query in asked}
    assert not programs & {"mstconfig", "mlxconfig", "ofed_info", "devlink", "ovs-vsctl", "ovs-appctl", "grep"}
    assert not [query for query in asked if "mlx5_core" in query]
