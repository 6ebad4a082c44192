"""Which cards a configuration file is about: what it may know of a card, and three-valued matching.

True and False are certain; None means that it cannot be told.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable

from sriov_tui.facts import HostFacts, Pf
from sriov_tui.late import regex

Known = bool | None
_ADDRESS = regex(r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]", re.IGNORECASE)
_NET = regex(r"/sys/class/net/([^/\s\"']+)/")


def both(values: Iterable[Known]) -> Known:
    """True where all are; False where one is; else None."""
    seen = list(values)
    return False if False in seen else None if None in seen else True


def either(values: Iterable[Known]) -> Known:
    """True where one is; False where all are not; else None."""
    seen = list(values)
    return True if True in seen else None if None in seen else False


def globbed(value: str | None, patterns: Iterable[str], fold: bool = False) -> Known:
    """Whether a value fits one of these shell patterns; None where the value is not known."""
    if value is None:
        return None
    fit = (str.lower if fold else str)(value)
    return any(fnmatch.fnmatchcase(fit, (str.lower if fold else str)(pattern)) for pattern in patterns)


def mac(facts: HostFacts, pf: Pf) -> str | None:
    """The MAC address of a card; that of a bond's port may be another than it was at boot."""
    link = facts.link(pf.netdev) if pf.netdev else None
    return link.mac.lower() if link and link.mac and not link.master else None


def chosen(facts: HostFacts, fits: Callable[[Pf], Known]) -> tuple[str, ...] | None:
    """The addresses of the cards with SR-IOV that fit; None where no card fits for certain and one may."""
    cards = [(pf.address, fits(pf)) for pf in facts.pfs or () if pf.sriov_capable is not False]
    certain = tuple(address for address, fit in cards if fit)
    return None if not certain and any(fit is None for _, fit in cards) else certain


def by_path(facts: HostFacts, path: str) -> tuple[str, ...] | None:
    """The cards whose attribute this is: a path below /sys, with `*` perhaps; None where a variable is in it."""
    if found := _ADDRESS.findall(path):
        last = found[-1].lower()
        return tuple(pf.address for pf in facts.pfs or () if pf.address == last)
    named = _NET.search(path)
    if named is None or re.search(r"[$`]", named[1]):
        return None
    return by_name(facts, named[1])


def by_name(facts: HostFacts, pattern: str) -> tuple[str, ...] | None:
    """The cards whose interface has this name, or fits this pattern."""
    return chosen(facts, lambda pf: either(globbed(name, (pattern,)) for name in pf.netdevs or ()))
