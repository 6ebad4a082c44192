"""Audits of many hosts, a JSON file each, read one after the other. A file that is none is named, and no more.

Hosts are alike: a finding, a sentence or a word that many have is kept once.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sriov_tui.bounded import json_value, read_file
from sriov_tui.fleet import age
from sriov_tui.fleet.expected import without_audit
from sriov_tui.fleet.hosts import STATES, Broken, Fleet, FleetHost, Nic
from sriov_tui.message import NOTHING, Message, from_plain, say, verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level, SriovError

VERSION = 1  # of the audit's JSON
LIMIT = 4 << 20  # bytes of one file; 1,016 VFs make 200 KiB
MOST_VALUES = 200_000  # in it
Known = dict[bytes, Finding]  # the findings that were read already, by a digest of their JSON


def read_fleet(folder: Path, expected: Sequence[str] = (), days: int = age.STALE_DAYS) -> Fleet:
    """Every audit below a folder, and every other file by name; SriovError where there is no *.json."""
    try:
        if not folder.is_dir():
            raise SriovError(
                say("{folder} is not a folder.", folder=str(folder)),
                say("Name the folder that the audits were collected in."),
            )
        os.listdir(folder)
    except OSError as error:
        raise SriovError(verbatim(f"{folder}: {error.strerror}."), say("Name a folder that you may read.")) from error
    read = list(_below(folder))
    if not any(isinstance(one, FleetHost) or one.file.endswith(".json") for one in read):
        raise SriovError(
            say("No audit is in {folder}.", folder=str(folder)),
            say("Collect one of each host first: sriov-tui audit --format json > HOST.json"),
        )
    hosts = tuple(_named(sorted((one for one in read if isinstance(one, FleetHost)), key=_rank)))
    broken = tuple(sorted((one for one in read if isinstance(one, Broken)), key=lambda one: one.file))
    return Fleet(hosts=hosts, broken=broken, missing=without_audit(expected, hosts), days=days)


def _below(folder: Path) -> Iterator[FleetHost | Broken]:
    """Every file below a folder, read; what is not, with the reason."""
    lost: list[OSError] = []
    known: Known = {}
    for above, folders, files in os.walk(folder, onerror=lost.append):
        folders.sort()
        for name in sorted(files):
            path = Path(above, name)
            yield _file(path, str(path.relative_to(folder)), known)
        for name in folders:
            if (path := Path(above, name)).is_symlink():
                yield Broken(str(path.relative_to(folder)), say("a link to a folder is not followed"))
    for error in lost:
        yield Broken(os.path.relpath(error.filename, folder), verbatim(error.strerror or str(error)))


def _file(path: Path, file: str, known: Known) -> FleetHost | Broken:
    if path.suffix != ".json":
        return Broken(file, say("its name does not end with .json"))
    return (
        _read(path, file, known)
        if path.is_file()
        else Broken(file, say("it is not a file, or a link that leads nowhere"))
    )


def _rank(host: FleetHost) -> tuple[int, str, str]:
    return STATES.index(host.state), host.name, host.file


def _named(hosts: Iterable[FleetHost]) -> Iterable[FleetHost]:
    """The hosts with names that are unique: a name that stands there again gets its file behind it."""
    listed = list(hosts)
    seen = Counter(host.name for host in listed)
    return [host if seen[host.name] == 1 else replace(host, name=f"{host.name} ({host.file})") for host in listed]


def _read(path: Path, file: str, known: Known) -> FleetHost | Broken:
    try:
        return _host(json_value(read_file(path, LIMIT)[0], MOST_VALUES), file, known)
    except SriovError as error:
        return Broken(file, error.title)
    except OSError as error:
        return Broken(file, verbatim(error.strerror or str(error)))
    except RecursionError:
        return Broken(file, say("nested too deeply"))
    except (ValueError, TypeError, KeyError) as error:
        return Broken(file, say("no audit: {error}", error=str(error)))


def _host(document: Any, file: str, known: Known) -> FleetHost:
    """The audit as a host; ValueError, TypeError or KeyError where it is none."""
    if not isinstance(document, Mapping) or not isinstance(document.get("findings"), list):
        raise ValueError(say("it has no findings"))
    if not isinstance(version := document.get("version"), int) or version > VERSION:
        raise ValueError(say("version {version} is not known to this program", version=repr(version)))
    facts = document.get("facts") or {}
    return FleetHost(
        name=_text(document, "host") or Path(file).stem,
        hostname=_text(document, "host") or "",
        file=file,
        gathered_at=_text(document, "gathered_at") or "",
        os=_text(facts, "os"),
        machine=_text(facts, "machine"),
        bios=_text(facts, "bios"),
        kernel=_text(facts, "kernel"),
        arguments=_text(facts, "arguments"),
        nics=tuple(_nic(nic) for nic in facts.get("nics") or ()),
        findings=tuple(_known(finding, known) for finding in document["findings"]),
        problems=len(document.get("problems") or ()),
    )


def _nic(nic: Mapping[str, Any]) -> Nic:
    address = _text(nic, "address") or ""
    wires = nic.get("wires")
    if wires is not None and not (isinstance(wires, list) and all(isinstance(wire, str) for wire in wires)):
        raise ValueError(say("{name} is not a list of texts", name="wires"))
    words = ("slot", "model", "name", "interface", "driver", "driver_version", "firmware", "use")
    numbers = ("numvfs", "totalvfs", "numa", "held")
    values: dict[str, Any] = {word: _text(nic, word) for word in words}
    values |= {word: _number(nic, word) for word in numbers}
    return Nic(address=address, wires=None if wires is None else tuple(map(sys.intern, wires)), **values)


def _known(finding: Any, known: Known) -> Finding:
    """The finding, read once however many hosts have it word for word."""
    digest = hashlib.blake2b(marshal.dumps(finding, 2), digest_size=16).digest()  # 2: the same bytes for the same value
    if digest not in known:
        known[digest] = _finding(finding)
    return known[digest]


def _finding(finding: Mapping[str, Any]) -> Finding:
    level = Level[str(finding["level"])]
    small = level < Level.WARN  # of what is good the sentence is enough
    evidence = () if small else tuple(finding.get("evidence") or ())
    fix = None if small else finding.get("fix")
    return Finding(
        id=_text(finding, "id") or "",
        level=level,
        title=_message(finding, "title"),
        subject=_text(finding, "subject") or "host",
        detail=NOTHING if small else _message(finding, "detail"),
        evidence=tuple(Evidence(_text(one, "source") or "", _text(one, "text") or "") for one in evidence),
        blocks=finding.get("blocks") is True,
        fix=Fix(title=_message(fix, "title"), manual=_message(fix, "manual")) if fix else None,
    )


def _text(values: Mapping[str, Any], name: str) -> str | None:
    """A string of a document; the same strings of many hosts are kept once."""
    if not isinstance(values, Mapping):
        raise ValueError(say("{name} is looked for in something that is no object", name=name))
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(say("{name} is not a text", name=name))
    return sys.intern(value)


def _message(values: Mapping[str, Any], name: str) -> Message:
    """A sentence of a document, to be shown in the reader's language where the document has its parts."""
    text, parts = _text(values, name) or "", values.get("messages")
    found = from_plain(parts[name]) if isinstance(parts, Mapping) and name in parts else Message(text)
    return found if found == text else Message(text)


def _number(values: Mapping[str, Any], name: str) -> int | None:
    value = values.get(name)
    if value is not None and type(value) is not int:
        raise ValueError(say("{name} is not a number", name=name))
    return value
