"""Indexes over facts: items by a key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")


def by_key(items: Iterable[Item] | None, key: Callable[[Item], str]) -> dict[str, Item]:
    """The items by their keys; of two with one key the first."""
    found: dict[str, Item] = {}
    for item in items or ():
        found.setdefault(key(item), item)
    return found


def grouped(items: Iterable[Item] | None, key: Callable[[Item], str]) -> dict[str, tuple[Item, ...]]:
    """All items of each key, in their order."""
    found: dict[str, list[Item]] = {}
    for item in items or ():
        found.setdefault(key(item), []).append(item)
    return {name: tuple(group) for name, group in found.items()}
