"""machine.json: kept without loss, and refused in words where it is not one."""

from __future__ import annotations

import json
import os
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sriov_tui.hosts import machine_file
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_file, put_link
from sriov_tui.hosts.machine_file import dumps, load, loads, pack, save, unpack
from sriov_tui.model import SriovError
from sriov_tui.services.demos import DEMOS, demo_machine
from tests import machines


@pytest.mark.parametrize("build", machines.ALL)
def test_no_loss(build: Callable[[], Machine]) -> None:
    machine = build()
    assert loads(dumps(machine)) == machine


def test_every_section_comes_back(tmp_path: Path) -> None:
    machine = Machine(
        name="n",
        about="a",
        made_at="t",
        files={"/f": b"\xff\0", "/zeros": bytes(5000), "/t": "中\r\n".encode(), "/empty": b""},
        dirs={"/d": ["x"]},
        links={"/l": "../x"},
        real={"/r": "/x"},
        modes={"/f": 0o640},
        owners={"/f": [1, 2]},
        errors={"/e": "EACCES"},
        queries={"dmesg": Completed(1, "o", "e\udcff")},
        netlink={"links": [{"name": "lo", "carrier": None, "up": True}]},
        udev={"/d": {"K": "v"}},
        holders=[("/dev/vfio/1", 2, "qemu")],
        environment={"euid": "0"},
        rebooted_for=["iommu.arguments"],
        simulation={"root": "/dev/sda1"},
    )
    save(machine, tmp_path / "new" / "folder")
    assert load(tmp_path / "new" / "folder") == machine
    assert load(tmp_path / "new" / "folder" / "machine.json") == machine
    assert (tmp_path / "new" / "folder" / "machine.json").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path / "new" / "folder") == ["machine.json"]


def test_one_entry_per_line_and_sorted() -> None:
    lines = dumps(machines.two_igb()).splitlines()
    paths = [line for line in lines if line.startswith('  "/sys/devices/')]
    assert len([line for line in lines if "sriov_totalvfs" in line and "7" in line]) == 2
    assert all(line.isascii() for line in lines)
    assert max(map(len, paths)) < 2000  # config space without its zeros
    keys = [line.split('"')[1] for line in lines if line.startswith(' "')]
    assert keys == sorted(keys)


@pytest.mark.parametrize("build", machines.ALL)
def test_a_packed_recording_is_the_same_machine(build: Callable[[], Machine], tmp_path: Path) -> None:
    machine = build()
    (tmp_path / "m.sriov").write_bytes(pack(machine))
    assert load(tmp_path / "m.sriov") == machine
    assert pack(machine) == (tmp_path / "m.sriov").read_bytes(), "the same machine, the same bytes"
    assert unpack(pack(machine), "m").decode() == dumps(machine)


ZEROS = zlib.compress(bytes(machine_file.MAX_BYTES + 1), wbits=31)
ENTRIES = {f"/z{number}": {"base64": "", "size": machine_file.MAX_SIZE} for number in range(40)}
PACKED = pack(Machine(name="n"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (ZEROS, "larger than 16 MiB"),
        (zlib.compress(ZEROS, wbits=31), "not JSON"),
        (PACKED[:-9], "its end is missing"),
        (PACKED[:-1] + b"x", "damaged"),
        (PACKED[:5] + b"\xff" * 20, "damaged"),
        (PACKED + PACKED, "something else follows"),
        (b"\x1f\x8b", "its end is missing"),
        (b"PK\x03\x04", "not JSON"),
        (json.dumps({"version": 1, "name": "n", "files": ENTRIES}).encode(), "larger than 16 MiB"),
    ],
)
def test_a_packed_file_from_a_stranger_is_refused_in_words(data: bytes, words: str, tmp_path: Path) -> None:
    assert len(data) < 1 << 20
    (tmp_path / "m.sriov").write_bytes(data)
    with pytest.raises(SriovError, match=words) as refused:
        load(tmp_path / "m.sriov")
    assert refused.value.hint


def test_only_so_much_of_a_bomb_is_unpacked() -> None:
    bomb = zlib.compress(bytes(256 << 20), level=1, wbits=31)
    tracemalloc.start()
    with pytest.raises(SriovError, match="larger than"):
        unpack(bomb, "m")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * machine_file.MAX_BYTES


