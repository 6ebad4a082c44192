"""Secrets of a YAML file by a parser: in whatever way a name and a value are written, anchors and escapes included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sriov_tui.secrets.hiding import Span
from sriov_tui.secrets.names import Secret, is_harmless, secret

LARGEST = 64 << 10  # characters: a larger one is no configuration, and is scanned as text alone


def spans(text: str) -> Iterator[Span]:
    """Where the values of secret names are; nothing where this is no YAML."""
    if len(text) > LARGEST or ":" not in text or "\0" in text:
        return
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        roots = list(YAML(typ="rt", pure=True).compose_all(text))
    except (YAMLError, ValueError, RecursionError, AttributeError, KeyError, IndexError):
        return
    seen: set[tuple[int, Secret]] = set()
    for root in roots:
        yield from _of(root, Secret.NO, text, seen)


def _of(node: Any, sure: Secret, text: str, seen: set[tuple[int, Secret]]) -> Iterator[Span]:
    """The scalars below a node of which `sure` is known; with a stack of our own, for a file may be nested deeply."""
    waiting = [(node, sure)]
    while waiting:
        node, sure = waiting.pop()
        if node is None or (id(node), sure) in seen:
            continue
        seen.add((id(node), sure))  # an anchor may stand for the same again and again
        if isinstance(node.value, str):
            if sure and not is_harmless(node.value, sure):
                yield _scalar(node, text)
            continue
        for item in node.value:
            if isinstance(item, tuple):
                key, value = item
                own = secret(key.value) if isinstance(key.value, str) else Secret.NO
                below = (
                    Secret.NO if _is_public(key) else max(own, sure if sure is Secret.STRONG or _is_keys(key) else own)
                )
                waiting.append((value, below))
            else:
                waiting.append((item, sure))


def _is_public(key: Any) -> bool:
    return isinstance(key.value, str) and key.value.casefold() in ("public", "public-key")


def _is_keys(key: Any) -> bool:
    return isinstance(key.value, str) and key.value.casefold() == "keys"


def _scalar(node: Any, text: str) -> Span:
    """The text of a scalar, without its quotes, its anchor, its tag and the header of a block."""
    start, end = node.start_mark.index, node.end_mark.index
    raw = text[start:end]
    skip = 0
    while raw[skip : skip + 1] in ("&", "!"):
        while skip < len(raw) and not raw[skip].isspace():
            skip += 1
        while skip < len(raw) and raw[skip].isspace():
            skip += 1
    if raw[skip : skip + 1] in ("|", ">"):
        skip = raw.find("\n", skip) + 1 or len(raw)
    elif raw[skip : skip + 1] in ("'", '"') and len(raw) - skip > 1:
        return start + skip + 1, end - 1
    return start + skip, end
