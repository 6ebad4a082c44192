"""What a YAML text is made of, and its parser, which is imported with the first text: a host without one needs none."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field

BOM = "\ufeff"
BREAKS = "\r\n\x85\u2028\u2029"


class YamlError(Exception):
    """What go-yaml refuses: `index` is the character, from 0, where it noticed; `kind` is a short word for it."""

    def __init__(self, kind: str, message: str, index: int) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.index = index


@dataclass(slots=True, eq=False)
class Node:
    """A YAML node; `start` and `end` are character indices of the text, `items` are children (key, value, ...)."""

    kind: str  # scalar, sequence, mapping or alias
    start: int
    end: int
    value: str = ""  # of an alias: its name
    style: str = ""  # "" = plain, else ' " | >
    tag: str = ""  # short: "str" for !!str, "!" for the bare one
    plain: bool = False  # resolved though it has no tag of a type; in go-yaml: implicit
    flow: bool = False
    items: list[Node] = field(default_factory=list)
    target: Node | None = None

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Keys and values of a mapping, in the file's order."""
        return zip(self.items[::2], self.items[1::2], strict=True)


@dataclass(frozen=True, slots=True)
class Document:
    """The first document of a file: its text as decoded, its root (None where it is empty), and its end."""

    text: str
    root: Node | None
    end: int
    encoding: str


@functools.lru_cache(maxsize=4)
def parse(data: bytes) -> Document:
    """The first YAML document of these bytes; raises YamlError where go-yaml refuses them.

    The last few are kept, since an edit looks at one text many times; nobody changes the nodes.
    """
    from sriov_tui.hostconf import goyaml

    return goyaml.read(data)
