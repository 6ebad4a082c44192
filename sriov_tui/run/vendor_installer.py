"""What the vendor's installer, and the restart of its driver, print: how far they are, and why they failed.

Lines and exit codes: NVIDIA's "Installing MLNX_OFED", public logs, mlnx_add_kernel_support.sh.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence

from sriov_tui.late import regex
from sriov_tui.message import NOTHING, Message, lines, say
from sriov_tui.run import package_manager
from sriov_tui.run.stages import Stages, plain

PROGRAM, RESTART = "mlnxofedinstall", "openibd"
USUAL = say("5 to 30 min")  # a build for this kernel on 2 to 8 cores; without one it is the least of these
KEPT = 60  # lines of output in which a failure is looked for
LOGS = say("The installer's own log shows more: `ls -dt /tmp/MLNX_OFED_LINUX*` shows where.")
RESUME = say("then run `sriov-tui resume`.")


STAGES: Stages = tuple(
    (title, regex(pattern))
    for title, pattern in (
        (say("prepares"), r"^Note: This program will create MLNX_OFED_LINUX|^Detected \w+ \w+"),
        (say("looks for the packages that it needs"), r"^Checking if all needed packages are installed"),
        (
            say("builds the packages for this kernel"),
            r"^Building (?:MLNX_OFED_LINUX|OFED|mlnx-en) ?(?:RPMS?|DEBS?|packages)",
        ),
        (say("makes its package list"), r"^Creating metadata-rpms|^Created \S+\.(?:tgz|iso)"),
        (say("begins to install"), r"^General log file:|^Verifying KMP rpms|^Checking SW Requirements"),
        (say("removes old packages"), r"^(?:Removing old packages|Uninstalling the previous version)"),
        (say("installs the packages"), r"^Installing (?:new packages|[\w.+-]+-\d)|^Preparing\.\.\."),
        (
            say("looks at the firmware"),
            r"^Device \(|^Attempting to perform Firmware update|^Querying Mellanox devices firmware",
        ),
        (say("is done"), r"^Installation (?:passed|finished) successfully|^To load the new driver, run:"),
    )
)
"""What happens in each stage, in the order of a full install with --add-kernel-support, and the lines that begin it."""


def watches(argv: Sequence[str]) -> bool:
    """Whether this command is the installer."""
    return any(posixpath.basename(word) == PROGRAM for word in argv)


def name(argv: Sequence[str]) -> str:
    """What a command of ours is, for a sentence about its failure."""
    if package_manager.watches(argv):
        return say("package manager")
    return "driver's installer" if watches(argv) else "driver's restart"


def stages(argv: Sequence[str]) -> Stages:
    """The stages of the command that installs the driver; () for any other."""
    return STAGES if watches(argv) else package_manager.STAGES if package_manager.watches(argv) else ()


# -- why it failed -----------------------------------------------------------------------------------------------------

Lines = Sequence[str]
Told = tuple[Message, Message]
"""The cause, and what to do next."""


def why(argv: Sequence[str], status: int, lines: Iterable[str]) -> Told | None:
    """Why the installer, or the restart of the driver, ended so; None for any other command.

    A line that names the cause says more than the exit code.
    """
    said = [text for text in map(plain, lines) if text]
    if watches(argv):
        return _by_line(said, _FAILURES) or _by_status(status, said)
    if package_manager.watches(argv):
        return package_manager.why(status, said)
    if any(posixpath.basename(word) == RESTART for word in argv):
        return _by_line(said, _RESTARTS)
    return None


def _by_line(said: Lines, table: Sequence[tuple[str, Callable[[Lines, int, re.Match[str]], Told]]]) -> Told | None:
    for pattern, told in table:
        for index, line in enumerate(said):
            if match := re.search(pattern, line):
                return told(said, index, match)
    return None


def _by_status(status: int, said: Lines) -> Told:
    cause, following = _STATUS.get(status, (say("it ended with status {status}", status=status), LOGS))
    last = say("Its last line: {said}", said=said[-1]) if said else say("It printed nothing.")
    return cause, lines(following, last)


def _packages(said: Lines, index: int, match: re.Match[str]) -> Told:
    """The command to run stands in the line after `Run:`."""
    run = next((at for at in range(index, len(said) - 1) if said[at] == "Run:"), None)
    what = (
        say("Run `{said}`, {resume}", said=said[run + 1], resume=RESUME)
        if run is not None
        else say("Install what it names above, {resume}", resume=RESUME)
    )
    return say("packages that the installer needs are missing"), what


def _createrepo(said: Lines, index: int, match: re.Match[str]) -> Told:
    return say("the program {match} is missing", match=match[1]), say(
        "Install the package {match}, {resume}", match=match[1], resume=RESUME
    )


def _build(said: Lines, index: int, match: re.Match[str]) -> Told:
    log = next((found[1] for line in said if (found := re.search(r"[Ss]ee (?:the )?(?:log file )?(/\S+)", line))), "")
    where = say("The build's log: {log}. ", log=log) if log else NOTHING
    return (
        (
            say("the driver could not be built for the kernel {match}", match=match[1])
            if match.lastindex
            else say("the build failed")
        ),
        say(
            "{where}Install the headers of exactly this kernel and a compiler as new as the kernel's "
            "own; a kernel that is newer than this release of the driver needs a newer release. When "
            "the cause is fixed, {resume}",
            where=where,
            resume=RESUME,
        ),
    )


def _one_package(said: Lines, index: int, match: re.Match[str]) -> Told:
    log = next((line for line in said[index : index + 4] if line.startswith("/")), "")
    return say("the package {match} could not be installed", match=match[1]), (
        say("Its log: {log}. {logs}", log=log, logs=LOGS) if log else LOGS
    )


def _space(said: Lines, index: int, match: re.Match[str]) -> Told:
    needs = re.search(r"in the (\S+) directory\. Required (\d+)KB", said[index])
    room = (
        say("It needs {needs} MiB in {needs2}.", needs=int(needs[2]) >> 10, needs2=needs[1])
        if needs
        else say("A build takes some 5 GiB in /tmp.")
    )
    return say("there is not enough room on the disk"), say(
        "{room} Make room (`df -h /tmp /usr /boot`), {resume}", room=room, resume=RESUME
    )


def _distribution(said: Lines, index: int, match: re.Match[str]) -> Told:
    return (
        say("this image is for {match}, another distribution than this host's", match=match[1]),
        say("Nothing was installed. Choose the image of this distribution in step 3, and make a new plan."),
    )


def _question(said: Lines, index: int, match: re.Match[str]) -> Told:
    return (
        say("it asked a question that nobody can answer here: {said}", said=said[index]),
        say("Nothing answers for you. Run the installer by hand on the console to see what it is about."),
    )


def _simple(cause: Message, following: Message) -> Callable[[Lines, int, re.Match[str]], Told]:
    return lambda said, index, match: (cause, following)


_FAILURES: tuple[tuple[str, Callable[[Lines, int, re.Match[str]], Told]], ...] = (
    (r"No space left on device|Not enough (?:free )?(?:disk )?space", _space),
    (r"One or more required packages .*are missing", _packages),
    (r"ERROR: '([\w.+-]+)' is not installed", _createrepo),
    (r"is intended for (\S+)", _distribution),
    (r"Failed to build MLNX_OFED_LINUX for (\S+)", _build),
    (r"ERROR: Failed executing", _build),
    (r"Error: (\S+) installation failed", _one_package),
    (
        r"Could not resolve host: mirrorlist\.centos\.org",
        _simple(
            say("CentOS 7 has reached its end and its mirror list is gone"),
            say("Point the repositories in /etc/yum.repos.d to vault.centos.org, {resume}", resume=RESUME),
        ),
    ),
    (
        r"Required key not available|Key was rejected by service",
        _simple(
            say("Secure Boot refuses a module that is not signed with an enrolled key"),
            say("Enrol the vendor's key (mokutil --import) or switch Secure Boot off, {resume}", resume=RESUME),
        ),
    ),
    (r"\[y/N\]:?\s*$|\(y/n\)[^:]*:?\s*$", _question),
)
"""The line that tells the cause, the likeliest to be the root first."""

_RESTARTS: tuple[tuple[str, Callable[[Lines, int, re.Match[str]], Told]], ...] = (
    (
        r"Module (\S+) belong to kernel which is not a part of MLNX",
        lambda said, index, match: (
            say("the module {match} is of the kernel and not of the vendor's driver", match=match[1]),
            say(
                "Install the driver again, built for this kernel (--add-kernel-support), or boot the "
                "kernel that it is for."
            ),
        ),
    ),
    (
        r"(?:Module (\S+) is in use|is in use by)",
        _simple(
            say("something uses the old driver"), say("Stop what uses RDMA, iSER or these ports; or reboot instead.")
        ),
    ),
    (
        r"Required key not available|Key was rejected by service",
        _simple(
            say("Secure Boot refuses the new module"),
            say("Enrol the vendor's key (mokutil --import) or switch Secure Boot off, then reboot."),
        ),
    ),
)

_STATUS: dict[int, Told] = {
    1: (say("the installation failed"), LOGS),
    2: (say("it has no firmware for this card"), say("Install without the firmware update: leave it off in step 3.")),
    22: (
        say("it does not know one of its options, or is for another system"),
        say("This release may be too old or too new for the options in the plan; choose another image in step 3."),
    ),
    28: (
        say("there is not enough room on the disk"),
        say("Make room (`df -h /tmp /usr /boot`), {resume}", resume=RESUME),
    ),
    124: (say("it did not end in time and was ended"), LOGS),
    126: (say("it could not be started"), say("The image may be damaged, or is not for this machine.")),
    127: (
        say("there is no installer in the image"),
        say("Choose an image of MLNX_OFED in step 3: it holds mlnxofedinstall."),
    ),
    171: (
        say("it finds no card that it is for"),
        say("`lspci -d 15b3:` shows the cards. Later releases do not know old ones."),
    ),
    172: (say("something that it needs is missing"), say("Install what it names above, {resume}", resume=RESUME)),
    173: (
        say("the mst driver could not be started"),
        say("`dmesg | tail` shows why; Secure Boot refuses unsigned modules."),
    ),
}
"""NVIDIA MLNX_OFED documentation, mlnxofedinstall return codes; 124 and above are ours and the shell's."""
