"""The grammar of an entry of `networks`: IFACE/BRIDGE/THIRD[/FOURTH], split at "/" without trimming."""

from __future__ import annotations

import functools
import ipaddress
from dataclasses import dataclass

from sriov_tui.late import regex
from sriov_tui.message import NOTHING, Message, say

_NAME = regex(r"[!-.0-~]{1,15}")  # Linux: 1 to 15 bytes, no "/", no white space


@dataclass(frozen=True, slots=True)
class Network:
    """One entry; `ip` is its address in the IP form and "" in the wire form, where `wire` is set instead.

    `second_ip` is the other family's address of a dual-stack entry (Cloudpods 4.0 or newer).
    """

    text: str
    iface: str
    bridge: str
    ip: str = ""
    wire: str = ""
    second_ip: str = ""
    rest: tuple[str, ...] = ()


@functools.lru_cache(maxsize=4096)
def parse_entry(text: str) -> Network | None:
    """The parts of an entry; None where it has fewer than three, of which the host-agent dies."""
    parts = text.split("/")
    if len(parts) < 3:
        return None
    third, rest = parts[2], tuple(parts[3:])
    if not is_ip(third):
        return Network(text, parts[0], parts[1], wire=third, rest=rest)
    second = rest[0] if rest and is_ip(rest[0]) and (":" in rest[0]) != (":" in third) else ""
    return Network(text, parts[0], parts[1], ip=third, second_ip=second, rest=rest)


def is_ip(text: str) -> bool:
    """Whether Go's net.ParseIP takes the text: an IPv4 or IPv6 address without zone and prefix."""
    if "%" in text or "/" in text or not ("." in text or ":" in text):
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_name(text: str) -> bool:
    """Whether Linux takes the text as the name of an interface."""
    return bool(_NAME.fullmatch(text)) and text not in (".", "..") and ":" not in text


def wire_fault(text: str) -> Message:
    """Why the text cannot be the name of a wire in an entry; "" where it can."""
    if not text:
        return say("it is empty")
    if "/" in text or any(char.isspace() or char in ",#'\"" or not char.isprintable() for char in text):
        return say("it has a space, a slash, a comma, a quote, a # or a control character")
    if is_ip(text):
        return say("it is an IP address, which asks for the IP form")
    return NOTHING
