"""Nodes to plain values as go-yaml v2.4.0 decodes them and ghodss/yaml turns them into JSON."""

from __future__ import annotations

import math
import struct

from sriov_tui.hostconf.nodes import Node, YamlError
from sriov_tui.hostconf.scalars import CannotResolve, Value, resolve

_LOW, _HIGH = 400_000, 4_000_000  # go-yaml: decoded nodes between which the share of aliases may fall


class Decoder:
    """Decodes the nodes of one document; counts them as go-yaml does, so that alias bombs end the same way."""

    def __init__(self) -> None:
        self._decoded = self._by_alias = self._depth = 0
        self._open: set[int] = set()

    def value(self, node: Node) -> Value:
        """The JSON value of a node; raises YamlError where go-yaml or the step to JSON fails."""
        self._decoded += 1
        self._by_alias += self._depth > 0
        if self._by_alias > 100 and self._decoded > 1000 and self._by_alias / self._decoded > self._allowed():
            raise YamlError("anchor", "document contains excessive aliasing", node.start)
        if node.kind == "alias":
            return self._alias(node)
        if node.kind == "sequence":
            return [self.value(item) for item in node.items]
        if node.kind == "mapping":
            return self._mapping(node)
        return scalar(node)

    def _allowed(self) -> float:
        share = (self._decoded - _LOW) / (_HIGH - _LOW)
        return 0.99 - 0.89 * min(max(share, 0.0), 1.0)

    def _alias(self, node: Node) -> Value:
        if id(node) in self._open or node.target is None:
            raise YamlError("anchor", f"anchor '{node.value}' value contains itself", node.start)
        self._open.add(id(node))
        self._depth += 1
        value = self.value(node.target)
        self._depth -= 1
        self._open.discard(id(node))
        return value

    def _mapping(self, node: Node) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for key, child in node.pairs():
            if is_merge(key):
                result |= self.merge(child)
            else:
                result[self.key(key)] = self.value(child)
        return result

    def merge(self, node: Node) -> dict[str, Value]:
        """What `<<: node` adds to the map that it stands in."""
        children = node.items[::-1] if node.kind == "sequence" else [node]
        result: dict[str, Value] = {}
        for child in children:
            if (child.target if child.kind == "alias" and child.target else child).kind != "mapping":
                raise YamlError("merge", "map merge requires map or sequence of maps as the value", child.start)
            value = self.value(child)
            result |= value if isinstance(value, dict) else {}
        return result

    def key(self, node: Node) -> str:
        """A mapping key as JSON has it; null, lists, maps and numbers above 2^63 are refused."""
        value = self.value(node)
        if isinstance(value, list | dict):
            raise YamlError("key", "a list or a map cannot be a key", node.start)
        if value is None or (isinstance(value, int) and value >= 1 << 63):
            raise YamlError("key", "null cannot be a key", node.start)
        if isinstance(value, float):
            return float_key(value)
        return value if isinstance(value, str) else str(value).lower()


def is_merge(node: Node) -> bool:
    """Whether this key is the merge key `<<`."""
    return node.kind == "scalar" and node.value == "<<" and (node.plain or node.tag == "merge")


def scalar(node: Node) -> Value:
    """The value of a scalar node; raises YamlError where go-yaml fails or JSON has no such number."""
    if not node.plain and not node.tag:
        return node.value
    try:
        value = resolve(node.value, node.tag)
    except CannotResolve as error:
        raise YamlError("tag", str(error), node.start) from error
    return value


def check_json(value: Value, index: int) -> None:
    """Raise YamlError for numbers that JSON cannot hold (.inf, .nan)."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, float) and not math.isfinite(item):
            raise YamlError("number", f"{item} is not a number that JSON knows", index)
        todo.extend(item if isinstance(item, list) else item.values() if isinstance(item, dict) else ())


def float_key(value: float) -> str:
    """A float as a JSON key: strconv.FormatFloat(value, 'g', -1, 32)."""
    try:
        single: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        single = math.copysign(math.inf, value)
    if not math.isfinite(single):
        return ".nan" if math.isnan(single) else ".inf" if single > 0 else "-.inf"
    digits = next(text for text in (f"{single:.{n}e}" for n in range(17)) if _same_single(text, single))
    mantissa, _, power = digits.partition("e")
    if -4 <= int(power) < 6:
        from decimal import Decimal

        return format(Decimal(digits), "f")
    return f"{mantissa}e{int(power):+03d}"


def _same_single(text: str, single: float) -> bool:
    return bool(struct.pack("f", float(text)) == struct.pack("f", single))
