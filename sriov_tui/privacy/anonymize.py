"""A recording that does not tell whose it is: other hardware addresses, ids and names, and if asked IP addresses.

They are replaced wherever they stand, in lists, paths, logs and command lines alike, so that the same checks find the
same. Interface names stay, unless they are made of a MAC address.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sriov_tui.hosts.machine import Machine
from sriov_tui.late import regex
from sriov_tui.privacy import names
from sriov_tui.privacy.hardware import Hardware
from sriov_tui.privacy.identifiers import Identifiers
from sriov_tui.privacy.ip_addresses import Addresses
from sriov_tui.privacy.pseudonyms import Words, is_serial, numbered, serials
from sriov_tui.secrets.text import rewritten

SERIAL_FILES = regex(r"(?:_serial|/serial_number|_asset_tag)$")
ID_FILES = regex(r"(?:/product_uuid|/machine-id|/boot_id)$")
CONFIG = regex(r"^/sys/.*/config$")
DSN, DSN_END = 0x0003, 12  # PCI extended capability "Device Serial Number": a header, then eight bytes
Rewrite = Callable[[str], str]


def anonymized(machine: Machine, *, addresses: bool = False) -> Machine:
    """The machine under pseudonyms, the same for the same all over it; with `addresses` also its IP addresses."""
    return Anonymizer(machine, addresses=addresses).machine()


class Anonymizer:
    """What tells whose a machine is, found in all of it, and what stands for it."""

    def __init__(self, machine: Machine, *, addresses: bool = False) -> None:
        self._machine = machine
        texts = tuple(_texts(machine))
        self._ids, self._hardware = Identifiers(texts), Hardware(texts)
        self._ip = Addresses(self._hardware.interface, secrets.token_bytes(16) if addresses else b"")
        hosts, self._exact = names.hosts(machine, texts)
        named = serials(texts) | {value for value in _keyed_serials(machine) if is_serial(value)}
        self._words = Words({**numbered(named, "SERIAL"), **hosts})
        self._guests, self._in_commands = names.guests(machine, texts)

    def rewrite(self, text: str) -> str:
        """A text of the machine, as the other machine has it."""
        whole = self._exact.get(text.strip())
        if whole:
            return whole
        named = self._words.replace(self._hardware.replace(self._ids.replace(text)))
        return self._ip.replace(self._guests.replace(named))

    def _command(self, line: str) -> str:
        return self.rewrite(self._in_commands.replace(line))

    def machine(self) -> Machine:
        """The other machine."""
        machine = self._machine
        other: Machine = _walk(machine, self.rewrite)
        return replace(
            other,
            files=_files(machine, self.rewrite),
            queries={
                _node(self.rewrite(line), self._exact): _walk(
                    done, self._command if line.startswith("pgrep") else self.rewrite
                )
                for line, done in machine.queries.items()
            },
            holders=None
            if machine.holders is None
            else [(self.rewrite(path), number, self._command(line)) for path, number, line in machine.holders],
            simulation=machine.simulation,
        )


def _walk(value: Any, rewrite: Rewrite) -> Any:
    """The same value with every text in it rewritten."""
    if isinstance(value, str):
        return rewrite(value)
    if isinstance(value, list):
        return [_walk(item, rewrite) for item in value]
    if isinstance(value, dict):
        return {rewrite(key): _walk(item, rewrite) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _walk(getattr(value, f.name), rewrite) for f in fields(value)})
    return value


def _files(machine: Machine, rewrite: Rewrite) -> dict[str, bytes]:
    found = sorted({number for path, data in machine.files.items() for number in _device_serials(path, data)})
    numbers = {number: struct.pack("<Q", at) for at, number in enumerate(found, 1)}
    files = {}
    for path, data in machine.files.items():
        for number in _device_serials(path, data):
            data = data.replace(number, numbers[number])
        files[rewrite(path)] = data if CONFIG.match(path) else rewritten(data, rewrite)
    return files


def _device_serials(path: str, config: bytes) -> Iterator[bytes]:
    """The serial number in a device's config space: network cards make it of their MAC address."""
    at = 0x100 if CONFIG.match(path) else 0
    for _ in range(480):
        if at < 0x100 or at + DSN_END > len(config):
            return
        (header,) = struct.unpack_from("<I", config, at)
        number = config[at + 4 : at + DSN_END]
        if header & 0xFFFF == DSN and number.strip(b"\0"):
            yield number
        at = header >> 20 & 0xFFC


def _texts(machine: Machine) -> Iterator[str]:
    """Every text in which something may be called an id, or have the shape of one."""
    found: list[str] = []
    for path, data in machine.files.items():
        if not CONFIG.match(path):
            rewritten(data, lambda text: found.append(text) or text)  # type: ignore[func-returns-value]
        if ID_FILES.search(path):
            found.append(f"machine-id={data.decode('utf-8', 'replace').strip()}")
    yield from found
    for line, done in machine.queries.items():
        yield from (line, done.out, done.err)
    yield from machine.environment.values()
    rows = (row for rows in (*machine.netlink.values(), machine.udev.values()) for row in rows)
    yield from (f"{key}={value}" for row in rows for key, value in row.items() if isinstance(value, str))
    for path in (*machine.dirs, *machine.files, *machine.links, *machine.links.values(), *machine.real.values()):
        yield path
        yield path.rpartition("/")[2]
    yield from (f"{path}/{name}" for path, inside in machine.dirs.items() for name in inside)
    yield from (command for _, _, command in machine.holders or ())


def _keyed_serials(machine: Machine) -> Iterator[str]:
    for properties in machine.udev.values():
        yield from (value for key, value in properties.items() if "SERIAL" in key)
    for path, data in machine.files.items():
        if SERIAL_FILES.search(path):
            yield data.decode("utf-8", "replace").strip()


def _node(line: str, exact: dict[str, str]) -> str:
    """A query with the name of the node that it asks about."""
    for own, other in exact.items():
        line = line.replace(f"spec.nodeName={own.lower()} ", f"spec.nodeName={other} ")
    return line
