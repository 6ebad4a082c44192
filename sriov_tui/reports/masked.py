"""What is shown of a host, without the secrets that stood in the files and logs it quotes: this goes into tickets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sriov_tui.message import Message, Text, Value, built
from sriov_tui.model import Evidence, Finding
from sriov_tui.secrets.text import masked_file, masked_line


def quoted(text: str) -> str:
    """Lines of a file or of a log; nobody knows any more of which, so they are looked at as either."""
    return masked_line(masked_file(text))


def masked_text(text: Text) -> Text:
    """The machine's text, or a sentence with such text in it."""
    return masked_message(text) if isinstance(text, Message) else quoted(text)


def masked_message(message: Message) -> Message:
    """The same sentence, still to be translated."""
    if not message.translatable:
        return Message(quoted(message.english))
    return built(message.template, {name: _value(value) for name, value in message.values.items()}, message.many)


def _value(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(map(_value, value))
    return masked_text(value) if isinstance(value, str) else value


def masked_finding(finding: Finding) -> Finding:
    """The finding with what it says and what it shows masked."""
    evidence = tuple(Evidence(masked_text(one.source), masked_text(one.text)) for one in finding.evidence)
    fix = finding.fix and replace(finding.fix, manual=masked_message(finding.fix.manual))
    return replace(
        finding,
        title=masked_message(finding.title),
        detail=masked_message(finding.detail),
        evidence=evidence,
        fix=fix,
    )


def masked_plain(value: Any) -> Any:
    """Plain data, as it is to become JSON."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return [masked_plain(item) for item in value]
    return {key: masked_plain(item) for key, item in value.items()} if isinstance(value, dict) else value
