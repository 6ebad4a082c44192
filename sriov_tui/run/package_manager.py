"""What dnf and apt print while they install the vendor's driver: how far they are, and why they failed.

The causes are those of troubleshooting: a message has one meaning, whoever prints it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from sriov_tui.late import regex
from sriov_tui.message import Message, lines, say
from sriov_tui.run.stages import Stages, plain

PACKAGE = "doca-ofed"
PROGRAMS = ("dnf", "apt-get")
_FAMILIES = ("packages.", "ofed.", "module.", "firmware.not-in-driver")
_HARMLESS = ("packages.unknown-key",)  # a warning: rpm installs the package all the same
_LAST = (
    "module.sign-tools", "ofed.initramfs", "firmware.not-in-driver", "packages.removal", "packages.unconfigured",
    "ofed.autoinstall", "ofed.depmod", "ofed.build-first", "ofed.build",
)  # fmt: skip
"""What follows from another cause, or goes along with a success: told where no other line says more."""

STAGES: Stages = tuple(
    (title, regex(pattern))
    for title, pattern in (
        (say("finds out what is needed"), r"^Dependencies resolved|^Reading package lists|^Last metadata expiration"),
        (say("fetches the packages"), r"^Downloading Packages|^Get:\d+ "),
        (
            say("installs the packages"),
            r"^Running transaction$|^(?:Installing|Upgrading)\s+:|^Unpacking |^Preparing to ",
        ),
        (
            say("builds the driver for this kernel"),
            r"^Running scriptlet: mlnx-ofa_kernel-dkms|^Setting up mlnx-ofed-kernel-dkms|^Building (?:initial )?module",
        ),
        (say("finishes"), r"^Verifying\s+:|^Processing triggers for (?:initramfs-tools|libc-bin|man-db)"),
        (say("is done"), r"^Complete!$"),
    )
)


def watches(argv: Sequence[str]) -> bool:
    """Whether this command installs the driver, and is not the dry run before."""
    program = any(posixpath.basename(word) in PROGRAMS for word in argv)
    return program and PACKAGE in argv and "install" in argv and not {"-s", "--assumeno"} & {*argv}


def cause(said: Iterable[str]) -> tuple[Message, Message] | None:
    """The cause that these lines prove, and what to do; None where none of them is known."""
    from checks.troubleshooting.causes import ENTRIES  # whoever looks at a run that did not fail needs none of them

    told = [text for text in map(plain, said) if text]
    entries = [one for one in ENTRIES if one.id.startswith(_FAMILIES) and one.id not in _HARMLESS]
    ranked = sorted(entries, key=lambda one: _LAST.index(one.id) + 1 if one.id in _LAST else 0)
    for entry in ranked:
        if any(pattern.matches(line) for pattern in entry.patterns for line in told):
            return entry.cause, entry.fix.title
    return None


def why(status: int, said: Sequence[str]) -> tuple[Message, Message]:
    """Why an install ended so, and what to do next."""
    last = say("Its last line: {said}", said=said[-1]) if said else say("It printed nothing.")
    found = cause(said)
    resume = say("When the cause is fixed, run `sriov-tui resume`; `sriov-tui rollback` goes back.")
    if found is None:
        return say("it ended with status {status}", status=status), lines(last, resume)
    return found[0], lines(found[1], last, resume)
