"""Kernel arguments as key and value, never as substrings; the last of a key counts."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from sriov_tui.late import regex

LISTS = ("intel_iommu", "amd_iommu", "iommu", "pci")  # keys whose value is a list, added up over repeated tokens
SWITCHES: dict[str, tuple[str, ...]] = {  # the arguments that can switch off the IOMMU of an ACPI table
    "DMAR": ("intel_iommu", "iommu", "noiommu"),
    "IVRS": ("amd_iommu", "iommu", "noiommu"),
    "IORT": (),
}
EXCLUSIVE = ({"on", "off"}, {"pt", "nopt"}, {"realloc", "realloc=on", "realloc=off"})
_TOKEN = regex(r'(?:[^\s"]|"[^"]*(?:"|$))+')


@dataclass(frozen=True, slots=True)
class Edit:
    """One token to be changed: `old` becomes the tokens `new`; "" is the end of the line, no `new` takes it away."""

    old: str
    new: tuple[str, ...] = ()


@functools.lru_cache(maxsize=256)
def tokens(cmdline: str) -> tuple[str, ...]:
    """The arguments of a command line; a space within double quotes does not part them (lib/cmdline.c, next_arg)."""
    return tuple(_TOKEN.findall(cmdline))


def for_kernel(cmdline: str) -> tuple[str, ...]:
    """The arguments that the kernel reads: those behind a lone `--` go to init (kernel/params.c, parse_args)."""
    there = tokens(cmdline)
    return there[: there.index("--")] if "--" in there else there


def key_of(token: str) -> str:
    """The name of an argument; the kernel takes `-` for `_` in it (kernel/params.c, dash2underscore)."""
    return token.partition("=")[0].strip('"').replace("-", "_")


@functools.lru_cache(maxsize=1024)
def values(cmdline: str, key: str) -> tuple[str, ...]:
    """Every value of a key, commas apart, in order: `intel_iommu=on,sm_on` gives ("on", "sm_on")."""
    found: list[str] = []
    for token in for_kernel(cmdline):
        if key_of(token) == key and "=" in token:
            found += token.partition("=")[2].strip('"').split(",")
    return tuple(found)


def switch(cmdline: str, key: str) -> bool | None:
    """The last of a key's on and off; None where neither stands."""
    words = [value for value in values(cmdline, key) if value in ("on", "off")]
    return words[-1] == "on" if words else None


def off(cmdline: str, tables: Iterable[str]) -> tuple[str, ...]:
    """The arguments that keep the IOMMU of these ACPI tables off; an on behind it takes back that of intel_iommu alone.

    arch/x86/kernel/pci-dma.c, iommu_setup; drivers/iommu/intel/iommu.c, intel_iommu_setup; drivers/iommu/amd/init.c,
    parse_amd_iommu_options. Arm's SMMUs have no such argument.
    """
    keys = {key for table in tables for key in SWITCHES[table]}
    lifted = {"intel_iommu"} if switch(cmdline, "intel_iommu") else set()
    return tuple(token for token in for_kernel(cmdline) if _says_off(token) and key_of(token) in keys - lifted)


def stuck(cmdline: str, tables: Iterable[str]) -> tuple[str, ...]:
    """Those of them that no later argument takes back: they have to go."""
    return tuple(token for token in off(cmdline, tables) if key_of(token) != "intel_iommu")


def _says_off(token: str) -> bool:
    return token == "noiommu" or "off" in token.partition("=")[2].strip('"').split(",")


