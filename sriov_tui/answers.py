"""The answers file: choices as TOML, written by the wizard and read by `apply --answers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sriov_tui.codec import DecodeError, decode, encode
from sriov_tui.facts import HostFacts
from sriov_tui.matching import identified
from sriov_tui.model import Choices, SriovError

VERSION = 1


def decode_answers(document: Mapping[str, Any], name: str) -> Choices:
    """Choices from a TOML document; SriovError names the file, the place and the reason."""
    if document.get("version", VERSION) != VERSION:
        raise SriovError(
            f"{name}: version {document['version']!r} of the answers file is not known to this program.",
            f"It reads version {VERSION}; use the sriov-tui that wrote the file.",
        )
    try:
        choices = decode(Choices, dict(document))
    except DecodeError as error:
        raise SriovError(f"{name}: {error}.", "Nothing was changed. Mend that line and try again.") from error
    addresses = [nic.address for nic in choices.nics]
    twice = sorted({address for address in addresses if addresses.count(address) > 1})
    if twice:
        raise SriovError(f"{name}: {', '.join(twice)} stands there more than once.", "Keep one table per NIC.")
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
        head.append(f"# {nic.address}: {pf.netdev or 'no interface'}, {pf.name or 'unnamed'}" if pf else "")
    printable = ("".join(char if char.isprintable() else "?" for char in line) for line in head if line)
    return "\n".join(printable) + "\n\n" + tomli_w.dumps(document)
