"""What changed on a host since an audit of it that was good: the baseline, the JSON of that audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sriov_tui.bounded import json_value, read_file
from sriov_tui.message import Message, say, verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level, SriovError

VERSION = 1  # of the audit's JSON
LIMIT = 4 << 20  # bytes of the file; 1,016 VFs make 200 KiB
MOST_VALUES = 200_000  # in it
HOST = {  # a key of the audit's `facts` -> what it is
    "os": say("The system"),
    "bios": say("The firmware of the machine"),
    "kernel": say("The kernel"),
    "arguments": say("The kernel arguments"),
}
NIC = {  # a key of one of its `nics`
    "interface": say("The interface"),
    "driver": say("The driver"),
    "driver_version": say("The version of the driver"),
    "firmware": say("The firmware"),
}
VFS = {
    "numvfs": say("The number of VFs"),
    "totalvfs": say("The number of VFs that the card offers"),
}
FIX = Fix(
    title=say("Find out who changed it. If it is as it should be, save a new baseline."),
    manual=say("sriov-tui audit --format json > FILE"),
)


def load(path: str) -> Mapping[str, Any]:
    """The audit in a file; SriovError names the file and the reason."""
    hint = say("Save one while the host is good: `sriov-tui audit --format json > FILE`.")
    try:
        found = json_value(read_file(path, LIMIT)[0], MOST_VALUES)
    except OSError as error:
        raise SriovError(verbatim(f"{path}: {error.strerror}."), hint) from error
    except ValueError as error:
        raise SriovError(say("{path} is not JSON: {error}.", path=path, error=str(error)), hint) from error
    if not isinstance(found, dict) or found.get("version") != VERSION or not _whole(found):
        raise SriovError(say("{path} is not an audit of this format.", path=path), hint)
    return found


def _whole(document: Mapping[str, Any]) -> bool:
    """Whether it has what is compared, in the types that it should have."""
    facts, findings = document.get("facts"), document.get("findings")
    if not isinstance(facts, dict) or not isinstance(findings, list):
        return False
    nics = facts.get("nics")
    rows = [*findings, *(nics if isinstance(nics, list) else [])]
    return (nics is None or isinstance(nics, list)) and all(isinstance(row, dict) for row in rows)


def compare(
    before: Mapping[str, Any], hostname: str, now: Mapping[str, Any], findings: Iterable[Finding]
) -> tuple[Finding, ...]:
    """A finding for each change, from the audit's document before, and today's `facts` and findings.

    What was not known then cannot have changed; what is not known now is SKIP. SriovError where it is another host's.
    """
    if before.get("host") != hostname:
        raise SriovError(
            say("The baseline is of {other}, and this host is {host}.", other=str(before.get("host")), host=hostname),
            say("Give the baseline of this host, or save a new one: `sriov-tui audit --format json > FILE`."),
        )
    since = str(before.get("gathered_at"))
    old = before["facts"]
    found = [
        *_values("baseline.host", "", HOST, old, now, since),
        *_host_conf(old, now, since),
        *_cards(old.get("nics"), now.get("nics"), since),
        *_worse(before["findings"], findings, since),
    ]
    if not found:
        title = say("Nothing changed since the baseline of {since}.", since=since)
        found = [Finding(id="baseline.unchanged", level=Level.OK, title=title)]
    return tuple(found)


def _values(
    id: str, subject: str, keys: Mapping[str, Message], old: Mapping[str, Any], now: Mapping[str, Any], since: str
) -> Iterator[Finding]:
    for key, what in keys.items():
        was, is_now = old.get(key), now.get(key)
        if was is None or was == is_now:
            continue
        if is_now is None:
            yield _unread(id, subject, what)
        else:
            title = say("{what} changed from {was} to {now}.", what=what, was=_shown(was), now=_shown(is_now))
            yield _changed(id, subject, title, since)


def _shown(value: object) -> str:
    return str(value) if value != "" else "-"


def _changed(id: str, subject: str, title: Message, since: str) -> Finding:
    evidence = (Evidence("the baseline", since),)
    return Finding(id=id, level=Level.FAIL, subject=subject, title=title, evidence=evidence, fix=FIX)


def _unread(id: str, subject: str, what: Message) -> Finding:
    title = say("{what} cannot be read now, so it cannot be compared.", what=what)
    fix = Fix(title=say("Run the audit as root."))
    return Finding(id=id, level=Level.SKIP, subject=subject, title=title, fix=fix)


def _host_conf(old: Mapping[str, Any], now: Mapping[str, Any], since: str) -> Iterator[Finding]:
    was, is_now = old.get("host_conf"), now.get("host_conf")
    if was is None or was == is_now:
        return
    if is_now is None:
        yield _unread("baseline.host-conf", "", say("/etc/yunion/host.conf"))
        return
    gone, new = say("/etc/yunion/host.conf is gone."), say("/etc/yunion/host.conf is new.")
    title = gone if is_now == "" else new if was == "" else say("/etc/yunion/host.conf has changed.")
    yield _changed("baseline.host-conf", "", title, since)


def _cards(old: Any, now: Any, since: str) -> Iterator[Finding]:
    if old is None:
        return
    if now is None:
        yield _unread("baseline.card", "", say("The list of network cards"))
        return
    before, today = _by_address(old), _by_address(now)
    for address, nic in before.items():
        if address not in today:
            model = say("The card {model} is gone.", model=_shown(nic.get("name") or nic.get("model") or address))
            yield _changed("baseline.card", address, model, since)
            continue
        if nic.get("model") != today[address].get("model"):
            models = {"model": say("The card")}
            yield from _values("baseline.card", address, models, nic, today[address], since)
        yield from _values("baseline.nic", address, NIC, nic, today[address], since)
        yield from _values("baseline.vfs", address, VFS, nic, today[address], since)
    for address in today.keys() - before.keys():
        yield _changed("baseline.card", address, say("The card is new."), since)


def _by_address(nics: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(nic.get("address")): nic for nic in nics}


def _worse(old: Iterable[Mapping[str, Any]], now: Iterable[Finding], since: str) -> Iterator[Finding]:
    levels: dict[tuple[str, str], Level] = {}
    for row in old:
        key, level = (
            (str(row.get("id")), str(row.get("subject"))),
            Level.__members__.get(str(row.get("level")), Level.OK),
        )
        levels[key] = max(level, levels.get(key, Level.OK))
    for finding in now:
        was = levels.get((finding.id, finding.subject), Level.OK)
        if finding.level > was and finding.level in (Level.WARN, Level.FAIL):
            title = say(
                "{id} was {was} and is {now}: {title}",
                id=finding.id, was=was.name, now=finding.level.name, title=finding.title,
            )  # fmt: skip
            yield _changed("baseline.worse", finding.subject, title, since)
