"""`sriov-tui collect`: record all that any check reads into one file, to look at it elsewhere."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from checks import evaluate
from checks.host_agent.requested import asked_for
from sriov_tui.commands import common
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.machine_file import pack
from sriov_tui.hosts.recorded import RecordedHost, RecordingHost
from sriov_tui.message import Message, say, verbatim
from sriov_tui.model import SriovError
from sriov_tui.privacy.anonymize import anonymized
from sriov_tui.privacy.masking import Masked
from sriov_tui.probe import gather
from sriov_tui.services.machine import open_reader, rebooted_by_us, spec_for

EPILOG = say(
    "The file is JSON, packed as gzip does: `zcat FILE` shows all that is in it, one line "
    "for each\n"
    "file, folder and command. `mkdir DIR; zcat FILE >DIR/machine.json` makes a folder of "
    "it, which\n"
    "--host opens as well. Passwords, tokens and keys are never in it.\n"
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "collect",
        help=say("record this host into a file"),
        description=say(
            "Record everything that any check reads of this host into FILE. Nothing else is written, "
            "nothing is changed. The file can be opened anywhere with --host FILE, without root, by "
            "the wizard and by the commands that only look."
        ),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common.add_host_option(parser)
    parser.add_argument(
        "--anonymize",
        action="store_true",
        help=say(
            "replace MAC addresses, serial numbers, UUIDs and the names of hosts, domains and virtual machines, "
            "always the same by the same"
        ),
    )
    parser.add_argument(
        "--anonymize-ip", action="store_true", help=say("like --anonymize, and replace IP addresses, too")
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        default="",
        help=say("the file to make (default: HOST.sriov), or - for standard output"),
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Gather through a recorder, and save."""
    if args.file not in ("", "-"):
        _check_free(Path(args.file))
    if args.file == "-" and sys.stdout.isatty():
        raise SriovError(say("A recording is not for a terminal."), say("Name a file, or send the output into one."))
    machine, facts = record(spec_for(args))
    if args.anonymize or args.anonymize_ip:
        machine = anonymous(machine, addresses=args.anonymize_ip)
    data = pack(machine)
    if args.file == "-":
        sys.stdout.buffer.write(data)
        return 0
    file = Path(args.file or re.sub(r"[^\w.-]", "_", machine.name) + ".sriov")
    _write(file, data)
    common.tell(_words(file, len(data), machine, facts, args.anonymize or args.anonymize_ip))
    return 0


def record(spec: str) -> tuple[Machine, HostFacts]:
    """All that any check reads of a machine, and the facts that it gives."""
    reader = open_reader(spec)
    recorder = RecordingHost(Masked(reader))  # the recording, and the facts shown of it, hold no secret
    facts = gather(recorder)
    name = reader.machine.name if spec.startswith("recorded:") and isinstance(reader, RecordedHost) else ""
    return recorder.machine(name, rebooted_by_us(spec, reader, facts)), facts


def anonymous(machine: Machine, *, addresses: bool) -> Machine:
    """The machine under pseudonyms; SriovError where the checks would then find something else."""
    other = anonymized(machine, addresses=addresses)
    before, after = _findings(machine), _findings(other)
    if before != after:
        names = ", ".join(sorted({name for name, _ in before ^ after})[:5])
        raise SriovError(
            say(
                "Without its names this host would look different to the checks ({names}). Nothing was written.",
                names=names,
            ),
            say("Leave the option out, and send the file only to whom you trust."),
        )
    return other


def _findings(machine: Machine) -> set[tuple[str, str]]:
    facts = gather(RecordedHost(machine))
    return {(finding.id, finding.level.name) for finding in evaluate(facts, asked_for(facts))[0]}


def _check_free(file: Path) -> None:
    if file.is_dir():
        raise SriovError(
            say("{file} is a folder.", file=str(file)), say("Name a file, as in {file}.", file=str(file / "HOST.sriov"))
        )
    if os.path.lexists(file):
        raise SriovError(say("{file} is there already.", file=str(file)), say("Name another file, or remove that one."))


def _write(file: Path, data: bytes) -> None:
    """Write a new file, readable by its owner only; half a file is not left behind."""
    _check_free(file)
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
            try:
                stream.write(data)
                stream.flush()
            except OSError:
                file.unlink()
                raise
    except OSError as error:
        raise SriovError(
            verbatim(f"{file}: {error.strerror}."), say("Name a file in a folder where you may write.")
        ) from error


def _words(file: Path, size: int, machine: Machine, facts: HostFacts, anonymous: bool) -> list[Message]:
    held = say("Secrets are masked in it; names and addresses are not (see --anonymize)")
    if anonymous:
        held = say("Secrets are masked in it; MAC addresses, serial numbers, UUIDs and names are replaced")
    lines = [
        say(
            "Recorded {hostname} into {file} ({value} KiB).",
            hostname=facts.hostname or say("this host"),
            file=str(file),
            value=max(1, size >> 10),
        ),
        say("{held}; `zcat {file}` shows all of it.", held=held, file=str(file)),
        say("Look at it anywhere: sriov-tui --host {file}, or sriov-tui audit --host {file}", file=str(file)),
    ]
    if facts.root is False:
        lines.append(
            say(
                "You are not root: {count_of_problems} things could not be read, and are not in it.",
                count_of_problems=len(facts.problems),
            )
        )
    return lines
