"""The file that keeps a machine: a recording to mail (JSON, packed as gzip does), or machine.json in a folder.

One file per machine, so that nothing in it can lead out of its folder; one entry per line and sorted, so that
`zgrep` and `diff` serve. It may come from a stranger: everything in it is checked before it is used.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from sriov_tui.bounded import json_value
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine
from sriov_tui.message import Message, say, verbatim
from sriov_tui.model import SriovError

VERSION = 1
FILE = "machine.json"
GZIP, GZIP_FORMAT = b"\x1f\x8b", 16 + zlib.MAX_WBITS  # how such a file begins; what zlib calls the format
MAX_BYTES = 16 << 20  # of JSON; 1,016 VFs need about 3 MiB
MAX_VALUES = 400_000  # in it; they need 75,000
MAX_NAMES = 8192  # in one folder; a host may have some thousand VFs
MAX_PORTS, PORT = 512, "/sriov_totalvfs"  # a host has some dozen
MAX_PATH = 4096  # PATH_MAX, include/uapi/linux/limits.h
MAX_SIZE = 4 << 20  # one file in it, with the zeros that `size` adds
MAX_TOTAL = 128 << 20  # all files in it
RECORD = say("Name the file that `sriov-tui collect` wrote, or the folder that holds machine.json.")


def dumps(machine: Machine) -> str:
    """machine.json: sorted, one entry per line, only ASCII; empty sections are left out."""
    sections = []
    for name, value in sorted(_plain(machine).items()):
        if isinstance(value, dict):
            entries = [f"  {_json(key)}: {_json(entry)}" for key, entry in sorted(value.items())]
            sections.append(f" {_json(name)}: {{\n" + ",\n".join(entries) + "\n }")
        else:
            sections.append(f" {_json(name)}: {_json(value)}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


_json = json.JSONEncoder(sort_keys=True).encode  # json.dumps would make an encoder for every line


def _plain(machine: Machine) -> dict[str, Any]:
    whole = {f.name: getattr(machine, f.name) for f in fields(machine)}
    whole["files"] = {path: _plain_bytes(data) for path, data in machine.files.items()}
    whole["rebooted_for"] = machine.rebooted_for or None
    whole["queries"] = {k: {"status": q.status, "out": q.out, "err": q.err} for k, q in machine.queries.items()}
    return {"version": VERSION} | {k: v for k, v in whole.items() if v not in ({}, "", None, False)}


def _plain_bytes(data: bytes) -> str | dict[str, Any]:
    try:
        if b"\0" not in data:
            return data.decode()
    except UnicodeDecodeError:
        pass
    return {"base64": base64.b64encode(data.rstrip(b"\0")).decode(), "size": len(data)}


def save(machine: Machine, folder: Path) -> None:
    """Write FOLDER/machine.json in one rename, readable by its owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = folder / f".{FILE}.{os.getpid()}"
    temporary.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with open(os.open(temporary, flags, 0o600), "w", encoding="ascii") as file:
        file.write(dumps(machine))
    temporary.replace(folder / FILE)


def pack(machine: Machine) -> bytes:
    """The recording as one small file; the same machine gives the same bytes, and `zcat` shows them."""
    packer = zlib.compressobj(9, wbits=GZIP_FORMAT)
    return packer.compress(dumps(machine).encode("ascii")) + packer.flush()


def unpack(data: bytes, where: str) -> bytes:
    """The JSON of a packed recording; SriovError where it is damaged, or would not fit into the memory."""
    unpacker = zlib.decompressobj(wbits=GZIP_FORMAT)
    try:
        plain = unpacker.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise _malformed(where, say("it is damaged")) from error
    if len(plain) > MAX_BYTES:
        raise _too_large(where)
    if not unpacker.eof:
        raise _malformed(where, say("its end is missing"))
    if unpacker.unused_data:
        raise _malformed(where, say("something else follows in the same file"))
    return plain


def load(path: Path) -> Machine:
    """Read a recording, or FOLDER/machine.json; SriovError where it is missing, too large or malformed."""
    if path.is_dir():
        path = path / FILE
    try:
        # No link, no device, no pipe: who sends a recording does not choose what we open.
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SriovError(say("{path} is not a regular file.", path=str(path)), RECORD)
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = say("it is a symbolic link") if error.errno == errno.ELOOP else error.strerror
        raise SriovError(
            say("The recording {path} cannot be read: {reason}.", path=str(path), reason=reason), RECORD
        ) from error
    if len(data) > MAX_BYTES:
        raise _too_large(str(path))
    return loads(unpack(data, str(path)) if data.startswith(GZIP) else data, str(path))


def _too_large(where: str) -> SriovError:
    return SriovError(
        say("{where} is larger than {max_bytes} MiB.", where=where, max_bytes=MAX_BYTES >> 20),
        say("It is not a recording of one machine."),
    )


