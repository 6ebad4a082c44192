"""systemd's .link files: the first one that fits a card sets its number of VFs (systemd.link, since 251)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sriov_tui.facts import HostFacts, Pf, VfMaker
from sriov_tui.late import regex
from sriov_tui.probe.makers.cards import Known, both, globbed, mac
from sriov_tui.probe.makers.places import drop_ins, logical_lines
from sriov_tui.probe.source import Source

FOLDERS = (
    "/etc/systemd/network",
    "/run/systemd/network",
    "/usr/local/lib/systemd/network",
    "/usr/lib/systemd/network",
    "/lib/systemd/network",
)
SINCE = 251  # systemd's NEWS: SR-IOVVirtualFunctions= and [SR-IOV] in .link files
SHARED = ("/usr/lib/systemd", "/lib/systemd", "/usr/lib/x86_64-linux-gnu/systemd", "/usr/lib/aarch64-linux-gnu/systemd")
_LIBRARY = regex(r"libsystemd-shared-(\d+)")
_SET = regex(r"\s*(?P<key>[\w-]+)\s*=\s*(?P<value>.*?)\s*$")


@dataclass(slots=True)
class LinkFile:
    """A .link file: what it matches, and the line that gives a number of VFs."""

    path: str
    match: list[tuple[str, str]] = field(default_factory=list)
    maker: VfMaker | None = None


def read(source: Source, facts: HostFacts, unread: list[str]) -> Iterator[VfMaker]:
    """For each card, the line of the first file that fits it; a file that may fit counts for cards not known."""
    files = [_file(source, path, text, unread) for path, text in drop_ins(source, FOLDERS, ".link", unread)]
    if not any(file.maker for file in files) or _before(source, SINCE):
        return
    for file in files:
        if file.maker is None:
            continue
        before = files[: files.index(file)]
        fits = {
            pf.address: _fits(facts, pf, file)
            for pf in facts.pfs or ()
            if pf.sriov_capable is not False and not any(_fits(facts, pf, other) for other in before)
        }
        certain = tuple(address for address, fit in fits.items() if fit)
        if certain or None in fits.values():
            yield replace(file.maker, pfs=certain or None)


def _before(source: Source, version: int) -> bool:
    """Whether this systemd is known to be older, by the name of its library."""
    names = [name for folder in SHARED for name in source.names(folder) or ()]
    found = [int(match[1]) for name in names if (match := _LIBRARY.match(name))]
    return bool(found) and max(found) < version


def _file(source: Source, path: str, text: str, unread: list[str]) -> LinkFile:
    """A file and its drop-ins: NAME.link.d/*.conf."""
    file = LinkFile(path)
    _parse(file, path, text)
    folders = tuple(f"{folder}/{path.rpartition('/')[2]}.d" for folder in FOLDERS)
    for more, content in drop_ins(source, folders, ".conf", unread):
        _parse(file, more, content)
    return file


def _parse(file: LinkFile, path: str, text: str) -> None:
    section, last = "", -1
    for number, line in logical_lines(text):
        if line.lstrip().startswith("["):
            section = line.strip().strip("[]")
            continue
        if not (found := _SET.match(line)):
            continue
        key, value = found["key"], found["value"]
        if section == "Match":
            file.match.append((key, value))
        elif section == "Link" and key == "SR-IOVVirtualFunctions" and value.isdecimal():
            file.maker = VfMaker(
                kind="link", path=path, line=number, text=line, count=value, start=found.start("value")
            )
        elif section == "SR-IOV" and key == "VirtualFunction" and value.isdecimal():
            last = max(last, int(value))
            if file.maker is None or file.maker.kind == "link-implied":
                file.maker = VfMaker(kind="link-implied", path=path, line=number, text=line, count=str(last + 1))


def _fits(facts: HostFacts, pf: Pf, file: LinkFile) -> Known:
    """A file without [Match] fits nothing (since systemd 243)."""
    return both(_one(facts, pf, key, value) for key, value in file.match) if file.match else False


def _one(facts: HostFacts, pf: Pf, key: str, value: str) -> Known:
    inverted, words = value.startswith("!"), value.removeprefix("!").split()
    match key:
        case "MACAddress" | "PermanentMACAddress":
            fit = globbed(mac(facts, pf), words, fold=True)
        case "Path":
            fit = globbed(f"pci-{pf.address}", words)
        case "Driver":
            fit = globbed(pf.driver, words)
        case "Type":
            fit = globbed("ether", words)
        case "OriginalName":
            fit = True if "*" in words else None  # the name before udev changed it is not kept
        case _:
            fit = None
    return None if fit is None else fit is not inverted