def missing(cmdline: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Those wanted arguments that are not in force: absent, or followed by another value of the same key."""
    return tuple(token for token in wanted if not in_force(cmdline, token))


def in_force(cmdline: str, token: str) -> bool:
    """Whether this argument counts. An on has to be a token of its own: the host-agent looks for it as such."""
    key, equals, value = token.partition("=")
    if not equals:
        return token in for_kernel(cmdline)
    if key.replace("-", "_") not in LISTS:
        last = [other for other in for_kernel(cmdline) if key_of(other) == key_of(token)][-1:]
        return [other.partition("=")[2] for other in last] == [value]
    if value in ("on", "off") and token not in for_kernel(cmdline):
        return False
    rivals = _rivals(value)
    return [word for word in values(cmdline, key_of(token)) if word in rivals][-1:] == [value]


def edits(cmdline: str, wanted: Iterable[str] = (), unwanted: Iterable[str] = ()) -> tuple[Edit, ...]:
    """The fewest changes of single tokens after which every wanted argument counts and no unwanted one stands.

    A rival of a wanted argument is replaced where it stands; all other tokens and their order stay.
    """
    there = for_kernel(cmdline)
    gone = set(unwanted)
    changed: dict[str, tuple[str, ...]] = {token: () for token in there if token in gone}
    added: list[str] = []
    for token in missing(" ".join(other for other in there if other not in gone), wanted):
        rivals = [other for other in there if other not in changed and _is_rival(other, token)]
        freed = [other for other in changed if key_of(other) == key_of(token)] if not rivals else []
        for rival in rivals:
            changed[rival] = _rest(rival, token)
        place = next(iter(rivals or freed), None)
        present = token in there and token not in changed
        if place is None and not present:
            added.append(token)
        elif place is not None and not present and token not in changed[place]:
            changed[place] = (token, *changed[place])
    result = [Edit(old, new) for old, new in changed.items() if (old,) != new]
    return (*result, Edit("", tuple(added))) if added else tuple(result)


def apply(cmdline: str, changes: Iterable[Edit]) -> str:
    """The line after these changes; what is between the other tokens stays as it was."""
    by_old = {edit.old: edit.new for edit in changes}
    kernel, dashes, init = _split(cmdline)
    return _applied(kernel, by_old) + dashes + init


def _split(cmdline: str) -> tuple[str, str, str]:
    found = next((found for found in _TOKEN.finditer(cmdline) if found[0] == "--"), None)
    if found is None:
        return cmdline, "", ""
    start = len(cmdline[: found.start()].rstrip())
    return cmdline[:start], cmdline[start : found.end()], cmdline[found.end() :]


def _applied(cmdline: str, by_old: dict[str, tuple[str, ...]]) -> str:
    pieces, at, seen = [], 0, set()
    for found in _TOKEN.finditer(cmdline):
        token = found[0]
        if token not in by_old:
            continue
        new = by_old[token] if token not in seen else ()
        seen.add(token)
        start = found.start()
        if not new:  # with the token goes the space before it, or behind the first one
            start = len(cmdline[:start].rstrip()) if cmdline[:start].strip() else start
        pieces += [cmdline[at:start], " ".join(new)]
        at = found.end()
    text = "".join(pieces) + cmdline[at:]
    if not text.strip() or (pieces and not pieces[0].strip() and not pieces[1]):
        text = text.lstrip(" ")
    end = " ".join(by_old.get("", ()))
    return f"{text.rstrip()} {end}".lstrip() if end else text


def _rivals(value: str) -> set[str]:
    return next((words for words in EXCLUSIVE if value in words), {value})


def _is_rival(other: str, token: str) -> bool:
    value = token.partition("=")[2]
    if key_of(other) != key_of(token):
        return False
    if key_of(token) not in LISTS:
        return True
    words = other.partition("=")[2].strip('"').split(",")
    return other != token and bool(_rivals(value) & set(words))


def _rest(other: str, token: str) -> tuple[str, ...]:
    """What of a rival's list stays, as one token: of `intel_iommu=off,sm_on` for on it is `intel_iommu=sm_on`."""
    key, _, listed = other.partition("=")
    if key_of(token) not in LISTS:
        return ()
    rivals = _rivals(token.partition("=")[2])
    words = [word for word in listed.strip('"').split(",") if word not in rivals]
    return (f"{key}={','.join(words)}",) if words else ()
