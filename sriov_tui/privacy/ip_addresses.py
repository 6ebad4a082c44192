"""Other IP addresses for those in a text: the same one for the same one, and two that share a network still do."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from sriov_tui.late import regex

# Not what is part of a version, such as the 182.0.0.95 in 5.10.0-182.0.0.95.oe2203.
_V4 = regex(r"(?<![\w.-])(?<!version )(?<!version: )(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)(?:/\d{1,2}(?!\d))?")
_V6 = regex(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:]|\.\d)(?:/\d{1,3})?")
_GUID = regex(r"(?:[0-9A-Fa-f]{2}:){7}[0-9A-Fa-f]{2}")
# What an address means is in its first bits, and these stay: a private address stays private.
_KEPT = tuple(map(ip_network, ("172.16.0.0/12", "192.168.0.0/16", "fe80::/64", "fec0::/10", "fc00::/7")))
_MEANT = tuple(
    map(ip_network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/8", "ff00::/8"))
)  # fmt: skip
Address = IPv4Address | IPv6Address


class Addresses:
    """Replaces IP addresses; without a key only the half of an IPv6 address that is made of a MAC address.

    `interface` is given that lower half, whatever it is made of, and tells the new one.
    """

    def __init__(self, interface: Callable[[bytes], bytes], key: bytes = b"") -> None:
        self._interface = interface
        self._key = key
        self._flips = cache(self._flip)

    def replace(self, text: str) -> str:
        """The text with other addresses; a network in CIDR form stays a network."""
        if ":" in text:
            text = _V6.sub(lambda match: self._token(match[0]), text)
        return _V4.sub(lambda match: self._token(match[0]), text) if self._key else text

    def _token(self, token: str) -> str:
        word, slash, length = token.partition("/")
        try:
            address = ip_address(word)
        except ValueError:
            return token
        if _GUID.fullmatch(word):
            return token
        new = self._other(address)
        host_bits = max(0, address.max_prefixlen - int(length)) if slash else 0
        if host_bits and int(address) & ((1 << host_bits) - 1) == 0:
            new = type(new)(int(new) >> host_bits << host_bits)
        if new == address:
            return token
        other = new.exploded if word.casefold() == address.exploded else str(new)
        return f"{other.upper() if word.isupper() else other}{slash}{length}"

    def _other(self, address: Address) -> Address:
        if any(address in network for network in _MEANT):
            return address
        new = self._scrambled(address) if self._key else address
        half = address.packed[8:]
        return IPv6Address(new.packed[:8] + self._interface(half)) if self._interface(half) != half else new

    def _scrambled(self, address: Address) -> Address:
        """Each bit is turned or not by those before it (Crypto-PAn), so that common prefixes stay common."""
        bits = f"{int(address):0{address.max_prefixlen}b}"
        kept = max((network.prefixlen for network in _KEPT if address in network), default=8)
        turned = (str(int(bit) ^ self._flips(bits[:at])) for at, bit in enumerate(bits[kept:], kept))
        return type(address)(int(bits[:kept] + "".join(turned), 2))

    def _flip(self, before: str) -> int:
        return hmac.digest(self._key, before.encode(), hashlib.sha256)[0] & 1
