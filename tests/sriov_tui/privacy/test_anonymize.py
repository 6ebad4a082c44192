"""Nothing of whose machine it was is left in an anonymous recording, and what was the same still is."""

from __future__ import annotations

import struct
from collections.abc import Callable
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sriov_tui.commands import collect
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.machine_file import dumps
from sriov_tui.model import HOST_CONF, SriovError
from sriov_tui.privacy.anonymize import anonymized
from sriov_tui.privacy.hardware import Hardware
from sriov_tui.privacy.ip_addresses import Addresses
from sriov_tui.privacy.pseudonyms import Words, numbered, serials

MAC, TAIL = "98:03:9b:ab:cd:ef", "abcdef"
IB = "80:00:02:08:fe:80:00:00:00:00:00:00"
GUID = "98:03:9b:03:00:ab:cd:ef"
CONFIG = "/sys/bus/pci/devices/0000:01:00.0/config"
DSN = bytes.fromhex("efcdab0000 9b0398")
KERNEL = "5.10.0-182.0.0.95.oe2203sp3.x86_64"


def config(dsn: bytes = DSN) -> bytes:
    """A config space with two extended capabilities, the second of them the serial number."""
    space = bytearray(4096)
    struct.pack_into("<I", space, 0x100, 0x000E | 1 << 16 | 0x140 << 20)
    struct.pack_into("<I8s", space, 0x140, 0x0003 | 1 << 16, dsn)
    return bytes(space)


def recorded(hostname: str = "kvm-07.example.com") -> Machine:
    """A recording in which each name stands in many ways."""
    short = hostname.partition(".")[0]
    nic = f"enx{MAC.replace(':', '')}"
    qemu = f"/usr/bin/qemu-system-x86_64 -name payroll -device virtio,mac={MAC} -drive file=/disks/payroll.qcow2"
    return Machine(
        name=hostname,
        files={
            "/proc/sys/kernel/hostname": f"{hostname}\n".encode(),
            "/proc/sys/kernel/osrelease": f"{KERNEL}\n".encode(),
            "/proc/cmdline": f"root=/dev/mapper/{short.replace('-', '--')}-root ip=10.1.1.7::10.1.1.1\n".encode(),
            HOST_CONF: f"hostname: {short}\nnetworks:\n- {nic}/br0/10.1.1.7\nauth: https://cloud.corp.com:35357\n".encode(),
            "/etc/os-release": b"ID=debian\nHOME_URL=https://www.debian.org/\n",
            f"/sys/class/net/{nic}/address": f"{MAC}\n".encode(),
            "/sys/class/dmi/id/product_serial": b"CZJ81500T2\n",
            CONFIG: config(),
            CONFIG.replace("00.0", "00.1"): config(),
            CONFIG.replace("01:00.0", "02:00.0"): config(b"\x01" * 8),
        },
        dirs={"/sys/class/net": ["br0", nic]},
        links={f"/sys/class/net/{nic}": f"../../devices/pci0000:00/net/{nic}"},
        queries={
            f"kubectl --request-timeout=5s -n onecloud get pods --field-selector spec.nodeName={hostname} -o name":
                Completed(0, "pod/default-host-abcde\n", ""),
            "dmesg": Completed(0, f"mlx5 {MAC} node guid: 98039b0300abcdef\nserial number: CZJ81500T2\n{short}:", ""),
            f"ethtool -i {nic}": Completed(0, "driver: ice\nversion: 1.2.3.4\n", ""),
            "pgrep -a qemu": Completed(0, f"77 {qemu}\n", ""),
        },
        netlink={
            "links": [{"name": nic, "mac": MAC, "index": 2}, {"name": "ib0", "mac": f"{IB}:{GUID}"}],
            "addresses": [
                {"ip": "10.1.1.7", "prefixlen": 24},
                {"ip": "fe80::9a03:9bff:feab:cdef", "prefixlen": 64},
                {"ip": "127.0.0.1", "prefixlen": 8},
            ],
            "routes": [{"destination": "10.1.1.0/24"}, {"destination": "default", "gateway": "10.1.1.1"}],
        },
        udev={f"/sys/class/net/{nic}": {"ID_NET_NAME_MAC": nic, "ID_SERIAL_SHORT": "98039bABCDEF", "ID_BUS": "pci"}},
        holders=[("/dev/vfio/3", 77, qemu)],
        environment={"SSH_CONNECTION": "192.0.2.9 4000 10.1.1.7 22"},
    )  # fmt: skip


@pytest.mark.parametrize("ip", [False, True])
def test_nothing_of_it_is_left(ip: bool) -> None:
    text = dumps(anonymized(recorded(), addresses=ip)).lower()
    names = ["ab:cd:ef", TAIL, "feab:cdef", "kvm-07", "kvm--07", "example.com", "corp.com", "payroll", "czj81500t2"]
    assert [name for name in names + ["10.1.1.7", "192.0.2.9"] * ip if name in text] == []
    for kept in (KERNEL, "1.2.3.4", "98:03:9b", "www.debian.org", "127.0.0.1", "0000:01:00.0"):
        assert kept in text


