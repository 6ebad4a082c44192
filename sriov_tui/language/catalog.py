"""A gettext catalog: a message is looked up by its template; its values are put into the translation of that."""

from __future__ import annotations

import functools
import gettext
from importlib import resources
from pathlib import Path

from sriov_tui.message import JOINTS, PARTS, Message, Value, formatted, listed, stood_for

DOMAIN = "sriov_tui"
JOINTS_WIDE = {" ": "", "; ": "；", ", ": "、", ": ": "：", " and ": "和"}  # of Chinese, whose stops are wide
WIDE_STOPS = ("。", "！", "？", "：", "；", "，")


class Catalog:
    """The messages of one language."""

    def __init__(self, translations: gettext.NullTranslations) -> None:
        self._translations = translations
        self._found = functools.cache(self._look_up)

    def say(self, message: Message) -> str:
        """A message in this language; what has no translation stays English."""
        if not message.translatable:
            return message.english
        if message.template in JOINTS and PARTS in message.values:
            return self._joined(message)
        translation = self._found(message.template, message.many)
        if translation is None:  # the values are still to be said in this language
            return formatted(message.template, message.values, message.many, self._value)
        return formatted(translation, message.values, "", self._value)

    def _look_up(self, template: str, many: str) -> str | None:
        """The translation of a template, with the space around it; Chinese has one form for every number."""
        core, many = template.strip(), many.strip()
        found = self._translations.ngettext(core, many, 2) if many else self._translations.gettext(core)
        if found in (core, many):
            return None
        before, after = template[: len(template) - len(template.lstrip())], template[len(template.rstrip()) :]
        return f"{before}{found}{after}"

    def _value(self, value: Value) -> str:
        if isinstance(value, Message):
            return self.say(value)
        if isinstance(value, tuple):
            return (
                "、".join(map(self._value, value)) if any(isinstance(one, Message) for one in value) else listed(value)
            )
        return listed(value)

    def _joined(self, message: Message) -> str:
        parts = message.values[PARTS]
        joint, said = message.template, ""
        for part in parts if isinstance(parts, tuple) else (parts,):
            text = self._value(part)
            said += (self._between(joint, said, text) if said else "") + text
        return stood_for(said, message.values)

    @staticmethod
    def _between(joint: str, before: str, after: str) -> str:
        """What stands between two parts: wide signs where both are Chinese, none after a wide stop."""
        if before.endswith(WIDE_STOPS) and joint != "\n":
            return ""
        if joint == " " and before[-1:].isascii() + after[:1].isascii() == 1:
            return joint  # between Chinese and Latin
        return JOINTS_WIDE.get(joint, joint) if not (before + after).isascii() else joint


def load(language: str) -> Catalog:
    """The catalog of a language, out of its .mo file."""
    with resources.as_file(resources.files("sriov_tui") / "locale") as folder:
        return Catalog(gettext.translation(DOMAIN, Path(folder), [language]))
