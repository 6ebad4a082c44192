"""`sriov-tui hostconf` from the command line's point of view."""

from __future__ import annotations

import argparse
import json
import os
import stat
from pathlib import Path

import pytest

from sriov_tui.commands import hostconf
from sriov_tui.hosts import exchange
from sriov_tui.hosts.local import LocalHost
from sriov_tui.hosts.machine import put_file
from sriov_tui.hosts.machine_file import pack
from sriov_tui.model import HOST_CONF, SriovError
from tests import machines

NET = "networks:\n- eth0/br0/10.0.0.5\n"


def run(*argv: str) -> int:
    """Parse and run as the command line does."""
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers(required=True)
    hostconf.register(subparsers)
    args = parser.parse_args(argv)
    status: int = args.run(args)
    return status


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A host.conf with a mode of its own."""
    path = tmp_path / "host.conf"
    path.write_text(NET)
    path.chmod(0o664)
    return path


def test_check_clean(conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("hostconf", "check", str(conf)) == 0
    assert "the host-agent starts with it" in capsys.readouterr().out


def test_check_json(conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    conf.write_text(f"{NET}sriov_nics: a,b\nenable_rbac: true\n")
    assert run("hostconf", "check", str(conf), "--json") == 2
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["loads", "options", "others", "unknown_keys", "faults"]
    assert document["loads"]
    assert document["options"] == {
        "networks": ["eth0/br0/10.0.0.5"],
        "sriov_nics": ["a,b"],
        "ovs_offload_nics": None,
        "disable_security_group": False,
        "listen_interface": "",
        "bridge_driver": "openvswitch",
        "host_type": "hypervisor",
    }
    assert document["unknown_keys"] == ["enable-rbac"]
    faults = [(fault["id"], fault["level"], fault["line"]) for fault in document["faults"]]
    assert faults == [("item.comma", "FAIL", 3), ("key.unknown", "INFO", 4)]


def test_check_layers(conf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "common").write_text("port: 1\n")
    (tmp_path / "local").write_text("sriov_nics: [eth9]\n")
    arguments = ("--common", str(tmp_path / "common"), "--local", str(tmp_path / "local"), "--json")
    assert run("hostconf", "check", str(conf), *arguments) == 0
    assert json.loads(capsys.readouterr().out)["options"]["sriov_nics"] == ["eth9"]


def test_check_of_a_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    machine = machines.two_igb()
    put_file(machine, HOST_CONF, "networks: [\n")
    (tmp_path / "m.sriov").write_bytes(pack(machine))
    assert run("hostconf", "check", "--host", str(tmp_path / "m.sriov")) == 2
    assert "will not start" in capsys.readouterr().out
    with pytest.raises(SriovError, match="/etc/shadow of the recording of two-igb: No such file"):
        run("hostconf", "check", "--host", str(tmp_path / "m.sriov"), "/etc/shadow")


def test_check_fatal(conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    conf.write_text("networks:\n-eth0/br0/10.0.0.5\n")
    assert run("hostconf", "check", str(conf)) == 2
    out = capsys.readouterr().out
    assert "will not start" in out
    assert "host.conf:2:2" in out


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SriovError, match="No such file"):
        run("hostconf", "check", str(tmp_path / "none"))


def test_a_binary_file_is_a_fault(conf: Path) -> None:
    conf.write_bytes(bytes(range(256)))
    assert run("hostconf", "check", str(conf)) == 2


def test_set_prints_and_does_not_write(conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("hostconf", "set", str(conf), "--sriov-nics", "eth1,eth2", "--add-network", "eth1/br1/w1") == 0
    assert "+- eth1/br1/w1" in capsys.readouterr().out
    assert conf.read_text() == NET


@pytest.mark.machine
def test_set_writes_with_backup_and_mode(conf: Path) -> None:
    assert run("hostconf", "set", str(conf), "--sriov-nics", "eth1", "--write") == 0
    assert conf.read_text() == f"{NET}sriov_nics:\n- eth1\n"
    assert stat.S_IMODE(conf.stat().st_mode) == 0o664
    (backup,) = [path for path in conf.parent.iterdir() if path != conf]
    assert backup.name.startswith("host.conf.sriov-tui-")
    assert not backup.name.endswith(".conf")
    assert backup.read_text() == NET
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_set_again_changes_nothing(conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    conf.write_text(f"{NET}sriov_nics: [eth1]\n")
    assert run("hostconf", "set", str(conf), "--sriov-nics", "eth1", "--write") == 0
    assert "nothing to change" in capsys.readouterr().out
    assert len(list(conf.parent.iterdir())) == 1


@pytest.mark.machine
def test_set_empty_removes(conf: Path) -> None:
    conf.write_text(f"{NET}ovs_offload_nics:\n- eth1\n")
    assert run("hostconf", "set", str(conf), "--ovs-offload-nics", "", "--write") == 0
    assert conf.read_text() == NET


@pytest.mark.machine
def test_write_refuses_a_file_that_changed(conf: Path) -> None:
    with pytest.raises(SriovError, match="changed while we read it"):
        hostconf.write(str(conf), b"other\n", b"new\n")
    assert conf.read_text() == NET
    assert len(list(conf.parent.iterdir())) == 1


@pytest.mark.machine
def test_a_link_to_the_file_stays_a_link(conf: Path) -> None:
    link = conf.parent / "link.conf"
    link.symlink_to(conf)
    assert run("hostconf", "set", str(link), "--sriov-nics", "eth1", "--write") == 0
    assert link.is_symlink()
    assert "eth1" in conf.read_text()


@pytest.mark.machine
def test_write_keeps_owner_and_selinux_context_and_is_on_disk_before_the_rename(
    conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners: list[tuple[int, int]] = []
    labels: list[tuple[str, bytes]] = []
    order: list[str] = []
    rename, sync = exchange.put, os.fsync
    monkeypatch.setattr(LocalHost, "owner", lambda self, path: (1234, 5678))
    monkeypatch.setattr(os, "fchown", lambda fd, user, group: owners.append((user, group)))
    label = "security.selinux"
    monkeypatch.setattr(os, "listxattr", lambda path: [] if isinstance(path, int) else [label])
    monkeypatch.setattr(os, "getxattr", lambda path, name: b"system_u:object_r:etc_t:s0")
    monkeypatch.setattr(os, "setxattr", lambda path, name, value: labels.append((name, value)))

    def synced(fd: int) -> None:
        order.append("fsync")
        sync(fd)

    def renamed(old: str, new: Path, expect: str | None) -> None:
        order.append("rename")
        rename(old, new, expect)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(exchange, "put", renamed)
    inode = conf.stat().st_ino
    hostconf.write(str(conf), NET.encode(), b"networks: [a/b/c]\n")
    assert conf.stat().st_ino != inode
    assert owners == [(1234, 5678)] * 2  # the backup, and the file
    assert labels[-1] == ("security.selinux", b"system_u:object_r:etc_t:s0")
    assert order == ["fsync", "rename", "fsync"] * 2  # the file, its name, its directory
