"""One configuration file as the host-agent takes it in: YAML first, then `key = value`."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sriov_tui.hostconf import goyaml, keyvalue, options, values
from sriov_tui.hostconf.goyaml import Document, Node, YamlError
from sriov_tui.hostconf.scalars import Value
from sriov_tui.message import say

_NEST = re.compile(r"(?:[\[{-][ \t]*){100}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One top-level key as it stands in the file; `strings` is what the option gets, None for an unknown key."""

    token: str
    key: str
    key_index: int
    node: Node | None
    value: Value
    strings: tuple[str, ...] | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file read: all its top-level entries in order, and the fault that stopped the reading if there was one."""

    file: str
    data: bytes
    text: str
    entries: tuple[Entry, ...] = ()
    document: Document | None = None
    error: YamlError | None = None  # why it is not the YAML that the host-agent wants
    message: str = ""  # what the host-agent dies with
    error_line: int = 0
    breaks: list[int] = field(default_factory=list)

    def at(self, index: int) -> tuple[int, int]:
        """Line and column, from 1, of a character index."""
        line = bisect.bisect_left(self.breaks, index)
        start = self.breaks[line - 1] + 1 if line else 0
        return line + 1, index - start + 1

    def effective(self) -> dict[str, Entry]:
        """The entry that counts for each option: the last one."""
        return {entry.token: entry for entry in self.entries if entry.strings is not None}


def load(data: bytes, file: str) -> Source:
    """Read one file; never raises."""
    text = data.decode("utf-8", "replace")
    document: Document | None = None
    error: YamlError | None = None
    entries: tuple[Entry, ...] = ()
    try:
        document = goyaml.parse(data)
        text = document.text
        entries = tuple(_entries(document, _breaks(text)))
    except YamlError as fault:
        error = fault
    except RecursionError:
        nest = _NEST.search(text)
        error = YamlError("deep", say("lists or maps are nested too deep"), nest.start() if nest else 0)
    source = Source(file=file, data=data, text=text, document=document, error=error, breaks=_breaks(text))
    if error is None:
        return _with(source, entries)
    fallback = keyvalue.parse(data)
    if fallback.message:
        message = f"FATAL Parse configuration file: {fallback.message}"
        return _with(source, (), message=message, error_line=fallback.line)
    plain = tuple(
        Entry(token, token, 0, None, list(strings), strings if token in options.KINDS else None, line)
        for token, line, strings in fallback.entries
    )
    return _with(source, plain)


def _with(source: Source, entries: tuple[Entry, ...], message: str = "", error_line: int = 0) -> Source:
    return Source(
        file=source.file,
        data=source.data,
        text=source.text,
        document=source.document,
        error=source.error,
        breaks=source.breaks,
        entries=entries,
        message=message,
        error_line=error_line,
    )


def _breaks(text: str) -> list[int]:
    return [index for index, char in enumerate(text) if char == "\n"]


def _entries(document: Document, breaks: list[int]) -> Iterator[Entry]:
    """Every top-level key with what its option gets; raises YamlError where the host-agent refuses the file."""
    root = document.root
    while root is not None and root.kind == "alias":
        root = root.target
    if root is None or root.kind != "mapping":
        raise YamlError("root", say("the file is not a map of keys and values"), root.start if root else 0)
    found = list(_pairs(root))
    last = {key: number for number, (key, *_) in enumerate(found)}
    for number, (key, value, key_node, node) in enumerate(found):
        name = options.token(key)
        strings: tuple[str, ...] | None = None
        if name in options.KINDS:
            try:
                strings = options.strings(name, value)
            except options.BadValue as error:
                if last[key] == number:
                    place = node if node.kind == "scalar" and node.value else key_node
                    raise YamlError("value", f"{key}: {error}", place.start) from error
                continue
        line = bisect.bisect_left(breaks, key_node.start) + 1
        yield Entry(name, key, key_node.start, node, value, strings, line)


def _pairs(root: Node) -> Iterator[tuple[str, Value, Node, Node]]:
    decoder = values.Decoder()
    for key, node in root.pairs():
        if values.is_merge(key):
            for name, value in decoder.merge(node).items():
                yield name, value, key, node
            continue
        name, value = decoder.key(key), decoder.value(node)
        values.check_json(value, node.start)
        yield name, value, key, node
