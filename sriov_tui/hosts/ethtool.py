"""What ethtool asks of links, by its ioctl: a thousand representors in milliseconds, and no process for each card.

ethtool's netlink interface is younger (5.7) than kernels that Cloudpods runs on, and has no message for the driver.
"""

from __future__ import annotations

import array
import fcntl
import socket
import struct
from collections.abc import Iterable

from sriov_tui.hosts.host import Completed

SIOCETHTOOL = 0x8946  # include/uapi/linux/sockios.h
GDRVINFO = 0x03
GSSET_INFO, GSTRINGS, GFEATURES = 0x37, 0x1B, 0x3A  # include/uapi/linux/ethtool.h
ETH_SS_FEATURES, ETH_GSTRING_LEN = 4, 32
NAME = b"hw-tc-offload"
DRVINFO = struct.Struct("=I32s32s32s32s32s12s5I")  # struct ethtool_drvinfo
FAILED = 71  # the status of an ethtool that was refused


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


def driver_information(netdev: str) -> Completed:
    """What `ethtool -i` prints of a link, as far as it is text of the driver."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        try:
            answer = _ask(control, netdev, DRVINFO.pack(GDRVINFO, *[b""] * 6, *[0] * 5))
        except OSError as error:
            return Completed(FAILED, "", f"Cannot get driver information: {error.strerror}\n")
    words = [part.partition(b"\0")[0].decode("utf-8", "surrogateescape") for part in DRVINFO.unpack(answer)[1:6]]
    driver, version, firmware, bus, rom = words
    rows = (("driver", driver), ("version", version), ("firmware-version", firmware), ("expansion-rom-version", rom),
            ("bus-info", bus))  # fmt: skip
    return Completed(0, "".join(f"{name}: {value}\n" for name, value in rows), "")


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
