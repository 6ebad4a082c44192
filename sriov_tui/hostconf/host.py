"""The host-agent's configuration of one host: the one place where facts become a reading."""

from __future__ import annotations

from sriov_tui.facts import HostFacts, once_for_facts
from sriov_tui.hostconf.reader import read
from sriov_tui.hostconf.shapes import Reading
from sriov_tui.model import HOST_CONF, HOST_LOCAL_CONF


def reading_of(facts: HostFacts, text: str | None = None) -> Reading | None:
    """host.conf (or `text` in its place) with host_local.conf as read; None where there is no host.conf."""
    return _present(facts) if text is None else reading_of_text(text, _text(facts, HOST_LOCAL_CONF))


@once_for_facts
def _present(facts: HostFacts) -> Reading | None:
    text = _text(facts, HOST_CONF)
    return None if text is None else reading_of_text(text, _text(facts, HOST_LOCAL_CONF))


def reading_of_text(text: str, local: str | None = None) -> Reading:
    """A host.conf as read, with this host_local.conf after it."""
    return read(_bytes(text), local=None if local is None else _bytes(local))


def _text(facts: HostFacts, path: str) -> str | None:
    file = facts.file(path)
    return file.text if file is not None else None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
