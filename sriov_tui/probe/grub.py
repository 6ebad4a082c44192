"""GRUB's generated menu, its environment block and Boot Loader Specification entries, as text that was read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sriov_tui.facts import BootEntry
from sriov_tui.late import regex

_TITLE = regex(r"^\s*(?P<kind>menuentry|submenu)\s+(['\"])(?P<title>.*?)\2")
_ID = regex(r"(?:\$menuentry_id_option|--id)\s+['\"]?(?P<id>[^'\"\s{]+)")
_LINUX = regex(r"^\s*linux(?:16|efi)?\s+(?P<kernel>\S+)\s*(?P<arguments>.*?)\s*$")
_SET = regex(r"^\s*set\s+(?P<name>\w+)=(?:\"(?P<quoted>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>\S*))")
_VARIABLE = regex(r"\$\{?(\w+)\}?")


@dataclass(slots=True)
class _Item:
    """A menu entry, or a submenu with its items."""

    title: str
    id: str
    kernel: str = ""
    arguments: str = ""
    items: list[_Item] = field(default_factory=list)


def menu(text: str, environment: Mapping[str, str] | None = None) -> tuple[tuple[BootEntry, ...], str]:
    """The entries of a grub.cfg with a kernel, submenus included, and the title of the one that boots by default.

    The title is "" where the default names none of them. `environment` is grubenv's content.
    """
    top = _items(text)
    entries = tuple(
        BootEntry(title=item.title, kernel=item.kernel, arguments=item.arguments, id=item.id)
        for item in _flat(top)
        if item.kernel
    )
    default = _find(top, default_name(text, environment or {}))
    return entries, default.title if default else ""


def default_name(text: str, environment: Mapping[str, str]) -> str:
    """What `set default` names in the end: a number, a title or an id, "a>b" in submenus; "0" where nothing is said.

    `next_entry` is for one boot only and is looked at first, as GRUB does.
    """
    if environment.get("next_entry"):
        return environment["next_entry"]
    values = [value for name, value in settings(text) if name == "default" and "next_entry" not in value]
    name = values[-1] if values else "0"
    return _VARIABLE.sub(lambda found: environment.get(found[1], ""), name) or "0"


def settings(text: str) -> Iterator[tuple[str, str]]:
    """Every `set NAME=VALUE` of a grub.cfg."""
    for line in text.splitlines():
        if found := _SET.match(line):
            yield found["name"], found["quoted"] or found["single"] or found["bare"] or ""


def environment(data: bytes) -> dict[str, str]:
    """The variables of a grubenv block; a backslash quotes the character behind it."""
    lines = data.decode("utf-8", "surrogateescape").splitlines()
    pairs = (line.partition("=") for line in lines if not line.startswith("#") and "=" in line)
    return {name: re.sub(r"\\(.)", r"\1", value) for name, _, value in pairs}


def bls_entry(name: str, text: str, variables: Mapping[str, str]) -> BootEntry:
    """One file of /boot/loader/entries; `name` without ".conf". Variables such as $kernelopts are put in."""
    values: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, _, value = line.strip().partition(" ")
        if key and not key.startswith("#"):
            values.setdefault(key.rstrip("\t"), []).append(value.strip())
    options = " ".join(values.get("options", ()))
    expanded = _VARIABLE.sub(lambda found: variables.get(found[1], ""), options)
    first = {key: found[0] for key, found in values.items()}
    return BootEntry(
        title=first.get("title", name), kernel=first.get("linux", ""), arguments=" ".join(expanded.split()), id=name
    )


def bls_order(names: Sequence[str]) -> list[str]:
    """Names of BLS files as the menu shows them: the newest version first."""
    return sorted(names, key=_version, reverse=True)


def bls_default(entries: Sequence[BootEntry], name: str) -> str:
    """The title of the entry that this id, title or number names; "" where it names none."""
    if name.isdigit():
        return entries[int(name)].title if int(name) < len(entries) else ""
    return next((entry.title for entry in entries if name in (entry.id, entry.title)), "")


def _version(name: str) -> list[tuple[int, int, str]]:
    """Digits count as numbers and stand above letters, as in rpm's comparison."""
    parts = re.findall(r"\d+|[A-Za-z]+", name)
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]


def _items(text: str) -> list[_Item]:
    top = _Item("", "")
    stack: list[_Item | None] = [top]
    for line in text.splitlines():
        plain = line.strip()
        inside = next(item for item in reversed(stack) if item is not None)
        if found := _TITLE.match(line):
            ids = _ID.search(line)
            inside.items.append(_Item(found["title"], ids["id"] if ids else ""))
            stack.append(inside.items[-1])
        elif plain.endswith("{") and not plain.startswith("#"):
            stack.append(None)
        elif plain == "}" and len(stack) > 1:
            stack.pop()
        elif (found := _LINUX.match(line)) and inside is not top and not inside.kernel:
            inside.kernel, inside.arguments = found["kernel"], found["arguments"]
    return top.items


def _flat(items: list[_Item]) -> Iterator[_Item]:
    for item in items:
        yield item
        yield from _flat(item.items)


def _find(items: list[_Item], name: str) -> _Item | None:
    """The entry that a default names, submenu by submenu; of a submenu its first entry."""
    found: _Item | None = None
    for part in name.split(">"):
        if part.isdigit():
            found = items[int(part)] if int(part) < len(items) else None
        else:
            found = next((item for item in items if part in (item.id, item.title)), None)
        if found is None:
            return None
        items = found.items
    while found and not found.kernel and found.items:
        found = found.items[0]
    return found
