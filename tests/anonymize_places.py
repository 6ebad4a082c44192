"""What tells whose a machine is, in each way in which something writes it, and where a recording holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine
from sriov_tui.model import HOST_CONF


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a machine is called; `site` is a domain above its own, `house` the word in it that tells of somebody."""

    mac: str = "ec:0d:9a:b7:c4:1e"
    short: str = "hv-blr12x"
    domain: str = "rack7.acmebank.example"
    site: str = "acmebank.example"
    house: str = "acmebank"
    uuid: str = "6f1c2d3e-4b5a-4c6d-9e8f-a0b1c2d3e4f5"
    machine: str = "5d41402abc4b2a76b9719d911017c592"
    vfat: str = "7B3C-91AF"
    serial: str = "MT2107X05521"
    guest: str = "ledger-core-db"
    other: str = "Teller Front 9"

    @property
    def hex(self) -> str:
        return self.mac.replace(":", "")

    @property
    def eui64(self) -> str:
        """The lower half of an address that is made of the MAC address."""
        return f"{int(self.hex[:2], 16) ^ 2:02x}{self.hex[2:6]}fffe{self.hex[6:]}"

    @property
    def guid(self) -> str:
        """As Mellanox makes it of the MAC address."""
        return f"{self.hex[:6]}0300{self.hex[6:]}"

    @property
    def link_local(self) -> str:
        return "fe80::" + ":".join(self.eui64[at : at + 4].lstrip("0") or "0" for at in (0, 4, 8, 12))


# Nothing of this may be left, however it is written.
FRAGMENTS = (
    "b7c41e", "b7:c4:1e", "b7-c4-1e", "b7.c4.1e", "b7 c4 1e", "b7_c4_1e", "b7%3ac4", r"\xb7\xc4", "0xb7", "9ab7.c41e",
    "9ab7-c41e", "b7:c41e", "259543174464542", "blr12x", "rack7", "acmebank", "6f1c2d3e", "a0b1c2d3e4f5", "4b5a",
    "5d41402a", "7b3c", "91af", "mt2107x05521", "ledger", "core-db", "core\\x2ddb", "teller", "front",
)  # fmt: skip


def _cut(digits: str, size: int, joint: str) -> str:
    return joint.join(digits[at : at + size] for at in range(0, len(digits), size))


