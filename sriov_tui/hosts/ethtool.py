"""The hw-tc-offload feature of links, by ethtool's ioctl: a thousand representors in milliseconds.

ethtool's netlink interface is younger (5.7) than kernels that Cloudpods runs on; pyroute2 has the ioctl, but takes
longer to import than a whole audit.
"""

from __future__ import annotations

import array
import fcntl
import socket
import struct
from collections.abc import Iterable

SIOCETHTOOL = 0x8946  # include/uapi/linux/sockios.h
GSSET_INFO, GSTRINGS, GFEATURES = 0x37, 0x1B, 0x3A  # include/uapi/linux/ethtool.h
ETH_SS_FEATURES, ETH_GSTRING_LEN = 4, 32
NAME = b"hw-tc-offload"


def hw_tc_offload(netdevs: Iterable[str]) -> dict[str, str]:
    """The feature of each link in the words of `ethtool -k`: on, off, "on [fixed]", "off [fixed]".

    A link that does not tell, or went away meanwhile, is left out.
    """
    found: dict[str, str] = {}
    names: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for netdev in netdevs:
            try:
                names = names or _names(control, netdev)  # the same for every link
                if NAME in names:
                    found[netdev] = _state(control, netdev, names.index(NAME), len(names))
            except OSError:
                continue
    return found


def _state(control: socket.socket, netdev: str, index: int, count: int) -> str:
    """ETHTOOL_GFEATURES: per 32 features the words available, requested, active, never_changed."""
    block, bit = divmod(index, 32)
    blocks = (count + 31) // 32
    answer = _ask(control, netdev, struct.pack(f"=2I{16 * blocks}x", GFEATURES, blocks))
    available, _, active, never = (word >> bit & 1 for word in struct.unpack_from("=4I", answer, 8 + 16 * block))
    return ("on" if active else "off") + (" [fixed]" if never or not available else "")


def _names(control: socket.socket, netdev: str) -> list[bytes]:
    """The kernel's names of all features, in the order of their bits."""
    answer = _ask(control, netdev, struct.pack("=2IQI", GSSET_INFO, 0, 1 << ETH_SS_FEATURES, 0))
    (count,) = struct.unpack_from("=I", answer, 16)
    request = struct.pack(f"=3I{ETH_GSTRING_LEN * count}x", GSTRINGS, ETH_SS_FEATURES, count)
    strings = _ask(control, netdev, request)[12:]
    return [strings[at : at + ETH_GSTRING_LEN].rstrip(b"\0") for at in range(0, len(strings), ETH_GSTRING_LEN)]


def _ask(control: socket.socket, netdev: str, request: bytes) -> bytes:
    """SIOCETHTOOL: the kernel answers into the request's own bytes, of which `struct ifreq` holds the address."""
    data = array.array("B", request)
    address, _ = data.buffer_info()
    fcntl.ioctl(control, SIOCETHTOOL, struct.pack("16sP16x", netdev.encode()[:15], address))
    return data.tobytes()
