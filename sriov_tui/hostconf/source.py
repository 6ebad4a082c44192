"""One configuration file as the host-agent takes it in: YAML first, then `key = value`."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sriov_tui.hostconf import keyvalue, options, values
from sriov_tui.hostconf.nodes import Document, Node, YamlError, parse
from sriov_tui.hostconf.scalars import Value
from sriov_tui.late import regex
from sriov_tui.message import say

_NEST = regex(r"(?:[\[{-][ \t]*){100}")
_MOST = 64  # ways to read one file that are told apart


@dataclass(frozen=True, slots=True)
class Entry:
    """One top-level key as it stands in the file; `strings` is what the option gets, None for an unknown key.

    `bad` is why the option cannot take the value, "" where it can; `strings` is then ().
    """

    token: str
    key: str
    key_index: int
    node: Node | None
    value: Value
    strings: tuple[str, ...] | None
    line: int
    bad: str = ""

    @property
    def sets(self) -> bool:
        """Whether an option that it fills counts as set, so that its other spellings are passed over."""
        return not self.bad and bool(self.strings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file read: all its top-level entries in order, and the fault that stopped the reading if there was one."""

    file: str
    data: bytes
    text: str
    entries: tuple[Entry, ...] = ()
    effective: Mapping[str, Entry] = field(default_factory=dict)  # the entry that counts for each option
    document: Document | None = None
    error: YamlError | None = None  # why it is not the YAML that the host-agent wants
    message: str = ""  # what the host-agent dies with
    error_line: int = 0
    breaks: list[int] = field(default_factory=list)
    others: tuple[Source, ...] = ()  # other ways it may be read at another start, where chance decides

    def at(self, index: int) -> tuple[int, int]:
        """Line and column, from 1, of a character index."""
        line = bisect.bisect_left(self.breaks, index)
        start = self.breaks[line - 1] + 1 if line else 0
        return line + 1, index - start + 1


@functools.lru_cache(maxsize=8)
def load(data: bytes, file: str) -> Source:
    """Read one file; never raises. The last few are kept, since an edit and its caller ask for the same ones."""
    known = options.known(file)
    text = data.decode("utf-8", "replace")
    try:
        document = parse(data)
        text = document.text
        source = Source(file=file, data=data, text=text, document=document, breaks=_breaks(text))
        return _ways(replace(source, entries=tuple(_entries(document, source.breaks, known))), known)
    except YamlError as fault:
        error = fault
    except RecursionError:
        nest = _NEST.search(text)
        error = YamlError("deep", say("lists or maps are nested too deep"), nest.start() if nest else 0)
    return _key_values(Source(file=file, data=data, text=text, error=error, breaks=_breaks(text)), known)


def _key_values(source: Source, known: frozenset[str]) -> Source:
    """The file in its other form, or the message that the host-agent dies with."""
    fallback = keyvalue.parse(source.data, known)
    if fallback.message:
        message = f"FATAL Parse configuration file: {fallback.message}"
        return replace(source, entries=(), message=message, error_line=fallback.line)
    entries = tuple(
        Entry(token, token, 0, None, list(strings), strings if token in known else None, line)
        for token, line, strings in fallback.entries
    )
    return replace(source, entries=entries, effective={e.token: e for e in entries if e.strings is not None})


def _ways(source: Source, known: frozenset[str]) -> Source:
    """The source with the entries that count; the options come in any order, so that two spellings are chance."""
    groups: dict[str, list[Entry]] = {}
    for entry in {entry.key: entry for entry in source.entries if entry.strings is not None}.values():
        groups.setdefault(entry.token, []).append(entry)
    picks = [[entry for entry in group if entry.sets] or group[-1:] for group in groups.values()]
    lives = not any(pick[-1].bad for pick in picks)
    ways = [
        replace(source, effective={entry.token: entry for entry in way})
        for way in itertools.islice(itertools.product(*(reversed(pick) for pick in picks)), _MOST if lives else 0)
    ]
    bad = next((entry for group in groups.values() for entry in group if entry.bad), None)
    if bad is not None:
        place = bad.node if bad.node is not None and bad.node.kind == "scalar" and bad.node.value else None
        error = YamlError("value", f"{bad.key}: {bad.bad}", place.start if place else bad.key_index)
        ways.insert(0, _key_values(replace(source, error=error), known))
    return replace(ways[0], others=tuple(ways[1:]))


def _breaks(text: str) -> list[int]:
    return [index for index, char in enumerate(text) if char == "\n"]


def _entries(document: Document, breaks: list[int], known: frozenset[str]) -> Iterator[Entry]:
    """Every top-level key with what its option gets; raises YamlError where the host-agent refuses the file."""
    root = document.root
    while root is not None and root.kind == "alias":
        root = root.target
    if root is None or root.kind != "mapping":
        raise YamlError("root", say("the file is not a map of keys and values"), root.start if root else 0)
    for key, value, key_node, node in _pairs(root):
        name = options.token(key)
        strings: tuple[str, ...] | None = None
        bad = ""
        if name in known:
            try:
                strings = options.strings(name, value)
            except options.BadValue as error:
                strings, bad = (), str(error)
        line = bisect.bisect_left(breaks, key_node.start) + 1
        yield Entry(name, key, key_node.start, node, value, strings, line, bad)


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
