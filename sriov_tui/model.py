"""The words that every part of the program shares: findings, choices, steps, plans and events."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from sriov_tui.bond_choice import BondChoice
from sriov_tui.facts import HostFacts
from sriov_tui.media import DriverChoice as DriverChoice
from sriov_tui.media import Medium as Medium

STATE_DIR = "/var/lib/sriov-tui"
HOST_CONF = "/etc/yunion/host.conf"
HOST_LOCAL_CONF = "/etc/yunion/host_local.conf"
GRUB_DROP_IN = "/etc/default/grub.d/90-sriov-tui.cfg"
MODULES_LOAD_FILE = "/etc/modules-load.d/sriov-tui.conf"
UDEV_RULES_FILE = "/etc/udev/rules.d/80-sriov-tui.rules"
NAMES_RULES_FILE = "/etc/udev/rules.d/81-sriov-tui-names.rules"
UNITS = "/etc/systemd/system"
WANTED_UNITS = f"{UNITS}/multi-user.target.wants"
TEMPORARY = ".sriov-tui"  # end of the names of the files that take another one's place by a rename


def draft_of(path: str) -> str:
    """Where a command writes what is to become this file: beside it, under a name that the engine sweeps away."""
    directory, _, name = path.rpartition("/")
    return f"{directory}/.{name}.draft{TEMPORARY}"


def lag_unit(card: str) -> str:
    """The name of the systemd unit that waits for the bond in hardware of the card at this address without function."""
    return f"sriov-tui-lag-{card}.service"


def switchdev_unit(address: str) -> str:
    """The name of the systemd unit that puts the PF at this address into switchdev mode at every boot."""
    return f"sriov-tui-offload-{address}.service"


class SriovError(Exception):
    """An error for the operator: what is wrong, and what to do next. Everything else is a bug."""

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint


class Level(enum.IntEnum):
    """How bad a finding is. Serialised by name; the gaps leave room without renumbering."""

    OK = 0
    INFO = 25
    WARN = 50
    SKIP = 100
    FAIL = 200


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read and where: a path or a command line, and its text."""

    source: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """How a finding is mended: by hand (`manual`), or by the steps with these ids; `verify` tells how to see it."""

    title: str
    manual: str = ""
    steps: tuple[str, ...] = ()
    verify: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One statement of one check about one subject.

    `id` is `<module>.<topic>`, stable and never translated; `subject` is a PCI address, a
    `file:line` or "host". A finding that `blocks` keeps the wizard from going on.
    """

    id: str
    level: Level
    title: str
    subject: str = "host"
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()
    fix: Fix | None = None
    blocks: bool = False

    @property
    def key(self) -> str:
        """The id and the subject: unique in one set of findings."""
        return f"{self.id} {self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the findings of one id are about, on whatever host.

    `means` says what is looked at, and when it is not OK; `matters` what goes wrong otherwise;
    `mend` what a person does; `source` where the knowledge is from.
    """

    id: str
    title: str
    means: str
    matters: str
    mend: str
    source: str


