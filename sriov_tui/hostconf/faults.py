"""What in a file stops the host-agent, and what it swallows silently: each with its true line and a way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from sriov_tui.hostconf import explain, options
from sriov_tui.hostconf.goreader import BOM
from sriov_tui.hostconf.goyaml import Node
from sriov_tui.hostconf.scalars import as_string
from sriov_tui.hostconf.shapes import Fault, Options
from sriov_tui.hostconf.source import Entry, Source
from sriov_tui.hostconf.values import scalar
from sriov_tui.message import Message, say, verbatim
from sriov_tui.model import Level

SUBJECTS = ("networks", "sriov-nics", "ovs-offload-nics")
INVISIBLE = "\u00a0\u200b\u200c\u200d\u2060\ufeff\u00ad\u3000\u2007\u202f"
_NEAR = {"".join(name.split("-")): name for name in options.ALL}


def of_source(source: Source) -> Iterator[Fault]:
    """The faults of one file, in the order in which they matter."""
    if source.message:
        yield explain.fatal(source)
    elif source.error is not None and source.entries:
        yield _fault(
            source,
            "format.key-value",
            Level.WARN,
            1,
            1,
            say("the file is read line by line as key = value"),
            say("Write it as YAML (key: value), so that lists and comments are safe."),
        )
    yield from _of_file(source)
    yield from _of_keys(source)
    for entry in source.entries:
        if entry.strings is not None:
            yield from _of_value(source, entry)


def of_whole(source: Source, result: Options) -> Iterator[Fault]:
    """The faults of what all files amount to together."""
    if not result.networks:
        yield _fault(
            source,
            "networks.empty",
            Level.FAIL,
            0,
            0,
            say("networks is empty: the host-agent will overwrite this file with a guess at its next start"),
            say("Add networks with the management entry, as in `- eth0/br0/192.168.1.10`."),
        )
    if result.bridge_driver not in ("openvswitch", "linux_bridge"):
        yield _fault(
            source,
            "bridge-driver.unknown",
            Level.FAIL,
            0,
            0,
            say(
                "bridge_driver {bridge_driver} is unknown to the host-agent, which will not start",
                bridge_driver=repr(result.bridge_driver),
            ),
            say("Write `bridge_driver: openvswitch`, or remove the line."),
        )


def replaced(source: Source, entry: Entry, theirs: tuple[str, ...] | None) -> Fault:
    """A key that only the ConfigMap may set on a Kubernetes host; `theirs` None where it does not name the key."""
    line, column = _key_at(source, entry)
    counts = (
        say("the default counts")
        if theirs is None
        else say("{theirs} counts", theirs=", ".join(theirs) or say("its empty value"))
    )
    return _fault(
        source,
        "key.replaced",
        Level.INFO,
        line,
        column,
        say("{key} has no effect here: the ConfigMap replaces it, and {counts}", key=entry.key, counts=counts),
        say("For this host alone, put it in /etc/yunion/host_local.conf."),
    )


def item_nodes(entry: Entry) -> list[Node]:
    """The nodes of a list option's items; the one node where the value is a single scalar."""
    node = entry.node
    while node is not None and node.kind == "alias":
        node = node.target
    if node is None:
        return []
    return node.items if node.kind == "sequence" else [node]


def _fault(source: Source, name: str, level: Level, line: int, column: int, message: Message, fix: Message) -> Fault:
    return Fault(id=name, level=level, message=message, fix=fix, line=line, column=column, file=source.file)


def _of_file(source: Source) -> Iterator[Fault]:
    document = source.document
    if document is not None and document.encoding != "utf-8":
        yield _fault(
            source,
            "encoding.utf-16",
            Level.WARN,
            1,
            1,
            say("the file is UTF-16, which other tools misread"),
            say("Save it as UTF-8."),
        )
    if source.text.startswith(BOM * 2):
        yield _fault(
            source,
            "encoding.two-marks",
            Level.FAIL,
            1,
            1,
            say("the file begins with two byte order marks, and the host-agent loses characters of its lines"),
            say("Save it as UTF-8 without a byte order mark."),
        )
    if source.data and not source.data.endswith((b"\n", b"\n\0")) and not source.data.endswith(b"\0\n"):
        line, column = source.at(len(source.text))
        yield _fault(
            source,
            "newline.missing",
            Level.WARN,
            line,
            column,
            say("the last line has no line end: a line that a tool appends will be glued to it"),
            say("End the file with a line break."),
        )
    if document is not None and document.root is not None and not source.message:
        rest = _rest(source.text, document.end)
        if rest is not None:
            line, column = source.at(rest)
            yield _fault(
                source,
                "yaml.documents",
                Level.FAIL,
                line,
                column,
                say("everything from here on is ignored: only the first YAML document counts"),
                say("Remove the `---` or `...` line above, or what follows it."),
            )


