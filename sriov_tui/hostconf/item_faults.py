"""What is wrong with an item of a list: it is not the text that stands there, or no name that could match."""

from __future__ import annotations

from collections.abc import Iterator

from sriov_tui.hostconf.nodes import Node
from sriov_tui.hostconf.scalars import as_string
from sriov_tui.hostconf.source import Entry
from sriov_tui.hostconf.values import scalar
from sriov_tui.message import Message, say
from sriov_tui.model import Level

SUBJECTS = ("networks", "sriov-nics", "ovs-offload-nics")


INVISIBLE = "\u00a0\u200b\u200c\u200d\u2060\ufeff\u00ad\u3000\u2007\u202f"


def item_nodes(entry: Entry) -> list[Node]:
    """The nodes of a list option's items; the one node where the value is a single scalar."""
    node = entry.node
    while node is not None and node.kind == "alias":
        node = node.target
    if node is None:
        return []
    return node.items if node.kind == "sequence" else [node]


def of_item(entry: Entry, item: str, node: Node | None) -> Iterator[tuple[str, Level, Message, Message]]:
    """The id of each fault, how bad it is, what it does and the way out."""
    shape = _shape(node)
    if shape:
        yield shape
        return
    name = say("an entry") if entry.token == "networks" else say("a network interface")
    if any(char in INVISIBLE for char in item):
        yield (
            "item.invisible",
            Level.FAIL,
            say("{item} holds an invisible character, so it matches nothing", item=repr(item)),
            say("Type the line again."),
        )
    elif item == "" or any(char.isspace() for char in item):
        yield (
            "item.space",
            Level.FAIL,
            say(
                "{item} is empty or holds white space, so it is not a valid name for {name}", item=repr(item), name=name
            ),
            say("Remove the white space."),
        )
    if "," in item:
        yield (
            "item.comma",
            Level.FAIL,
            say("{item} is one single item with a comma in it", item=repr(item)),
            say("Write one `- item` line for each, or [a, b]."),
        )
    if "#" in item:
        yield (
            "item.hash",
            Level.WARN,
            say("the # in {item} belongs to the value: a comment needs a space before it", item=repr(item)),
            say("Put a space before the #."),
        )


def _shape(node: Node | None) -> tuple[str, Level, Message, Message] | None:
    """An item that is not the text which stands there: a map, a null, or a number or truth value."""
    while node is not None and node.kind == "alias":
        node = node.target
    if node is None:
        return None
    if node.kind != "scalar":
        return (
            "item.map",
            Level.FAIL,
            say("this item is a map or a list, not a name: a line may be glued to it"),
            say("Write a plain name; put a line break where two lines were joined."),
        )
    value = scalar(node)
    if value is None:
        return (
            "item.null",
            Level.FAIL,
            say('this item is empty: the host-agent reads the word "null" as a name'),
            say("Remove the line, or write the name."),
        )
    text = as_string(value)
    if text != node.value:
        return (
            "item.retyped",
            Level.FAIL,
            say("{value} without quotes is read as {text}", value=node.value, text=text),
            say('Put it in quotes: "{value}".', value=node.value),
        )
    return None
