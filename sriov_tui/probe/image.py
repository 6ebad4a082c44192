"""A driver image that the operator named: read from outside and inside, its digest included. Takes seconds.

Its path and everything in it are somebody else's: they are compared and shown, never run and never unpacked here.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from sriov_tui.facts import DriverImage, ImageLabel
from sriov_tui.hosts.host import Reader
from sriov_tui.late import regex
from sriov_tui.message import say
from sriov_tui.probe import doca_host
from sriov_tui.probe.iso9660 import Iso, NotIso

PIECE = 4 << 20  # bytes read at a time
LARGEST = 16 << 30  # bytes; an image has less than 2 GiB
MOST_MEMBERS = 20_000  # of a tar file
MOST_HEADER = 64 << 10  # bytes of a header that stands for another: a long name, the attributes of pax
NAME = regex(
    r"MLNX_OFED_LINUX-(?P<release>\d+\.\d+-[\d.]+)-(?P<distribution>[a-z]+[\d.]*(?:sp\d+)?)-"
    r"(?P<machine>x86_64|aarch64|ppc64le)(?:-ext)?\.(?P<kind>iso|tgz)"
)
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64", "ppc64le": "ppc64le"}
_PACKAGE = regex(rf"[._](?P<machine>{'|'.join(MACHINES)})\.(?:rpm|deb)")
_RELEASE, _WORD, _KERNEL = (
    regex(r"\d+\.\d+-[\d.]+"),
    regex(r"[a-z]+[\d.]*(?:sp\d+)?"),
    regex(r"[\w.+-]+"),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line of a file list: a folder to go into, or an image to choose."""

    name: str
    folder: bool


@dataclass(slots=True)
class _Inside:
    texts: dict[str, str]
    packages: list[str]
    installer: bool = False


def candidates(reader: Reader, folder: str) -> tuple[Candidate, ...]:
    """The folders and the images in a folder, folders first; OSError where it cannot be read."""
    found = []
    for name in reader.listdir(folder):
        is_folder = _is_folder(reader, posixpath.join(folder, name))
        package = name.startswith(doca_host.PACKAGE) and name.endswith((".rpm", ".deb"))
        if is_folder or package or name.endswith((".iso", ".tgz", ".tar.gz")):
            found.append(Candidate(name, is_folder))
    return tuple(sorted(found, key=lambda one: (not one.folder, one.name)))


def look(reader: Reader, path: str, told: Callable[[int], object] = lambda size: None) -> DriverImage:
    """Everything about an image, never an exception; `told` is called with the number of bytes read so far."""
    name = NAME.fullmatch(posixpath.basename(path))
    image = DriverImage(path=path, kind=_kind(path))
    package = doca_host.named(posixpath.basename(path)) if image.kind in ("rpm", "deb") else None
    if package is not None:
        image = replace(image, named=package.label, version=package.version)
    if name:
        image = replace(
            image,
            named=ImageLabel(release=name["release"], distribution=name["distribution"], machine=name["machine"]),
        )
    if not path.startswith("/") or posixpath.normpath(path) != path or "\0" in path:
        return replace(image, error="its path is not a plain absolute path")
    try:
        image = replace(image, exposed=_exposed(reader, path))
        size, digest = _digest(reader, path, told)
        if package is not None:
            found = doca_host.inside(reader, path)
            return replace(image, size=size, sha256=digest, content=found.label, package=found.name,
                           version=found.version or image.version)  # fmt: skip
        inside = _inside(reader, path, image.kind)
    except OSError as error:
        return replace(image, error=error.strerror or str(error))
    except (NotIso, tarfile.TarError, zlib.error, EOFError, ValueError) as error:
        what = {"iso": say("it is no ISO image"), "tgz": say("it is no compressed tar file")}
        reason = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
        return replace(
            image, error=say("{what}: {error}", what=what.get(image.kind, say("it is no package")), error=reason)
        )
    return replace(
        image, size=size, sha256=digest, content=_label(inside), kernels=_kernels(inside), installer=inside.installer
    )


def _kind(path: str) -> Literal["iso", "tgz", "rpm", "deb"]:
    if path.endswith((".tgz", ".tar.gz")):
        return "tgz"
    return "rpm" if path.endswith(".rpm") else "deb" if path.endswith(".deb") else "iso"


def digest_of(reader: Reader, path: str) -> str:
    """The SHA-256 of a file of any size."""
    return _digest(reader, path, lambda size: None)[1]