def test_the_same_is_still_the_same() -> None:
    machine = anonymized(recorded(), addresses=True)
    nic = "enx98039b000001"
    assert machine.name == "host-1.domain-1"
    assert machine.dirs == {"/sys/class/net": ["br0", nic]}
    assert machine.links == {f"/sys/class/net/{nic}": f"../../devices/pci0000:00/net/{nic}"}
    assert machine.files[f"/sys/class/net/{nic}/address"] == b"98:03:9b:00:00:01\n"
    assert machine.netlink["links"][0]["mac"] == "98:03:9b:00:00:01"
    assert machine.netlink["links"][1]["mac"].endswith("98:03:9b:03:00:00:00:01")
    own, local = (row["ip"] for row in machine.netlink["addresses"][:2])
    assert local == "fe80::9a03:9bff:fe00:1"
    assert f"{nic}/br0/{own}" in machine.files[HOST_CONF].decode()
    assert f"ip={own}::{machine.netlink['routes'][1]['gateway']}" in machine.files["/proc/cmdline"].decode()
    assert machine.environment["SSH_CONNECTION"].split()[2] == own
    network = ip_network(machine.netlink["routes"][0]["destination"])
    assert ip_address(own) in network
    assert ip_address(machine.netlink["routes"][1]["gateway"]) in network
    assert any("spec.nodeName=host-1.domain-1 " in line for line in machine.queries)
    assert "node guid: 98039b0300000001\n" in machine.queries["dmesg"].out
    assert "serial number: SERIAL-" in machine.queries["dmesg"].out
    assert "-name vm-1 " in machine.queries["pgrep -a qemu"].out
    assert machine.holders is not None
    assert "/disks/vm-1.qcow2" in machine.holders[0][2]
    assert machine.files["/proc/cmdline"].startswith(b"root=/dev/mapper/host--1-root ")


def test_the_serial_number_in_config_space() -> None:
    machine = anonymized(recorded())
    first, same, other = (machine.files[path][0x144:0x14C] for path in sorted(machine.files) if "/config" in path)
    assert first == same != DSN
    assert other not in (first, b"\x01" * 8)
    data = machine.files[CONFIG]
    assert data[:0x144] + DSN + data[0x14C:] == config()


@pytest.mark.parametrize("hostname", ["debian", "ice", "networks", "devices", "br0", "net"])
def test_a_host_that_is_called_as_a_word_of_the_system(hostname: str) -> None:
    before, after = recorded(hostname), anonymized(recorded(hostname))
    assert after.name == "host-1"
    assert after.files["/proc/sys/kernel/hostname"] == b"host-1"
    assert after.files["/etc/os-release"] == before.files["/etc/os-release"]
    assert "networks:\n" in after.files[HOST_CONF].decode()
    assert any("spec.nodeName=host-1 " in line for line in after.queries)
    assert "driver: ice" in "".join(done.out for done in after.queries.values())
    assert list(after.dirs) == list(before.dirs)


def test_a_recording_whose_audit_would_be_another_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests import machines

    def clumsy(machine: Machine, *, addresses: bool) -> Machine:
        return anonymized(machines.bios_off(), addresses=addresses)

    assert collect.anonymous(machines.two_igb(), addresses=True).name == "two-igb"
    monkeypatch.setattr(collect, "anonymized", clumsy)
    with pytest.raises(SriovError, match=r"iommu\.") as refused:
        collect.anonymous(machines.two_igb(), addresses=True)
    assert refused.value.hint


def test_numbers_follow_the_order_of_what_they_stand_for() -> None:
    hardware = Hardware(["52:54:00:00:00:09 52:54:00:00:00:02 52-54-00-00-00-0A ff:ff:ff:ff:ff:ff 01:00:5e:00:00:01"])
    replaced = hardware.replace("52:54:00:00:00:02 52:54:00:00:00:09 5254000000 52:54:00:00:00:0a 52540000000a")
    assert replaced == "52:54:00:00:00:01 52:54:00:00:00:02 5254000000 52:54:00:00:00:03 525400000003"
    assert hardware.replace("ff:ff:ff:ff:ff:ff 01:00:5e:00:00:01 00:00:00:00:00:00").startswith("ff:ff:ff:ff:ff:ff 01:")
    assert numbered({"b", "a"}, "vm") == {"a": "vm-1", "b": "vm-2"}
    assert Words({}).replace("a") == "a"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("serial number: MT1234X", {"MT1234X"}),
        ('"board.serial_number":"MT-1/2"', {"MT-1/2"}),
        ("SerialNumber=1", set()),
        ("serial --unit=0 --speed=115200", set()),
        ('GRUB_SERIAL_COMMAND="serial --unit=0"', set()),
        ("ID_SERIAL=none", set()),
        ("Serial Number   : CZJ81500T2", {"CZJ81500T2"}),
    ],
)
def test_what_is_called_a_serial_number(text: str, found: set[str]) -> None:
    assert serials([text]) == found


UNTOUCHED = ("255.255.255.0", "0.0.0.0", "127.0.0.1", "169.254.1.1", "224.0.0.5", "::1", "ff02::1", KERNEL, "1.2.3.4.5",
             "0000:01:00.0", "12:34:56", "version: 1.2.3.4", GUID, "1.2.3", "a1.2.3.4", "300.1.1.1", "::")  # fmt: skip


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_no_address_of_a_host_stays(text: str) -> None:
    assert Addresses(lambda half: half, b"key").replace(f"x {text} y") == f"x {text} y"


def in_common(one: str, other: str) -> int:
    """How many of their first bits two addresses share."""
    a, b = ip_address(one), ip_address(other)
    return a.max_prefixlen - (int(a) ^ int(b)).bit_length()


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["10.0.0.0", "192.168.0.0", "198.18.0.0", "2001:db8::", "fd00::"]), st.data())
def test_what_shares_a_network_still_does(network: str, data: st.DataObject) -> None:
    first = ip_address(network)
    host_bits = st.integers(1, 2 ** (16 if first.version == 4 else 90) - 1)
    one, other = (str(first + data.draw(host_bits)) for _ in range(2))
    replace: Callable[[str], str] = Addresses(lambda half: half, b"key").replace
    assert in_common(replace(one), replace(other)) == in_common(one, other)
    if network in ("10.0.0.0", "192.168.0.0", "fd00::"):
        assert ip_address(replace(one)).is_private
