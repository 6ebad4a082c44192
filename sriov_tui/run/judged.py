"""Commands whose output decides and not their exit status: a dry run, and the proofs that a driver was built.

A failed build by DKMS does not fail the install of an rpm: `%post` is no reason for rpm to fail (rpm-scriptlets(7)).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from sriov_tui.facts.mellanox import COMPAT
from sriov_tui.hosts.host import Reader
from sriov_tui.message import NOTHING, lines, say
from sriov_tui.model import SriovError
from sriov_tui.run import package_manager, resolution

MOST = 20_000  # lines of output; a resolution has some hundred
TREE = "/var/lib/dkms"
_DIFFERS = "Diff between built and installed module"


def judge(kind: str, argv: Sequence[str], status: int, said: Sequence[str], host: Reader) -> None:
    """SriovError where the output does not show what is wanted."""
    match kind:
        case "resolution":
            _resolution(argv, status, said, host)
        case "built":
            _built(argv, said, host)
        case "vendor":
            _vendor(argv, said)
        case _:
            raise SriovError(
                say("The plan judges a command by {kind}, which this version does not know", kind=kind),
                say("A newer sriov-tui made it; use that."),
            )


def _resolution(argv: Sequence[str], status: int, said: Sequence[str], host: Reader) -> None:
    apt = "apt-get" in argv
    text = "\n".join(said)
    ended = status == 0 if apt else resolution.ABORTED in text or resolution.NOTHING_TO_DO in text
    if not ended:
        cause = package_manager.cause(said)
        title = cause[0] if cause else say("the package manager found no way to install it")
        raise SriovError(
            say("The driver cannot be installed here: {cause}", cause=title),
            lines(cause[1] if cause else NOTHING, say("Nothing of the driver was installed.")),
        )
    found = resolution.of_apt(said) if apt else resolution.of_dnf(said)
    if reason := resolution.refused(found, _running(host)):
        raise SriovError(
            say("The driver is not installed: {reason}", reason=reason),
            say(
                "Nothing of the driver was installed. The output above lists every package. Remove what "
                "conflicts, or hold it, with the package manager; then run `sriov-tui resume`."
            ),
        )


def _running(host: Reader) -> str:
    try:
        return host.read("/proc/sys/kernel/osrelease").decode("ascii", "replace").strip()
    except OSError:
        return ""


def _word_after(argv: Sequence[str], option: str) -> str:
    return next((word for before, word in itertools.pairwise(argv) if before == option), "")


def built(said: Iterable[str], kernel: str) -> bool:
    """Whether `dkms status` says installed for this kernel: "m/1, K, x86_64: installed" (dkms 2: "m, 1, K, ...")."""
    wanted = re.compile(rf", {re.escape(kernel)}, \w+: installed\b")
    return any(wanted.search(line) and _DIFFERS not in line for line in said)


def _built(argv: Sequence[str], said: Sequence[str], host: Reader) -> None:
    module, kernel = _word_after(argv, "-m"), _word_after(argv, "-k")
    if built(said, kernel):
        return
    log, text = _make_log(host, module)
    cause = package_manager.cause(text)
    raise SriovError(
        say("DKMS has not built the driver for Linux {kernel}, though the package manager ended well", kernel=kernel),
        lines(
            say("The cause: {cause} {fix}", cause=cause[0], fix=cause[1]) if cause else NOTHING,
            say("The build's log: {log}.", log=log) if log else say("`dkms status` shows what is there."),
            say(
                "Do not reboot before it is built or taken back. When the cause is fixed: `dkms autoinstall -k "
                "{kernel}`, then `sriov-tui resume`; `sriov-tui rollback` goes back.",
                kernel=kernel,
            ),
        ),
    )


def _make_log(host: Reader, module: str) -> tuple[str, list[str]]:
    """The newest version's log of a failed build, and its lines: dkms keeps it below build/ until one succeeds."""
    try:
        versions = host.listdir(f"{TREE}/{module}")
    except OSError:
        return "", []
    for version in reversed(versions):
        path = f"{TREE}/{module}/{version}/build/make.log"
        try:
            return path, host.read(path).decode("utf-8", "replace").splitlines()
        except OSError:
            continue
    return "", []


def _vendor(argv: Sequence[str], said: Sequence[str]) -> None:
    if any(COMPAT in line.split(",") for line in map(str.strip, said)):
        return
    kernel = _word_after(argv, "-k")
    raise SriovError(
        say("Linux {kernel} would still load the kernel's own mlx5_core at its next boot", kernel=kernel),
        say(
            "`modinfo -k {kernel} -n mlx5_core` shows which file wins; another one of the same name, or an old "
            "depmod, stands before it. `sriov-tui rollback` goes back.",
            kernel=kernel,
        ),
    )