NOTATIONS: tuple[tuple[str, Callable[[Identity], str]], ...] = (
    ("colons", lambda one: f"mlx5_core 0000:3b:00.0: MAC {one.mac}"),
    ("capitals", lambda one: one.mac.upper()),
    ("dashes", lambda one: one.mac.replace(":", "-")),
    ("compact", lambda one: f"addr {one.hex};"),
    ("compact, capitals", lambda one: one.hex.upper()),
    ("of Cisco", lambda one: _cut(one.hex, 4, ".")),
    ("of Huawei", lambda one: _cut(one.hex, 4, "-")),
    ("of HP", lambda one: _cut(one.hex, 6, "-")),
    ("of HP with a colon", lambda one: _cut(one.hex, 6, ":")),
    ("dots", lambda one: one.mac.replace(":", ".")),
    ("hex dump", lambda one: f"00000010: {one.mac.replace(':', ' ')} 08 06"),
    ("underscores", lambda one: one.mac.replace(":", "_")),
    ("of an URL", lambda one: f"https://boot/?mac={one.mac.replace(':', '%3A')}&x=1"),
    ("of udev", lambda one: r"\x" + one.mac.replace(":", r"\x")),
    ("of C", lambda one: "{ 0x" + one.mac.replace(":", ", 0x") + " }"),
    ("0x", lambda one: f"0x{one.hex}"),
    ("decimal", lambda one: f'"mac": {int(one.hex, 16)},'),
    ("own half", lambda one: f"NIC {one.mac[9:]}"),
    ("own half, compact", lambda one: f"nic-{one.hex[6:]}"),
    ("DHCP client id", lambda one: f"client-id 01:{one.mac}"),
    ("DHCP client id, compact", lambda one: f"01{one.hex}"),
    ("DUID-LLT", lambda one: f"duid 00:01:00:01:2c:9f:11:d0:{one.mac}"),
    ("DUID-LLT, compact", lambda one: f"000100012c9f11d0{one.hex}"),
    ("DUID-LL", lambda one: f"00:03:00:01:{one.mac}"),
    ("RFC 4361", lambda one: f"ff:9a:b8:00:01:00:03:00:01:{one.mac}"),
    ("before a colon", lambda one: f"{one.mac}: link up"),
    ("after a dash", lambda one: f"port-{one.mac}"),
    ("in a longer name", lambda one: f"net_{one.hex}_rx"),
    ("behind a word", lambda one: f"MAC{one.hex}"),
    ("name of an interface", lambda one: f"enx{one.hex}: renamed from eth0"),
    ("path", lambda one: f"/run/systemd/netif/10-{one.hex}.link"),
    ("IPv6", lambda one: f"inet6 {one.link_local}/64 scope link"),
    ("IPv6, capitals", lambda one: one.link_local.upper()),
    ("IPv6, all digits", lambda one: f"fe80:0000:0000:0000:{_cut(one.eui64, 4, ':')}"),
    ("IPv6 with a port", lambda one: f"[{one.link_local}]:22"),
    ("IPv6 with a zone", lambda one: f"{one.link_local}%eth0"),
    ("global IPv6", lambda one: one.link_local.replace("fe80::", "2001:db8:1:2:")),
    ("if_inet6", lambda one: f"fe80000000000000{one.eui64} 02 40 20 80 eth0"),
    ("InfiniBand GID", lambda one: f"fe80:0000:0000:0000:{_cut(one.guid, 4, ':')}"),
    ("node GUID", lambda one: f"node_guid {_cut(one.guid, 4, ':')}"),
    ("InfiniBand address", lambda one: "80:00:02:08:fe:80:00:00:00:00:00:00:" + _cut(one.guid, 2, ":")),
    ("host and domain", lambda one: f"{one.short}.{one.domain} booted"),
    ("host in a log", lambda one: f"Nov 30 20:00:01 {one.short} kernel: igb 0000:01:00.0"),
    ("host of another tool", lambda one: one.short.replace("-", "_")),
    ("host in LVM", lambda one: f"/dev/mapper/{one.short.replace('-', '--')}-root"),
    ("host in a unit", lambda one: "dev-mapper-" + one.short.replace("-", r"\x2d") + ".device"),
    ("host and a number", lambda one: f"{one.short}02"),
    ("host in a path", lambda one: f"/var/crash/{one.short}/vmcore"),
    ("domain", lambda one: f"search {one.domain}"),
    ("mail", lambda one: f"root@{one.site}"),
    ("house in an iSCSI name", lambda one: f"iqn.2020-01.example.{one.house}:target0"),
    ("house in a name", lambda one: f"{one.house}-storage"),
    ("UUID", lambda one: one.uuid),
    ("UUID, capitals", lambda one: one.uuid.upper()),
    ("UUID, compact", lambda one: one.uuid.replace("-", "")),
    ("root", lambda one: f"root=UUID={one.uuid} ro"),
    ("unit of a disk", lambda one: r"dev-disk-by\x2duuid-" + one.uuid.replace("-", r"\x2d") + ".device"),
    ("folder of a server", lambda one: f"/opt/cloud/workspace/servers/{one.uuid}/startvm"),
    ("UUID of FAT", lambda one: f"/dev/disk/by-uuid/{one.vfat}"),
    ("boot entry", lambda one: f"/boot/loader/entries/{one.machine}-6.12.1.conf"),
    ("serial number", lambda one: f"S/N: {one.serial}"),
    ("serial number alone", lambda one: f"card {one.serial} answered"),
    ("serial number of lspci", lambda one: f"[SN] Serial number: {one.serial}"),
    ("serial number, JSON", lambda one: f'{{"serial_number":"{one.serial}"}}'),
    ("asset", lambda one: f"asset_tag={one.serial}"),
    ("guest", lambda one: f"qemu -name guest={one.guest},debug-threads=on -m 4096"),
    ("disk of a guest", lambda one: f"file=/disks/{one.guest}.qcow2,if=none"),
    ("guest in a log", lambda one: f"Guest {one.guest} started"),
    ("scope of a guest", lambda one: r"machine-qemu\x2d3\x2d" + one.guest.replace("-", r"\x2d") + ".scope"),
    ("file of libvirt", lambda one: f"/etc/libvirt/qemu/{one.guest}.xml"),
    ("quoted guest", lambda one: f"kvm -name '{one.other}' -m 1"),
    ("guest in an URL", lambda one: f"file:///disks/{one.other.replace(' ', '%20')}.img"),
)  # fmt: skip
KEPT = ("0000:3b:00.0", "0000:01:00.0", "mlx5_core", "15b3", "ec:0d:9a", "6.12.1", "5.10.0-182.0.0.95", "20:00:01",
        "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", "-m 4096", "enp59s0f0np0",
        "/opt/cloud/workspace")  # fmt: skip


