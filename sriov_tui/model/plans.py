"""A plan as data: steps made of three kinds of operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sriov_tui.message import NOTHING, Message
from sriov_tui.model.choices import Choices

MEDIA_DIR = "/run/sriov-tui/media"  # an image is mounted here, or unpacked where it is a tar file


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """An image whose content a command finds in MEDIA_DIR, read-only, and only while it runs.

    An ISO is mounted; a tar file is unpacked and removed again. It is refused unless it has this SHA-256.
    """

    path: str
    sha256: str

    @property
    def package(self) -> bool:
        """Whether it is a package: the command reads the file itself, and nothing is to be opened."""
        return self.path.endswith((".rpm", ".deb"))

    @property
    def unpacked(self) -> bool:
        """Whether it is a tar file, which cannot be mounted."""
        return self.path.endswith((".tgz", ".tar.gz"))


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
    Where it is `judged`, its output decides and not its exit status: "resolution" is a dry run of a package manager,
    "built" is `dkms status`, "vendor" is `modinfo -F depends` (see `sriov_tui.run.judged`).
    """

    KIND: ClassVar[str] = "run"
    argv: tuple[str, ...]
    timeout: float = 120.0
    rewrites: tuple[str, ...] = ()
    draft: str = ""
    undo: tuple[str, ...] = ()
    no_way_back: Message = NOTHING
    medium: Medium | None = None
    fades: bool = False
    judged: Literal["", "resolution", "built", "vendor"] = ""


Operation = WriteFile | WriteSysfs | Run


Disrupts = Literal["no", "link", "ssh", "reboot"]

CONFIRM = 90.0  # seconds for a new login, after which what may have cut the session is taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change with a purpose. `resolves` are the finding keys that must be OK afterwards.

    `disrupts` "reboot" means: takes effect only at the next boot. `after` names steps that
    must come first; where one of them waits for the reboot, so does this one. Where `confirm`
    is not 0, the step is undone by itself unless somebody confirms it within so many seconds. Where `within` is not 0,
    its operations have so many seconds together: a tool that hangs must not keep a link away.
    """

    id: str
    title: Message
    why: Message
    operations: tuple[Operation, ...]
    resolves: tuple[str, ...] = ()
    disrupts: Disrupts = "no"
    after: tuple[str, ...] = ()
    confirm: float = 0.0
    within: float = 0.0


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
