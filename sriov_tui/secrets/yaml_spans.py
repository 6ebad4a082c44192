"""Secrets of a YAML file by a parser: in whatever way a name and a value are written, anchors and escapes included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from sriov_tui.secrets.hiding import Span
from sriov_tui.secrets.names import Secret, is_harmless, may_name, secret

LARGEST = 64 << 10  # characters: a larger one is no configuration, and is scanned as text alone


class Tree(Protocol):
    """How the nodes of a parser are looked at."""

    def text(self, node: Any) -> str | None:
        """What a scalar says; None for a list or a map."""

    def below(self, node: Any) -> Iterable[tuple[Any, Any]]:
        """Keys and values of a map; of a list None and its items."""

    def place(self, node: Any) -> Span:
        """Where a scalar begins and ends in the text."""


class _Ruamel:
    """ruamel.yaml's nodes."""

    def text(self, node: Any) -> str | None:
        return node.value if isinstance(node.value, str) else None

    def below(self, node: Any) -> Iterable[tuple[Any, Any]]:
        return (item if isinstance(item, tuple) else (None, item) for item in node.value)

    def place(self, node: Any) -> Span:
        return node.start_mark.index, node.end_mark.index


def spans(text: str) -> Iterator[Span]:
    """Where the values of secret names are; nothing where this is no YAML."""
    if not may_be(text):
        return
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        roots = list(YAML(typ="rt", pure=True).compose_all(text))
    except (YAMLError, ValueError, RecursionError, AttributeError, KeyError, IndexError):
        return
    yield from of_roots(roots, _Ruamel(), text)


def may_be(text: str) -> bool:
    """Whether the text is worth a parser."""
    return len(text) <= LARGEST and ":" in text and "\0" not in text and may_name(text)


def of_roots(roots: Iterable[Any], tree: Tree, text: str) -> Iterator[Span]:
    """Where the values of secret names are below these nodes of a text; `tree` tells how to look at them."""
    seen: set[tuple[int, Secret]] = set()
    for root in roots:
        yield from _of(root, Secret.NO, tree, text, seen)


def _of(node: Any, sure: Secret, tree: Tree, text: str, seen: set[tuple[int, Secret]]) -> Iterator[Span]:
    """The scalars below a node of which `sure` is known; with a stack of our own, for a file may be nested deeply."""
    waiting = [(node, sure)]
    while waiting:
        node, sure = waiting.pop()
        if node is None or (id(node), sure) in seen:
            continue
        seen.add((id(node), sure))  # an anchor may stand for the same again and again
        said = tree.text(node)
        if said is not None:
            if sure and not is_harmless(said, sure):
                yield _scalar(text, *tree.place(node))
            continue
        for key, value in tree.below(node):
            waiting.append((value, sure if key is None else _below(tree.text(key), sure)))


def _below(name: str | None, sure: Secret) -> Secret:
    """What is known of the value of a key, in a map of which `sure` is known."""
    if name is None:
        return sure if sure is Secret.STRONG else Secret.NO
    folded = name.casefold()
    if folded in ("public", "public-key"):
        return Secret.NO
    own = secret(name)
    return max(own, sure) if sure is Secret.STRONG or folded == "keys" else own


def _scalar(text: str, start: int, end: int) -> Span:
    """The text of a scalar, without its quotes, its anchor, its tag and the header of a block."""
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
