"""The same sources give the same bytes: the source archive, unpacked elsewhere, builds all of it again."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

from tests.dist.one_file import DIST


def test_the_source_archive_builds_the_same_files(tmp_path: Path) -> None:
    (archive,) = DIST.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        stamp = tar.getmembers()[-1].mtime
        tar.extractall(tmp_path, filter="data")
    (sources,) = tmp_path.iterdir()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(int(stamp))}
    subprocess.run([sources / "packaging/build"], env=environment, check=True, capture_output=True)
    again = {path.name: path.read_bytes() for path in (sources / "dist").iterdir()}
    assert again.keys() == {path.name for path in DIST.iterdir()}
    assert [name for name, data in again.items() if data != (DIST / name).read_bytes()] == []
