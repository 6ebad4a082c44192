"""YAML text to nodes with their places, as go-yaml v2.4.0 (the host-agent's parser) reads it.

ruamel.yaml's parser does most of the work, on the scanner of `goscanner`; this module makes the
nodes, and refuses what go-yaml refuses (encodings, control characters, `%YAML 1.2`).
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml.docinfo import DocInfo
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.parser import Parser
from ruamel.yaml.tokens import ScalarToken

from sriov_tui.hostconf.goreader import Decoded, TextReader, decode
from sriov_tui.hostconf.goscanner import GoScanner
from sriov_tui.hostconf.nodes import BOM, Document, Node, YamlError

_YAML_ORG = "tag:yaml.org,2002:"


def read(data: bytes) -> Document:
    """The first YAML document of these bytes; raises YamlError where go-yaml refuses them."""
    decoded = decode(data)
    shift = 1 if decoded.marked else 0
    composer = _Composer(decoded)
    try:
        root, end = composer.compose()
    except (
        IndexError,
        AttributeError,
        TypeError,
        ValueError,
        OverflowError,
    ) as error:  # ruamel on odd escapes and tags
        raise YamlError("syntax", "the YAML cannot be read here", composer.reader.index + shift) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        index = mark.index if mark is not None else 0
        raise YamlError("syntax", str(error.problem or error.context), index + shift) from error
    except YamlError as error:
        raise YamlError(error.kind, error.message, error.index + shift) from error
    if shift and root is not None:
        _move(root, shift)
    return Document(BOM[:shift] + decoded.text, root, end + shift, decoded.encoding)


def _move(node: Node, shift: int) -> None:
    todo = [node]
    while todo:
        current = todo.pop()
        current.start += shift
        current.end += shift
        todo.extend(current.items)


class _Parser(Parser):
    """ruamel's parser with its scanner at hand: it asks for it several times a token. No token has a comment here."""

    scanner: Any = None

    def parse_node(self, block: bool = False, indentless_sequence: bool = False) -> Any:
        """Most nodes are scalars alone: that it is none of the others need not be asked for each."""
        token = self.scanner.peek_token()
        if type(token) is not ScalarToken:
            return super().parse_node(block, indentless_sequence)
        self.scanner.get_token()
        self.state = self.states.pop()
        implicit = (bool(token.plain), not token.plain)
        return ScalarEvent(None, None, implicit, token.value, token.start_mark, token.end_mark, style=token.style)

    def move_token_comment(self, token: Any, nt: Any = None, empty: bool | None = False) -> None:
        """Nothing to move."""


class _Composer:
    """Events to nodes without recursion; also the `loader` that ruamel's parts find each other by."""

    processing_version = (1, 1)
    comment_handling = None
    top_level_block_style_scalar_no_indent_error_1_1 = True

    def __init__(self, decoded: Decoded) -> None:
        self._resolver = self
        self._reader = self.reader = TextReader(decoded, self)
        self._scanner = GoScanner(self)
        self._parser = _Parser(self)
        self._parser.scanner = self._scanner
        self.doc_infos = [DocInfo()]
        self.anchors: dict[str, Node] = {}

    def compose(self) -> tuple[Node | None, int]:
        """The root node and the index where the document ends."""
        event = self._next()
        while not isinstance(event, DocumentStartEvent):
            if isinstance(event, StreamEndEvent):
                return None, event.start_mark.index
            event = self._next()
        if event.version not in (None, (1, 1)):
            raise YamlError("version", "only %YAML 1.1 is accepted", 0)
        root = self._node(self._next())
        token = self._scanner.peek_token()
        return root, (token.start_mark.index if token is not None else root.end)

    def _next(self) -> Any:
        return self._parser.get_event()

    def _node(self, event: Any) -> Node:
        root = self._begin(event)
        open_nodes = [root] if root.kind in ("sequence", "mapping") else []
        while open_nodes:
            event = self._next()
            if isinstance(event, CollectionEndEvent):
                open_nodes.pop().end = event.end_mark.index
                continue
            node = self._begin(event)
            open_nodes[-1].items.append(node)
            if node.kind in ("sequence", "mapping"):
                open_nodes.append(node)
        return root

    def _begin(self, event: Any) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, AliasEvent):
            target = self.anchors.get(event.anchor)
            if target is None:
                raise YamlError("anchor", f"unknown anchor '{event.anchor}' referenced", start)
            return Node("alias", start, end, value=event.anchor, target=target)
        tag = _short(event.tag)
        if isinstance(event, ScalarEvent):
            node = Node("scalar", start, end, event.value, event.style or "", tag, bool(event.implicit[0]))
        else:
            kind = "sequence" if isinstance(event, SequenceStartEvent) else "mapping"
            assert kind == "sequence" or isinstance(event, MappingStartEvent)
            node = Node(kind, start, end, tag=tag, flow=bool(event.flow_style))
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node


def _short(tag: str | None) -> str:
    """`str` for !!str; every other tag as it is, with a `!` before it."""
    if not tag:
        return ""
    return tag.removeprefix(_YAML_ORG) if tag.startswith(_YAML_ORG) else f"!{tag.removeprefix('!')}"
