"""What one go of the engine or of the rollback works with, and what a journal tells of the goes before it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sriov_tui.hosts.host import Host, Reader
from sriov_tui.message import Message, Text, lines
from sriov_tui.model import Event, EventKind, Outcome, SriovError
from sriov_tui.run.journal import Journal
from sriov_tui.run.operations import Before

BOOT_ID = "/proc/sys/kernel/random/boot_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What one go of the engine, or of the rollback, works with."""

    host: Host
    journal: Journal
    boot_id: str
    ignore_journal_errors: bool = False  # go on where the journal cannot be written: only to undo what nobody confirmed

    def record(
        self,
        kind: EventKind,
        *,
        step: str = "",
        number: int | None = None,
        state: str = "",
        text: Text = "",
        before: Before | None = None,
    ) -> None:
        """Append an event with the machine's time and boot id."""
        event = Event(
            kind=kind,
            at=self.host.now(),
            boot_id=self.boot_id,
            step=step,
            number=number,
            state=state,
            text=text,
            before=before or {},
        )
        try:
            self.journal.append(event)
        except SriovError:
            if not self.ignore_journal_errors:
                raise

    def finish(self, outcome: Outcome, text: Text = "") -> Outcome:
        """Append the outcome, and return it."""
        self.record("finished", state=outcome, text=text)
        return outcome


@dataclass(slots=True)
class Progress:
    """What the journal tells of a run: which operations are done, in which boot, and what was before them."""

    done: dict[int, Event] = field(default_factory=dict)
    before: dict[int, list[Before]] = field(default_factory=dict)
    steps: set[str] = field(default_factory=set)
    reboot_asked: str = ""  # the boot id when a reboot was last asked for
    undoing: bool = False
    ground: dict[str, str] = field(default_factory=dict)  # a file of the kernel -> its value at the first start
    ground_boot: str = ""


def progress(events: tuple[Event, ...]) -> Progress:
    """Fold a journal; a later set of `before` of the same operation replaces an earlier one."""
    found = Progress()
    for event in events:
        match event:
            case Event(kind="start", state="apply"):
                found.ground, found.ground_boot = event.before, event.boot_id
            case Event(kind="start", state="rollback"):
                found.undoing = True
            case Event(kind="finished", state="reboot"):
                found.reboot_asked = event.boot_id
            case Event(kind="step", state="done"):
                found.steps.add(event.step)
            case Event(kind="before", number=int(number)):
                first = event.before.get("part") == "1"
                found.before[number] = ([] if first else found.before.get(number, [])) + [event.before]
            case Event(kind="operation", number=int(number), state="done" | "already"):
                found.done[number] = event
            case Event(kind="operation", number=int(number), state="undone") if not found.undoing:
                found.done.pop(number, None)
                found.before.pop(number, None)
                found.steps.discard(event.step)
            case _:
                pass
    return found


def whole(records: list[Before]) -> bool:
    """Whether every `before` of an operation is there; where not, its act was never begun."""
    return bool(records) and records[0].get("parts") == str(len(records))


def boot_id(host: Reader) -> str:
    """The id of this boot, "" where the kernel does not tell."""
    try:
        return host.read(BOOT_ID).decode("ascii", "replace").strip()
    except OSError:
        return ""


def text_of(error: SriovError) -> Message:
    """An error as the journal keeps it: the title, and the way out on the next lines."""
    return lines(error.title, error.hint)
