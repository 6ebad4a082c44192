"""LocalHost: the machine that we run on, or for tests a tree below a directory."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import re
import selectors
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sriov_tui.facts import Source
from sriov_tui.hosts import extended, pci_ids, programs
from sriov_tui.hosts.durable import settle
from sriov_tui.hosts.ethtool import driver_information
from sriov_tui.hosts.host import MAX_FILE, Completed, check_query, is_kernel_log
from sriov_tui.hosts.open_devices import open_devices
from sriov_tui.hosts.output import KernelLog, Lines, Tail
from sriov_tui.hosts.ssh_connection import connection
from sriov_tui.message import say


class LocalHost:
    """Host on the files, commands, netlink and udev of this machine.

    With a `root` other than "/" every path is taken below it and there are no commands, no
    netlink and no udev: those answer as an empty machine does.
    """

    def __init__(self, root: str = "/") -> None:
        self._root = Path(root)
        self._real = self._root == Path("/")

    @property
    def source(self) -> Source:
        return Source() if self._real else Source("tree", str(self._root))

    def _at(self, path: str) -> Path:
        return self._root / path.lstrip("/")

    def _name(self, path: str) -> str:
        """As `_at`, for the thousands of files that are only read: to make a Path takes longer than to read one."""
        return path if self._real else f"{self._root}{path}"

    # Reading

    def read(self, path: str, limit: int = MAX_FILE, offset: int = 0) -> bytes:
        # Not open(): a FIFO or a device would block, and buffering would read sysfs twice.
        fd = os.open(self._name(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise OSError(errno.EINVAL, say("not a regular file"), path)
            if offset:
                os.lseek(fd, offset, os.SEEK_SET)
            chunks, left = [], limit
            while left > 0 and (chunk := os.read(fd, min(left, 1 << 20))):
                chunks.append(chunk)
                left -= len(chunk)
            return b"".join(chunks)
        finally:
            os.close(fd)

    def listdir(self, path: str) -> tuple[str, ...]:
        return tuple(sorted(os.listdir(self._name(path))))

    def readlink(self, path: str) -> str:
        return os.readlink(self._name(path))

    def realpath(self, path: str) -> str:
        resolved = os.path.realpath(self._name(path), strict=True)
        return resolved if self._real else "/" + os.path.relpath(resolved, self._root.resolve())

    def mode(self, path: str) -> int:
        return stat.S_IMODE(os.stat(self._name(path)).st_mode)

    def owner(self, path: str) -> tuple[int, int]:
        status = os.stat(self._at(path))
        return status.st_uid, status.st_gid

    def query(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
        check_query(argv)
        if not self._real:
            return Completed(127, "", say("no commands in a tree"))
        if tuple(argv[:2]) == ("ethtool", "-i"):
            return driver_information(argv[2])
        out, err = KernelLog() if is_kernel_log(argv) else Tail(), Tail()
        program = programs.locate(argv[0])
        if program is None:
            return Completed(127, "", say("{argv}: not found", argv=argv[0]))
        try:
            child = subprocess.Popen(
                argv,
                executable=program,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(argv[0]),
            )
        except FileNotFoundError:
            return Completed(127, "", say("{argv}: not found", argv=argv[0]))
        except OSError as error:
            return Completed(126, "", f"{argv[0]}: {error.strerror}")
        deadline = time.monotonic() + timeout
        with child:
            try:
                _pour({child.stdout: out.add, child.stderr: err.add}, deadline)
                status = _end(child, deadline)
            except TimeoutError:
                return Completed(
                    124, "", say("{argv}: no answer within {timeout} s", argv=argv[0], timeout=f"{timeout:.0f}")
                )
            finally:
                child.kill()  # nothing where it has ended
        return Completed(status, out.text(), err.text())

    def netlink(self) -> Mapping[str, list[dict[str, Any]]]:
        if not self._real:
            return {"links": [], "addresses": [], "routes": []}
        from sriov_tui.hosts.netlink import dumps

        return dumps(connection())

    def udev(self, path: str) -> Mapping[str, str]:
        if not self._real:
            return {}
        if found := re.fullmatch("pci:v0000([0-9A-F]{4})d0000([0-9A-F]{4})", path):
            return pci_ids.names(f"{found[1]}:{found[2]}")
        pyudev = pyudev_module()
        try:
            properties = dict(pyudev.Devices.from_path(pyudev.Context(), path).properties)
        except (pyudev.DeviceNotFoundError, ImportError) as error:
            raise OSError(errno.ENOENT, str(error), path) from error
        if "PCI_ID" in properties and "ID_VENDOR_FROM_DATABASE" not in properties:
            properties |= pci_ids.names(properties["PCI_ID"])
        return properties

    def vfio_holders(self) -> tuple[tuple[str, int, str], ...]:
        return tuple(open_devices(self._name("/proc"), self._name("/sys/dev/char")))

    def environment(self) -> Mapping[str, str]:
        wanted = {"SSH_CONNECTION": connection()} if self._real else {}
        return {"euid": str(os.geteuid()), **wanted}

    def now(self) -> str:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    # Changing

    def write(
        self,
        path: str,
        data: bytes,
        mode: int,
        owner: tuple[int, int] | None = None,
        expect: str | None = None,
        xattrs: Mapping[str, bytes] | None = None,
    ) -> None:
        import tempfile  # 3 ms, and whoever only reads needs none

        from sriov_tui.hosts import exchange

        target = self._at(path)
        fd, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".sriov-tui", dir=target.parent)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(data)
                file.flush()  # a write ends capabilities and the set-user-id bit, and a change of the owner does
                if owner is not None and (os.fstat(file.fileno()).st_uid, os.fstat(file.fileno()).st_gid) != owner:
                    os.fchown(file.fileno(), *owner)
                extended.give(file.fileno(), extended.of(target) if xattrs is None else xattrs)
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            exchange.put(temporary, target, expect)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        settle(target.parent)

    def remove(self, path: str) -> None:
        target = self._at(path)
        target.unlink(missing_ok=True)
        if target.parent.is_dir():
            settle(target.parent)

    def write_attribute(self, path: str, value: str, timeout: float) -> None:
        # The kernel may hold such a write for minutes and no signal ends it (mlx5: 60 s a command, lib/tout.c),
        # so it runs in a thread that can be left behind.
        outcome: list[OSError] = []
        writer = threading.Thread(target=_write_attribute, args=(self._at(path), value, outcome), daemon=True)
        writer.start()
        writer.join(timeout)
        if writer.is_alive():
            raise OSError(
                errno.ETIMEDOUT, say("the kernel did not answer within {timeout} s", timeout=f"{timeout:.0f}"), path
            )
        if outcome:
            raise outcome[0]

    def run(self, argv: Sequence[str], timeout: float, output: Callable[[str], None]) -> int:
        if not self._real:
            output(say("no commands in a tree"))
            return 127
        program = programs.locate(argv[0])
        if program is None:
            output(say("{argv}: not found", argv=argv[0]))
            return 127
        try:
            child = subprocess.Popen(
                argv,
                executable=program,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=programs.ENVIRONMENT,
                start_new_session=True,
            )
        except OSError as error:
            output(f"{argv[0]}: {error.strerror}")
            return 127 if error.errno == errno.ENOENT else 126
        try:
            lines = Lines(output)
            _pour({child.stdout: lines.add}, time.monotonic() + timeout)
            lines.end()
            return child.wait()
        except TimeoutError:
            output(say("{argv}: ended after {timeout} s without an end", argv=argv[0], timeout=f"{timeout:.0f}"))
            return 124
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)  # it leads a session of its own: its children end too
                child.wait()

    def xattrs(self, path: str) -> Mapping[str, bytes]:
        return extended.of(self._at(path))

    def hard_links(self, path: str) -> int:
        return os.stat(self._at(path)).st_nlink

    def sync(self, path: str) -> None:
        target = self._at(path)
        if target.exists():
            _sync_file(target)
        settle(target.parent)


def _environment(program: str) -> dict[str, str]:
    """A command's environment; kubectl finds its configuration by two variables of ours."""
    kept = ("HOME", "KUBECONFIG") if program == "kubectl" else ()
    return programs.ENVIRONMENT | {name: os.environ[name] for name in kept if name in os.environ}


