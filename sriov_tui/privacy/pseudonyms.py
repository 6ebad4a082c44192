"""What identifies a machine in a text, and what stands for it: always the same for the same.

Numbers are given in the order of what they stand for, so that lists keep their order. Nobody can count back from them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

_OCTETS = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){4,18}(?![\w:-])")
_NAMED = re.compile(
    r"(?:\b(?:en|wl|ib)x|(?i:\b(?:mac|guid)\b\W*(?:0x)?))([0-9a-fA-F]{16}|[0-9a-fA-F]{12})(?![0-9A-Fa-f])"
)
_COMPACT = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9a-fA-F]{16}|[0-9a-fA-F]{12})(?![0-9A-Fa-f])")
_MAKER_AT = {6: 0, 8: 0, 20: 12}  # octets of a MAC, a GUID, an InfiniBand hardware address: where the maker stands
_SERIAL = re.compile(r"(?i)(?<![a-z])serial(?:[ _-]?(?:number|no|short))?[\"']?\s*[:=]\s*[\"']?([\w./-]{4,})")
Parts = tuple[str, str]  # the maker's three octets and the card's own three, in lower-case hex


class Hardware:
    """MAC addresses and GUIDs: the maker's half stays, the card's own becomes a number."""

    def __init__(self, texts: Iterable[str]) -> None:
        found: set[Parts] = set()
        for text in texts:
            found |= {parts for match in _OCTETS.finditer(text) if (parts := _parts(match[0]))}
            found |= {parts for match in _NAMED.finditer(text) if (parts := _parts(match[1]))}
        self._numbers = {parts: f"{number:06x}" for number, parts in enumerate(sorted(found), 1)}

    def replace(self, text: str) -> str:
        """The text with other addresses, in each way of writing them that was in it."""
        return _COMPACT.sub(self._compact, _OCTETS.sub(self._octets, text))

    def interface(self, half: bytes) -> bytes:
        """The lower half of an IPv6 address; another one where it is made of a MAC address (RFC 4291, appendix A)."""
        if half[3:5] != b"\xff\xfe":
            return half
        maker = bytes([half[0] ^ 2]) + half[1:3]
        parts = maker.hex(), half[5:].hex()
        return half[:5] + bytes.fromhex(self._numbers.setdefault(parts, f"{len(self._numbers) + 1:06x}"))

    def _octets(self, match: re.Match[str]) -> str:
        number = self._numbers.get(_parts(match[0]) or ("", ""))
        if number is None:
            return match[0]
        return match[0][:-8] + match[1].join((number[:2], number[2:4], number[4:]))

    def _compact(self, match: re.Match[str]) -> str:
        number = self._numbers.get(_parts(match[0]) or ("", ""))
        return match[0] if number is None else match[0][:-6] + number


def _parts(written: str) -> Parts | None:
    """The two halves; None for what is no card's address: all zeros or ones, a group address, another length."""
    digits = re.sub("[:-]", "", written).lower()
    at = _MAKER_AT.get(len(digits) // 2)
    if at is None or set(digits) in ({"0"}, {"f"}) or (at == 0 and int(digits[:2], 16) & 1):
        return None
    return digits[2 * at : 2 * at + 6], digits[-6:]


def serials(texts: Iterable[str]) -> set[str]:
    """The serial numbers that these texts call so; a word without a digit is none."""
    return {value for text in texts for value in _SERIAL.findall(text) if is_serial(value)}


def is_serial(value: str) -> bool:
    """Whether this can be a serial number at all, and not a "none" or "1"."""
    return len(value) >= 4 and any(char.isdigit() for char in value)


class Words:
    """Replaces whole words, whatever their case: host names, serial numbers, names of virtual machines."""

    def __init__(self, others: Mapping[str, str]) -> None:
        # As LVM writes names in paths, too: it doubles every hyphen.
        doubled = {name.replace("-", "--"): other.replace("-", "--") for name, other in others.items() if "-" in name}
        self._others = {name.lower(): other for name, other in (doubled | dict(others)).items()}
        longest_first = sorted(self._others, key=lambda name: (-len(name), name))
        choice = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(rf"(?i)(?<![A-Za-z0-9])(?:{choice})(?![A-Za-z0-9])") if choice else None

    def replace(self, text: str) -> str:
        """The text with the other words."""
        return self._pattern.sub(lambda match: self._others[match[0].lower()], text) if self._pattern else text

    def found_in(self, text: str) -> bool:
        """Whether one of the words stands in a text."""
        return bool(self._pattern and self._pattern.search(text))


def numbered(names: Collection[str], stem: str, first: int = 1) -> dict[str, str]:
    """A pseudonym for each name: the stem and a number, in the order of the names."""
    return {name: f"{stem}-{number}" for number, name in enumerate(sorted(names), first)}
