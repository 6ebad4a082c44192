"""A local package of DOCA-Host: what its header and its name say, in the words that images of MLNX_OFED use.

Since 2.7 the version is DOCA's, a build, the driver's year and month, and a distribution without dots:
doca-host-3.2.1-044000_25.10_rhel9.x86_64.rpm, doca-host_3.2.1-044000-25.10-ubuntu2404_amd64.deb. As in
Azure/azhpc-images, versions.json.
"""

from __future__ import annotations

from dataclasses import dataclass

from sriov_tui.facts import ImageLabel
from sriov_tui.hosts.host import Reader
from sriov_tui.late import regex
from sriov_tui.probe import package_header

PACKAGE = "doca-host"
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
NAME = regex(r"doca-host[-_](?P<version>\d[\w.-]*?)[._](?P<machine>x86_64|aarch64|amd64|arm64)\.(?:rpm|deb)")
_VERSION = regex(
    r"(?P<doca>\d+\.\d+\.\d+)-\d+[-_](?P<driver>\d\d\.\d\d)[-_](?P<family>[a-z]+)(?P<number>\d+)(?P<pack>sp\d+)?"
)


@dataclass(frozen=True, slots=True)
class Package:
    """The package's name, its whole version, and what the version says: the driver, the distribution; the machine."""

    name: str = ""
    version: str = ""
    label: ImageLabel = ImageLabel()


def named(name: str) -> Package:
    """By a file's name; an empty one where it is not spelled as the vendor does."""
    found = NAME.fullmatch(name)
    return _package(PACKAGE, found["version"], found["machine"]) if found else Package()


def inside(reader: Reader, path: str) -> Package:
    """By the file's own header; an empty one where that cannot be unpacked here. NotPackage where it is none."""
    read = package_header.rpm if path.endswith(".rpm") else package_header.deb
    try:
        header = read(lambda offset, length: reader.read(path, length, offset))
    except package_header.Unreadable:
        return Package()
    return _package(header.name, header.version, header.machine)


def _package(name: str, version: str, machine: str) -> Package:
    found = _VERSION.fullmatch(version)
    distribution = _dotted(found["family"], found["number"]) + (found["pack"] or "") if found else ""
    return Package(
        name,
        version,
        ImageLabel(
            release=found["driver"] if found else "",
            distribution=distribution,
            machine=MACHINES.get(machine, machine),
        ),
    )


def _dotted(family: str, number: str) -> str:
    """The distribution with the dots that the vendor leaves out: rhel810 is 8.10, debian125 is 12.5."""
    if len(number) == 4:
        first = 2
    elif family in ("rhel", "ol"):
        first = 2 if number.startswith("1") else 1
    else:
        first = len(number) if family in ("sles", "kylin", "uos") else 2 if family == "debian" else 1
    major, minor = number[:first], number[first:]
    return family + ".".join(part for part in (major, minor) if part)