def _digest(reader: Reader, path: str, told: Callable[[int], object]) -> tuple[int, str]:
    found, size = hashlib.sha256(), 0
    while piece := reader.read(path, PIECE, size):
        found.update(piece)
        size += len(piece)
        told(size)
        if size > LARGEST:
            raise ValueError(say("it is larger than any driver image"))
    return size, found.hexdigest()


def _exposed(reader: Reader, path: str) -> str:
    """The file, or the folder above it, in which somebody else than root could put other bytes."""
    real = reader.realpath(path)
    if reader.mode(real) & 0o022 or reader.owner(real)[0] != 0:
        return real
    folder = posixpath.dirname(real)
    while True:
        mode = reader.mode(folder)
        if reader.owner(folder)[0] != 0 or (mode & 0o022 and not mode & 0o1000):
            return folder
        if folder == "/":
            return ""
        folder = posixpath.dirname(folder)


def _is_folder(reader: Reader, path: str) -> bool:
    try:
        reader.listdir(path)
    except OSError:
        return False
    return True


# -- what is in it -----------------------------------------------------------------------------------------------------

_TEXTS = (".mlnx", "mlnx", "distro", ".supported_kernels", "supported_kernels")


def _inside(reader: Reader, path: str, kind: str) -> _Inside:
    return _iso(reader, path) if kind == "iso" else _tar(reader, path)


def _iso(reader: Reader, path: str) -> _Inside:
    iso = Iso(lambda offset, length: reader.read(path, length, offset))
    names = {entry.name for entry in iso.root}
    packages = [entry.name for folder in ("RPMS", "DEBS") for entry in iso.directory(folder)]
    return _Inside({name: iso.text(name) for name in _TEXTS}, packages, "mlnxofedinstall" in names)


def _tar(reader: Reader, path: str) -> _Inside:
    """What stands in the one folder of a tar file; nothing is unpacked to the disk."""
    inside = _Inside({}, [])
    with tarfile.open(fileobj=_Stream(reader, path), mode="r|gz", tarinfo=_Member) as archive:
        for number, member in enumerate(archive):
            if number > MOST_MEMBERS:
                raise ValueError(say("it has more files than any driver image"))
            _, _, name = member.name.removeprefix("./").partition("/")
            if name in _TEXTS and member.isfile():
                file = archive.extractfile(member)
                inside.texts[name] = (file.read(64 << 10) if file else b"").decode("utf-8", "replace")
            elif name == "mlnxofedinstall" and member.isfile():
                inside.installer = True
            elif name.startswith(("RPMS/", "DEBS/")):
                inside.packages.append(posixpath.basename(name))
    return inside


class _Member(tarfile.TarInfo):
    """A member whose headers are bounded: tarfile reads a long name of any length into memory, and searches it."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        headers = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE)
        if self.type in (*headers, tarfile.SOLARIS_XHDTYPE) and self.size > MOST_HEADER:
            raise tarfile.ReadError(say("a name in it is longer than any of a driver image"))
        if self.size > LARGEST:
            raise tarfile.ReadError(say("it is larger than any driver image"))
        member: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
        return member


class _Stream(io.RawIOBase):
    """A file of a machine as Python reads one, forwards."""

    def __init__(self, reader: Reader, path: str) -> None:
        self._reader, self._path, self._at = reader, path, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._reader.read(self._path, len(buffer), self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _label(inside: _Inside) -> ImageLabel:
    machines = [MACHINES[found["machine"]] for name in inside.packages if (found := _PACKAGE.search(name))]
    return ImageLabel(
        release=_first(_RELEASE, (inside.texts.get(".mlnx", ""), inside.texts.get("mlnx", ""))),
        distribution=_first(_WORD, (inside.texts.get("distro", ""),)),
        machine=max(set(machines), key=machines.count) if machines else "",
    )


def _first(pattern: re.Pattern[str], texts: Iterable[str]) -> str:
    return next((found[0] for text in texts if (found := pattern.search(text.strip()))), "")


def _kernels(inside: _Inside) -> tuple[str, ...]:
    lines = (inside.texts.get(name, "").split() for name in (".supported_kernels", "supported_kernels"))
    return tuple(dict.fromkeys(_plain(word for words in lines for word in words)))


def _plain(words: Iterable[str]) -> Iterator[str]:
    return (word for word in words if _KERNEL.fullmatch(word))
