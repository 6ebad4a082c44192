"""How a file writes its lists: line ends, indentation, quotes, order of keys; so that what we add looks at home."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass

from sriov_tui.hostconf.nodes import BOM, Node
from sriov_tui.hostconf.scalars import resolve
from sriov_tui.late import regex
from sriov_tui.message import say
from sriov_tui.model import SriovError

_SAFE = regex(r"[\w./][\w./@+:-]*[\w./@+-]|[\w./]")
_SAFE_FLOW = regex(r"[\w./][\w./@+-]*")
_DASH = regex(r"^[ \t]*-(?=[ \t\r\n]|\Z)", re.MULTILINE)
_SORTED = 0.9  # share of neighbouring keys in order that makes a file an alphabetical one


@dataclass(frozen=True, slots=True)
class ListStyle:
    """A block list: columns from its key to the dash, the white space after the dash, the quotes of its items."""

    offset: int = 0
    gap: str = " "
    quote: str = ""


def line_end(text: str) -> str:
    """The file's line end: that of its first line."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def start_of_line(text: str, index: int) -> int:
    """Index of the first character of the line that `index` is in, after the file's byte order mark."""
    return text.rfind("\n", 0, index) + 1 or int(text.startswith(BOM))


def indent(text: str, index: int) -> int:
    """The spaces at the beginning of the line that `index` is in."""
    start = start_of_line(text, index)
    return len(text[start:index]) - len(text[start:index].lstrip(" "))


def end_of_line(text: str, index: int) -> int:
    """Index after the line break of the line that `index` is in, or the text's length."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def last_index(text: str, node: Node) -> int:
    """Index after the last character of a node; of nested blocks, of their last item."""
    while node.kind in ("sequence", "mapping") and not node.flow and node.items:
        node = node.items[-1]
    return node.start + len(text[node.start : node.end].rstrip())


def dash(text: str, after: int, node: Node) -> int:
    """Index of the dash of a block list's item that begins somewhere after `after`."""
    line = start_of_line(text, after)
    found = [match for match in _DASH.finditer(text, line, node.start + 1) if match.end() > after]
    if not found:
        raise SriovError(
            say("host.conf has a list whose items cannot be distinguished."), say("Write one `- item` on each line.")
        )
    return found[-1].end() - 1


def list_style(text: str, key: Node, node: Node) -> ListStyle:
    """The style of one block list."""
    place = dash(text, key.end, node.items[0])
    column = place - start_of_line(text, place)
    first = node.items[0]
    gap = text[place + 1 : first.start]
    offset = column - indent(text, key.start)
    return ListStyle(offset, gap if gap and not gap.strip(" ") else " ", common_quote(node.items))


def common_quote(items: list[Node]) -> str:
    """The quotes around every one of these items, or "" where they differ."""
    styles = {item.style if item.kind == "scalar" else "" for item in items}
    return styles.pop() if len(styles) == 1 and styles <= {"'", '"'} else ""


def flow_gap(text: str, node: Node) -> str:
    """What stands between two items of a flow list: a comma and a space, or a line break where each has its line."""
    first = node.items[0].start
    before = text[start_of_line(text, first) : first]
    return ", " if before.strip(" \t") else f",{line_end(text)}{before}"


def file_style(text: str, pairs: list[tuple[Node, Node]]) -> ListStyle | None:
    """The style of the file's block lists, that of `networks` first; None where it has only flow lists."""
    lists = [(key, node) for key, node in pairs if node.kind == "sequence" and node.items]
    lists.sort(key=lambda pair: pair[0].value != "networks")
    blocks = [(key, node) for key, node in lists if not node.flow]
    if blocks and (lists[0][0].value != "networks" or not lists[0][1].flow):
        return list_style(text, *blocks[0])
    return None if lists else ListStyle()


def written(name: str, quote: str = "", flow: bool = False) -> str:
    """A name as YAML text: in these quotes, or plain where every reader takes it as text, else in double quotes."""
    if quote == "'":
        return "'" + name.replace("'", "''") + "'"
    plain = (_SAFE_FLOW if flow else _SAFE).fullmatch(name)
    if quote or not plain or resolve(name) != name or _base_60(name):
        return json.dumps(name, ensure_ascii=False)
    return name


def _base_60(name: str) -> bool:
    """Whether other YAML 1.1 readers would take the name for a number in base 60."""
    return re.fullmatch(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", name) is not None


def is_sorted(keys: list[str]) -> bool:
    """Whether an installer wrote the keys: many, and all but a few in alphabetical order."""
    if len(keys) < 4:
        return False
    in_order = sum(first <= second for first, second in itertools.pairwise(keys))
    return in_order >= _SORTED * (len(keys) - 1)
