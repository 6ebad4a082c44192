"""Messages out of Python source for Babel: those inside another message's values, too, which its own reader skips."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any


def extract(
    fileobj: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, str | tuple[str | None, ...], list[str]]]:
    """(line, function, texts, comments) of every call of a keyword with a literal text, as Babel wants it."""
    for node in ast.walk(ast.parse(fileobj.read())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords:
            texts = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
            found = tuple(text if isinstance(text, str) else None for text in texts)
            if found and found[0]:
                yield node.lineno, node.func.id, found[0] if len(found) == 1 else found, []
