"""Interfaces that get another name: in `networks` and as the listen_interface, every other byte left alone."""

from __future__ import annotations

from collections.abc import Mapping

from sriov_tui.hostconf import options, style
from sriov_tui.hostconf.nodes import Node, parse
from sriov_tui.hostconf.scalars import as_string
from sriov_tui.hostconf.source import load
from sriov_tui.hostconf.values import Decoder, is_merge
from sriov_tui.message import say
from sriov_tui.model import SriovError

_NAMING = ("networks", "listen-interface")


def rename(text: str, names: Mapping[str, str]) -> str:
    """The text with these interfaces renamed, old -> new; as it is where it cannot be read or names none of them.

    SriovError where the result would not mean that and nothing else.
    """
    before = _meaning(text) if names else None
    if before is None:
        return text
    wanted = {
        name: tuple(_renamed(item, names) for item in items) if name in _NAMING else items
        for name, items in before.items()
    }
    if wanted == before:
        return text
    changed = text
    for start, end, new, quote in sorted((span for node in _nodes(text) if (span := _span(node, names))), reverse=True):
        changed = changed[:start] + style.written(new, quote) + changed[end:]
    if _meaning(changed) != wanted:
        raise SriovError(
            say("host.conf names interfaces in a form that we cannot change."), say("Rename them there by hand.")
        )
    return changed


def _meaning(text: str) -> dict[str, tuple[str, ...]] | None:
    """What every option gets; None where the host-agent dies of the file, or where it is not YAML."""
    source = load(text.encode("utf-8", "surrogateescape"), "host.conf")
    if source.message or source.error is not None:
        return None
    return {name: entry.strings or () for name, entry in source.effective.items()}


def _nodes(text: str) -> list[Node]:
    """The scalars that name interfaces."""
    root = parse(text.encode("utf-8", "surrogateescape")).root
    decoder = Decoder()
    found: list[Node] = []
    for key, node in root.pairs() if root is not None and root.kind == "mapping" else ():
        if is_merge(key) or options.token(decoder.key(key)) not in _NAMING:
            continue
        found += [item for item in ([node] if node.kind == "scalar" else node.items) if item.kind == "scalar"]
    return found


def _span(node: Node, names: Mapping[str, str]) -> tuple[int, int, str, str] | None:
    value = as_string(Decoder().value(node))
    new = _renamed(value, names)
    quote = node.style if node.style in ("'", '"') else ""
    return (node.start, node.end, new, quote) if new != value else None


def _renamed(value: str, names: Mapping[str, str]) -> str:
    iface, slash, rest = value.partition("/")
    return f"{names.get(iface, iface)}{slash}{rest}"
