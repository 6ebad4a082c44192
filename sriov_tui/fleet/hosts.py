"""Audits of many hosts, a JSON file each, as what is compared and shown. A file that is none is named, and no more."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from sriov_tui.message import NOTHING, Message, from_plain, say, verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level, SriovError

VERSION = 1  # of the audit's JSON
LIMIT = 16 << 20  # bytes of one file
HostState = Literal["FAIL", "SKIP", "WARN", "READY"]
STATES: tuple[HostState, ...] = ("FAIL", "SKIP", "WARN", "READY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """A PF as the audit's `facts` tell it; None = unknown."""

    address: str
    slot: str | None = None
    model: str | None = None
    name: str | None = None
    interface: str | None = None
    driver: str | None = None
    driver_version: str | None = None
    firmware: str | None = None
    numvfs: int | None = None
    totalvfs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetHost:
    """One host by its audit: `name` is unique in the fleet, `file` is where the audit stands below its folder."""

    name: str
    file: str
    gathered_at: str = ""
    os: str | None = None
    machine: str | None = None
    bios: str | None = None
    kernel: str | None = None
    arguments: str | None = None
    nics: tuple[Nic, ...] = ()
    findings: tuple[Finding, ...] = ()
    problems: int = 0  # how much could not be read on the host

    @property
    def state(self) -> HostState:
        """The worst level of its findings, FAIL also where one of them blocks; READY where none is WARN or worse."""
        worst = max((Level.FAIL if finding.blocks else finding.level for finding in self.findings), default=Level.OK)
        return "FAIL" if worst is Level.FAIL else "SKIP" if worst is Level.SKIP else _mild(worst)

    def count(self, level: Level) -> int:
        """How many of its findings have this level."""
        return sum(finding.level is level for finding in self.findings)

    @property
    def open(self) -> tuple[Finding, ...]:
        """What is WARN or worse, the worst first."""
        bad = (finding for finding in self.findings if finding.level >= Level.WARN)
        return tuple(sorted(bad, key=lambda finding: -finding.level))


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that is no audit, and why."""

    file: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Fleet:
    """All that was read from one folder: hosts by state and name, then the files that are no audits."""

    hosts: tuple[FleetHost, ...] = ()
    broken: tuple[Broken, ...] = ()

    def in_state(self, state: HostState) -> tuple[FleetHost, ...]:
        """The hosts in this state."""
        return tuple(host for host in self.hosts if host.state == state)


def read_fleet(folder: Path) -> Fleet:
    """Every *.json below a folder; SriovError where there is none."""
    try:
        if not folder.is_dir():
            raise SriovError(
                say("{folder} is not a folder.", folder=str(folder)),
                say("Name the folder that the audits were collected in."),
            )
        files = sorted(path for path in folder.rglob("*.json") if path.is_file())
    except OSError as error:
        raise SriovError(verbatim(f"{folder}: {error.strerror}."), say("Name a folder that you may read.")) from error
    if not files:
        raise SriovError(
            say("No audit is in {folder}.", folder=str(folder)),
            say("Collect one of each host first: sriov-tui audit --format json > HOST.json"),
        )
    read = [_read(path, str(path.relative_to(folder))) for path in files]
    hosts = _named(sorted((one for one in read if isinstance(one, FleetHost)), key=_rank))
    return Fleet(hosts=tuple(hosts), broken=tuple(one for one in read if isinstance(one, Broken)))


def _mild(worst: Level) -> HostState:
    return "WARN" if worst is Level.WARN else "READY"


def _rank(host: FleetHost) -> tuple[int, str, str]:
    return STATES.index(host.state), host.name, host.file


def _named(hosts: Iterable[FleetHost]) -> Iterable[FleetHost]:
    """The hosts with names that are unique: a name that stands there again gets its file behind it."""
    listed = list(hosts)
    seen = Counter(host.name for host in listed)
    return [host if seen[host.name] == 1 else replace(host, name=f"{host.name} ({host.file})") for host in listed]


def _read(path: Path, file: str) -> FleetHost | Broken:
    try:
        with path.open("rb") as opened:
            data = opened.read(LIMIT + 1)
        if len(data) > LIMIT:
            return Broken(file, say("larger than {limit} MiB", limit=LIMIT >> 20))
        return _host(json.loads(data), file)
    except OSError as error:
        return Broken(file, verbatim(error.strerror or str(error)))
    except RecursionError:
        return Broken(file, say("nested too deeply"))
    except (ValueError, TypeError, KeyError) as error:
        return Broken(file, say("no audit: {error}", error=str(error)))


def _host(document: Any, file: str) -> FleetHost:
    """The audit as a host; ValueError, TypeError or KeyError where it is none."""
    if not isinstance(document, Mapping) or not isinstance(document.get("findings"), list):
        raise ValueError(say("it has no findings"))
    if not isinstance(version := document.get("version"), int) or version > VERSION:
        raise ValueError(say("version {version} is not known to this program", version=repr(version)))
    facts = document.get("facts") or {}
    return FleetHost(
        name=_text(document, "host") or Path(file).stem,
        file=file,
        gathered_at=_text(document, "gathered_at") or "",
        os=_text(facts, "os"),
        machine=_text(facts, "machine"),
        bios=_text(facts, "bios"),
        kernel=_text(facts, "kernel"),
        arguments=_text(facts, "arguments"),
        nics=tuple(_nic(nic) for nic in facts.get("nics") or ()),
        findings=tuple(_finding(finding) for finding in document["findings"]),
        problems=len(document.get("problems") or ()),
    )


def _nic(nic: Mapping[str, Any]) -> Nic:
    words = ("slot", "model", "name", "interface", "driver", "driver_version", "firmware")
    return Nic(
        address=_text(nic, "address") or "",
        numvfs=_number(nic, "numvfs"),
        totalvfs=_number(nic, "totalvfs"),
        **{word: _text(nic, word) for word in words},
    )


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