def lines(one: Identity) -> list[str]:
    """Each notation in a line of its own."""
    return [f"{name} | {written(one)}" for name, written in NOTATIONS]


def everywhere(one: Identity) -> Machine:
    """A machine with all of them in files of every encoding, outputs, rows, properties, command lines, paths, links."""
    text = "\n".join(lines(one))
    qemu = f"/usr/bin/qemu-system-x86_64 -name guest={one.guest},debug-threads=on -uuid {one.uuid}"
    own = "/sys/class/net/enp59s0f0np0"
    return Machine(
        name=f"{one.short}.{one.domain}",
        files={
            "/proc/sys/kernel/hostname": f"{one.short}.{one.domain}\n".encode(),
            "/proc/sys/kernel/osrelease": b"5.10.0-182.0.0.95.oe2203.x86_64\n",
            f"{own}/address": f"{one.mac}\n".encode(),
            f"{own}/device/device": b"0x15b3\n",
            "/sys/class/dmi/id/product_serial": f"{one.serial}\n".encode(),
            "/sys/class/dmi/id/product_uuid": f"{one.uuid}\n".encode(),
            "/etc/machine-id": f"{one.machine}\n".encode(),
            "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c": b"\x06\0\0\0\0",
            HOST_CONF: f"hostname: {one.short}\nauth_url: https://api.{one.domain}:30500\n# {text}\n".encode(),
            "/var/log/app.log": text.encode(),
            "/var/log/with-nul.log": b"begin\0" + text.encode(),
            "/var/log/utf-16.log": text.encode("utf-16"),
            "/proc/77/cmdline": qemu.replace(" ", "\0").encode(),
            f"/var/log/libvirt/qemu/{one.guest}.log": b"ok\n",
            f"/boot/loader/entries/{one.machine}-6.12.1.conf": f"options root=UUID={one.uuid}\n".encode(),
        },
        dirs={
            "/sys/class/net": ["enp59s0f0np0", f"enx{one.hex}"],
            "/disks": [f"{one.guest}.qcow2", f"{one.other}.img"],
        },
        links={f"/sys/class/net/enx{one.hex}": f"../../devices/pci0000:00/net/enx{one.hex}"},
        real={f"/dev/disk/by-uuid/{one.vfat}": "/dev/sda1"},
        errors={f"/opt/cloud/workspace/servers/{one.uuid}": "EACCES"},
        queries={
            "dmesg": Completed(0, text, text),
            "journalctl -k -b": Completed(0, text, ""),
            f"ethtool -P enx{one.hex}": Completed(0, f"Permanent address: {one.mac}\n", ""),
            "pgrep -a qemu": Completed(0, f"77 {qemu}\n78 kvm -name '{one.other}' -m 1\n", ""),
        },
        netlink={
            "links": [{"index": 2, "name": f"enx{one.hex}", "mac": one.mac}],
            "addresses": [{"index": 2, "ip": one.link_local, "prefixlen": 64}],
            "notes": [{"text": line} for line in lines(one)],
        },
        udev={own: {"ID_NET_NAME_MAC": f"enx{one.hex}", "ID_SERIAL": one.serial, "ID_FS_UUID": one.vfat, "NOTE": text}},
        holders=[("/dev/vfio/3", 77, qemu)],
        environment={"SSH_CONNECTION": f"{one.link_local}%eth0 4000 {one.link_local} 22"},
    )
