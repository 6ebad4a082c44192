"""Ways to write a list of host.conf anew as text: only the lines concerned, in the file's own style.

A removed item takes the comment on its own line with it; comment lines stay. Which of the ways holds is for the
caller to see, by reading what comes out.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator

from sriov_tui.hostconf import style
from sriov_tui.hostconf.nodes import Node
from sriov_tui.late import regex

Pair = tuple[Node, Node]
_PROPERTIES = regex(r":(?:[ \t]+[!&][^ \t\r\n]*)*")  # a colon with the tag and the anchor of its value


def ways(
    text: str,
    root: Node,
    pairs: list[Pair],
    found: Pair | None,
    name: str,
    now: tuple[str, ...],
    wanted: tuple[str, ...],
) -> Iterator[str]:
    """Texts in which the list `name`, that is `now`, may be as wanted; the one that looks most at home first.

    `pairs` are the root's keys and values without merge keys, `found` is that of the list.
    """
    if found is None:
        yield from _inserted(text, root, pairs, name, wanted)
        return
    key, node = found
    if node.kind == "sequence" and node.items and not node.flow:
        if wanted:
            yield _edit_block(text, key, node, now, wanted)
        else:
            yield from _without_block(text, key, node)
    elif node.kind == "sequence":
        yield _edit_flow(text, node, now, wanted)
    else:
        yield from _replaced(text, root, pairs, found, wanted)


def _edit_block(text: str, key: Node, node: Node, now: tuple[str, ...], wanted: tuple[str, ...]) -> str:
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


def _without_block(text: str, key: Node, node: Node) -> Iterator[str]:
    """Without the key and its items, or with an empty list where an earlier block of the key would come to count."""
    start, head = style.start_of_line(text, key.start), style.end_of_line(text, key.end)
    spans = [(start, head), *_item_spans(text, key, node)]
    kept, rest = _between(text, spans), text[spans[-1][1] :]
    yield text[:start] + kept + rest
    colon = _PROPERTIES.search(text, key.end, head)
    if colon is not None:
        yield f"{text[: colon.end()]} []{text[colon.end() : head]}{kept}{rest}"


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


def _replaced(text: str, root: Node, pairs: list[Pair], found: Pair, wanted: tuple[str, ...]) -> Iterator[str]:
    """A single name, a null, an alias or `{}` becomes a list; where nothing is wanted the line goes."""
    key, node = found
    empty = node.start == node.end
    if not wanted and not root.flow and not empty:
        yield (
            text[: style.start_of_line(text, key.start)] + text[style.end_of_line(text, style.last_index(text, node)) :]
        )
    looks = style.file_style(text, pairs)
    if empty and looks is not None and wanted and not root.flow:
        at = style.end_of_line(text, key.end)
        block = _block(text, style.indent(text, key.start), looks, wanted)
        yield text[:at] + ("" if text[:at].endswith("\n") else style.line_end(text)) + block + text[at:]
    quote = '"' if root.flow else ""
    flow = f"[{', '.join(style.written(item, quote, flow=True) for item in wanted)}]"
    if not empty:
        yield text[: node.start] + flow + text[node.end :]
        return
    for at in (text.find(":", key.end) + 1 or node.start, node.start):
        yield f"{text[:at]} {flow}{text[at:]}"


def _block(text: str, column: int, looks: style.ListStyle, wanted: tuple[str, ...]) -> str:
    indent = " " * (column + max(looks.offset, 0))
    return "".join(f"{indent}-{looks.gap}{style.written(item, looks.quote)}{style.line_end(text)}" for item in wanted)


def _inserted(text: str, root: Node, pairs: list[Pair], name: str, wanted: tuple[str, ...]) -> Iterator[str]:
    """With a new key: where it belongs, else at the end, else at the beginning."""
    if root.flow:
        items = ", ".join(style.written(item, '"') for item in wanted)
        last = root.items[-1].end if root.items else text.index("{", root.start) + 1
        yield f'{text[:last]}{", " if root.items else ""}"{name}": [{items}]{text[last:]}'
        return
    first = root.items[0]
    column = style.indent(text, first.start)
    looks = style.file_style(text, pairs)
    end = style.line_end(text)
    if looks is None:
        block = f"{' ' * column}{name}: [{', '.join(style.written(item, flow=True) for item in wanted)}]{end}"
    else:
        block = f"{' ' * column}{name}:{end}{_block(text, column, looks, wanted)}"
    places = (
        _place(text, root, pairs, name),
        style.end_of_line(text, root.items[-1].end),
        root.end,
        style.start_of_line(text, first.start),
    )
    for at in dict.fromkeys(places):
        yield text[:at] + ("" if not at or text[at - 1] in "\n\ufeff" else end) + block + text[at:]


def _place(text: str, root: Node, pairs: list[tuple[Node, Node]], name: str) -> int:
    """Where a new key goes: by the alphabet where the file has that order, else after the list it belongs to."""
    if not pairs:  # nothing but merge keys
        return style.end_of_line(text, style.last_index(text, root.items[-1]))
    keys = [key.value for key, _ in pairs]
    if style.is_sorted(keys):
        smaller = [number for number, key in enumerate(keys) if key < name]
        if not smaller:
            return style.start_of_line(text, pairs[0][0].start)
        after = smaller[-1]
    else:
        related = [number for number, key in enumerate(keys) if key in ("networks", "sriov_nics")]
        after = related[-1] if related else len(pairs) - 1
    key, node = pairs[after]
    return style.end_of_line(text, max(style.last_index(text, node), key.end))
