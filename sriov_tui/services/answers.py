"""The answers file: choices as TOML, written by the wizard and read by `apply --answers`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sriov_tui.codec import DecodeError, decode, encode
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.trusted import read_trusted
from sriov_tui.message import say, verbatim
from sriov_tui.model import Choices, SriovError
from sriov_tui.services.matching import identified

VERSION = 1
SAVED = "answers.toml"  # the name of the file that the wizard saves, in its state directory


ANSWERS_LIMIT = 1 << 20  # bytes


def load_answers(path: str | Path) -> Choices:
    """The choices in an answers file; SriovError names the file, the place and the reason."""
    import tomllib  # 4 ms, and most audits have no answers file

    from sriov_tui.services.answers import decode_answers

    try:
        data = Path(path).read_bytes()[: ANSWERS_LIMIT + 1]
        if len(data) > ANSWERS_LIMIT:
            raise SriovError(
                say("{path} is too large for an answers file.", path=str(path)),
                say("Name the file that the wizard saved."),
            )
        return decode_answers(tomllib.loads(data.decode()), str(path))
    except OSError as error:
        raise SriovError(
            verbatim(f"{path}: {error.strerror}."), say("The wizard saves its answers; its last screen says where.")
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SriovError(
            say("{path} is not a TOML file: {error}.", path=str(path), error=str(error)),
            say("Fix that place, or save the answers again."),
        ) from error


def load_trusted_answers(path: str | Path) -> Choices:
    """Like `load_answers`, of a file that we will act on: refused where others may have written it."""

    choices = load_answers(path)
    read_trusted(Path(path), ANSWERS_LIMIT)
    return choices


def decode_answers(document: Mapping[str, Any], name: str) -> Choices:
    """Choices from a TOML document; SriovError names the file, the place and the reason."""
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
    return choices


def encode_answers(choices: Choices, facts: HostFacts) -> str:
    """The answers file's text, with the identity of each card; a comment tells which machine and cards it is about."""
    import tomli_w

    document = {"version": VERSION, "kernel_args": choices.kernel_args} | encode(identified(choices, facts))
    head = [
        f"# Answers of sriov-tui for {facts.hostname}, {facts.gathered_at}.",
        "# Use: sriov-tui apply --answers FILE",
    ]
    for nic in choices.nics:
        pf = facts.pf(nic.address)
        head.append(f"# {nic.address}: {pf.netdev or '-'}, {pf.name or '-'}" if pf else "")
    printable = ("".join(char if char.isprintable() else "?" for char in line) for line in head if line)
    return "\n".join(printable) + "\n\n" + tomli_w.dumps(document)
