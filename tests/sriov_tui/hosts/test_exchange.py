"""A save by somebody else between our look and our rename is not lost."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sriov_tui.hosts import exchange
from sriov_tui.hosts.host import Changed
from sriov_tui.hosts.local import LocalHost

OLD = hashlib.sha256(b"old").hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "conf").write_bytes(b"old")
    return tmp_path / "conf"


def save(path: Path, data: bytes) -> None:
    """As an editor saves: a file beside it, and a rename."""
    path.with_suffix(".theirs").write_bytes(data)
    path.with_suffix(".theirs").rename(path)


def before_our_rename(monkeypatch: pytest.MonkeyPatch, *acts: Callable[[], object]) -> None:
    """Have somebody act right before each of our renames."""
    real: Callable[..., Any] = exchange._rename
    left = list(acts)

    def rename(*args: Any) -> None:
        if left:
            left.pop(0)()
        real(*args)

    monkeypatch.setattr(exchange, "_rename", rename)


def write(path: Path, expect: str | None = OLD) -> None:
    LocalHost(str(path.parent)).write(f"/{path.name}", b"new", 0o640, None, expect)


def test_what_is_as_expected_is_replaced(path: Path) -> None:
    write(path)
    assert path.read_bytes() == b"new"
    assert os.listdir(path.parent) == ["conf"]


def test_a_save_in_between_is_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before_our_rename(monkeypatch, lambda: save(path, b"theirs"))
    with pytest.raises(Changed):
        write(path)
    assert path.read_bytes() == b"theirs"
    assert os.listdir(path.parent) == ["conf"]


def test_of_two_saves_the_newest_is_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before_our_rename(monkeypatch, lambda: save(path, b"theirs"), lambda: save(path, b"newest"))
    with pytest.raises(Changed):
        write(path)
    assert path.read_bytes() == b"newest"


def test_a_file_that_came_or_went_in_between_is_kept_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before_our_rename(monkeypatch, path.unlink)
    with pytest.raises(Changed):
        write(path)
    assert not path.exists()
    before_our_rename(monkeypatch, lambda: save(path, b"theirs"))
    with pytest.raises(Changed):
        write(path, "")
    assert path.read_bytes() == b"theirs"
    path.unlink()
    write(path, "")
    assert path.read_bytes() == b"new"


def test_a_file_system_without_exchange_compares_first(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(exchange, "_rename", refuse)
    write(path)
    assert path.read_bytes() == b"new"
    with pytest.raises(Changed):
        write(path)
    assert path.read_bytes() == b"new"