@functools.cache
def pyudev_module() -> Any:
    """pyudev, told libudev's file name: to find it, it would start ldconfig, and the audit starts nothing unlisted."""
    import ctypes.util

    found = ctypes.util.find_library
    ctypes.util.find_library = lambda name: f"lib{name}.so.1"
    try:
        import pyudev
    finally:
        ctypes.util.find_library = found
    return pyudev


def _write_attribute(path: Path, value: str, outcome: list[OSError]) -> None:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(fd, f"{value}\n".encode())
        finally:
            os.close(fd)
    except OSError as error:
        outcome.append(error)


def _pour(streams: Mapping[IO[bytes] | None, Callable[[bytes], None]], deadline: float) -> None:
    """What comes out of these streams to their functions, until all have ended; TimeoutError at the deadline."""
    with selectors.DefaultSelector() as selector:
        for stream, take in streams.items():
            assert stream is not None
            selector.register(stream, selectors.EVENT_READ, take)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            for key, _ in selector.select(left):
                piece = os.read(key.fd, 1 << 16)
                key.data(piece)
                if not piece:
                    selector.unregister(key.fileobj)


def _end(child: subprocess.Popen[bytes], deadline: float) -> int:
    """The status of a command once it has ended; TimeoutError at the deadline. `Popen.wait` looks again and again."""
    try:
        fd = os.pidfd_open(child.pid)
    except (OSError, AttributeError):  # before Linux 5.3
        return _end_of_old(child, deadline)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(fd, selectors.EVENT_READ)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
    finally:
        os.close(fd)
    return child.wait()


def _end_of_old(child: subprocess.Popen[bytes], deadline: float) -> int:
    try:
        return child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error


def _sync_file(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
