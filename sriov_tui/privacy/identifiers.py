"""UUIDs of machines, file systems and virtual machines, and ids that are written like them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sriov_tui.late import regex
from sriov_tui.privacy.pseudonyms import Words, numbered

_H = "[0-9A-Fa-f]"
_UUID = regex(
    rf"(?:(?<![0-9A-Za-z])|(?<=\\x2d)|(?<=%2D)|(?<=%2F)){_H}{{8}}(-|_|:|\\x2d|%2D){_H}{{4}}\1{_H}{{4}}\1{_H}{{4}}\1{_H}{{12}}(?![0-9A-Za-z])"
)
_PLAIN = regex(rf"(?<![0-9A-Za-z]){_H}{{32}}(?![0-9A-Za-z])")
_NAMED = regex(
    rf"(?:(?i:\b(?:machine|boot|product|system)[-_ ]?(?:id|uuid)|\buuid)\b\W{{1,4}}|loader/entries/)({_H}{{32}})"
    r"(?![0-9A-Za-z])"
)
_FILE_SYSTEM = regex(
    r"(?:UUID=|by-(?:part)?uuid/|by\\x2d(?:part)?uuid\\x2d)[\"']?([0-9A-Fa-f]{4,8}-[0-9A-Fa-f]{2,4}|[0-9A-Fa-f]{16})(?![\w-])"
)
_FIRMWARE = regex(rf"/efi/(?:efi)?vars/\w{{0,64}}-({_H}{{8}}(?:-{_H}{{4}}){{3}}-{_H}{{12}})")
# The same on every machine: EFI's variables and the boot loader's (UEFI 2.10, 8.2; systemd's Boot Loader Interface).
_KNOWN = (
    "8be4df6193ca11d2aa0d00e098032b8c",
    "d719b2cb3d3a4596a3bcdad00e67656f",
    "4a67b0820a4c41cfb6c7440b29bb8c4f",
)


class Identifiers:
    """The UUIDs that are in these texts, and what stands for each; those that mean the same everywhere stay."""

    def __init__(self, texts: Iterable[str]) -> None:
        found: set[str] = set()
        short: set[str] = set()
        kept = set(_KNOWN)
        for text in texts:
            found |= set(_found(text))
            short |= set(_FILE_SYSTEM.findall(text))
            kept |= {_digits(uuid) for uuid in _FIRMWARE.findall(text)}
        found -= kept | {digit * 32 for digit in "0f"}
        self._numbers = {digits: f"{0:08x}000040008000{number:012x}" for number, digits in enumerate(sorted(found), 1)}
        self._short = Words(numbered(short, "ID"))

    def replace(self, text: str) -> str:
        """The text with other ids, written as these were."""
        return _PLAIN.sub(self._other, _UUID.sub(self._other, self._short.replace(text)))

    def _other(self, match: re.Match[str]) -> str:
        separator = match[1] if match.re.groups else ""
        digits = match[0].replace(separator, "") if separator else match[0]
        new = self._numbers.get(digits.lower())
        if new is None:
            return match[0]
        return separator.join((new[:8], new[8:12], new[12:16], new[16:20], new[20:]))


def _found(text: str) -> Iterator[str]:
    yield from (match[0].replace(match[1], "").lower() for match in _UUID.finditer(text))
    yield from (
        digits.lower() for digits in _NAMED.findall(text) if not digits.lower().startswith(("fe80", "20", "fd"))
    )


def _digits(uuid: str) -> str:
    return uuid.replace("-", "").lower()