GOOD: dict[str, Any] = {"version": 1, "name": "n"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not JSON"),
        ("\x00\xff", "not JSON"),
        ("[]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ("9" * 5000, "not JSON"),
        ("{}", "a version that this program does not know"),
        (json.dumps(GOOD | {"version": 2}), "a version that this program does not know"),
        (json.dumps({"version": 1}), "name of the machine is missing"),
        (json.dumps(GOOD | {"surprise": 1}), "unknown section 'surprise'"),
        (json.dumps(GOOD | {"name": 7}), "name is not a recording: expected str"),
        (json.dumps(GOOD | {"files": []}), "files is not a recording: expected dict"),
        (json.dumps(GOOD | {"files": {"/a": 1}}), "'/a' does not fit"),
        (json.dumps(GOOD | {"files": {"/a": {"base64": "%"}}}), "'/a' does not fit"),
        (json.dumps(GOOD | {"files": {"/a": {"base64": "", "size": 1 << 40}}}), "'/a' does not fit"),
        (json.dumps(GOOD | {"files": {"/a": {"base64": "", "size": -1}}}), "'/a' does not fit"),
        (json.dumps(GOOD | {"files": {"/a": "\udcff"}}), "'/a' does not fit"),
        (json.dumps(GOOD | {"dirs": {"/a": [1]}}), "'/a' does not fit"),
        (json.dumps(GOOD | {"links": {"/a": None}}), "'/a' does not fit"),
        (json.dumps(GOOD | {"modes": {"/a": True}}), "'/a' does not fit"),
        (json.dumps(GOOD | {"queries": {"dmesg": {"status": 0}}}), "'dmesg' does not fit"),
        (json.dumps(GOOD | {"queries": {"dmesg": 3}}), "'dmesg' does not fit"),
        (json.dumps(GOOD | {"holders": [["/dev/vfio/1", 2]]}), "holders is not a recording"),
        (json.dumps(GOOD | {"netlink": {"links": [{"name": {}}]}}), "'links' does not fit"),
    ],
)
def test_what_is_not_a_recording_is_refused(content: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "machine.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(SriovError) as refused:
        load(tmp_path)
    assert words in refused.value.title
    assert refused.value.hint
    assert len(refused.value.title) < 400


def test_a_link_a_fifo_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    save(Machine(name="n"), tmp_path / "there")
    for folder in ("link", "fifo", "directory", "absent"):
        (tmp_path / folder).mkdir()
    (tmp_path / "link" / "machine.json").symlink_to(tmp_path / "there" / "machine.json")
    os.mkfifo(tmp_path / "fifo" / "machine.json")
    (tmp_path / "directory" / "machine.json").mkdir()
    for folder in ("link", "fifo", "directory", "absent"):
        with pytest.raises(SriovError, match=r"machine\.json"):
            load(tmp_path / folder)
    with pytest.raises(SriovError, match="it is a symbolic link"):
        load(tmp_path / "link")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(Machine(name="n"), tmp_path)
    monkeypatch.setattr(machine_file, "MAX_BYTES", 10)
    with pytest.raises(SriovError, match="larger than"):
        load(tmp_path)


def test_links_that_lead_in_a_circle_are_an_error() -> None:
    from sriov_tui.hosts.recorded import RecordedHost

    machine = Machine(name="n", complete=True)
    put_link(machine, "/a", "/b")
    put_link(machine, "/b", "/a")
    put_file(machine, "/c/d", "x")
    host = RecordedHost(machine)
    for path in ("/a", "/a/b", "/b"):
        with pytest.raises(OSError, match="symbolic links"):
            host.read(path)
    assert host.listdir("/") == ("a", "b", "c")


@pytest.mark.parametrize("name", [name for name, _ in DEMOS])
def test_the_demo_machines_are_those_that_the_builders_make(name: str) -> None:
    assert demo_machine(name) == machines.DEMOS[name](), "run python -m tests.machines"
    assert (name, demo_machine(name).about) in DEMOS


def test_an_unknown_demo_is_refused_with_the_names() -> None:
    with pytest.raises(SriovError) as refused:
        demo_machine("../two-igb")
    assert "two-igb" in refused.value.hint
