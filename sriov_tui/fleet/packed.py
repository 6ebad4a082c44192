"""The hosts of a page, compressed, some to a part: a browser opens one, in which what its hosts have in common is once.

A part is the base64 of zlib's compression of JSON: `texts`, and `hosts` as lists of indexes into them. A browser needs
DecompressionStream: Chromium 80, Safari 16.4, Firefox 113, https://developer.mozilla.org/docs/Web/API/DecompressionStream
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence

from sriov_tui.fleet.hosts import FleetHost

SIZE = 64  # hosts of a part


def parts(hosts: Sequence[FleetHost]) -> Iterator[Sequence[FleetHost]]:
    """So many hosts at a time."""
    return (hosts[at : at + SIZE] for at in range(0, len(hosts), SIZE))


def packed(hosts: Iterable[Iterable[str]]) -> str:
    """One part: the pieces of HTML of each host."""
    texts: dict[str, int] = {}
    told = [[texts.setdefault(piece, len(texts)) for piece in host] for host in hosts]
    plain = json.dumps({"texts": [*texts], "hosts": told}, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(plain.encode(), 9)).decode()


def opened(part: str) -> list[str]:
    """The hosts of a part as HTML, as the page's script opens them."""
    document = json.loads(zlib.decompress(base64.b64decode(part)))
    return ["".join(document["texts"][index] for index in host) for host in document["hosts"]]
