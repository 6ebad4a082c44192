"""`sriov-tui collect`: record all that any check reads, to look at it elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path

from sriov_tui.commands import common
from sriov_tui.machine_file import FILE
from sriov_tui.model import SriovError
from sriov_tui.probe import gather
from sriov_tui.recorded import RecordingHost


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "collect",
        help="record this host into a folder",
        description="Record everything that any check reads of this host into DIR/machine.json. Nothing else is "
        "written, nothing is changed, and values that look like passwords are masked. The folder can be "
        "opened anywhere with --host DIR, by the wizard and by every command.",
    )
    common.add_host_option(parser)
    parser.add_argument("folder", metavar="DIR", help="the folder to make; it must not hold a recording yet")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Gather through a recorder, and save."""
    folder = Path(args.folder)
    if (folder / FILE).exists():
        raise SriovError(f"{folder} holds a recording already.", "Name another folder, or remove that one.")
    recorder = RecordingHost(common.open_reader(common.spec_for(args)))
    facts = gather(recorder)
    try:
        recorder.save(folder)
    except OSError as error:
        raise SriovError(f"{folder}: {error.strerror}.", "Name another folder.") from error
    common.print_lines([f"Recorded {facts.hostname or 'this host'} into {folder}.",
                        f"Look at it with: sriov-tui audit --host {folder}"])  # fmt: skip
    return 0
