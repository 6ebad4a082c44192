"""What the next boot would do."""

from __future__ import annotations

from dataclasses import dataclass

from sriov_tui.message import NOTHING, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class BootEntry:
    """One boot menu entry and the kernel arguments that it would pass."""

    title: str
    kernel: str
    arguments: str
    image: str = ""  # the name that `kernel` leads to, where it is a link without a version in its name
    id: str = ""  # menuentry id, or the name of the BLS file without ".conf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """The boot loader: which family it is and what the next boot would pass to the kernel.

    `loader` is "grub-debian" (update-grub), "grub2" (grub2-mkconfig) or "grub2-bls" (grubby); one that we do not
    change (see `checks.boot.by_hand`); or "" where it is none that we know. `why` says what was seen.
    """

    loader: str | None = None
    config: str = ""  # path of the generated configuration, links resolved
    entries: tuple[BootEntry, ...] | None = None
    default_title: str = ""
    efi: bool | None = None
    settings: tuple[str, ...] = ()  # the shell files with GRUB's settings, in the order in which they are read
    environment: str = ""  # GRUB's environment block (grubenv), where BLS entries take arguments from it
    entry_files: tuple[str, ...] = ()  # the files that the BLS entries are
    variable: str = "GRUB_CMDLINE_LINUX"  # the setting that every normal entry passes
    why: Message = NOTHING
