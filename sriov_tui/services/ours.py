"""What of ours is on a host: files that act at boot, backups, and the records of the runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sriov_tui.hosts.host import Host, Reader
from sriov_tui.message import Message, Text, say
from sriov_tui.model import (
    GRUB_DROP_IN,
    HOST_CONF,
    MODULES_LOAD_FILE,
    NAMES_RULES_FILE,
    UDEV_RULES_FILE,
    UNITS,
    RunView,
    SriovError,
)
from sriov_tui.reports.run_json import Next, next_of
from sriov_tui.run import context, journal, store, view
from sriov_tui.run.undo import Undo, undo_list

MARK = "sriov-tui"
SETTINGS = {
    UDEV_RULES_FILE: say("creates the VFs at boot"),
    NAMES_RULES_FILE: say("keeps the names of the cards and their VFs"),
    GRUB_DROP_IN: say("adds the kernel arguments of the IOMMU"),
    MODULES_LOAD_FILE: say("loads kernel modules at boot"),
}
UNIT_KINDS = (
    (f"{MARK}-vfs-", say("creates the VFs of a card at boot")),
    (f"{MARK}-offload-", say("puts a card into switchdev mode at boot")),
    (f"{MARK}-lag-", say("sets up the bond of a card in hardware at boot")),
    (f"{MARK}-audit.", say("runs the audit by a timer")),
)
FOLDERS = {  # where a name with MARK in it is ours, whatever version wrote it
    "/etc/udev/rules.d": say("a udev rule"),
    "/etc/modules-load.d": say("loads kernel modules at boot"),
    "/etc/default/grub.d": say("adds kernel arguments"),
    "/etc/cloud/cloud.cfg.d": say("keeps cloud-init from writing the network configuration again"),
    UNITS: say("a systemd unit"),
}
BACKUPS = HOST_CONF.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Left:
    """A file of ours, and what it does there."""

    path: str
    what: Message


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one run: how it stands, and what of it can be taken back; with an `error` it is not readable."""

    run: Path
    view: RunView | None
    undo: tuple[Undo, ...] = ()
    error: Text = ""

    @property
    def changes(self) -> int:
        """How many of its changes can be taken back."""
        return len(self.undo)


@dataclass(frozen=True, slots=True)
class Ours:
    """All of it. `unreadable` are folders that could not be looked into: what is there is not known."""

    settings: tuple[Left, ...]
    backups: tuple[Left, ...]
    records: tuple[Record, ...]
    state: bool | None  # whether the state directory is there; None: not known
    next: Next
    unreadable: tuple[str, ...]

    @property
    def standing(self) -> tuple[Record, ...]:
        """The runs with changes that can be taken back, newest first: the order of taking back."""
        return tuple(record for record in reversed(self.records) if record.changes)

    @property
    def nothing(self) -> bool:
        """Whether all was looked at, and nothing of ours is there."""
        return not (self.settings or self.backups or self.records or self.state is not False or self.unreadable)


def look(reader: Reader, state_dir: Path) -> Ours:
    """Read what of ours is there."""
    unreadable: list[str] = []
    settings = tuple(
        Left(f"{folder}/{name}", _what(folder, name, usual))
        for folder, usual in FOLDERS.items()
        for name in _names(reader, folder, unreadable)
        if MARK in name
    )
    backups = tuple(
        Left(f"{BACKUPS}/{name}", say("host.conf as it was before a run"))
        for name in _names(reader, BACKUPS, unreadable)
        if name.startswith(f"{Path(HOST_CONF).name}.{MARK}-")
    )
    state = _there(state_dir, unreadable)
    records = tuple(_records(state_dir)) if state else ()
    newest = next((record.view for record in reversed(records) if record.view), None)
    waits = next_of(newest, context.boot_id(reader)) if newest else ""
    return Ours(settings, backups, records, state, waits, tuple(unreadable))


def forget(host: Host, found: Ours, state_dir: Path) -> None:
    """Remove the backups and the records: what was set up stays, and can no longer be taken back."""
    import shutil  # with the libraries of every archive format, 3 ms

    for one in found.backups:
        host.remove(one.path)
    if found.state:
        shutil.rmtree(state_dir)


def _what(folder: str, name: str, usual: Message) -> Message:
    if what := SETTINGS.get(f"{folder}/{name}"):
        return what
    return next((what for start, what in UNIT_KINDS if folder == UNITS and name.startswith(start)), usual)


def _names(reader: Reader, folder: str, unreadable: list[str]) -> tuple[str, ...]:
    try:
        return reader.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError:
        unreadable.append(folder)
        return ()


def _there(state_dir: Path, unreadable: list[str]) -> bool | None:
    try:
        any((state_dir / "runs").iterdir())
    except FileNotFoundError:
        return state_dir.exists()
    except OSError:
        unreadable.append(str(state_dir))
        return None
    return True


def _records(state_dir: Path) -> Iterator[Record]:
    for run in store.list_runs(state_dir):
        try:
            yield Record(run, view.view(run), undo_list(journal.read(run / journal.NAME)[0]))
        except SriovError as error:
            yield Record(run, None, error=error.title)