def loads(data: bytes | str, where: str = FILE) -> Machine:
    """Decode the text of a machine.json; SriovError with the place and the reason."""
    try:
        plain = json_value(data, MAX_VALUES)
    except ValueError as error:
        raise _malformed(where, say("it is not JSON ({error})", error=str(error))) from error
    if not isinstance(plain, dict):
        raise _malformed(where, say("it is not a JSON object"))
    if plain.pop("version", None) != VERSION:
        raise SriovError(
            say("{where} has a version that this program does not know.", where=where),
            say("Use the sriov-tui that made it."),
        )
    given = {}
    for name, value in plain.items():
        if name not in _SECTIONS:
            raise _malformed(where, say("it has an unknown section {name}", name=repr(name)))
        if name == "files" and isinstance(value, dict) and _total(value.values()) > MAX_TOTAL:
            raise _too_large(say("{where}, with the zeros in its files,", where=where))
        if name == "files" and isinstance(value, dict) and sum(path.endswith(PORT) for path in value) > MAX_PORTS:
            raise _malformed(where, say("it has more than {most} ports with SR-IOV", most=MAX_PORTS))
        given[name] = _section(value, _SECTIONS[name], f"{where}: {name}")
    if "name" not in given:
        raise _malformed(where, say("the name of the machine is missing"))
    return Machine(**given)


def _malformed(where: str, reason: Message) -> SriovError:
    return SriovError(
        say("{where} is not a recording: {reason}.", where=where, reason=reason),
        say("Record the machine again with `sriov-tui collect`."),
    )


def _section(value: Any, shape: tuple[type, Callable[[Any], Any]], where: str) -> Any:
    kind, decoder = shape
    if type(value) is not kind:
        raise _malformed(where, say("expected {name}, found {name2}", name=kind.__name__, name2=type(value).__name__))
    key: object = ""
    try:
        if isinstance(value, dict):
            result = {}
            for key, entry in value.items():
                result[_path(key)] = decoder(entry)
            return result
        return [decoder(entry) for entry in value] if isinstance(value, list) else decoder(value)
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        raise _malformed(
            where,
            (
                say("the entry {key} does not fit: {error}", key=repr(key), error=str(error))
                if key
                else verbatim(str(error))
            ),
        ) from error


def _a(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(say("expected {name}, found {name2}", name=kind.__name__, name2=type(value).__name__))
        return value

    return check


def _each(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: [check(item) for item in _a(list)(value)]


def _table(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: {key: check(item) for key, item in _a(dict)(value).items()}


def _path(value: Any) -> str:
    text: str = _a(str)(value)
    if len(text) > MAX_PATH:
        raise ValueError(say("a path of {length} characters", length=len(text)))
    return text


def _names(value: Any) -> list[str]:
    names: list[str] = _each(_a(str))(value)
    if len(names) > MAX_NAMES:
        raise ValueError(say("more than {most} names", most=MAX_NAMES))
    return names


def _rows(value: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _each(_table(_scalar))(value)
    if len(rows) > MAX_NAMES:
        raise ValueError(say("more than {most} names", most=MAX_NAMES))
    return rows


def _scalar(value: Any) -> Any:
    if value is None or type(value) in (bool, int, str):
        return value
    raise TypeError(say("expected a plain value"))


def _bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    data = base64.b64decode(value["base64"], validate=True)
    size = _a(int)(value.get("size", len(data)))
    if not len(data) <= size <= MAX_SIZE:
        raise ValueError(say("size {size}", size=size))
    return data.ljust(size, b"\0")


def _total(files: Iterable[Any]) -> int:
    """Bytes of all files, before any is made: a few bytes of JSON may stand for many zeros."""
    sizes = (file.get("size", 0) if isinstance(file, dict) else 0 for file in files)
    return sum(size for size in sizes if isinstance(size, int) and 0 < size <= MAX_SIZE)


def _completed(value: Mapping[str, Any]) -> Completed:
    return Completed(_a(int)(value["status"]), _a(str)(value["out"]), _a(str)(value["err"]))


def _holder(value: Any) -> tuple[str, int, str]:
    path, pid, command = value
    return _a(str)(path), _a(int)(pid), _a(str)(command)


_SECTIONS: dict[str, tuple[type, Callable[[Any], Any]]] = {
    "name": (str, _a(str)),
    "about": (str, _a(str)),
    "made_at": (str, _a(str)),
    "complete": (bool, _a(bool)),
    "files": (dict, _bytes),
    "dirs": (dict, _names),
    "links": (dict, _path),
    "real": (dict, _path),
    "modes": (dict, _a(int)),
    "owners": (dict, _each(_a(int))),
    "errors": (dict, _a(str)),
    "queries": (dict, _completed),
    "netlink": (dict, _rows),
    "udev": (dict, _table(_a(str))),
    "holders": (list, _holder),
    "environment": (dict, _a(str)),
    "rebooted_for": (list, _a(str)),
    "simulation": (dict, lambda value: value),
}
