"""An image's content while a command runs: unpacked, run, followed and removed for real, and closed however it ends."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from sriov_tui.hosts.local import LocalHost
from sriov_tui.model import Medium, Run, SriovError
from sriov_tui.run import driver_image, undo
from sriov_tui.run.operations import capture, perform
from tests.driver_machines import tgz_of
from tests.fakes import FakeHost
from tests.stand_in_installer import ENDS, image

pytestmark = [pytest.mark.subprocess, pytest.mark.machine]


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where images are opened, in a folder of the test's own."""
    folder = tmp_path / "media"
    monkeypatch.setattr(driver_image, "MEDIA_DIR", str(folder))
    return folder


def install(tmp_path: Path, at: Path, end: str, sha256: str = "") -> Run:
    """The installer's run, out of a tar file that ends so."""
    data = tgz_of(image(end, str(tmp_path / "uninstall")))
    path = tmp_path / "MLNX_OFED_LINUX-5.8-7.0.6.1-rhel7.9-x86_64.tgz"
    path.write_bytes(data)
    digest = sha256 or hashlib.sha256(data).hexdigest()
    return Run(argv=(f"{at}/mlnxofedinstall", "--force"), timeout=60, medium=Medium(path=str(path), sha256=digest),
               undo=(str(tmp_path / "uninstall"),))  # fmt: skip


def test_it_is_unpacked_run_followed_and_removed(tmp_path: Path, at: Path) -> None:
    said: list[str] = []
    assert perform(install(tmp_path, at, "success"), LocalHost(), said.append)
    assert "Installing mlnx-ofa_kernel-5.8..." in said
    assert (tmp_path / "uninstall").exists()
    assert not at.exists()


@pytest.mark.parametrize("end", ENDS)
def test_each_failure_is_told_and_nothing_is_left(tmp_path: Path, at: Path, end: str) -> None:
    with pytest.raises(SriovError) as caught:
        perform(install(tmp_path, at, end), LocalHost(), lambda line: None)
    assert ENDS[end] in f"{caught.value.title}\n{caught.value.hint}"
    assert not at.exists()


def test_another_digest_runs_nothing(tmp_path: Path, at: Path) -> None:
    said: list[str] = []
    with pytest.raises(SriovError, match="is not the image that was chosen"):
        perform(install(tmp_path, at, "success", "0" * 64), LocalHost(), said.append)
    assert (said, at.exists(), (tmp_path / "uninstall").exists()) == ([], False, False)


def test_a_file_that_is_no_archive_runs_nothing(tmp_path: Path, at: Path) -> None:
    run = install(tmp_path, at, "success")
    assert run.medium is not None
    Path(run.medium.path).write_bytes(b"nothing")
    wrong = Run(argv=run.argv, medium=Medium(path=run.medium.path, sha256=hashlib.sha256(b"nothing").hexdigest()))
    with pytest.raises(SriovError, match="The image could not be opened: `tar` said"):
        perform(wrong, LocalHost(), lambda line: None)
    assert not at.exists()


def test_what_a_cut_left_is_removed_before_and_by_the_rollback(tmp_path: Path, at: Path) -> None:
    at.mkdir()
    (at / "left").write_text("x")
    run, host = install(tmp_path, at, "success"), LocalHost()
    (record,) = capture(run, host)
    assert record["medium"] == run.medium.path  # type: ignore[union-attr]
    perform(run, host, lambda line: None)
    assert not at.exists()
    at.mkdir()
    driver_image.clear(host, lambda line: None)
    assert not at.exists()


def test_there_is_nothing_to_uninstall_where_nothing_was_installed() -> None:
    assert not undo._there(FakeHost(), "/usr/sbin/ofed_uninstall.sh")
