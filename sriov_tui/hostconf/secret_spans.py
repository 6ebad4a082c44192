"""Where the secrets of host.conf are, by the nodes that an edit has read already; ruamel.yaml would read it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sriov_tui.hostconf.nodes import Node, YamlError, parse
from sriov_tui.secrets import yaml_spans
from sriov_tui.secrets.hiding import Span


class _Nodes:
    """The nodes of `goyaml`, as the search for secrets looks at them."""

    def text(self, node: Node) -> str | None:
        node = _meant(node)
        return node.value if node.kind == "scalar" else None

    def below(self, node: Node) -> Iterable[tuple[Node | None, Node]]:
        node = _meant(node)
        return node.pairs() if node.kind == "mapping" else ((None, item) for item in node.items)

    def place(self, node: Node) -> Span:
        node = _meant(node)
        return node.start, node.end


def spans(text: str) -> Iterator[Span]:
    """Where the values of secret names are. What the host-agent's parser refuses, or leaves, the other one looks at."""
    if not yaml_spans.may_be(text):
        return
    try:
        document = parse(text.encode("utf-8"))
    except (YamlError, RecursionError, UnicodeError):
        yield from yaml_spans.spans(text)
        return
    if document.text != text or text[document.end :].strip():
        yield from yaml_spans.spans(text)
        return
    yield from yaml_spans.of_roots((document.root,), _Nodes(), text)


def _meant(node: Node) -> Node:
    while node.kind == "alias" and node.target is not None:
        node = node.target
    return node
