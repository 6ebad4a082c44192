"""Driver images as they are read: names, ISO and tar content, digests, who may change them, and hostile ones."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from sriov_tui.facts import ImageLabel
from sriov_tui.hosts.local import LocalHost
from sriov_tui.hosts.machine import Machine, put_dir, put_file
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe.image import Candidate, candidates, look
from tests.driver_machines import NAME, PATH, content, iso_of, tgz_of
from tests.iso import SECTOR

LABEL = ImageLabel(release="5.8-7.0.6.1", distribution="rhel7.9", machine="x86_64")


def host(data: bytes, path: str = PATH, mode: int = 0o644) -> RecordedHost:
    machine = Machine(name="m", complete=True)
    put_file(machine, path, data, mode)
    return RecordedHost(machine)


@pytest.mark.parametrize(("make", "name"), [(iso_of, NAME), (tgz_of, NAME.replace(".iso", ".tgz"))])
def test_name_content_and_digest(make: object, name: str) -> None:
    data = make(content())  # type: ignore[operator]
    sizes: list[int] = []
    image = look(host(data, f"/root/{name}"), f"/root/{name}", sizes.append)
    assert (image.error, image.named, image.content, image.installer) == ("", LABEL, LABEL, True)
    assert (image.sha256, image.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert image.kernels == ("3.10.0-1160.el7.x86_64",)
    assert (image.exposed, sizes[-1]) == ("", len(data))


def test_the_content_is_told_where_the_name_says_nothing() -> None:
    image = look(host(iso_of(content(machine="aarch64")), "/root/x.iso"), "/root/x.iso")
    assert image.named == ImageLabel()
    assert image.content.machine == "aarch64"


def test_debian_packages_tell_the_machine() -> None:
    image = look(host(iso_of(content(distribution="debian12.5", machine="aarch64"))), PATH)
    assert (image.content.distribution, image.content.machine) == ("debian12.5", "aarch64")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is no ISO image"),
        (b"x" * 40000, "it is no ISO image"),
        (b"\0" * 16 * SECTOR + b"\x01CD001" + b"\xff" * SECTOR, ""),  # a root directory far behind the end
        (bytes(range(256)) * 200, "it is no ISO image"),
    ],
)
def test_what_is_no_image_is_said_and_never_raised(data: bytes, why: str) -> None:
    image = look(host(data), PATH)
    assert why in image.error
    assert not image.installer


def test_a_cut_tar_file_is_no_image() -> None:
    path = PATH.replace(".iso", ".tgz")
    image = look(host(tgz_of(content())[:60], path), path)
    assert image.error.startswith("it is no compressed tar file")


@pytest.mark.parametrize("path", ["relative.iso", "/root/../etc/x.iso", "/root/a\0b.iso", "", "/root//x.iso"])
def test_a_path_that_is_not_plain_is_refused(path: str) -> None:
    assert look(host(b""), path).error == "its path is not a plain absolute path"


def test_an_absent_file_is_an_error_with_the_kernels_word() -> None:
    assert look(host(b""), "/root/absent.iso").error == "No such file or directory"


def test_hostile_texts_in_an_image_become_no_words() -> None:
    files = content() | {"distro": b"\x1b[31m$(reboot)\n", ".mlnx": b"[/]", ".supported_kernels": b"a;b ../x\n"}
    image = look(host(iso_of(files)), PATH)
    assert (image.content.distribution, image.content.release) == ("m", "")
    assert image.kernels == ()


@pytest.mark.parametrize(("at", "exposed"), [(PATH, PATH), ("/root", "/root")])
def test_a_file_or_folder_that_others_may_write_is_named(at: str, exposed: str) -> None:
    reader = host(iso_of(content()))
    reader.machine.modes[at] = 0o666 if at == PATH else 0o777
    assert look(reader, PATH).exposed == exposed
    reader.machine.modes[at] = 0o644 if at == PATH else 0o755
    reader.machine.owners[at] = [1000, 1000]
    assert look(reader, PATH).exposed == exposed


def test_a_file_of_root_below_tmp_is_safe() -> None:
    reader = host(iso_of(content()), "/tmp/x.iso")
    reader.machine.modes["/tmp"] = 0o1777
    assert look(reader, "/tmp/x.iso").exposed == ""


def test_candidates_are_folders_and_images() -> None:
    reader = host(b"", "/root/x.iso")
    put_file(reader.machine, "/root/note.txt", b"")
    put_file(reader.machine, "/root/[b] 中.tgz", b"")
    put_dir(reader.machine, "/root/images")
    assert candidates(reader, "/root") == (
        Candidate("images", True), Candidate("[b] 中.tgz", False), Candidate("x.iso", False)
    )  # fmt: skip
    with pytest.raises(FileNotFoundError):
        candidates(reader, "/absent")


@pytest.mark.subprocess
@pytest.mark.machine
def test_linux_mounts_what_we_read(tmp_path: Path) -> None:
    """The builder of the tests and our reader agree with the kernel's isofs, where a loop device can be had."""
    path, at = tmp_path / NAME, tmp_path / "at"
    path.write_bytes(iso_of(content()))
    at.mkdir()
    done = subprocess.run(["mount", "-t", "iso9660", "-o", "loop,ro", path, at], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no loop device here: {done.stderr.decode().strip()}")
    try:
        assert {p.name for p in at.iterdir()} == {".mlnx", ".supported_kernels", "distro", "mlnxofedinstall", "RPMS"}
        assert (at / "distro").read_text() == "rhel7.9\n"
        assert (at / "mlnxofedinstall").stat().st_mode & 0o111
    finally:
        subprocess.run(["umount", at], check=True)
    image = look(LocalHost(), str(path))
    assert (image.error, image.content) == ("", LABEL)
