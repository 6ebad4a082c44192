"""What stands in release/: all of it under a checksum, signed where a key was given, with notes."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import tarfile
from pathlib import Path

import pytest

from tests.dist.one_file import TOP, good, run
from tests.release.conftest import FILES, RELEASE, VERSION


def test_every_file_is_under_a_checksum() -> None:
    listed = {line.split("  ")[1] for line in (RELEASE / "SHA256SUMS").read_text().splitlines()}
    assert listed == {path.name for path in RELEASE.iterdir()} - {"SHA256SUMS", "SHA256SUMS.asc"}
    good(run(["sh", "-c", 'cd "$0" && sha256sum --quiet -c SHA256SUMS', RELEASE]))


def test_what_it_holds() -> None:
    names = {path.name for path in RELEASE.iterdir()}
    wanted = {f"sriov_tui-{VERSION}-py3-none-any.whl", f"sriov_tui-{VERSION}.tar.gz", "RELEASE-NOTES.md"}
    for machine, debian in (("x86_64", "amd64"), ("aarch64", "arm64")):
        file = FILES[machine].name
        if FILES[machine].exists():
            wanted |= {
                file,
                f"{file}.cdx.json",
                f"sriov-tui_{VERSION}_{debian}.deb",
                f"sriov-tui-{VERSION}-1.{machine}.rpm",
            }
    assert FILES["x86_64"].name in names
    assert names - {"SHA256SUMS", "SHA256SUMS.asc"} == wanted


def test_the_notes_are_those_of_this_version() -> None:
    text = (RELEASE / "RELEASE-NOTES.md").read_text()
    section = re.split(r"^## .*$", (TOP / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1]
    assert text.startswith(f"# sriov-tui {VERSION}\n")
    assert section.strip() in text


def test_the_signature_is_of_the_checksums() -> None:
    if not (RELEASE / "SHA256SUMS.asc").exists():
        pytest.skip("this release is not signed: SIGNING_KEY named no key")
    checked = run(["gpg", "--verify", RELEASE / "SHA256SUMS.asc", RELEASE / "SHA256SUMS"], {**os.environ})
    assert checked.returncode == 0, checked.stderr


def test_the_packages_are_made_again_with_the_same_bytes(tmp_path: Path) -> None:
    """From the source archive, elsewhere. The one file and wheel are built again by tests/dist/test_reproducible.py."""
    with tarfile.open(RELEASE / f"sriov_tui-{VERSION}.tar.gz") as tar:
        stamp = str(int(tar.getmembers()[-1].mtime))
        tar.extractall(tmp_path, filter="data")
    (sources,) = (path for path in tmp_path.iterdir() if path.is_dir())
    manual = tmp_path / "manual"
    shutil.copytree(TOP / "build/manual", manual)
    for machine, file in FILES.items():
        if file.exists():
            for tool in ("debian", "rpm"):
                argv: list[str | Path] = [sources / "packaging" / tool, file, VERSION, manual, tmp_path]
                run(argv, {"SOURCE_DATE_EPOCH": stamp, "HOME": "/root"}).check_returncode()
            for package in (*tmp_path.glob("*.deb"), *tmp_path.glob(f"*{machine}.rpm")):
                assert package.read_bytes() == (RELEASE / package.name).read_bytes(), package.name


def test_the_manual_in_the_packages_is_in_both_languages(tmp_path: Path) -> None:
    good(run(["dpkg-deb", "--extract", RELEASE / f"sriov-tui_{VERSION}_amd64.deb", tmp_path]))
    english, chinese = (tmp_path / "usr/share/man" / name / "man8/sriov-tui.8.gz" for name in ("", "zh_CN"))
    assert VERSION in gzip.decompress(english.read_bytes()).decode()
    assert "宿主机" in gzip.decompress(chinese.read_bytes()).decode()
