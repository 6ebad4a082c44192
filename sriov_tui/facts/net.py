"""Links, addresses and routes as the kernel has them, and the way that this session takes through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ARPHRD_ETHER, ARPHRD_INFINIBAND = 1, 32  # include/uapi/linux/if_arp.h


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An IP address on a link; `scope` is the kernel's word (global, link, host).

    One that is not `permanent` has a lifetime: DHCP or a router gave it. None is not known.
    """

    ip: str
    prefixlen: int
    scope: str = "global"
    permanent: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacp:
    """The active aggregator of an 802.3ad bond; a partner of 00:00:00:00:00:00 means that the switch never answered."""

    partner: str
    ports: int | None = None  # how many ports are in it
    aggregator: int | None = None
    rate: str | None = None  # slow, fast

    @property
    def answered(self) -> bool:
        """Whether a partner speaks LACP at the other end."""
        return bool(self.partner.strip("0:"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BondPort:
    """A port of a bond as the bond sees it; ports with different aggregators do not work as one."""

    name: str
    state: str | None = None  # active, backup
    mii: str | None = None  # up, down, "going down", "going back"
    aggregator: int | None = None


BOND_MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")
"""The modes of kernel bonding by their number, from 0 (Documentation/networking/bonding.rst)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature of a link as `ethtool -k` shows it; a fixed one cannot be changed."""

    on: bool
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """Kernel bonding on a link, in the kernel's words: `mode` of BOND_MODES ("" = not read), `xmit_policy` "layer2"."""

    mode: str
    ports: tuple[str, ...] = ()
    xmit_policy: str | None = None
    miimon: int | None = None  # milliseconds; 0 = the links are not watched
    active_port: str | None = None  # of mode active-backup; "" = none
    lacp: Lacp | None = None  # of mode 802.3ad
    port_states: tuple[BondPort, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VfSetting:
    """What a port has set for one of its VFs, as `ip link` shows it; None where its driver does not say.

    `mac` is all zero where nobody set one; the counters are of packets that the card dropped.
    """

    index: int
    mac: str | None = None
    vlan: int | None = None
    qos: int | None = None
    spoofchk: bool | None = None
    trust: bool | None = None
    link_state: str | None = None  # auto, enable or disable
    min_tx_rate: int | None = None  # Mbit/s; 0 = no limit
    max_tx_rate: int | None = None
    rx_dropped: int | None = None
    tx_dropped: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A network interface as netlink tells it; `kind` is "" for hardware, else bond, bridge, vlan, ..."""

    name: str
    index: int
    kind: str = ""
    arphrd: int = ARPHRD_ETHER
    mac: str = ""
    mtu: int = 0
    up: bool = False
    carrier: bool | None = None
    master: str = ""
    parent: str = ""  # the link below a VLAN or macvlan
    vlan: int | None = None
    bond: Bond | None = None
    path: str | None = None  # of /sys/class/net/NAME, resolved: below /sys/devices; "" = not there
    pci: str = ""  # address of the PCI function behind it
    phys_port_name: str = ""
    phys_switch_id: str = ""  # hex; the same for a PF in switchdev mode and its representors
    hw_tc_offload: Feature | None = None
    compat_devlink: bool | None = None  # compat/devlink/mode exists: the vendor driver (MLNX_OFED); asked of hardware
    xdp: bool | None = None  # an XDP program is attached, as AF_XDP needs one to receive
    addresses: tuple[Address, ...] = ()
    vfs: tuple[VfSetting, ...] | None = None  # of a PF with VFs; None where there are none, or they cannot be read

    def __hash__(self) -> int:
        """By the name alone, which is the only one on a host."""
        return hash(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route of the main table; `destination` is "default" or a network in CIDR form.

    `protocol` is who made it (include/uapi/linux/rtnetlink.h, RTPROT_...), `metric` its rank beside others to the same
    destination, the lowest first; None is not known.
    """

    destination: str
    link: str
    gateway: str = ""
    protocol: int | None = None
    metric: int | None = None


Untraced = Literal["", "unknown", "elsewhere", "links", "address", "route", "hardware"]
"""Why a session cannot be followed down to the cards; "" = it can.

unknown: which connection it is cannot be told; elsewhere: its server is in another network namespace; links: the links
could not be read; address: no link has the server's address; route: the way of the answers is not known; hardware: no
network card was found below it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SshSession:
    """The SSH session that we run in, and every link below it down to the PFs that carry it.

    One that is `untraced` may run over any link, whatever else was found.
    """

    client: str
    server: str
    links: tuple[str, ...] = ()
    pfs: tuple[str, ...] = ()
    untraced: Untraced = ""
