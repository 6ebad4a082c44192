"""Reading with the difference between "not there" and "could not be seen" kept."""

from __future__ import annotations

import errno
from collections.abc import Sequence

from sriov_tui.facts import ProbeProblem
from sriov_tui.hosts.host import MAX_FILE, Completed, NotRecorded, Reader
from sriov_tui.message import Text, say

ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ENODEV)
PROGRAMS = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin")
SLICES = (  # where the control groups of services are: cgroup v2, v1, and both together
    "/sys/fs/cgroup/system.slice",
    "/sys/fs/cgroup/systemd/system.slice",
    "/sys/fs/cgroup/unified/system.slice",
)


class Source:
    """A `Reader` for one probe: what is absent is answered as such, what fails otherwise is noted and None."""

    def __init__(self, reader: Reader, probe: str) -> None:
        self.reader = reader
        self.probe = probe
        self.problems: list[ProbeProblem] = []

    def problem(self, source: str, reason: Text) -> None:
        """Note that something could not be read."""
        self.problems.append(ProbeProblem(self.probe, source, reason))

    def data(self, path: str, limit: int = MAX_FILE) -> bytes | None:
        """A file's bytes; None where it is absent or (noted) unreadable."""
        try:
            return self.reader.read(path, limit)
        except OSError as error:
            self._note(path, error)
            return None

    def content(self, path: str) -> bytes | None:
        """A file's bytes; b"" where it is absent, None where it is (noted) unreadable."""
        try:
            return self.reader.read(path)
        except OSError as error:
            return b"" if self._note(path, error) else None

    def text(self, path: str) -> str | None:
        """A small file as stripped text; None as with `data`."""
        data = self.data(path, 1 << 20)
        return None if data is None else data.decode("utf-8", "replace").strip("\0 \n\t")

    def number(self, path: str, base: int = 10) -> int | None:
        """A file that holds one number; garbage is noted and None."""
        text = self.text(path)
        if text is None:
            return None
        try:
            return int(text, base)
        except ValueError:
            self.problem(path, say("not a number: {text}", text=repr(text[:40])))
            return None

    def names(self, path: str) -> tuple[str, ...] | None:
        """A directory's names; () where it is absent, None where it is (noted) unreadable."""
        try:
            return self.reader.listdir(path)
        except OSError as error:
            return () if self._note(path, error) else None

    def target(self, path: str) -> str | None:
        """The last part of a link's target; "" where there is no link, None where it is (noted) unreadable."""
        try:
            return self.reader.readlink(path).rsplit("/", 1)[-1]
        except OSError as error:
            return "" if self._note(path, error) else None

    def real(self, path: str) -> str | None:
        """The path with every link resolved; "" where it is absent, None where that cannot be seen (noted)."""
        try:
            return self.reader.realpath(path)
        except OSError as error:
            return "" if self._note(path, error) else None

    def exists(self, path: str) -> bool | None:
        """Whether a file can be looked at; None where that cannot be known."""
        try:
            self.reader.mode(path)
        except OSError as error:
            return False if self._note(path, error) else None
        return True

    def query(self, argv: Sequence[str]) -> Completed | None:
        """A read-only command's result; None (noted) where it failed."""
        done = self.ask(argv)
        if done.status == 0:
            return done
        self.problem(
            " ".join(argv), (done.err.strip().splitlines() or [say("exit status {status}", status=done.status)])[-1]
        )
        return None

    def ask(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
        """A read-only command's result, whatever its status; 126 where it could not be started."""
        try:
            return self.reader.query(argv, timeout)
        except OSError as error:
            return Completed(126, "", error.strerror or str(error))

    def _note(self, path: str, error: OSError) -> bool:
        """Whether the error means that the thing is absent; anything else is noted."""
        if isinstance(error, NotRecorded):
            self.problem(path, say("not in this recording"))
            return False
        if error.errno in ABSENT:
            return True
        self.problem(path, error.strerror or str(error))
        return False


def installed(source: Source, program: str) -> bool | None:
    """Whether a program is there, without starting it; None where that cannot be seen."""
    seen = []
    for folder in PROGRAMS:
        seen.append(source.exists(f"{folder}/{program}"))
        if seen[-1]:
            return True
    return None if None in seen else False


def service_runs(source: Source, unit: str) -> bool | None:
    """Whether a service of systemd has processes now, by its control group; None where none can be seen."""
    lists = [names for names in (source.names(folder) for folder in SLICES) if names]
    return any(unit in names for names in lists) if lists else None