Use = Literal["leave", "sriov", "offload"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NicChoice:
    """What the operator wants of one PF; `numvfs` None means all that the card offers.

    `bridge` and `wire` make the `networks` entry where the interface has none yet. `when` counts
    only for a card that carries the SSH session: "now" makes its VFs at once, undone by itself
    unless a new connection confirms. `model` and `slot` tell in an answers file which card was
    meant, see `sriov_tui.matching`; "" where that is not known.
    """

    address: str
    use: Use = "leave"
    numvfs: int | None = None
    bridge: str = ""
    wire: str = ""
    when: Literal["boot", "now"] = "boot"
    model: str = ""
    slot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the operator decided; TOML on disk, the answers file.

    `kernel_args` "set" writes the IOMMU arguments for the next boot; "auto" does so only
    where the IOMMU is not active without them. `arguments` are others that the operator wants.
    """

    version: int = 1
    kernel_args: Literal["auto", "set", "leave"] = "auto"
    arguments: tuple[str, ...] = ()
    driver: DriverChoice = DriverChoice()
    nics: tuple[NicChoice, ...] = ()
    bonds: tuple[BondChoice, ...] = ()

    def nic(self, address: str) -> NicChoice:
        """The choice for this PF; "leave" where none was made."""
        return next((nic for nic in self.nics if nic.address == address), NicChoice(address=address))

    def with_nic(self, choice: NicChoice) -> Choices:
        """These choices with the one for `choice.address` replaced; the order stays by address."""
        others = tuple(nic for nic in self.nics if nic.address != choice.address)
        nics = tuple(sorted((*others, choice), key=lambda nic: nic.address))
        return replace(self, nics=nics)

    @property
    def chosen(self) -> tuple[NicChoice, ...]:
        """The NICs that are wanted for something."""
        return tuple(nic for nic in self.nics if nic.use != "leave")


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFile:
    """Replace a file whole (temporary file, fsync, rename); `text` None removes it.

    `expect` is the SHA-256 that the file must have before ("" = absent, None = anything): the
    engine refuses where somebody else changed it. `text` may carry lone surrogates for bytes
    that are not UTF-8. The way back is the content, mode and owner before.
    """

    KIND: ClassVar[str] = "write-file"
    path: str
    text: str | None
    mode: int = 0o644
    expect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteSysfs:
    """Write one sysfs attribute and read it back; the way back is the value before.

    Nothing is written where the value is there already.
    """

    KIND: ClassVar[str] = "write-sysfs"
    path: str
    value: str
    timeout: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Run a command, never through a shell. `rewrites` lists the files that it changes.

    The engine keeps those files' content before the start: the way back is to restore
    them byte for byte, then to run `undo` if there is one. `no_way_back` says why neither serves.
    A `medium` is there while the command runs, and gone afterwards however it ends.
    A `draft` is what the command writes in place of the first of `rewrites`, which takes its content by one
    rename once the command has ended well: a cut leaves the old file or the new one, never an empty one.
    What `fades` is gone after a boot: it is done again where a boot cut its step.
    """

    KIND: ClassVar[str] = "run"
    argv: tuple[str, ...]
    timeout: float = 120.0
    rewrites: tuple[str, ...] = ()
    draft: str = ""
    undo: tuple[str, ...] = ()
    no_way_back: str = ""
    medium: Medium | None = None
    fades: bool = False


Operation = WriteFile | WriteSysfs | Run
Disrupts = Literal["no", "link", "ssh", "reboot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change with a purpose. `resolves` are the finding keys that must be OK afterwards.

    `disrupts` "reboot" means: takes effect only at the next boot. `after` names steps that
    must come first; where one of them waits for the reboot, so does this one. Where `confirm`
    is not 0, the step is undone by itself unless somebody confirms it within so many seconds.
    """

    id: str
    title: str
    why: str
    operations: tuple[Operation, ...]
    resolves: tuple[str, ...] = ()
    disrupts: Disrupts = "no"
    after: tuple[str, ...] = ()
    confirm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be done, in order; `reboot_after` is how many steps come before the reboot, None = no reboot.

    `assumes` are the facts that the plan was made from, as (name, value): the engine refuses
    where one of them is no longer so, and can say which.
    """

    version: int = 1
    host: str = ""
    made_at: str = ""
    boot_id: str = ""
    choices: Choices = Choices()
    steps: tuple[Step, ...] = ()
    reboot_after: int | None = None
    assumes: tuple[tuple[str, str], ...] = ()


EventKind = Literal["start", "step", "before", "operation", "output", "note", "confirm", "finished"]
StepState = Literal["waiting", "doing", "done", "failed", "undone", "kept"]
Outcome = Literal[
    "", "applied", "reboot", "failed", "stopped", "unconfirmed", "rolled-back", "partly-back", "rollback-failed"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a run's journal.

    `before` holds what undoes the operation (see `sriov_tui.run.engine`); it is on disk before
    the act. `number` counts the operations of the whole plan from 0.
    """

    kind: EventKind
    at: str
    boot_id: str = ""
    step: str = ""
    number: int | None = None
    state: str = ""
    text: str = ""
    before: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as the screens and `history` show it, computed from its plan and journal alone."""

    id: str = ""
    plan: Plan = Plan()
    states: tuple[tuple[str, StepState], ...] = ()  # step id -> state, in plan order
    outcome: Outcome = ""  # "" = still running, or cut off
    error: str = ""
    output: tuple[str, ...] = ()  # last lines
    started_at: str = ""
    finished_at: str = ""
    boot_id: str = ""  # of the boot in which it last ended
    running: bool = False  # an engine holds the lock now
    stage: tuple[int, int, str] | None = None  # of the driver's installer: which of how many, and what happens there
    confirm_until: float = 0.0  # CLOCK_BOOTTIME when the step at work is undone unless confirmed; 0 = nothing waits


Mode = Literal["real", "simulated", "read-only"]
Explain = Callable[[str], Explanation | None]
"""The id of a finding to what it is about; None where there is no more to say."""


def _unexplained(id: str) -> Explanation | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that a screen is given. The app replaces it whole; no screen keeps any of it.

    `diff` is the unified diff of host.conf; `report` what the host-agent will say at its next
    start; `mode` tells a real machine from a simulated one and from a view that cannot write.
    """

    facts: HostFacts = HostFacts()
    choices: Choices = Choices()
    findings: tuple[Finding, ...] = ()
    plan: Plan = Plan()
    diff: str = ""
    forecast: tuple[str, ...] = ()
    mode: Mode = "read-only"
    run: RunView | None = None
    changes: tuple[str, ...] = ()  # what a reboot changed
    commands: tuple[str, ...] = ()  # what makes the host-agent of this host read host.conf
    explain: Explain = _unexplained


Evaluate = Callable[[Choices], State]
"""Choices to the State that follows from them: pure, milliseconds; the app hands it to every screen."""
