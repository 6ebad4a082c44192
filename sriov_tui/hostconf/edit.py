"""Changes to host.conf as text: only the lines concerned, in the file's own style, every other byte left alone.

What comes out is read again, as the host-agent reads it, and must mean what was asked and nothing else.
"""

from __future__ import annotations

import difflib
from bisect import bisect
from collections.abc import Iterator

from sriov_tui.hostconf import explain, options, rewrite, secret_spans, style
from sriov_tui.hostconf.nodes import BOM, BREAKS, Document, Node, YamlError, parse
from sriov_tui.hostconf.scalars import Value, as_string
from sriov_tui.hostconf.source import Source, load
from sriov_tui.hostconf.values import Decoder, is_merge
from sriov_tui.late import regex
from sriov_tui.message import say
from sriov_tui.model import SriovError
from sriov_tui.secrets.text import masked_file

_FORBIDDEN = regex("[\\s,\u00a0\u200b\u200c\u200d\u2060\ufeff\u00ad\u3000\u2007\u202f]")
_ODD_BREAK = regex("\r(?!\n)|[\x85\u2028\u2029]")


def edit(
    text: str,
    *,
    sriov_nics: tuple[str, ...] | None = None,
    ovs_offload_nics: tuple[str, ...] | None = None,
    add_networks: tuple[str, ...] = (),
) -> str:
    """The text with these lists; None leaves a list as it is, () removes it; `networks` only grows.

    Raises SriovError where the file cannot be edited safely, with the line and the reason.
    """
    wanted = {"sriov_nics": sriov_nics, "ovs_offload_nics": ovs_offload_nics}
    try:
        return _edited(text, {key: items for key, items in wanted.items() if items is not None}, add_networks)
    except (YamlError, RecursionError) as error:
        raise _unreadable(text.encode("utf-8", "surrogateescape")) from error


def _edited(text: str, wanted: dict[str, tuple[str, ...]], add_networks: tuple[str, ...]) -> str:
    lists = dict(wanted)
    if add_networks:
        now = _items(text, "networks")
        lists = {"networks": now + tuple(entry for entry in add_networks if entry not in now), **wanted}
    changed = _at_once(text, lists)
    if changed is None:
        changed = text
        for key, items in lists.items():
            changed = _set(changed, key, items)
    if changed == text:
        _as_asked(_loaded(text, text), wanted)
        return text
    if changed[-1] not in BREAKS:
        ended = changed + style.line_end(changed)
        changed = ended if _values(ended) == _values(changed) else changed
    source = _loaded(changed, text)
    _as_asked(source, wanted)
    if not _strings_of(source, "networks"):
        raise SriovError(
            say("networks in host.conf would be empty, and the host-agent would overwrite the file."),
            say("Add the management entry to networks first, as in `- eth0/br0/192.168.1.10`."),
        )
    return changed


def diff(before: str, after: str, path: str) -> str:
    """The unified diff of two texts of one file, their secrets masked: it is shown; "" where they are equal."""
    old, new = (_lines(masked_file(text, path, secret_spans.spans)) for text in (before, after))
    lines = difflib.unified_diff(old, new, path, path, n=3)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _document(text: str) -> tuple[Document, Node]:
    """The document that we edit and its map; SriovError where it is none of ours."""
    data = _bytes(text)
    document = parse(data)
    if document.encoding != "utf-8":
        raise SriovError(
            say("host.conf is UTF-16 text, which we do not edit."), say("Save it as UTF-8, then try again.")
        )
    if document.root is None or document.root.kind != "mapping":
        raise _unreadable(data)
    if text.startswith(BOM * 2):
        raise SriovError(
            say("host.conf begins with two byte order marks, and the host-agent loses characters of its lines."),
            say("Save it as UTF-8 without a byte order mark, then try again."),
        )
    return document, document.root


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _unreadable(data: bytes) -> SriovError:
    source = load(data, "host.conf")
    if not source.message:
        return SriovError(
            say("host.conf holds no YAML keys (it is empty, or in the old key = value form), so we do not edit it."),
            say("Write it as YAML, with `networks:` and one `- entry` on each line below."),
        )
    fault = explain.fatal(source)
    return SriovError(
        say(
            "host.conf, line {line}, column {column}: {message}",
            line=fault.line,
            column=fault.column,
            message=fault.message,
        ),
        fault.fix,
    )


def _pairs(root: Node) -> list[tuple[Node, Node]]:
    return [(key, node) for key, node in root.pairs() if not is_merge(key)]


def _find(root: Node, name: str) -> tuple[Node, Node] | None:
    """The pair that counts for an option, a merge key among them; SriovError where two spellings of it compete."""
    decoder = Decoder()
    found: tuple[Node, Node] | None = None
    spellings: set[str] = set()
    for key, node in root.pairs():
        names = list(decoder.merge(node)) if is_merge(key) else [decoder.key(key)]
        matching = [spelling for spelling in names if options.token(spelling) == options.token(name)]
        if matching:
            found = key, node
            spellings.update(matching)
    if len(spellings) > 1:
        raise SriovError(
            say("host.conf has {name} in two spellings; which one counts is a matter of chance.", name=name),
            say("Remove one of them by hand, then try again."),
        )
    return found


def _items(text: str, name: str) -> tuple[str, ...]:
    root = _document(text)[1]
    found = _find(root, name)
    return () if found is None else _strings(name, *found)


