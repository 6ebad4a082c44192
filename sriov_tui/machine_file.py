"""machine.json: the file that keeps a machine.

One file per machine, so that nothing in it can lead out of its folder; one entry per line and sorted, so that
`grep` and `diff` serve. It may come from a stranger: everything in it is checked before it is used.
"""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from sriov_tui.host import Completed
from sriov_tui.machine import Machine
from sriov_tui.model import SriovError

VERSION = 1
FILE = "machine.json"
MAX_BYTES = 64 << 20  # 1,016 VFs need about 3 MiB
MAX_SIZE = 4 << 20  # one file in it, with the zeros that `size` adds


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


def load(folder: Path) -> Machine:
    """Read FOLDER/machine.json (or that file itself); SriovError where it is missing, too large or malformed."""
    path = folder if folder.name == FILE else folder / FILE
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SriovError(f"{path} is not a regular file.", "Name the folder that `sriov-tui collect` wrote.")
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SriovError(
            f"The recording {path} cannot be read: {error.strerror}.",
            "Name the folder that `sriov-tui collect` wrote; it holds the file machine.json.",
        ) from error
    if len(data) > MAX_BYTES:
        raise SriovError(f"{path} is larger than {MAX_BYTES >> 20} MiB.", "It is not a recording of one machine.")
    return loads(data, str(path))


def loads(data: bytes | str, where: str = FILE) -> Machine:
    """Decode the text of a machine.json; SriovError with the place and the reason."""
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _malformed(where, f"it is not JSON ({error})") from error
    if not isinstance(plain, dict):
        raise _malformed(where, "it is not a JSON object")
    if plain.pop("version", None) != VERSION:
        raise SriovError(f"{where} has a version that this program does not know.", "Use the sriov-tui that made it.")
    given = {}
    for name, value in plain.items():
        if name not in _SECTIONS:
            raise _malformed(where, f"it has an unknown section {name!r}")
        given[name] = _section(value, _SECTIONS[name], f"{where}: {name}")
    if "name" not in given:
        raise _malformed(where, "the name of the machine is missing")
    return Machine(**given)


def _malformed(where: str, reason: str) -> SriovError:
    return SriovError(f"{where} is not a recording: {reason}.", "Record the machine again with `sriov-tui collect`.")


def _section(value: Any, shape: tuple[type, Callable[[Any], Any]], where: str) -> Any:
    kind, decoder = shape
    if type(value) is not kind:
        raise _malformed(where, f"expected {kind.__name__}, found {type(value).__name__}")
    key: object = ""
    try:
        if isinstance(value, dict):
            result = {}
            for key, entry in value.items():
                result[key] = decoder(entry)
            return result
        return [decoder(entry) for entry in value] if isinstance(value, list) else decoder(value)
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        raise _malformed(where, f"the entry {key!r} does not fit: {error}" if key else str(error)) from error


def _a(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"expected {kind.__name__}, found {type(value).__name__}")
        return value

    return check


def _each(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: [check(item) for item in _a(list)(value)]


def _table(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: {key: check(item) for key, item in _a(dict)(value).items()}


def _scalar(value: Any) -> Any:
    if value is None or type(value) in (bool, int, str):
        return value
    raise TypeError("expected a plain value")


def _bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    data = base64.b64decode(value["base64"], validate=True)
    size = _a(int)(value.get("size", len(data)))
    if not len(data) <= size <= MAX_SIZE:
        raise ValueError(f"size {size}")
    return data.ljust(size, b"\0")


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
    "dirs": (dict, _each(_a(str))),
    "links": (dict, _a(str)),
    "real": (dict, _a(str)),
    "modes": (dict, _a(int)),
    "owners": (dict, _each(_a(int))),
    "errors": (dict, _a(str)),
    "queries": (dict, _completed),
    "netlink": (dict, _each(_table(_scalar))),
    "udev": (dict, _table(_a(str))),
    "holders": (list, _holder),
    "environment": (dict, _a(str)),
    "simulation": (dict, lambda value: value),
}
