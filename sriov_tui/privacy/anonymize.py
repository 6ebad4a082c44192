"""A recording that does not tell whose it is: other MAC addresses, serial numbers and names, and if asked IP addresses.

They are replaced wherever they stand, in lists, paths, logs and command lines alike, so that the same checks find the
same. Interface names stay, unless they are made of a MAC address.
"""

from __future__ import annotations

import re
import secrets
import struct
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sriov_tui.hosts.machine import Machine
from sriov_tui.privacy.ip_addresses import Addresses
from sriov_tui.privacy.pseudonyms import Hardware, Words, is_serial, numbered, serials

HOSTNAME = "/proc/sys/kernel/hostname"
SERIAL_FILES = re.compile(r"(?:_serial|/serial_number|/product_uuid|/machine-id)$")
SYSTEM = ("/sys/", "/lib/", "/usr/", "/etc/os-release")  # words that are there are no names of ours
PROGRAMS = ("lspci", "ethtool", "modinfo", "systemd-detect-virt", "devlink")
_GUEST = re.compile(r"(?:^|\s)-name\s+(?:guest=)?([^\s,]+)")
_URL_HOST = re.compile(r"://(?:[^/@\s]*@)?([A-Za-z][\w-]*(?:\.[\w-]+)+)")
_OWN_NAME = re.compile(r"(?m)^\s*host_?name\s*:\s*['\"]?([A-Za-z0-9][\w.-]*)")
DSN, DSN_END = 0x0003, 12  # PCI extended capability "Device Serial Number": a header, then eight bytes
Rewrite = Callable[[str], str]


def anonymized(machine: Machine, *, addresses: bool = False) -> Machine:
    """The machine under pseudonyms, the same for the same all over it; with `addresses` also its IP addresses."""
    texts = tuple(_texts(machine))
    hardware = Hardware(texts)
    ip = Addresses(hardware.interface, secrets.token_bytes(16) if addresses else b"")
    hosts, exact = _hosts(machine)
    named = serials(texts) | {value for value in _keyed_serials(machine) if is_serial(value)}
    words = Words({**numbered(named, "SERIAL"), **hosts})
    guests = Words(numbered({name for text in _command_lines(machine) for name in _GUEST.findall(text)}, "vm"))

    def rewrite(text: str) -> str:
        return exact.get(text.strip()) or ip.replace(words.replace(hardware.replace(text)))

    def in_command_line(text: str) -> str:
        return rewrite(guests.replace(text))

    rewritten: Machine = _walk(machine, rewrite)
    return replace(
        rewritten,
        files=_files(machine, rewrite),
        queries={
            _node(rewrite(line), exact): _walk(done, in_command_line if line.startswith("pgrep") else rewrite)
            for line, done in machine.queries.items()
        },
        holders=None if machine.holders is None else [(p, n, in_command_line(c)) for p, n, c in machine.holders],
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
        if b"\0" not in data:
            data = rewrite(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        files[rewrite(path)] = data
    return files


def _device_serials(path: str, config: bytes) -> Iterator[bytes]:
    """The serial number in a device's config space: network cards make it of their MAC address."""
    at = 0x100 if path.endswith("/config") else 0
    for _ in range(480):
        if at < 0x100 or at + DSN_END > len(config):
            return
        (header,) = struct.unpack_from("<I", config, at)
        number = config[at + 4 : at + DSN_END]
        if header & 0xFFFF == DSN and number.strip(b"\0"):
            yield number
        at = header >> 20 & 0xFFC


def _texts(machine: Machine) -> Iterator[str]:
    """Every text in which something may be called a serial number or have the shape of a MAC address."""
    for data in machine.files.values():
        if b"\0" not in data:
            yield data.decode("utf-8", "surrogateescape")
    for done in machine.queries.values():
        yield from (done.out, done.err)
    rows = (row for rows in (*machine.netlink.values(), machine.udev.values()) for row in rows)
    yield from (value for row in rows for value in row.values() if isinstance(value, str))
    for path in (*machine.dirs, *machine.files, *machine.links):
        yield path.rpartition("/")[2]
    yield from (name for names in machine.dirs.values() for name in names)
    yield from _command_lines(machine)


def _command_lines(machine: Machine) -> Iterator[str]:
    yield from (command for _, _, command in machine.holders or ())
    yield from (done.out for line, done in machine.queries.items() if line.startswith("pgrep"))


def _keyed_serials(machine: Machine) -> Iterator[str]:
    for properties in machine.udev.values():
        yield from (value for key, value in properties.items() if "SERIAL" in key)
    for path, data in machine.files.items():
        if SERIAL_FILES.search(path):
            yield data.decode("utf-8", "replace").strip()


def _hosts(machine: Machine) -> tuple[dict[str, str], dict[str, str]]:
    """Names of hosts and what stands for them: those replaced wherever they stand, and those only as a whole text.

    A host may be called "debian" or "ice": such a word of the system is replaced only where it stands alone.
    """
    own = machine.files.get(HOSTNAME, b"").decode("utf-8", "replace").strip()
    short, _, domain = own.partition(".")
    settings = [
        data.decode("utf-8", "replace") for path, data in machine.files.items() if path.startswith("/etc/yunion/")
    ]
    more = {name for text in settings for pattern in (_URL_HOST, _OWN_NAME) for name in pattern.findall(text)}
    more -= {own, short, ""}
    hosts = (
        {**numbered(more, "host", 2)} | ({domain: "domain-1"} if domain else {}) | ({short: "host-1"} if short else {})
    )
    system = " ".join(_system_words(machine))
    free = {name: other for name, other in hosts.items() if not Words({name: other}).found_in(system)}
    exact = {own: "host-1"} if short and short not in free else {}
    return free, exact


def _system_words(machine: Machine) -> Iterator[str]:
    yield from (path for table in (machine.dirs, machine.files, machine.links) for path in table)
    yield from (name for path, names in machine.dirs.items() if path.startswith(SYSTEM) for name in names)
    for path, data in machine.files.items():
        if path == "/etc/os-release":
            yield data.decode("utf-8", "replace")
        elif path.startswith("/etc/yunion/"):  # the names of options
            yield from (line.partition(":")[0] for line in data.decode("utf-8", "replace").splitlines())
    yield from (done.out for line, done in machine.queries.items() if line.startswith(PROGRAMS))
    yield from (row["name"] for row in machine.netlink.get("links", ()))


def _node(line: str, exact: dict[str, str]) -> str:
    """A query with the name of the node that it asks about."""
    for own, other in exact.items():
        line = line.replace(f"spec.nodeName={own.lower()} ", f"spec.nodeName={other} ")
    return line
