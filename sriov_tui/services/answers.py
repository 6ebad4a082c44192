"""The answers file: choices as TOML, written by the wizard and read by `apply --answers`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sriov_tui.bounded import read_file, toml
from sriov_tui.codec import DecodeError, decode, encode
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.trusted import read_trusted
from sriov_tui.language.layout import printable
from sriov_tui.message import Message, say, verbatim
from sriov_tui.model import Choices, SriovError
from sriov_tui.services.matching import identified

VERSION = 1
SAVED = "answers.toml"  # the name of the file that the wizard saves, in its state directory
Tell = Callable[[Message], None]
"""Takes what an operator should know of a file that is read all the same."""


ANSWERS_LIMIT = 256 << 10  # bytes; 64 NICs need 20 KiB


def untold(message: Message) -> None:
    """For those that read answers which nobody wrote by hand."""


def load_answers(path: str | Path, tell: Tell = untold) -> Choices:
    """The choices in an answers file; SriovError names the file, the place and the reason."""
    try:
        data, _ = read_file(path, ANSWERS_LIMIT)
    except OSError as error:
        raise SriovError(
            verbatim(f"{path}: {error.strerror}."), say("The wizard saves its answers; its last screen says where.")
        ) from error
    return _parsed(data, str(path), tell)


def load_trusted_answers(path: str | Path, tell: Tell = untold) -> Choices:
    """Like `load_answers`, of a file that we will act on: refused where others may have written it.

    It is opened once: what is checked is what is read.
    """
    return _parsed(read_trusted(Path(path), ANSWERS_LIMIT), str(path), tell)


def _parsed(data: bytes, path: str, tell: Tell) -> Choices:
    try:
        document = toml(data)
    except ValueError as error:
        raise SriovError(
            say("{path} is not a TOML file: {error}.", path=path, error=str(error)),
            say("Fix that place, or save the answers again."),
        ) from error
    return decode_answers(document, path, tell)


def decode_answers(document: Mapping[str, Any], name: str, tell: Tell = untold) -> Choices:
    """Choices from a TOML document; SriovError names the file, the place and the reason.

    A NIC without `use` is told: to leave it as it is may not be what was meant. Older versions wrote such tables.
    """
    if document.get("version", VERSION) != VERSION:
        raise SriovError(
            say(
                "{name}: version {document} of the answers file is not known to this program.",
                name=name,
                document=repr(document["version"]),
            ),
            say("It reads version {version}; use the sriov-tui that wrote the file.", version=VERSION),
        )
    try:
        choices = decode(Choices, dict(document))
    except DecodeError as error:
        raise SriovError(
            verbatim(f"{name}: {error}."), say("Nothing was changed. Fix that line and try again.")
        ) from error
    addresses = [nic.address for nic in choices.nics]
    twice = sorted({address for address in addresses if addresses.count(address) > 1})
    if twice:
        raise SriovError(
            say("{name}: {twice} is there more than once.", name=name, twice=", ".join(twice)),
            say("Keep one table per NIC."),
        )
    for nic, table in zip(choices.nics, document.get("nics", ()), strict=True):
        if "use" not in table:
            tell(_no_use(name, nic.address))
    return choices


def _no_use(name: str, address: str) -> Message:
    return say(
        '{name}: {address} has no `use`, so nothing is done with it. Write use = "sriov", "offload" or "leave".',
        name=name,
        address=address,
    )


def encode_answers(choices: Choices, facts: HostFacts) -> str:
    """The answers file's text, with the identity of each card; a comment tells which machine and cards it is about."""
    import tomli_w

    encoded = encode(identified(choices, facts))
    nics = [
        {"address": nic.address, "use": nic.use} | table
        for nic, table in zip(choices.nics, encoded.get("nics", ()), strict=False)
    ]
    document = {"version": VERSION, "kernel_args": choices.kernel_args} | encoded | ({"nics": nics} if nics else {})
    head = [
        f"# Answers of sriov-tui for {facts.hostname}, {facts.gathered_at}.",
        "# Use: sriov-tui apply --answers FILE",
    ]
    for nic in choices.nics:
        pf = facts.pf(nic.address)
        head.append(f"# {nic.address}: {pf.netdev or '-'}, {pf.name or '-'}" if pf else "")
    return "\n".join(printable(line) for line in head if line) + "\n\n" + tomli_w.dumps(document)
