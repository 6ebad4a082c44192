"""Lists what is inside the one file, with licences: contents.py ENVIRONMENT BUILD ARCHIVE LOCK FILE.

The Python part is taken from cyclonedx-py's list of the build environment, less what is not in the file; the rest are
Debian's packages, found by the files that PyInstaller and staticx took. It writes FILE.cdx.json (CycloneDX), and fails
where a part of the file belongs to nothing on the list, or to something that the application does not ask for.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import licences
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import sriov_tui

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}  # as Debian names them
MACHINE = platform.machine()
LIBRARIES = Path(f"/lib/{MACHINE}-linux-gnu")
MUSL = f"/usr/lib/{MACHINE}-linux-musl/libc.a"  # linked into staticx's boot loader
LOADERS = {"pyinstaller", "staticx"}  # the boot loaders of these are in the file
TABLES = ("Analysis-00.toc", "PYZ-00.toc", "EXE-00.toc")


def main(environment: Path, build: Path, archive: Path, lock: Path, file: Path) -> None:
    """Write the list beside the file."""
    listed: dict[str, Any] = json.loads(environment.read_text())
    made = (build, build.parents[1] / "start.py")  # by this build; all else comes from somewhere
    taken = {path for path in _sources(build) if not any(Path(path).is_relative_to(own) for own in made)}
    inside, rest = _from_distributions(taken)
    inside |= LOADERS
    wanted = {_normal(name) for name in re.findall(r"^([\w.-]+)==", lock.read_text(), re.MULTILINE)}
    if strangers := inside - wanted - LOADERS - {"sriov-tui"}:
        sys.exit(f"not in {lock.name}, and in the file: {', '.join(sorted(strangers))}")
    components = [licences.stated(part) for part in listed["components"] if _normal(part["name"]) in inside]
    if licences.STATICX not in {part["version"] for part in components if part["name"] == "staticx"}:
        sys.exit("another staticx: look at what its boot loader holds of others, and write it into licences.py")
    components += licences.embedded()
    packages = _packages([*rest, *_libraries(archive), MUSL])
    components += [_debian(name, version) for name, version in sorted(packages.items())]
    components.sort(key=lambda part: part["bom-ref"])
    root = listed["metadata"]["component"]
    root |= {"version": sriov_tui.__version__, "hashes": [{"alg": "SHA-256", "content": _sha256(file)}]}
    references = {part["bom-ref"] for part in components}
    listed["components"] = components
    listed["dependencies"] = [
        {"ref": entry["ref"], "dependsOn": [ref for ref in entry.get("dependsOn", ()) if ref in references]}
        for entry in listed["dependencies"]
        if entry["ref"] in references
    ] + [{"ref": root["bom-ref"], "dependsOn": sorted(references)}]
    text = json.dumps(listed, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"the list of contents is not valid: {error}")
    Path(f"{file}.cdx.json").write_text(text)


def _sources(build: Path) -> Iterator[str]:
    """The files that went into the file, from PyInstaller's own tables."""
    for name in TABLES:
        yield from _paths(ast.literal_eval((build / name).read_text()))


def _paths(value: Any) -> Iterator[str]:
    if isinstance(value, (list, tuple)):
        if len(value) == 3 and isinstance(value[1], str) and value[1].startswith("/"):
            yield value[1]
        else:
            for part in value:
                yield from _paths(part)


def _from_distributions(taken: Iterable[str]) -> tuple[set[str], list[str]]:
    """The distributions that these files belong to, by normal name, and the files that belong to none."""
    owner = {
        str(Path(str(path.locate())).resolve()): _normal(distribution.name)
        for distribution in distributions()
        for path in distribution.files or ()
    }
    rest = [path for path in taken if str(Path(path).resolve()) not in owner]
    return {owner[resolved] for path in taken if (resolved := str(Path(path).resolve())) in owner}, rest


def _libraries(archive: Path) -> Iterator[str]:
    """The libraries that staticx put beside PyInstaller's program, from its unpacked archive."""
    for path in archive.iterdir():
        if not path.is_symlink() and path.name not in ("sriov-tui", "libnssfix.so"):
            yield str(LIBRARIES / path.name)


def _packages(paths: Sequence[str]) -> dict[str, str]:
    """The Debian packages with these files, with their versions."""
    # A file may be listed by the name of before /lib and /usr/lib became one.
    names = {path: {path, real := str(Path(path).resolve()), real.removeprefix("/usr")} for path in paths}
    ask = ["dpkg-query", "-S", *sorted(set().union(*names.values()))]
    lines = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.splitlines()
    owner = {path: package.partition(":")[0] for package, _, path in (line.partition(": ") for line in lines)}
    if lost := [path for path, known in names.items() if not known & {*owner}]:
        sys.exit(f"in the file, and of no package: {', '.join(lost)}")
    found = {owner[name] for known in names.values() for name in known if name in owner}
    show = ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *sorted(found)]
    shown = subprocess.run(show, capture_output=True, text=True, check=True).stdout
    return dict(line.split() for line in shown.splitlines())


def _debian(name: str, version: str) -> dict[str, Any]:
    text = Path(f"/usr/share/doc/{name}/copyright").read_text()
    if not licences.expression(name):
        sys.exit(f"the licence of {name} is not known: read its copyright file and add it to licences.py")
    reference = f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={ARCHITECTURES[MACHINE]}"
    part = {"type": "library", "name": name, "version": version, "bom-ref": reference, "purl": reference}
    return licences.stated(part, text)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
