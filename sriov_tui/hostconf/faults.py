"""What in a file stops the host-agent, and what it swallows silently: each with its true line and a way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from sriov_tui.hostconf import explain, options
from sriov_tui.hostconf.item_faults import SUBJECTS, item_nodes, of_item
from sriov_tui.hostconf.nodes import BOM
from sriov_tui.hostconf.shapes import Fault, Options
from sriov_tui.hostconf.source import Entry, Source
from sriov_tui.message import Message, say, verbatim
from sriov_tui.model import Level

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
        for name, level, message, fix in of_item(entry, item, node):
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
