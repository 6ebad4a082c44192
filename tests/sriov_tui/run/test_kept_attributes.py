"""A rewrite and its way back keep who may read a file: ACL, extended attributes, label, owner, mode, hard links."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from sriov_tui import plan as plans
from sriov_tui.commands import hostconf
from sriov_tui.hosts.local import LocalHost
from sriov_tui.model import Choices, Operation, SriovError, WriteFile
from sriov_tui.probe import gather
from sriov_tui.run import store, view
from sriov_tui.run.engine import apply
from sriov_tui.run.journal import NAME, read
from sriov_tui.run.rollback import rollback
from tests.engine_cases import step

CONF = "/etc/yunion/host.conf"
ACL = "system.posix_acl_access"
USER_OBJ, USER, GROUP_OBJ, MASK, OTHER, NOBODY = 1, 2, 4, 16, 32, 0xFFFFFFFF
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away and labels them")


def acl(*entries: tuple[int, int, int]) -> bytes:
    """An ACL as the kernel takes it, include/uapi/linux/posix_acl_xattr.h: version 2, then tag, permission, id."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


# What `setfacl -m u:1000:---` makes: everybody may read it but one.
DENIES = acl((USER_OBJ, 6, NOBODY), (USER, 0, 1000), (GROUP_OBJ, 4, NOBODY), (MASK, 4, NOBODY), (OTHER, 4, NOBODY))


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """host.conf in a tree."""
    file = tmp_path / "root" / CONF[1:]
    file.parent.mkdir(parents=True)
    file.write_text("old\n")
    file.chmod(0o640)
    return file


def give(file: Path, name: str, value: bytes) -> None:
    """Set an extended attribute; skip where this file system keeps none of its kind."""
    try:
        os.setxattr(file, name, value)
    except OSError as error:
        pytest.skip(f"{name}: {error.strerror}")


def run_of(conf: Path, *operations: Operation) -> tuple[Path, LocalHost]:
    """A run on the tree of this file."""
    host = LocalHost(str(conf.parents[2]))
    made = plans.build(gather(host), Choices(), [step("conf", *operations)])
    return store.create(made, "local:x", conf.parents[3] / "state"), host


def write(text: str | None = "new\n", mode: int = 0o640) -> WriteFile:
    return WriteFile(path=CONF, text=text, mode=mode)


def attributes(file: Path) -> dict[str, bytes]:
    return {name: os.getxattr(file, name) for name in os.listxattr(file)}


GIVEN = [
    (ACL, DENIES),
    ("user.origin", b"ansible"),
    ("trusted.x", b"1"),
    ("security.selinux", b"system_u:object_r:etc_t:s0\0"),
]


@root_only
@pytest.mark.parametrize(("name", "value"), GIVEN)
@pytest.mark.parametrize("text", ["new\n", None])
def test_a_rewrite_and_a_removal_and_their_rollback_keep_every_attribute(
    conf: Path, name: str, value: bytes, text: str | None
) -> None:
    give(conf, name, value)
    before, mode = attributes(conf), conf.stat().st_mode
    run_dir, host = run_of(conf, write(text, mode & 0o777))
    assert apply(run_dir, host) == "applied"
    assert not conf.exists() if text is None else (attributes(conf), conf.stat().st_mode) == (before, mode)
    assert rollback(run_dir, host) == "rolled-back"
    assert (conf.read_text(), attributes(conf), conf.stat().st_mode) == ("old\n", before, mode)


@root_only
def test_a_default_acl_of_the_folder_gives_the_new_file_nothing_that_the_old_one_did_not_have(conf: Path) -> None:
    give(conf.parent, "system.posix_acl_default", DENIES)
    run_dir, host = run_of(conf, write())
    assert apply(run_dir, host) == "applied"
    assert ACL not in os.listxattr(conf)


@root_only
def test_what_a_command_lost_comes_back(conf: Path) -> None:
    give(conf, "user.origin", b"ansible")
    state = LocalHost(str(conf.parents[2]))
    from sriov_tui.run.operations import file_record, file_state, xattrs_of

    record = file_record(file_state(state, CONF))
    assert xattrs_of(record) == {"user.origin": b"ansible"}
    state.write(CONF, b"old\n", 0o640, None, None, {})
    assert os.listxattr(conf) == []
    state.write(CONF, b"old\n", 0o640, None, None, xattrs_of(record))
    assert attributes(conf) == {"user.origin": b"ansible"}


