"""`sriov-tui hostconf`: a host.conf as the host-agent reads it, and changes to its lists."""

from __future__ import annotations

import argparse
import errno
import json
import os
import re
from functools import partial
from pathlib import Path

from sriov_tui.bounded import read_file
from sriov_tui.commands import common
from sriov_tui.hostconf import Reading, diff, edit, read
from sriov_tui.hosts.host import Reader
from sriov_tui.hosts.local import LocalHost
from sriov_tui.language import source_words
from sriov_tui.message import Message, join, say, verbatim
from sriov_tui.model import HOST_CONF, Level, SriovError
from sriov_tui.run.operations import check_links, file_state
from sriov_tui.services.machine import open_reader, spec_for

LIMIT = 256 << 10  # bytes: the host-agent's own has 4 KiB


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser, with `check` and `set` below it."""
    parser = subparsers.add_parser(
        "hostconf",
        help=say("read a host.conf as the host-agent does, or change its lists"),
        description=say(
            "Read a host.conf exactly as the Cloudpods host-agent does, or change sriov_nics, "
            "ovs_offload_nics and networks in it and leave every other byte alone."
        ),
    )
    actions = parser.add_subparsers(title=say("actions"), metavar="ACTION", required=True)
    _register_check(actions)
    _register_set(actions)


def _register_check(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = actions.add_parser(
        "check",
        help=say("say whether the host-agent starts with a file, and what misleads it"),
        description=say(
            "Read FILE as the host-agent would at its start, and name every fault with its true "
            "line: the host-agent itself names the first line, whatever is wrong. Nothing is changed."
        ),
        epilog=say("exit status: 0 clean; 1 a file cannot be read; 2 a fault stops or misleads the host-agent"),
    )
    common.add_host_option(check)
    check.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        default=HOST_CONF,
        help=say("the file (default: {host_conf})", host_conf=HOST_CONF),
    )
    check.add_argument("--common", metavar="FILE", help=say("the ConfigMap's file, which replaces a group of options"))
    check.add_argument("--local", metavar="FILE", help=say("host_local.conf, whose lists are appended"))
    check.add_argument("--json", action="store_true", help=say("print JSON: loads, options, unknown_keys, faults"))
    check.set_defaults(run=run_check)


def _register_set(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    change = actions.add_parser(
        "set",
        help=say("change the lists of a file, in its own style"),
        description=say(
            "Print the change to FILE as a unified diff; with --write also make it. The result is "
            "read again as the host-agent would before it is offered. The old file is kept next to "
            "the new one."
        ),
        epilog=say(
            "exit status: 0 done, or nothing to change; 1 the file cannot be changed, and the reason "
            "is printed. sdnagent reads the file every 13 s and restarts when its meaning changes."
        ),
    )
    change.add_argument("file", metavar="FILE", help=say("the file, mostly /etc/yunion/host.conf"))
    change.add_argument("--sriov-nics", metavar="A,B", help=say("the whole list sriov_nics; an empty text removes it"))
    change.add_argument("--ovs-offload-nics", metavar="A,B", help=say("the whole list ovs_offload_nics"))
    change.add_argument(
        "--add-network",
        metavar="ENTRY",
        action="append",
        default=[],
        help=say("append interface/bridge/wire to networks; may be given more than once"),
    )
    change.add_argument("--write", action="store_true", help=say("write the file, and keep the old one as a backup"))
    change.set_defaults(run=run_set)


def run_check(args: argparse.Namespace) -> int:
    """Read the file and report; the exit status tells a clean file from a faulty one."""
    spec = spec_for(args)
    get = _bytes if spec == "local" else partial(_bytes_of, open_reader(spec))
    common_data = get(args.common) if args.common else None
    local_data = get(args.local) if args.local else None
    reading = read(get(args.file), common_data, local_data)
    if args.json:
        print(json.dumps(document(reading), indent=2))
    else:
        common.tell(_lines(reading, args.file))
    return 0 if reading.loads and reading.worst < Level.WARN else 2


def _options(reading: Reading) -> dict[str, object]:
    options = reading.options
    return {
        "networks": list(options.networks) or None,
        "sriov_nics": list(options.sriov_nics) or None,
        "ovs_offload_nics": list(options.ovs_offload_nics) or None,
        "disable_security_group": options.disable_security_group,
        "listen_interface": options.listen_interface,
        "bridge_driver": options.bridge_driver,
        "host_type": options.host_type,
    }


def document(reading: Reading) -> dict[str, object]:
    """The reading as the JSON document of `hostconf check --json`."""
    return {
        "loads": reading.loads,
        "options": _options(reading),
        "others": [{"loads": other.loads, "options": _options(other)} for other in reading.others],
        "unknown_keys": list(reading.unknown_keys),
        "faults": [
            {
                "id": fault.id,
                "level": fault.level.name,
                "file": fault.file,
                "line": fault.line,
                "column": fault.column,
                "message": fault.message,
                "fix": fault.fix,
            }
            for fault in reading.faults
        ],
    }


def run_set(args: argparse.Namespace) -> int:
    """Print the diff, and write where asked."""
    data = _bytes(args.file)
    text = data.decode("utf-8", "surrogateescape")
    changed = edit(
        text,
        sriov_nics=_names(args.sriov_nics),
        ovs_offload_nics=_names(args.ovs_offload_nics),
        add_networks=tuple(args.add_network),
    )
    if changed == text:
        common.tell([say("{file} says so already: nothing to change.", file=args.file)])
        return 0
    common.print_lines(diff(text, changed, args.file).splitlines())
    if args.write:
        backup = write(args.file, data, changed.encode("utf-8", "surrogateescape"))
        common.tell(["", say("Written. The old file is {backup}.", backup=backup)])
    return 0


def write(file: str, before: bytes, after: bytes, root: str = "/") -> str:
    """Replace a file whose content was `before`, with a time-stamped backup, whose path is returned.

    Keeps mode, owner and extended attributes. Raises SriovError where the file changed in between, has several names
    (hard links) or cannot be written.
    """
    host, path = LocalHost(root), os.path.realpath(file)
    backup = f"{path}.sriov-tui-{re.sub('[^0-9TZ]', '', host.now().split('.')[0])}"
    try:
        if host.read(path) != before:
            raise SriovError(say("{file} changed while we read it.", file=file), say("Run the command again."))
        if Path(backup).exists():
            raise SriovError(
                say("{backup} exists already.", backup=backup), say("Wait a second, then run the command again.")
            )
        state = file_state(host, path)
        check_links(state)
        host.write(backup, before, state.mode & 0o600, state.owner)
        host.write(path, after, state.mode, state.owner, state.digest)
    except OSError as error:
        raise SriovError(
            verbatim(f"{file}: {error.strerror}."), say("Run it as root; the file is as it was.")
        ) from error
    return backup


def _names(given: str | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(name.strip() for name in given.split(",") if name.strip())


def _bytes(path: str) -> bytes:
    try:
        return read_file(path, LIMIT)[0]
    except OSError as error:
        hint = (
            say("Look for the right path.")
            if error.errno == errno.ENOENT
            else say("Run it as root, or name a readable file.")
        )
        raise SriovError(verbatim(f"{path}: {error.strerror}."), hint) from error


def _bytes_of(reader: Reader, path: str) -> bytes:
    try:
        return reader.read(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SriovError(
            say("{path} of the {source}: {reason}.", path=path, source=source_words(reader.source), reason=reason),
            say("A recording holds what checks read."),
        ) from error


def _lines(reading: Reading, file: str) -> list[Message]:
    lines = [
        (
            say("{file}: the host-agent starts with it.", file=file)
            if reading.loads
            else say("{file}: the host-agent will not start with it.", file=file)
        )
    ]
    if reading.loads:
        options = reading.options
        for name in ("networks", "sriov_nics", "ovs_offload_nics"):
            lines.append(verbatim(f"  {name}: {', '.join(getattr(options, name)) or '(none)'}"))
    for fault in reading.faults:
        where = f"{fault.file}:{fault.line}:{fault.column}" if fault.line else fault.file
        lines.append(join("", (f"{fault.level.name} {fault.id} {where}: ", fault.message)))
        if fault.fix:
            lines.append(join("", ("  ", fault.fix)))
    return lines
