"""What each finding's id means, why it matters, how to mend it, and the source: read only when somebody asks.

A check explains its ids in an `EXPLAINED` of its own, or, where that would make it too long, in a
module of this package. Both are found by being there.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil
from collections.abc import Iterable, Mapping

from checks import MODULES, short_name
from sriov_tui.message import say
from sriov_tui.model import Explanation


@functools.cache
def explanations() -> Mapping[str, Explanation]:
    """Every id that a finding can have, in alphabetical order, with its explanation."""
    names = [info.name for info in pkgutil.iter_modules(__path__)]
    modules = [*MODULES, *(importlib.import_module(f"{__name__}.{name}") for name in sorted(names))]
    found: list[Explanation] = [entry for module in modules for entry in getattr(module, "EXPLAINED", ())]
    found += [_crashed(short_name(module)) for module in MODULES]
    return {entry.id: entry for entry in sorted(found, key=lambda entry: entry.id)}


def explain(id: str) -> Explanation | None:
    """The explanation of this id; a fault of host.conf may be named as `hostconf check` prints it."""
    return explanations().get(id) or explanations().get(f"hostconf.{id.replace('.', '-')}")


def covers(word: str, id: str) -> bool:
    """Whether a word means this id: the id itself, or its beginning up to a dot or a dash."""
    return id == word or id.startswith((f"{word.rstrip('.-')}.", f"{word.rstrip('.-')}-"))


def nearest(word: str) -> str:
    """The known id, or beginning of one, that is most like this word; "" where none is."""
    known = [*explanations(), *dict.fromkeys(id.partition(".")[0] for id in explanations())]
    tails = {id.partition(".")[2]: id for id in explanations()}
    close = difflib.get_close_matches(word, known, n=1) or [
        tails[tail] for tail in difflib.get_close_matches(word.rpartition(".")[2], tails, n=1)
    ]
    return close[0] if close else ""


def matching(words: Iterable[str]) -> tuple[Explanation, ...]:
    """The explanations that one of the words means; all of them where there is no word."""
    wanted = tuple(words)
    return tuple(
        entry for id, entry in explanations().items() if not wanted or any(covers(word, id) for word in wanted)
    )


def _crashed(name: str) -> Explanation:
    return Explanation(
        id=f"{name}.crashed",
        title=say("Internal error in the {name} check", name=repr(name)),
        means=say(
            "The check met something that its authors did not think of. Its other findings are "
            "missing; those of the other checks are there."
        ),
        matters=say("What this check would have found is not known, so the host cannot be called ready."),
        fix=say(
            "Record the host with `sriov-tui collect` and send the recording with the text of the "
            "finding to those who maintain sriov-tui."
        ),
        source="sriov-tui itself.",
    )