def _rest(text: str, end: int) -> int | None:
    place = end
    for line in text[end:].splitlines(keepends=True):
        bare = line.split("#", 1)[0].strip()
        if bare and bare not in ("---", "...") and not bare.startswith("%"):
            return place + len(line) - len(line.lstrip())
        place += len(line)
    return None


def _of_keys(source: Source) -> Iterator[Fault]:
    seen: dict[str, Entry] = {}
    for entry in source.entries:
        line, column = _key_at(source, entry)
        before = seen.get(entry.token)
        if before is not None and before.key == entry.key:
            yield _fault(
                source,
                "key.duplicate",
                Level.WARN,
                line,
                column,
                say("{key} is here and in line {line}: only this last one counts", key=entry.key, line=before.line),
                say("Remove one of the two {key} blocks.", key=entry.key),
            )
        elif before is not None:
            yield _fault(
                source,
                "key.two-spellings",
                Level.FAIL,
                line,
                column,
                say(
                    "{key} and {key2} (line {line}) are one option: which one counts is a matter of chance "
                    "at every start",
                    key=entry.key,
                    key2=before.key,
                    line=before.line,
                ),
                say("Keep only {value}.", value=entry.token.replace("-", "_")),
            )
        seen[entry.token] = entry
        if entry.strings is None:
            yield _unknown(source, entry, line, column)


def _unknown(source: Source, entry: Entry, line: int, column: int) -> Fault:
    if entry.token in options.ALL:
        return _fault(
            source,
            "key.not-base",
            Level.WARN if entry.token in SUBJECTS else Level.INFO,
            line,
            column,
            say("{key} has no effect in the ConfigMap, where the host-agent does not know it", key=entry.key),
            say("Put {key} in host.conf.", key=entry.key),
        )
    near = _near(entry.token)
    if near is None:
        return _fault(
            source,
            "key.unknown",
            Level.INFO,
            line,
            column,
            say("{key} is unknown and ignored", key=entry.key),
            verbatim(""),
        )
    level = Level.FAIL if near in SUBJECTS else Level.WARN
    name = near.replace("-", "_")
    return _fault(
        source,
        "key.misspelt",
        level,
        line,
        column,
        say("{key} is unknown and ignored; the key is {name}", key=entry.key, name=name),
        say("Write {name}.", name=name),
    )


def _near(token: str) -> str | None:
    squeezed = token.replace("-", "").lower()
    if squeezed in _NEAR:
        return _NEAR[squeezed]
    close = difflib.get_close_matches(squeezed, [name.replace("-", "") for name in SUBJECTS], n=1, cutoff=0.85)
    return _NEAR[close[0]] if close else None


def _key_at(source: Source, entry: Entry) -> tuple[int, int]:
    return source.at(entry.key_index) if entry.node is not None else (entry.line, 1)


def _of_value(source: Source, entry: Entry) -> Iterator[Fault]:
    line, column = _key_at(source, entry)
    if options.OPTIONS[entry.token].kind == "text" and entry.value is None:
        level = Level.FAIL if entry.token == "listen-interface" else Level.WARN
        yield _fault(
            source,
            "value.null",
            level,
            line,
            column,
            say('{key} has no value: the host-agent reads the word "null"', key=entry.key),
            say("Give {key} a value, or remove the line.", key=entry.key),
        )
    if entry.token == "disable-security-group" and source.file == "host.conf" and entry.strings == ("true",):
        yield _fault(
            source,
            "key.configmap",
            Level.WARN,
            line,
            column,
            say("disable_security_group has no effect here on a Kubernetes host: the ConfigMap replaces it"),
            say("For this host alone, put it in /etc/yunion/host_local.conf."),
        )
    if entry.token in SUBJECTS:
        yield from _of_items(source, entry)


def _of_items(source: Source, entry: Entry) -> Iterator[Fault]:
    nodes = item_nodes(entry)
    seen: set[str] = set()
    for number, item in enumerate(entry.strings or ()):
        node = nodes[number] if number < len(nodes) else None
        line, column = source.at(node.start) if node is not None else _key_at(source, entry)
        for name, level, message, fix in _of_item(entry, item, node, entry.value):
            yield _fault(source, name, level, line, column, message, fix)
        if item in seen:
            yield _fault(
                source,
                "item.duplicate",
                Level.WARN,
                line,
                column,
                say("{item} is in {key} twice", item=item, key=entry.key),
                say("Remove one of the two."),
            )
        seen.add(item)


def _of_item(
    entry: Entry, item: str, node: Node | None, value: object
) -> Iterator[tuple[str, Level, Message, Message]]:
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
            say("{item} is empty or holds white space, so it is no name of {name}", item=repr(item), name=name),
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
