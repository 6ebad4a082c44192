"""MAC addresses, GUIDs and WWNs in all the ways in which the kernel, DHCP, InfiniBand and switches write them.

The maker's half stays, which a check may need; the card's own half becomes a number, the same in every notation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sriov_tui.late import regex

_H = "[0-9A-Fa-f]"
_OCTETS = regex(
    rf"(?:(?<![0-9A-Za-z])|(?<=\\x)|(?<=0x)){_H}{{2}}([:._ -]|%3[Aa]|\\x|, ?0x| 0x){_H}{{2}}(?:\1{_H}{{2}}){{4,}}"
    r"(?![0-9A-Za-z])"
)
_FOUND_IN = (":", "-", "%3A", "%3a")  # six numbers with dots or blanks may be anything: known ones alone are replaced
_NAMED = regex(
    rf"(?:\b(?:en|wl|ib)x|(?i:\b(?:mac|guid|wwn|wwpn|wwnn|eui|naa)\b\W*(?:0x)?))({_H}{{16}}|{_H}{{12}})(?!{_H})"
)
_COMPACT = regex(rf"{_H}{{12,}}")
_GROUPS = regex(
    rf"(?<![0-9A-Za-z])(?:{_H}{{4}}([.-]){_H}{{4}}\1{_H}{{4}}|{_H}{{6}}[:-]{_H}{{6}}"
    rf"|(?<!:){_H}{{4}}:{_H}{{4}}:{_H}{{4}}(?::{_H}{{4}})?(?!:))(?![0-9A-Za-z])"
)
_OWN_HALF = regex(
    rf"(?<![\w:.-]){_H}{{2}}([:-]){_H}{{2}}\1{_H}{{2}}(?![\w:-])|(?<![0-9A-Za-z]){_H}{{6}}(?![0-9A-Za-z])"
)
_CLOCK = regex(r"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d")
_EUI64 = regex(rf"(?<!{_H})({_H}{{1,4}}):({_H}{{0,2}})[fF]{{2}}:[fF][eE]({_H}{{2}}):({_H}{{1,4}})(?!{_H})")
_ADDRESS = regex(rf"(?<!{_H}){_H}{{16}}({_H}{{6}})[fF]{{3}}[eE]({_H}{{6}})(?!{_H})")  # /proc/net/if_inet6
_MAKER_AT = {6: 0, 8: 0, 20: 12}  # octets of a MAC, a GUID, an InfiniBand hardware address: where the maker stands
_DUIDS = {14: "00010001", 10: "00030001"}  # RFC 8415, 11.2 and 11.4: their octets, and how they begin
_GUID_FILL = "0300"  # between the halves of a GUID of Mellanox
_FILLS = ("fffe", "ffff", _GUID_FILL)  # and of an EUI-64
_DISTINCT = 4  # digits: fewer are found within any long number
Parts = tuple[str, str]  # the maker's three octets and the card's own three, in lower-case hex


class Hardware:
    """The addresses that are in these texts, and what stands for each."""

    def __init__(self, texts: Iterable[str]) -> None:
        found = {parts for text in texts for parts in _found(text)}
        self._numbers = {parts: f"{number:06x}" for number, parts in enumerate(sorted(found), 1)}
        self._halves = {own: number for (_, own), number in self._numbers.items()}
        self._integers = {int("".join(parts), 16): int(parts[0] + new, 16) for parts, new in self._numbers.items()}

    def replace(self, text: str) -> str:
        """The text with other addresses, in each way of writing them that was in it."""
        text = _OCTETS.sub(self._octets, text)
        text = _GROUPS.sub(lambda match: _fill(match[0], self._whole(_digits(match[0]))), text)
        return _OWN_HALF.sub(self._half, _COMPACT.sub(lambda match: self._compact(match[0]), text))

    def interface(self, half: bytes) -> bytes:
        """The lower half of an IPv6 address; another one where it is made of a MAC address (RFC 4291, appendix A)."""
        digits = half.hex()
        if half[3:5] != b"\xff\xfe":
            return bytes.fromhex(self._within(digits) or digits)
        parts = _flipped(digits[:6]), digits[10:]
        return half[:5] + bytes.fromhex(self._numbers.setdefault(parts, f"{len(self._numbers) + 1:06x}"))

    def _octets(self, match: re.Match[str]) -> str:
        written = match[0]
        separator = match[1]
        digits = "".join(written.split(separator)).lower()
        return _fill(written, self._whole(digits) or self._parts_of(digits, 2), separator)

    def _compact(self, written: str) -> str:
        digits = written.lower()
        new = self._whole(digits)
        if new is None and digits.isdigit() and len(digits) <= 15 and int(digits) in self._integers:
            return str(self._integers[int(digits)])
        return _fill(written, new or self._parts_of(digits, 1))

    def _half(self, match: re.Match[str]) -> str:
        digits = _digits(match[0])
        plain = not match[1] and (digits.isdigit() or digits.isalpha())  # a number, a word
        new = None if plain or _CLOCK.fullmatch(digits) else self._halves.get(digits)
        return _fill(match[0], new)

    def _whole(self, digits: str) -> str | None:
        """Other digits for what is an address and nothing else."""
        parts = _parts(digits)
        number = self._numbers.get(parts) if parts else None
        return self._within(digits) if number is None else digits[:-6] + number

    def _within(self, digits: str) -> str | None:
        """Other digits for an EUI-64 or a GUID that is made of a known address."""
        if len(digits) != 16 or digits[6:10] not in _FILLS:
            return None
        makers = (digits[:6], _flipped(digits[:6]))
        number = next((self._numbers[m, digits[10:]] for m in makers if (m, digits[10:]) in self._numbers), None)
        return None if number is None else digits[:10] + number

    def _parts_of(self, digits: str, step: int) -> str | None:
        """Other digits for a longer number in which known addresses stand: a DUID, a client id, an IPv6 address."""
        at, new = 0, digits
        while at + 12 <= len(digits):
            key = digits[at : at + 6], digits[at + 6 : at + 12]
            number = self._numbers.get(key)
            longer = self._within(digits[at : at + 16])
            if number is not None and len(set("".join(key))) >= _DISTINCT:
                new = new[: at + 6] + number + new[at + 12 :]
                at += 12
            elif longer is not None and len(set(digits[at : at + 16])) >= _DISTINCT:
                new = new[:at] + longer + new[at + 16 :]
                at += 16
            else:
                at += step
        return None if new == digits else new


def _found(text: str) -> Iterator[Parts]:
    written = [_digits(match[0], match[1]) for match in _OCTETS.finditer(text) if match[1] in _FOUND_IN]
    written += [match[1].lower() for match in _NAMED.finditer(text)]
    for match in _GROUPS.finditer(text):
        digits = _digits(match[0])
        if digits[6:10] == _GUID_FILL if len(digits) == 16 else match[1] == "." and not digits.isdigit():
            written.append(digits)
    written += [
        _flipped((one.zfill(4) + two.zfill(2)).lower()) + (three + four.zfill(4)).lower()
        for one, two, three, four in _EUI64.findall(text)
    ]
    written += [_flipped(maker.lower()) + own.lower() for maker, own in _ADDRESS.findall(text)]
    yield from (parts for digits in written if (parts := _parts(digits)))


def _parts(digits: str) -> Parts | None:
    """The two halves; None for what is no card's address: all zeros or ones, a group address, another length."""
    octets, odd = divmod(len(digits), 2)
    at = _MAKER_AT.get(octets)
    if octets == 7 and digits.startswith("01"):  # a DHCP client id: the kind of hardware, then its address
        at = 1
    for length, begin in _DUIDS.items():
        if octets >= length and digits[-2 * length :].startswith(begin):
            at = octets - 6
    if odd or at is None or (len(set(digits)) == 1 and digits[0] in "0f") or int(digits[2 * at : 2 * at + 2], 16) & 1:
        return None
    return digits[2 * at : 2 * at + 6], digits[-6:]


def _flipped(maker: str) -> str:
    """The maker's octets with the bit turned that an interface identifier has the other way round."""
    return f"{int(maker[:2], 16) ^ 2:02x}{maker[2:]}"


def _digits(written: str, separator: str = "") -> str:
    return re.sub("[:.-]", "", written.replace(separator, "") if separator else written).lower()


def _fill(written: str, digits: str | None, separator: str = "") -> str:
    """What was written with other digits in it, and the capitals and separators that it had."""
    if digits is None:
        return written
    if separator:
        old = written.split(separator)
        new = [digits[at : at + 2] for at in range(0, len(digits), 2)]
        return separator.join(two.upper() if one.isupper() else two for one, two in zip(old, new, strict=True))
    left = iter(digits.upper() if written.isupper() else digits)
    return "".join(_cased(char, next(left)) if char.isalnum() else char for char in written)


def _cased(old: str, new: str) -> str:
    """The same letter as it was written: it may belong to a word before the address."""
    return old if old.lower() == new.lower() else new
