"""Regular expressions that are compiled at their first use: a command uses few of those in the modules it imports."""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn")


class _Late:
    """Stands for a pattern until one of its methods is asked for; from then on these are the pattern's own."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        made = re.compile(self.pattern, self._flags)
        self.__dict__ |= {method: getattr(made, method) for method in _METHODS}
        return getattr(made, name)


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`, but at the first use. No function of `re` takes it: use its methods."""
    return cast("re.Pattern[str]", _Late(pattern, int(flags)))
