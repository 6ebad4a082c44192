"""The language of what people read: English as written, or the same sentences in Chinese.

A sentence is made as a Message where it arises, and travels as one: in findings, plans, the journal, JSON. Only where
it is shown, `_` says it in the reader's language, so that what comes out of a file, of the engine's process or of
another host is translated like what was just made. Text of the machine is a plain str, and stays as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sriov_tui.facts import Source
from sriov_tui.message import Message, say, verbatim
from sriov_tui.model import Finding, SriovError

if TYPE_CHECKING:
    from sriov_tui.language.catalog import Catalog

ENGLISH, CHINESE = "en", "zh_CN"
NAMES = {ENGLISH: "English", CHINESE: "中文"}
WIDE = ("utf8", "gbk", "gb2312", "gb18030")  # encodings that have the signs
PLAIN = "sriov-tui: this terminal shows plain ASCII only, so everything is in English here."
_catalog: Catalog | None = None


def _(text: str) -> str:
    """A Message in the language that is spoken; any other text as it is."""
    return _catalog.say(text) if _catalog is not None and isinstance(text, Message) else str(text)


def said(finding: Finding) -> Finding:
    """A finding with its sentences in the language that is spoken, as plain text."""
    fix = finding.fix and replace(
        finding.fix, title=_said(finding.fix.title), manual=_said(finding.fix.manual), verify=_said(finding.fix.verify)
    )
    evidence = tuple(replace(item, source=_(item.source), text=_(item.text)) for item in finding.evidence)
    return replace(finding, title=_said(finding.title), detail=_said(finding.detail), fix=fix, evidence=evidence)


def _said(message: Message) -> Message:
    return Message(_(message))


def source_words(source: Source) -> Message:
    """What a machine is, in words, from `HostFacts.source`."""
    match source.kind:
        case "machine":
            return say("this machine")
        case "simulated":
            return say("simulated machine {name}", name=source.name)
        case "recording":
            return say("recording of {name}", name=source.name)
    return verbatim(source.words)


def spoken() -> str:
    """The language that is spoken, ENGLISH or CHINESE."""
    return ENGLISH if _catalog is None else CHINESE


def other() -> str:
    """The language to switch to."""
    return CHINESE if _catalog is None else ENGLISH


def speak(language: str) -> None:
    """Speak this language from now on. The catalog is read where it is not English."""
    global _catalog
    if language == ENGLISH:
        _catalog = None
    else:
        from sriov_tui.language.catalog import load

        _catalog = load(language)


def named(name: str) -> str:
    """The language that a name means, as in --lang or LANG: "zh", "zh_CN.UTF-8", "C". SriovError for another one."""
    word = name.split(".")[0].split("@")[0].replace("-", "_").lower()
    if word in ("c", "posix", "english") or word.split("_")[0] == "en":
        return ENGLISH
    if word.split("_")[0] == "zh" or name == NAMES[CHINESE]:
        return CHINESE
    raise SriovError(say("There is no language {name} here.", name=repr(name)), say("Choose --lang en or --lang zh."))


def of_locale(environ: Mapping[str, str] = os.environ) -> str:
    """The language of the environment, as gettext reads it; English for every language but Chinese."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "C")
    if locale.split(".")[0] in ("C", "POSIX"):
        return ENGLISH
    for name in (environ.get("LANGUAGE") or locale).split(":"):
        try:
            return named(name)
        except SriovError:
            continue
    return ENGLISH


def plain_only(plain: bool) -> None:
    """Where a screen may show ASCII alone, speak English, and say so."""
    if plain and spoken() != ENGLISH:
        print(PLAIN, file=sys.stderr)
        speak(ENGLISH)


def can_show(language: str, encoding: str | None) -> bool:
    """Whether text of this language can be shown in an encoding."""
    return language == ENGLISH or (encoding or "").lower().replace("-", "").replace("_", "") in WIDE
