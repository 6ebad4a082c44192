"""The language of what people read: English as written, or the same sentences in Chinese.

Every sentence is written in English where it arises, and travels in English: findings, plans, the journal, JSON. Only
where it is shown, `_` looks up which sentence of the catalog it is and says that one in the reader's language. So
what comes out of a file, of the engine's process or of another host is translated like what was just made.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sriov_tui.model import Finding, SriovError

if TYPE_CHECKING:
    from sriov_tui.language.catalog import Catalog

ENGLISH, CHINESE = "en", "zh_CN"
NAMES = {ENGLISH: "English", CHINESE: "中文"}
WIDE = ("utf8", "gbk", "gb2312", "gb18030")  # encodings that have the signs
PLAIN = "sriov-tui: this terminal shows plain ASCII only, so everything is in English here."
WORDS = (
    "yes", "no", "none", "unknown", "absent", "empty", "active", "up", "up ?", "down", "all", "now", "wish", "on",
    "off", "waiting", "doing", "done", "failed", "undone", "kept", "applied", "reboot", "stopped", "unconfirmed",
    "rolled-back", "partly-back", "rollback-failed", "running", "unnamed", "nothing", "network", "step", "steps",
    "driver", "link", "bridge", "firmware", "REAL", "READ-ONLY", "SIMULATED", "RECORDED", "YOUR SSH", "outcome", "run",
    "rollback", "resume",
    "usage:", "options", "positional arguments", "commands", "actions", "show this help message and exit",
    "show program's version number and exit", "Reason:", "Nothing:", "Ready.", "suppressed", "What to do:",
    "virtualization", "welcome", "apply", "audit", "next", "quit", "idle", "bridge and wire", "the shell",
    "host", "{number} host", "{number} hosts", "{number} file", "{number} files", "{number} finding",
    "{number} findings", "{number} other finding", "{number} other findings",
)  # fmt: skip
"""What is shown and does not look like a sentence: nothing else tells these from names, so they are listed."""

_catalog: Catalog | None = None


def _(text: str, **values: object) -> str:
    """A sentence in the language that is spoken; what is no sentence of ours comes back as it is.

    With values it is a message with holes, as in `_("run {argv}", argv=...)`: for what a machine wrote, which stays.
    """
    if values:
        return (text if _catalog is None else _catalog.message(text)).format(**values)
    return text if _catalog is None else _catalog.say(text)


def said(finding: Finding) -> Finding:
    """A finding with its sentences in the language that is spoken; id, subject and evidence stay."""
    fix = finding.fix and replace(
        finding.fix, title=_(finding.fix.title), manual=_(finding.fix.manual), verify=_(finding.fix.verify)
    )
    return replace(finding, title=_(finding.title), detail=_(finding.detail), fix=fix)


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
    raise SriovError(f"There is no language {name!r} here.", "Choose --lang en or --lang zh.")


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
