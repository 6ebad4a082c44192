"""A text, or a file of any encoding, without its secrets: decode, look by format, hide, encode.

Lines and what a parser would stumble over stay, so that the same checks find the same faults in what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sriov_tui.secrets import assignments, values, yaml_spans
from sriov_tui.secrets.hiding import Span, replaced

YAML = (".conf", ".yaml", ".yml")  # host.conf is YAML, too
NO_CONFIG = ("/proc/cmdline", "/proc/")
_MARKS = ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PACKED = (b"\x1f\x8b", b"\xfd7zXZ", b"(\xb5/\xfd", b"BZh", b"\x7fELF", b"PK\x03\x04", b"0707", b"\x04\x22\x4d\x18")
_HEAD = 4096


def masked_bytes(data: bytes, path: str = "") -> bytes:
    """A file without its secrets; what is no text stays as it is. A NUL byte makes no other file of a text."""
    return rewritten(data, lambda text: masked_file(text, path))


def rewritten(data: bytes, change: Callable[[str], str]) -> bytes:
    """A file with its text changed, in the encoding that it has; what is no text stays as it is."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if not encoding and b"\0" in data[:_HEAD]:
        encoding = _without_mark(data[:_HEAD])
    if encoding:
        try:
            changed = change(data.decode(encoding))
            if not data.startswith(tuple(mark for mark, _ in _MARKS)):
                return changed.encode(encoding)
            little = data[:1] == b"\xff"
            return data[: len(_mark(data))] + changed.encode(f"{encoding}-{'le' if little else 'be'}")
        except UnicodeError:
            pass
    if _is_binary(data):
        return data
    return change(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def masked_file(text: str, path: str = "", in_yaml: Callable[[str], Iterable[Span]] = yaml_spans.spans) -> str:
    """The text of a configuration file without its secrets; `in_yaml` finds them where it is YAML."""
    config = not path.startswith(NO_CONFIG)
    found = [*values.spans(text), *assignments.spans(text, config)]
    if config and (not path or path.endswith(YAML)):
        found += in_yaml(text)
    return replaced(text, found)


def masked_line(text: str) -> str:
    """What commands print, logs, and command lines, without their secrets."""
    return replaced(text, [*values.spans(text), *assignments.spans(text, config=False)])


def _mark(data: bytes) -> bytes:
    return next(mark for mark, _ in _MARKS if data.startswith(mark))


def _without_mark(head: bytes) -> str:
    """UTF-16 without a byte order mark: every other byte of plain text is zero."""
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(zeros) > 3 and zeros.count(0) * 10 > len(zeros) * 7:
            return name
    return ""


def _is_binary(data: bytes) -> bool:
    """Whether this is no text at all: packed, or full of control characters."""
    if data.startswith(_PACKED):
        return True
    head = data[:_HEAD]
    odd = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    return odd * 10 > len(head) * 3
