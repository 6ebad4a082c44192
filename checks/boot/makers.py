"""What the next boot leaves of a card's VFs: whoever creates them, in the order of the boot, with ours in its place.

Drivers create theirs as they start; udev applies .link files in 80-net-setup-link.rules and rules by their names; then
come services, NetworkManager's profiles, hooks and what runs last. The kernel refuses one number after another
(drivers/pci/iov.c, EBUSY), so that the first one stays, except for what goes by way of 0: .link files
(systemd, src/shared/netif-sriov.c), netplan (netplan_cli/cli/sriov.py) and NetworkManager (nm-linux-platform.c).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from checks.boot import arguments, loaders
from checks.cards.vf_rules import rule, rule_lines
from sriov_tui.cards import driver_of
from sriov_tui.facts import ALL, HostFacts, MakerKind, Pf, VfMaker, grouped, once_for_facts, once_for_pf
from sriov_tui.model import UDEV_RULES_FILE, UNITS

BY_ZERO: tuple[MakerKind, ...] = ("link", "link-implied", "netplan", "profile")
LINK_RULES = "80-net-setup-link.rules"
_PHASES: dict[MakerKind, int] = {
    "parameter": 0,
    "link": 1,
    "link-implied": 1,
    "rule": 1,
    "netplan": 2,
    "unit": 4,
    "profile": 5,
    "script": 6,
    "cron": 7,
}
PARAMETER = "using the module parameter is deprecated"
UDEV = 1  # the phase in which an interface appears, and is down
OURS = 3  # the phase of our units, which come before the network


@dataclass(frozen=True, slots=True)
class Act:
    """A maker in its turn: the number that it asks for (None = cannot be told), the VFs before and after it."""

    maker: VfMaker
    asks: int | None
    before: int | None
    after: int | None

    @property
    def counts(self) -> bool:
        """Whether it changed something."""
        return self.after != self.before


@dataclass(frozen=True, slots=True)
class Boot:
    """What the next boot leaves of a card.

    `count` None = cannot be told. `acts` are in order, ours included; `possible` may be about this card.
    """

    count: int | None
    acts: tuple[Act, ...] = ()
    possible: tuple[VfMaker, ...] = ()

    @property
    def foreign(self) -> tuple[Act, ...]:
        """The acts of others."""
        return tuple(act for act in self.acts if not is_ours(act.maker))


def is_ours(maker: VfMaker) -> bool:
    """Whether it is a line that sriov-tui writes: of its udev rules, or of one of its units."""
    return maker.count == ALL and (maker.path == UDEV_RULES_FILE or maker.path.startswith(f"{UNITS}/sriov-tui-"))


@once_for_pf
def next_boot(facts: HostFacts, pf: Pf, total: int, ours: bool = False) -> Boot | None:
    """What the next boot makes, `total` being all that the card will offer; None where nothing of it was read.

    `ours` counts our rule in, also where it is still to be written.
    """
    if facts.vf_makers is None or (not ours and _own(facts, pf) is None):
        return None
    mine, possible = _by_card(facts).get(pf.address, []), _of_no_card(facts)
    expected = ours and not any(map(is_ours, mine))
    own = _own(facts, pf) or ((_our_rule(pf),) if expected else ())
    count: int | None = 0
    acts = []
    for maker in sorted((*_parameters(facts, pf, mine), *own), key=_place):
        asks = number(facts, pf, maker, total)
        after = _after(pf, maker, count, asks, total)
        acts.append(Act(maker, asks, count, after))
        count = after
    return Boot(count, tuple(acts), possible)


@once_for_facts
def _by_card(facts: HostFacts) -> dict[str, list[VfMaker]]:
    found: dict[str, list[VfMaker]] = {}
    for maker in facts.vf_makers or ():
        for address in dict.fromkeys(maker.pfs or ()):
            found.setdefault(address, []).append(maker)
    return found


@once_for_facts
def _of_no_card(facts: HostFacts) -> tuple[VfMaker, ...]:
    return tuple(maker for maker in facts.vf_makers or () if maker.pfs is None)


def number(facts: HostFacts, pf: Pf, maker: VfMaker, total: int) -> int | None:
    """How many VFs it asks of this card; None where that cannot be told."""
    if maker.count == ALL:
        return total
    words = maker.count.split(",")
    if not all(word.isdecimal() for word in words):
        return None
    array = _kind(facts, pf, maker).startswith("array")
    if maker.kind != "parameter" or (len(words) == 1 and not array):
        return int(words[0])
    at = ports(facts)[pf.address]
    return int(words[at]) if at < len(words) else 0


@once_for_facts
def ports(facts: HostFacts) -> dict[str, int]:
    """The place of each card among those of its driver, which starts them in this order."""
    by_driver = grouped(sorted(facts.pfs or (), key=lambda pf: pf.address), lambda pf: pf.driver or "")
    return {pf.address: place for pfs in by_driver.values() for place, pf in enumerate(pfs)}


def _kind(facts: HostFacts, pf: Pf, maker: VfMaker) -> str:
    module = facts.module(pf.driver or "") if maker.kind == "parameter" else None
    known = dict(module.parameters or ()) if module else {}
    return next((known[name] for name in ("max_vfs", "num_vfs") if name in known), "")


def _parameters(facts: HostFacts, pf: Pf, mine: list[VfMaker]) -> Iterator[VfMaker]:
    """The makers of a card; of a driver's parameter only the last setting, the kernel's arguments after modprobe.d.

    A driver that is known not to have such a parameter ignores it.
    """
    yield from (maker for maker in mine if maker.kind != "parameter")
    module = facts.module(pf.driver or "")
    if module and module.parameters is not None and not {"max_vfs", "num_vfs"} & dict(module.parameters).keys():
        return
    given = [maker for maker in mine if maker.kind == "parameter"]
    given += _arguments(facts, pf)
    yield from given[-1:] or _hidden(facts, pf)


def _arguments(facts: HostFacts, pf: Pf) -> Iterator[VfMaker]:
    entry = loaders.next_entry(facts.boot)
    for name in ("max_vfs", "num_vfs") if entry and pf.driver else ():
        key = f"{pf.driver}.{name}"
        if entry and (found := arguments.values(entry.arguments, key)):
            count = ",".join(found)
            where = facts.boot.config or "the boot menu"
            yield VfMaker(kind="parameter", path=where, line=0, text=f"{key}={count}", count=count, pfs=(pf.address,))


def _hidden(facts: HostFacts, pf: Pf) -> Iterator[VfMaker]:
    """A parameter that the driver had at this boot, and that no file and no argument has: an initramfs built before.

    The kernel tells it of igb and ixgbe ("Enabling SR-IOV VFs using the module parameter is deprecated").
    """
    told = next((line for line in facts.kernel.log or () if pf.address in line and PARAMETER in line), "")
    running = arguments.values(facts.kernel.cmdline or "", f"{pf.driver}.max_vfs")
    if told and not running and facts.initramfs.path:
        count = str(pf.numvfs) if pf.numvfs else ""
        yield VfMaker(kind="parameter", path=facts.initramfs.path, line=0, text=told, count=count, pfs=(pf.address,))


def _own(facts: HostFacts, pf: Pf) -> tuple[VfMaker, ...] | None:
    """Our rule for this card, if it is there; None where that could not be read."""
    file = facts.file(UDEV_RULES_FILE)
    if file is None or file.state == "unreadable":
        return None
    return (_our_rule(pf),) if rule(pf.address) in rule_lines(facts) else ()


def _our_rule(pf: Pf) -> VfMaker:
    text = rule(pf.address)
    return VfMaker(kind="rule", path=UDEV_RULES_FILE, line=0, text=text, count=ALL, pfs=(pf.address,))


def _place(maker: VfMaker) -> tuple[int, str]:
    if maker.kind == "unit" and is_ours(maker):
        return OURS, ""
    if maker.kind in ("link", "link-implied"):
        return _PHASES[maker.kind], LINK_RULES
    file = maker.runs if maker.kind == "rule" and maker.runs else maker.path
    return _PHASES[maker.kind], file.rpartition("/")[2] if maker.kind == "rule" else ""


def _needs_link(pf: Pf) -> bool:
    known = driver_of(pf)
    return known is not None and known.needs_link_up


def _after(pf: Pf, maker: VfMaker, count: int | None, asks: int | None, total: int) -> int | None:
    """The VFs after this maker's turn: as the kernel, the driver and the tool have it."""
    if asks is None:
        return None
    if maker.kind in ("parameter", "profile"):
        return min(asks, total)  # igb, ixgbe and NetworkManager take the most that they can
    if asks > total or (_PHASES[maker.kind] == UDEV and _needs_link(pf)):
        return count  # refused (ERANGE), or called a success without any VF
    if maker.kind == "link-implied" and count is not None and count >= asks:
        return count
    if asks == 0 or count == 0 or maker.kind in BY_ZERO:
        return asks
    return count  # EBUSY, or the same number; with an unknown one before it, still unknown


def changed(facts: HostFacts, maker: VfMaker, count: str) -> HostFacts:
    """The facts with this maker's number replaced."""
    others = (replace(one, count=count) if one == maker else one for one in facts.vf_makers or ())
    return replace(facts, vf_makers=tuple(others))
