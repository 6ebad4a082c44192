"""An image's content at MEDIA_DIR while a command runs: its digest compared, mounted or unpacked, always removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sriov_tui.hosts.host import Host
from sriov_tui.hosts.os_errors import told
from sriov_tui.message import say
from sriov_tui.model import MEDIA_DIR, Medium, SriovError
from sriov_tui.probe.image import digest_of

PATIENCE = 600.0  # seconds for each of its commands; to unpack 1 GiB takes a minute
MOUNTS = "/proc/self/mounts"
Output = Callable[[str], None]


@contextmanager
def present(host: Host, medium: Medium, output: Output) -> Iterator[None]:
    """Bring the content of an image to MEDIA_DIR and take it away again, whatever happens meanwhile.

    What a cut run left there is taken away first. A package is read by the command itself. SriovError where the image
    is not the one that was chosen.
    """
    verify(host, medium)
    if medium.package:
        yield
        return
    clear(host, output)
    try:
        _must(host, ("mkdir", "-p", "-m", "0700", MEDIA_DIR), output)
        if medium.unpacked:
            extract = ("tar", "--extract", "--gzip", "--strip-components=1", "--no-same-owner")
            _must(host, (*extract, f"--directory={MEDIA_DIR}", f"--file={medium.path}"), output)
        else:
            _must(host, ("mount", "-t", "iso9660", "-o", "loop,ro,nosuid,nodev", medium.path, MEDIA_DIR), output)
        yield
    finally:
        clear(host, output)


def verify(host: Host, medium: Medium) -> None:
    """SriovError unless the image has the digest that was given for it."""
    try:
        found = digest_of(host, medium.path)
    except (OSError, ValueError) as error:
        raise SriovError(
            say("{path} cannot be read: {error}", path=medium.path, error=str(error)),
            say("Nothing was installed. Choose it again."),
        ) from error
    if found != medium.sha256:
        raise SriovError(
            say("{path} is not the image that was chosen: its SHA-256 is {found}", path=medium.path, found=found),
            say(
                "Expected was {sha256}. Nothing was installed. Fetch it again, and compare the digest.",
                sha256=medium.sha256,
            ),
        )


@told
def clear(host: Host, output: Output) -> None:
    """Take away whatever is at MEDIA_DIR; nothing where nothing is."""
    for _ in range(4):  # one over the other, if somebody mounted there too
        if not _mounted(host):
            break
        if host.run(("umount", MEDIA_DIR), PATIENCE, output) != 0:
            host.run(("umount", "--lazy", MEDIA_DIR), PATIENCE, output)
    if not _mounted(host) and _there(host):
        host.run(("rm", "-rf", "--one-file-system", MEDIA_DIR), PATIENCE, output)


def _mounted(host: Host) -> bool:
    try:
        rows = host.read(MOUNTS).decode("utf-8", "replace").splitlines()
    except OSError:
        return False
    return any(row.split(" ")[1:2] == [MEDIA_DIR] for row in rows)


def _there(host: Host) -> bool:
    try:
        host.listdir(MEDIA_DIR)
    except OSError:
        return False
    return True


def _must(host: Host, argv: tuple[str, ...], output: Output) -> None:
    lines: list[str] = []

    def keep(line: str) -> None:
        lines.append(line)
        output(line)

    status = host.run(argv, PATIENCE, keep)
    if status != 0:
        said = " ".join(lines[-3:]) or say("status {status}", status=status)
        raise SriovError(
            say("The image could not be opened: `{argv}` said: {said}", argv=argv[0], said=said),
            say(
                "Nothing was installed. `dmesg | tail` may show more; a kernel without loop or isofs "
                "needs the .tgz image."
            ),
        )
