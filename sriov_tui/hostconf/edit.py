"""Changes to host.conf as text: only the lines concerned, in the file's own style, every other byte left alone.

A removed item takes the comment on its own line with it; comment lines stay. What comes out is
read again, and must mean what was asked and nothing else.
"""

from __future__ import annotations

import difflib
import itertools

from sriov_tui.hostconf import explain, options, style
from sriov_tui.hostconf.goyaml import Node, YamlError, parse
from sriov_tui.hostconf.scalars import Value, as_string
from sriov_tui.hostconf.source import load
from sriov_tui.hostconf.values import Decoder, is_merge
from sriov_tui.message import say
from sriov_tui.model import SriovError

_FORBIDDEN = ",\u00a0\u200b\u200c\u200d\u2060\ufeff\u00ad\u3000\u2007\u202f"


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
    changed = text
    if add_networks:
        now = _items(changed, "networks")
        changed = _set(changed, "networks", now + tuple(entry for entry in add_networks if entry not in now))
    for key, items in wanted.items():
        changed = _set(changed, key, items)
    if changed == text:
        return text
    if not changed.endswith("\n"):
        changed += style.line_end(changed)
    _prove(text, changed, wanted, add_networks)
    return changed


def diff(before: str, after: str, path: str) -> str:
    """The unified diff of two texts of one file; "" where they are equal."""
    lines = difflib.unified_diff(_lines(before), _lines(after), path, path, n=3)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _root(text: str) -> Node:
    data = text.encode("utf-8", "surrogateescape")
    document = parse(data)
    root = document.root
    if document.encoding != "utf-8":
        raise SriovError(
            say("host.conf is UTF-16 text, which we do not edit."), say("Save it as UTF-8, then try again.")
        )
    if root is None or root.kind != "mapping":
        raise _unreadable(data)
    return root


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
    """The pair that counts for an option; SriovError where two spellings of it compete."""
    decoder = Decoder()
    keys = [(decoder.key(key), key, node) for key, node in _pairs(root)]
    found = [pair for pair in keys if options.token(pair[0]) == options.token(name)]
    if len({spelling for spelling, _, _ in found}) > 1:
        raise SriovError(
            say("host.conf has {name} in two spellings; which one counts is a matter of chance.", name=name),
            say("Remove one of them by hand, then try again."),
        )
    return found[-1][1:] if found else None


def _items(text: str, name: str) -> tuple[str, ...]:
    found = _find(_root(text), name)
    return () if found is None else _strings(name, found[1])


def _strings(name: str, node: Node) -> tuple[str, ...]:
    value = Decoder().value(node)
    if value is None or value == {}:
        return ()
    if isinstance(value, dict):
        raise SriovError(
            say("{name} in host.conf is a map, not a list.", name=name),
            say("Write `- item` lines below {name} by hand.", name=name),
        )
    return tuple(as_string(item) for item in (value if isinstance(value, list) else [value]))


def _set(text: str, name: str, wanted: tuple[str, ...]) -> str:
    """The text with one list as wanted."""
    for item in wanted:
        if not item or any(char.isspace() or not char.isprintable() or char in _FORBIDDEN for char in item):
            raise SriovError(
                say("{item} cannot stand in {name}.", item=repr(item), name=name),
                say("A name has no spaces, commas or control characters."),
            )
    root = _root(text)
    found = _find(root, name)
    if found is None:
        return _insert_key(text, root, name, wanted) if wanted else text
    key, node = found
    now = _strings(name, node)
    if now == wanted and (node.kind == "sequence" or (node.kind == "scalar" and now)):
        return text
    if node.kind == "sequence" and node.items and not node.flow:
        return _edit_block(text, name, key, node, now, wanted)
    if node.kind == "sequence":
        return _edit_flow(text, node, now, wanted)
    return _replace_scalar(text, name, root, key, node, wanted)


