"""The journal of a run: one `Event` a line as JSON, on disk before the act that it announces.

It is the only memory of a run: what is done is read from here, by the engine after a crash, by the rollback,
and by every screen that follows. A line counts once its newline is on disk; what a cut left behind the last
whole line is ignored on reading and cut off before the next line is written.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import get_args

from sriov_tui import codec
from sriov_tui.hosts.os_errors import told
from sriov_tui.message import say
from sriov_tui.model import Event, EventKind, SriovError

NAME = "journal.jsonl"
KEYS = {field.name for field in dataclasses.fields(Event)}


class Journal:
    """A journal open for appending; every line but a command's output is fsynced before `append` returns."""

    @told
    def __init__(self, path: Path) -> None:
        new = not path.exists()
        self._path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self._end = whole(path.read_bytes())
            if os.fstat(self._fd).st_size > self._end:
                os.ftruncate(self._fd, self._end)
                os.fsync(self._fd)
            if new:
                sync_directory(path.parent)
        except BaseException:
            os.close(self._fd)
            raise

    def append(self, event: Event) -> None:
        """Write one event; SriovError where the disk refuses, with the journal as it was before."""
        line = json.dumps(codec.encode(event)).encode("ascii") + b"\n"
        try:
            _write_all(self._fd, line)
            if event.kind != "output":
                os.fsync(self._fd)
        except OSError as error:
            with contextlib.suppress(OSError):  # what is left is no whole line, and is cut off when it is opened again
                os.ftruncate(self._fd, self._end)
            raise SriovError(
                say("The journal {path} cannot be written: {strerror}", path=str(self._path), strerror=error.strerror),
                say(
                    "Nothing is changed without a journal, so the run stops here. Free some space or "
                    "repair the disk, then run `sriov-tui resume` or `sriov-tui rollback`."
                ),
            ) from error
        self._end += len(line)

    def close(self) -> None:
        """Close the file; it can be opened again at any time. Every line that counts is on disk already."""
        with contextlib.suppress(OSError):
            os.close(self._fd)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


@told
def read(path: Path, start: int = 0) -> tuple[tuple[Event, ...], int]:
    """The whole events from byte `start` on, and the byte to go on from; nothing where there is no journal yet.

    A line in the middle that is not an event is a SriovError with its number: somebody edited the file.
    """
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read()
    except FileNotFoundError:
        return (), start
    end = whole(data)
    return tuple(_events(path, data[:end].splitlines(), first=start == 0)), start + end


def whole(data: bytes) -> int:
    """How many bytes of this journal are whole lines; last lines that are not JSON were cut, too."""
    end = data.rfind(b"\n") + 1
    while end and not _is_json(last := data[:end].rstrip(b"\n").rpartition(b"\n")[2]) and last:
        end = data.rfind(b"\n", 0, end - len(last) - 1) + 1
    return end


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _events(path: Path, lines: Iterable[bytes], first: bool) -> Iterable[Event]:
    """The events of these lines. What is lost in a command's output is no harm: only that is not synced at once."""
    before: Event | None = None
    damaged: tuple[int, ValueError] | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = _event(line)
        except ValueError as error:
            damaged = damaged or (number, error)
            continue
        if damaged and not _is_output(before, event):
            break
        damaged = None
        if event is not None:
            before = event
            yield event
    if damaged:
        raise _damage(path, damaged[0] if first else 0, damaged[1])


def _event(line: bytes) -> Event | None:
    """An event without what a newer version adds to it; None for one of a kind that only that knows."""
    value = json.loads(line)
    if isinstance(value, dict):
        if isinstance(kind := value.get("kind"), str) and kind not in get_args(EventKind):
            return None
        value = {key: item for key, item in value.items() if key in KEYS}
    return codec.decode(Event, value)


def _is_output(before: Event | None, after: Event | None) -> bool:
    """Whether nothing but output of one operation can have been between these two."""
    if before is None or after is None or before.kind != "output" or before.number is None:
        return False
    return after.number == before.number and after.kind in ("output", "note", "operation")


def _damage(path: Path, number: int, error: ValueError) -> SriovError:
    place = say("line {number}", number=number) if number else say("a line")
    return SriovError(
        say(
            "The journal {path} is damaged: {place} is not an event ({error})",
            path=str(path),
            place=place,
            error=str(error),
        ),
        say(
            "Somebody edited it, or the disk lost data. Put the line back, or undo the changes by "
            "hand: every `before` line holds what was there."
        ),
    )


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]
