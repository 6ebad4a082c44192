"""What identifies a machine in a text, and what stands for it: always the same for the same.

Numbers are given in the order of what they stand for, so that lists keep their order. Nobody can count back from them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from sriov_tui.late import regex

_SEPARATORS = (regex(r"[ ._-]"), regex(r"[ -]"))
_JOINTS = ("_", "-", "--", r"\x2d", r"\x20", "%20", r"\040")  # of LVM, of systemd, of addresses, of /proc/mounts
_AS_OTHER = {"_": "_", "--": "--", r"\x2d": r"\x2d"}  # how a pseudonym is written there
_SERIAL = regex(
    r"(?i)(?<![a-z])(?:(?:serial(?:[ _-]?(?:number|no|short))?|s/n|sn|(?:asset|service)[ _-]?tag)[\"'\]]?\s*[:=]\s*"
    r"|serial[ _]number[ \t]+)[\"']?([\w./-]{4,})"
)


def serials(texts: Iterable[str]) -> set[str]:
    """The serial numbers that these texts call so; a word without a digit is none."""
    return {value for text in texts for value in _SERIAL.findall(text) if is_serial(value)}


def is_serial(value: str) -> bool:
    """Whether this can be a serial number at all, and not a "none" or "1"."""
    return len(value) >= 4 and any(char.isdigit() for char in value)


class Words:
    """Replaces whole words, whatever their case: host names, serial numbers, names of virtual machines.

    They are found as paths, units and addresses write them, too; a number at the end of a name's own letters stays.
    """

    def __init__(self, others: Mapping[str, str]) -> None:
        written = {}
        for name, other in others.items():
            for separators in _SEPARATORS:
                for joint in _JOINTS if separators.search(name) else ():
                    written[joint.join(separators.split(name))] = other.replace("-", _AS_OTHER.get(joint, "-"))
        self._others = {name.lower(): other for name, other in (written | dict(others)).items()}
        longest_first = sorted(self._others, key=lambda name: (-len(name), name))
        choice = "|".join(
            re.escape(name) + ("(?![A-Za-z])" if name[-1:].isalpha() else "(?![A-Za-z0-9])") for name in longest_first
        )
        self._pattern = (
            re.compile(rf"(?i)(?:(?<![A-Za-z0-9])|(?<=\\x[0-9a-f]{{2}})|(?<=%[0-9a-f]{{2}}))({choice})")
            if choice
            else None
        )

    def replace(self, text: str) -> str:
        """The text with the other words."""
        return self._pattern.sub(lambda match: self._others[match[0].lower()], text) if self._pattern else text

    def found_in(self, text: str) -> bool:
        """Whether one of the words stands in a text."""
        return bool(self._pattern and self._pattern.search(text))


def numbered(names: Collection[str], stem: str, first: int = 1) -> dict[str, str]:
    """A pseudonym for each name: the stem and a number, in the order of the names."""
    return {name: f"{stem}-{number}" for number, name in enumerate(sorted(names), first)}