def _edit_block(text: str, name: str, key: Node, node: Node, now: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    if not wanted:
        return _without(text, name, key, node)
    looks = style.list_style(text, key, node)
    spans = _item_spans(text, key, node)
    dash = style.dash(text, key.end, node.items[0])
    indent = text[style.start_of_line(text, dash) : dash]
    end = style.line_end(text)
    for tag, first, last, low, high in reversed(difflib.SequenceMatcher(None, now, wanted, False).get_opcodes()):
        if tag == "equal":
            continue
        at = spans[first][0] if first < len(spans) and (tag != "insert" or first == 0) else spans[first - 1][1]
        stop = spans[last - 1][1] if last > first else at
        new = "".join(f"{indent}-{looks.gap}{style.written(item, looks.quote)}{end}" for item in wanted[low:high])
        kept = "" if last <= first else _between(text, spans[first:last])
        before = text[:at]
        if before and not before.endswith("\n") and new:
            before += end
        text = before + new + kept + text[stop:]
    return text


def _without(text: str, name: str, key: Node, node: Node) -> str:
    """The text without a key and its items; an empty list where an earlier block of the key would come to count."""
    start, last = style.start_of_line(text, key.start), style.last_index(text, node)
    shorter = text[:start] + text[style.end_of_line(text, last) :]
    if _find(_root(shorter), name) is None:
        return shorter
    return f"{text[: key.end]}: []{text[last:]}"


def _item_spans(text: str, key: Node, node: Node) -> list[tuple[int, int]]:
    """Of every item the indices of its first line's start and of its last line's end."""
    spans, after = [], key.end
    for item in node.items:
        start = style.start_of_line(text, style.dash(text, after, item))
        after = max(style.last_index(text, item), item.start)
        spans.append((start, style.end_of_line(text, after)))
    return spans


def _between(text: str, spans: list[tuple[int, int]]) -> str:
    """The lines between removed items: comments and blank lines, which stay."""
    return "".join(text[first[1] : second[0]] for first, second in itertools.pairwise(spans))


def _edit_flow(text: str, node: Node, now: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    quote = style.common_quote(node.items)
    if not now:
        inside = ", ".join(style.written(item, quote, flow=True) for item in wanted)
        start = text.index("[", node.start) + 1
        return text[:start] + inside + text[start:]
    if not wanted:
        return text[: text.index("[", node.start) + 1] + text[node.end - 1 :]
    gap = style.flow_gap(text, node)
    for tag, first, last, low, high in reversed(difflib.SequenceMatcher(None, now, wanted, False).get_opcodes()):
        if tag == "equal":
            continue
        new = gap.join(style.written(item, quote, flow=True) for item in wanted[low:high])
        items = node.items
        if tag == "replace":
            text = text[: items[first].start] + new + text[items[last - 1].end :]
        elif tag == "insert" and first == 0:
            text = f"{text[: items[0].start]}{new}{gap}{text[items[0].start :]}"
        elif tag == "insert":
            text = f"{text[: items[first - 1].end]}{gap}{new}{text[items[first - 1].end :]}"
        elif first == 0:
            text = text[: items[0].start] + text[items[last].start :]
        else:
            text = text[: items[first - 1].end] + text[items[last - 1].end :]
    return text


def _replace_scalar(text: str, name: str, root: Node, key: Node, node: Node, wanted: tuple[str, ...]) -> str:
    """A single name, a null, an alias or `{}` becomes a list; where nothing is wanted the line goes."""
    empty = node.start == node.end
    if not wanted and not root.flow and not empty:
        return _without(text, name, key, node)
    looks = style.file_style(text, _pairs(root))
    if empty and looks is not None and wanted and not root.flow:
        at = style.end_of_line(text, key.end)
        block = _block(text, key.start - style.start_of_line(text, key.start), looks, wanted)
        return text[:at] + ("" if text[:at].endswith("\n") else style.line_end(text)) + block + text[at:]
    quote = '"' if root.flow else ""
    flow = f"[{', '.join(style.written(item, quote, flow=True) for item in wanted)}]"
    return text[: node.start] + (f" {flow}" if empty else flow) + text[node.end :]


def _block(text: str, column: int, looks: style.ListStyle, wanted: tuple[str, ...]) -> str:
    indent = " " * (column + max(looks.offset, 0))
    return "".join(f"{indent}-{looks.gap}{style.written(item, looks.quote)}{style.line_end(text)}" for item in wanted)


def _insert_key(text: str, root: Node, name: str, wanted: tuple[str, ...]) -> str:
    pairs = _pairs(root)
    if not pairs and not root.flow:  # nothing but a merge key
        raise _unreadable(text.encode("utf-8", "surrogateescape"))
    if root.flow:
        items = ", ".join(style.written(item, '"') for item in wanted)
        at = pairs[-1][1].end if pairs else text.index("{", root.start) + 1
        return f'{text[:at]}{", " if pairs else ""}"{name}": [{items}]{text[at:]}'
    at = _place(text, pairs, name)
    key = pairs[0][0]
    column = key.start - style.start_of_line(text, key.start)
    if text.startswith("\ufeff") and style.start_of_line(text, key.start) == 0:
        column -= 1
    looks = style.file_style(text, pairs)
    end = style.line_end(text)
    if looks is None:
        flow = ", ".join(style.written(item, flow=True) for item in wanted)
        block = f"{' ' * column}{name}: [{flow}]{end}"
    else:
        block = f"{' ' * column}{name}:{end}{_block(text, column, looks, wanted)}"
    return text[:at] + ("" if not at or text[at - 1] in "\n\ufeff" else end) + block + text[at:]


def _place(text: str, pairs: list[tuple[Node, Node]], name: str) -> int:
    """Where a new key goes: by the alphabet where the file has that order, else after the list it belongs to."""
    keys = [key.value for key, _ in pairs]
    if style.is_sorted(keys):
        smaller = [number for number, key in enumerate(keys) if key < name]
        if not smaller:
            start = style.start_of_line(text, pairs[0][0].start)
            return 1 if start == 0 and text.startswith("\ufeff") else start
        after = smaller[-1]
    else:
        related = [number for number, key in enumerate(keys) if key in ("networks", "sriov_nics")]
        after = related[-1] if related else len(pairs) - 1
    key, node = pairs[after]
    return style.end_of_line(text, max(style.last_index(text, node), key.end))


def _prove(before: str, after: str, wanted: dict[str, tuple[str, ...]], added: tuple[str, ...]) -> None:
    """Read the result again; SriovError unless it means what was asked, and all else means what it meant."""
    source = load(after.encode("utf-8", "surrogateescape"), "host.conf")
    if source.message:
        old = load(before.encode("utf-8", "surrogateescape"), "host.conf")
        same = old.error is not None and source.error is not None and old.error.message == source.error.message
        raise _unreadable(old.data if same else source.data)
    effective = {name: entry.strings or () for name, entry in source.effective().items()}
    asked = {options.token(name): items for name, items in wanted.items()}
    networks = effective.get("networks", ())
    if not networks:
        raise SriovError(
            say("networks in host.conf would be empty, and the host-agent would overwrite the file."),
            say("Add the management entry to networks first, as in `- eth0/br0/192.168.1.10`."),
        )
    as_asked = all(effective.get(name, ()) == items for name, items in asked.items())
    untouched = _others(before, {*asked, "networks"}) == _others(after, {*asked, "networks"})
    had = _items(before, "networks")
    kept = networks == had + tuple(dict.fromkeys(entry for entry in added if entry not in had))
    if not (as_asked and untouched and kept):
        raise SriovError(
            say("host.conf is written in a way that we cannot change without touching something else."),
            say("Edit it by hand; `sriov-tui hostconf check` reads it as the host-agent does."),
        )


def _others(text: str, names: set[str]) -> dict[str, Value]:
    decoder = Decoder()
    return {
        decoder.key(key): decoder.value(node)
        for key, node in _pairs(_root(text))
        if options.token(decoder.key(key)) not in names
    }