def _strings(name: str, key: Node, node: Node) -> tuple[str, ...]:
    decoder = Decoder()
    if is_merge(key):
        merged = decoder.merge(node)
        value = next(merged[spelling] for spelling in merged if options.token(spelling) == options.token(name))
    else:
        value = decoder.value(node)
    if value is None or value == {}:
        return ()
    if isinstance(value, dict):
        raise SriovError(
            say("{name} in host.conf is a map, not a list.", name=name),
            say("Write `- item` lines below {name} by hand.", name=name),
        )
    return tuple(as_string(item) for item in (value if isinstance(value, list) else [value]))


def _at_once(text: str, lists: dict[str, tuple[str, ...]]) -> str | None:
    """The text with several lists as wanted, read again but once: a host of many cards has long ones.

    None where they cannot be written apart from each other, or mean something else together.
    """
    if len(lists) < 2:
        return None
    root = _document(text)[1]
    pieces = [
        (start, _find(root, name) is None, stop, new)
        for name, items in lists.items()
        for start, stop, new in (_piece(text, next(_ways(text, root, name, items))),)
    ]
    changed, end, keys = [], 0, set()
    for start, is_key, stop, new in sorted(pieces):  # a list grows before the key that follows it
        if start < end or (is_key and start in keys):
            return None
        if is_key:
            keys.add(start)
        changed += [text[end:start], new]
        end = stop
    after = "".join(changed) + text[end:]
    try:
        same = _values(after, *lists) == _values(text, *lists)
        return after if same and all(_items(after, name) == items for name, items in lists.items()) else None
    except (YamlError, RecursionError, SriovError):
        return None


def _piece(before: str, after: str) -> tuple[int, int, str]:
    """Where two texts differ: start and end in the first one, and what the second one has there."""
    least = min(len(before), len(after))
    start = bisect(range(least), False, key=lambda at: before[: at + 1] != after[: at + 1])
    end = bisect(
        range(least - start), False, key=lambda at: before[len(before) - at - 1 :] != after[len(after) - at - 1 :]
    )
    return start, len(before) - end, after[start : len(after) - end]


def _set(text: str, name: str, wanted: tuple[str, ...]) -> str:
    """The text with one list as wanted, and every other value as it was."""
    before = _values(text, name)
    for after in _ways(text, _document(text)[1], name, wanted):
        if after == text or _means(after, before, name, wanted):
            return after
    raise _cannot()


def _ways(text: str, root: Node, name: str, wanted: tuple[str, ...]) -> Iterator[str]:
    """Texts that may have one list as wanted; the text itself where it has. SriovError where it cannot be written."""
    for item in wanted:
        if not item or not item.isprintable() or _FORBIDDEN.search(item):
            raise SriovError(
                say("{item} cannot be in {name}.", item=repr(item), name=name),
                say("A name has no spaces, commas or control characters."),
            )
    found = _find(root, name)
    if found is None and not wanted:
        yield text
        return
    now = () if found is None else _strings(name, *found)
    if found is not None and now == wanted and (is_merge(found[0]) or _is_list(found[1])):
        yield text
        return
    if found is not None and is_merge(found[0]):
        raise SriovError(
            say("{key} in host.conf comes from the merge key (<<) in line {line}.", key=name,
                line=text.count("\n", 0, found[0].start) + 1),
            say("Write {key} itself below the merge key, then try again.", key=name),
        )  # fmt: skip
    if _ODD_BREAK.search(text, 0, _document(text)[0].end):
        raise SriovError(
            say("host.conf has line ends that only YAML knows, such as a carriage return alone."),
            say("Save it with line feeds, then try again."),
        )
    yield from rewrite.ways(text, root, _pairs(root), found, name, now, wanted)


def _is_list(node: Node) -> bool:
    """Whether the value is one that the host-agent takes for a list, empty or not."""
    while node.kind == "alias" and node.target is not None:
        node = node.target
    return node.kind == "sequence" or (node.kind == "scalar" and Decoder().value(node) is not None)


def _means(after: str, before: dict[str, Value], name: str, wanted: tuple[str, ...]) -> bool:
    """Whether a text holds the list as wanted, and else what was there before."""
    try:
        return _items(after, name) == wanted and _values(after, name) == before
    except (YamlError, RecursionError, SriovError):
        return False


def _values(text: str, *but: str) -> dict[str, Value]:
    """Every key's value, without those of some options."""
    value, left_out = Decoder().value(_document(text)[1]), set(map(options.token, but))
    assert isinstance(value, dict), "the root is a map"
    return {key: item for key, item in value.items() if options.token(key) not in left_out}


def _loaded(text: str, before: str) -> Source:
    """The text as the host-agent reads it; SriovError where it dies of it."""
    source = load(_bytes(text), "host.conf")
    if source.message:
        old = load(_bytes(before), "host.conf")
        same = old.error is not None and source.error is not None and old.error.message == source.error.message
        raise _unreadable(old.data if same else source.data)
    return source


def _strings_of(source: Source, name: str) -> tuple[str, ...]:
    entry = source.effective.get(options.token(name))
    return () if entry is None else entry.strings or ()


def _as_asked(source: Source, wanted: dict[str, tuple[str, ...]]) -> None:
    if any(_strings_of(source, name) != items for name, items in wanted.items()):
        raise _cannot()


def _cannot() -> SriovError:
    return SriovError(
        say("host.conf is written so that we cannot change it without touching something else."),
        say("Edit it by hand; `sriov-tui hostconf check` reads it as the host-agent does."),
    )