def test_a_hard_link_is_refused_with_its_way_out(conf: Path) -> None:
    other = conf.with_name("other")
    os.link(conf, other)
    for operation in (write(), write(None)):
        run_dir, host = run_of(conf, operation)
        assert apply(run_dir, host) == "failed"
        assert "has 2 names" in view.view(run_dir).error
        assert "-samefile /etc/yunion/host.conf" in view.view(run_dir).error
        assert conf.read_text() == other.read_text() == "old\n"
        assert conf.stat().st_nlink == 2
    with pytest.raises(SriovError, match="has 2 names"):
        hostconf.write(CONF, b"old\n", b"new\n", root=str(conf.parents[2]))


def test_a_hard_link_made_since_is_not_cut_by_the_rollback(conf: Path) -> None:
    run_dir, host = run_of(conf, write())
    assert apply(run_dir, host) == "applied"
    os.link(conf, conf.with_name("other"))
    assert rollback(run_dir, host) == "rollback-failed"
    assert "has 2 names" in view.view(run_dir).error
    conf.with_name("other").unlink()
    assert rollback(run_dir, host) == "rolled-back"
    assert conf.read_text() == "old\n"


def notes(run_dir: Path) -> str:
    return "\n".join(event.text for event in read(run_dir / NAME)[0] if event.kind == "note")


def test_a_chmod_made_since_stays_and_is_told(conf: Path) -> None:
    run_dir, host = run_of(conf, write())
    assert apply(run_dir, host) == "applied"
    conf.chmod(0o600)
    assert rollback(run_dir, host) == "rolled-back"
    assert (conf.read_text(), conf.stat().st_mode & 0o777) == ("old\n", 0o600)
    assert "they stay 0600" in notes(run_dir)
    assert "--force` makes them 0640" in notes(run_dir)


@root_only
def test_a_chown_made_since_stays_and_is_told(conf: Path) -> None:
    run_dir, host = run_of(conf, write())
    assert apply(run_dir, host) == "applied"
    os.chown(conf, 9, 9)
    assert rollback(run_dir, host) == "rolled-back"
    assert (conf.read_text(), conf.stat().st_uid) == ("old\n", 9)
    assert "9:9" in notes(run_dir)


def test_force_takes_a_chmod_back_too(conf: Path) -> None:
    run_dir, host = run_of(conf, write())
    assert apply(run_dir, host) == "applied"
    conf.chmod(0o600)
    assert rollback(run_dir, host, force=True) == "rolled-back"
    assert conf.stat().st_mode & 0o777 == 0o640
    assert notes(run_dir) == ""


def test_a_mode_that_the_run_itself_changed_comes_back(conf: Path) -> None:
    run_dir, host = run_of(conf, write(mode=0o644))
    assert apply(run_dir, host) == "applied"
    assert conf.stat().st_mode & 0o777 == 0o644
    assert rollback(run_dir, host) == "rolled-back"
    assert conf.stat().st_mode & 0o777 == 0o640
    assert notes(run_dir) == ""


def test_a_chmod_between_plan_and_apply_is_no_matter_of_course(conf: Path) -> None:
    host = LocalHost(str(conf.parents[2]))
    made = plans.build(gather(host), Choices(), [step("conf", write())])
    conf.chmod(0o600)
    run_dir = store.create(made, "local:x", conf.parents[3] / "state")
    assert apply(run_dir, host, lambda: gather(host)) == "failed"
    assert "The mode of /etc/yunion/host.conf was 0640 and is now 0600." in view.view(run_dir).error
    assert (conf.read_text(), conf.stat().st_mode & 0o777) == ("old\n", 0o600)


def test_the_backup_of_a_file_of_passwords_is_for_its_owner_alone(conf: Path) -> None:
    backup = Path(hostconf.write(CONF, b"old\n", b"new\n", root=str(conf.parents[2])))
    kept = conf.parents[2] / str(backup)[1:]
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == ("old\n", 0o600)
    assert (conf.read_text(), conf.stat().st_mode & 0o777) == ("new\n", 0o640)


@pytest.mark.subprocess
def test_a_bind_mounted_file_is_named_with_its_way_out(tmp_path: Path) -> None:
    try:
        probe = subprocess.run(["unshare", "-Urm", "mount", "-t", "tmpfs", "t", "/mnt"], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if probe.returncode:
        pytest.skip(f"no namespace to mount in: {probe.stderr.strip()}")
    argv = ["unshare", "-Urm", sys.executable, "-m", "tests.small_disk", "bind_mounted", str(tmp_path)]
    done = subprocess.run(argv, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["told"]["outcome"] == "failed"
    assert "another file is mounted on it" in seen["told"]["error"]
    assert "findmnt --target" in seen["told"]["error"]
    assert seen["same"]
    assert seen["again"]["outcome"] == "applied"
    assert seen["back"]["outcome"] == "rolled-back"
