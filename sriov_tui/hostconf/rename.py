"""Interfaces that get another name: in `networks` and as the listen_interface, every other byte left alone."""

from __future__ import annotations

from collections.abc import Mapping

from sriov_tui.hostconf import options, style
from sriov_tui.hostconf.goyaml import Node, YamlError, parse
from sriov_tui.hostconf.scalars import as_string
from sriov_tui.hostconf.values import Decoder, is_merge
from sriov_tui.message import say
from sriov_tui.model import SriovError


def rename(text: str, names: Mapping[str, str]) -> str:
    """The text with these interfaces renamed, old -> new; as it is where it cannot be read or names none of them.

    SriovError where the result would not mean that and nothing else.
    """
    if not names:
        return text
    try:
        spans = [span for node in _nodes(text) if (span := _span(node, names))]
    except (YamlError, RecursionError):
        return text
    changed = text
    for start, end, new, quote in sorted(spans, reverse=True):
        changed = changed[:start] + style.written(new, quote) + changed[end:]
    expected = [_renamed(value, names) for value in _values(text)]
    if _values(changed) != expected:
        raise SriovError(
            say("host.conf names interfaces in a way that we cannot change."), say("Rename them there by hand.")
        )
    return changed


def _nodes(text: str) -> list[Node]:
    """The scalars that name interfaces."""
    root = parse(text.encode("utf-8", "surrogateescape")).root
    decoder = Decoder()
    found: list[Node] = []
    for key, node in root.pairs() if root is not None and root.kind == "mapping" else ():
        if is_merge(key) or options.token(decoder.key(key)) not in ("networks", "listen-interface"):
            continue
        found += [item for item in ([node] if node.kind == "scalar" else node.items) if item.kind == "scalar"]
    return found


def _values(text: str) -> list[str]:
    return [as_string(Decoder().value(node)) for node in _nodes(text)]


def _span(node: Node, names: Mapping[str, str]) -> tuple[int, int, str, str] | None:
    value = as_string(Decoder().value(node))
    new = _renamed(value, names)
    quote = node.style if node.style in ("'", '"') else ""
    return (node.start, node.end, new, quote) if new != value else None


def _renamed(value: str, names: Mapping[str, str]) -> str:
    iface, slash, rest = value.partition("/")
    return f"{names.get(iface, iface)}{slash}{rest}"
