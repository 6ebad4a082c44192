"""A recording answers as the machine did: the same values, the same errors, and "unknown" for what nobody asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sriov_tui.facts import Source
from sriov_tui.hosts.host import Completed, NotRecorded, QueryRefused
from sriov_tui.hosts.machine import Machine, put_file
from sriov_tui.hosts.recorded import RecordedHost, RecordingHost
from sriov_tui.privacy.masking import Masked
from sriov_tui.probe import gather
from sriov_tui.simulated.vfs import store_numvfs
from tests import machines

DEVICE = f"/sys/bus/pci/devices/{machines.FIRST}"


def with_vfs() -> Machine:
    """Two igb ports, one with its VFs."""
    machine = machines.two_igb()
    store_numvfs(machine, machines.FIRST, "7")
    return machine


@pytest.mark.parametrize("build", [*machines.ALL, with_vfs])
def test_a_recording_gives_the_facts_that_the_machine_gave(build: Callable[[], Machine], tmp_path: Path) -> None:
    recorder = RecordingHost(RecordedHost(build()))
    facts = gather(recorder)
    recorder.save(tmp_path)
    again = gather(RecordedHost(tmp_path))
    assert again == replace(facts, source=again.source)
    assert again.source == Source("recording", facts.hostname)
    assert not RecordedHost(tmp_path).machine.complete


def recorded(*paths: str) -> tuple[RecordedHost, RecordingHost]:
    """A recording in which these paths were read, found or not."""
    recorder = RecordingHost(RecordedHost(machines.unreadable()))
    for path in paths:
        try:
            recorder.read(path)
        except OSError:
            continue
    return RecordedHost(recorder.machine("x")), recorder


def test_errors_are_played_back() -> None:
    host, _ = recorded("/etc/yunion/host.conf", "/etc/absent", "/proc/cmdline")
    assert b"quiet" in host.read("/proc/cmdline")
    with pytest.raises(PermissionError):
        host.read("/etc/yunion/host.conf")
    with pytest.raises(FileNotFoundError):
        host.read("/etc/absent")


def test_what_nobody_asked_is_unknown_not_absent() -> None:
    host, recorder = recorded("/proc/cmdline")
    asked: tuple[Callable[[], object], ...] = (
        lambda: host.read("/proc/cpuinfo"),
        lambda: host.listdir("/proc"),
        lambda: host.readlink(f"{DEVICE}/driver"),
        lambda: host.realpath(DEVICE),
        lambda: host.mode("/proc/cmdline"),
        lambda: host.udev(DEVICE),
        host.netlink,
        host.vfio_holders,
    )
    for ask in asked:
        with pytest.raises(NotRecorded):
            ask()
    assert host.query(("dmesg",)).status == 127
    assert host.environment() == {}
    assert recorder.source == Source("recording", "unreadable")


def test_a_listing_proves_what_is_absent() -> None:
    recorder = RecordingHost(RecordedHost(machines.two_igb()))
    recorder.listdir("/sys/bus/pci/devices")
    host = RecordedHost(recorder.machine())
    for path in ("/sys/bus/pci/devices/0000:09:00.0", "/sys/bus/pci/devices/0000:09:00.0/net/deep"):
        with pytest.raises(FileNotFoundError):
            host.listdir(path)
    with pytest.raises(NotRecorded):
        host.read(f"{DEVICE}/class")


def test_the_longer_read_is_kept_and_limits_hold() -> None:
    recorder = RecordingHost(RecordedHost(machines.two_igb()))
    assert len(recorder.read(f"{DEVICE}/config", 64)) == 64
    assert len(recorder.read(f"{DEVICE}/config", 4096)) == 4096
    assert len(recorder.read(f"{DEVICE}/config", 16)) == 16
    host = RecordedHost(recorder.machine())
    assert len(host.read(f"{DEVICE}/config")) == 4096
    assert len(host.read(f"{DEVICE}/config", 100)) == 100


def test_only_the_read_only_commands_are_answered() -> None:
    host = RecordedHost(machines.two_igb())
    with pytest.raises(QueryRefused):
        host.query(("update-grub",))
    with pytest.raises(QueryRefused):
        RecordingHost(host).query(("rm", "-rf", "/"))
    assert host.query(("ethtool", "-i", "nothere")) == Completed(127, "", "ethtool: command not found\n")


def test_wrong_kinds_of_file() -> None:
    host = RecordedHost(machines.two_igb())
    with pytest.raises(IsADirectoryError):
        host.read("/etc")
    with pytest.raises(NotADirectoryError):
        host.listdir("/proc/cmdline")
    with pytest.raises(OSError, match="Invalid argument"):
        host.readlink("/proc/cmdline")
    assert host.readlink(DEVICE) == f"../../../devices/pci0000:00/0000:00:04.0/{machines.FIRST}"
    assert host.realpath("/sys/class/net/enp1s0/device/driver") == "/sys/bus/pci/drivers/igb"
    assert host.read("/sys/class/net/enp1s0/device/sriov_totalvfs") == b"7\n"
    assert (host.mode("/etc/yunion/host.conf"), host.mode("/etc"), host.mode("/proc/cmdline")) == (0o664, 0o755, 0o644)


CONF = """\
admin_password: S3cret!
disable_gpu: false
executor_token: "abc def"  # note
etcd_password:
ovn_password: |
  S3cret!
  more
old_tokens:
- S3cret!
- "S3cret!"
image_token_enabled: true
max_tokens: 10
networks:
- eth0/br0/10.1.1.1
port: 8885
"""
EXPECTED = """\
admin_password: MASKED
disable_gpu: false
executor_token: "aaa aaa"  # note
etcd_password:
ovn_password: |
  MASKED
  MASKED
old_tokens:
- MASKED
- "MASKED"
image_token_enabled: true
max_tokens: 10
networks:
- eth0/br0/10.1.1.1
port: 8885
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_passwords_do_not_leave_the_machine(end: str, tmp_path: Path) -> None:
    qemu = "qemu-system-x86_64 -name vm1 -object secret,id=s,data=hush -vnc :1,password=hush -m 4096"
    machine = replace(machines.two_igb(), holders=[("/dev/vfio/3", 42, qemu)])
    put_file(machine, "/etc/yunion/host.conf", CONF.replace("\n", end))
    put_file(machine, "/proc/cmdline", "root=/dev/vda1 quiet rd.iscsi.password=hush intel_iommu=on\n")
    grub = machine.files["/boot/grub/grub.cfg"].decode() + "password_pbkdf2 root grub.pbkdf2.sha512.hush\n"
    put_file(machine, "/boot/grub/grub.cfg", grub)
    recorder = RecordingHost(Masked(RecordedHost(machine)))
    gather(recorder)
    recorder.read("/etc/yunion/host.conf")
    recorder.read("/boot/grub/grub.cfg")
    recorder.vfio_holders()
    recorder.save(tmp_path)
    text = (tmp_path / "machine.json").read_text()
    assert not [word for word in ("S3cret", "abc def", "hush") if word in text]
    host = RecordedHost(tmp_path)
    assert host.read("/etc/yunion/host.conf").decode() == EXPECTED.replace("\n", end)
    assert host.read("/proc/cmdline") == b"root=/dev/vda1 quiet rd.iscsi.password=MASKED intel_iommu=on\n"
    assert host.vfio_holders()[0][2].startswith("qemu-system-x86_64 -name vm1 -object secret,id=s,data=MASKED -vnc")
