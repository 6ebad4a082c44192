"""How many VFs the firmware of an NVIDIA card offers: now, from the next boot on, and what would set another number.

NUM_OF_VFS is one value for a card and all its ports. It is read and set by PCI address, without the mst driver.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from checks.unseen import look_again
from sriov_tui.facts import HostFacts, NvSetting, Pf, nv_number
from sriov_tui.message import Message, lines, say, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Run, Step, once_for_choices

ORDER = 35
MOST = 127  # more per port is offered by no ConnectX ("up to 63/127": mlxconfig in NVIDIA's firmware tools manual)
LAG_MOST = 64  # drivers/net/ethernet/mellanox/mlx5/core/lag: "configured with more than 64 VFs"
TIMEOUT = 120.0  # seconds; the tool waits for a busy command interface
LOCKED = ("integrity", "confidentiality")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An NVIDIA card of which ports are chosen: all its PFs, the first chosen one, and what is wished of the firmware.

    `wishes` are the different numbers asked for; none means that the firmware is left as it is.
    """

    pfs: tuple[Pf, ...]
    first: Pf
    wishes: tuple[int, ...]

    @property
    def wish(self) -> int | None:
        """The one number that is wished, or None."""
        return self.wishes[0] if len(self.wishes) == 1 else None


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """One finding about each card's VF count, and what a larger one costs."""
    for card in cards(facts, choices):
        yield _count(facts, card)
        yield from _cost(card)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """Set the count where the next boot would bring another; it takes effect at the reboot."""
    for card in cards(facts, choices):
        if card.wish is None or _refusal(facts, card) or offered(card.first, "next") == card.wish:
            continue
        yield Step(
            id=_step(card),
            title=say(
                "Set the firmware of {card} to offer {wish} VFs on each port", card=card.first.card, wish=card.wish
            ),
            why=say(
                "The host-agent makes as many VFs as the card offers. The firmware keeps the number, one "
                "for all ports of the card, and takes it at the next boot."
            ),
            operations=_operations(facts, card, card.wish),
            resolves=(f"firmware.vfs {card.first.address}",),
            disrupts="reboot",
        )


@once_for_choices
def cards(facts: HostFacts, choices: Choices) -> tuple[Card, ...]:
    """The NVIDIA cards of which at least one port is chosen."""
    chosen: dict[str, list[Pf]] = {}
    for nic in choices.chosen:
        if (pf := facts.pf(nic.address)) and pf.mellanox:
            chosen.setdefault(pf.card, []).append(pf)
    found = []
    for name, mine in chosen.items():
        wishes = [n for pf in mine if (n := choices.nic(pf.address).numvfs) is not None]
        every = tuple(pf for pf in facts.ports_of(name) if pf.mellanox)
        found.append(Card(pfs=every, first=mine[0], wishes=tuple(dict.fromkeys(wishes))))
    return tuple(found)


def offered(pf: Pf, when: Literal["current", "next"]) -> int | None:
    """The VFs that a port's firmware offers, by its settings; None where they are not known."""
    enabled, own = pf.setting("SRIOV_EN"), pf.setting("PF_NUM_OF_VF_VALID")
    count = pf.setting("PF_NUM_OF_VF" if _number(own, when) else "NUM_OF_VFS")
    if enabled is None or count is None or _number(enabled, when) is None:
        return None
    return _number(count, when) if _number(enabled, when) else 0


def after_reboot(facts: HostFacts, choices: Choices, pf: Pf) -> int | None:
    """How many VFs this port offers once the firmware step and the reboot are done; None where nothing is to change."""
    return _totals(facts, choices).get(pf)


@once_for_choices
def _totals(facts: HostFacts, choices: Choices) -> dict[Pf, int]:
    """What each port offers then, of those that will offer another number than now."""
    found = {}
    for card in cards(facts, choices):
        for pf in card.pfs if not _refusal(facts, card) else ():
            following = card.wish if card.wish is not None else offered(pf, "next")
            if following and following != pf.totalvfs and not _in_vain(pf):
                found[pf] = following
    return found


def expected(facts: HostFacts, choices: Choices, steps: tuple[Step, ...], after: HostFacts) -> HostFacts:
    """With the number in the firmware of every port of each card, for the next boot."""
    ids = {step.id for step in steps}
    wanted = {pf.address: _values(card) for card in cards(facts, choices) if _step(card) in ids for pf in card.pfs}
    pfs = (_with_next(pf, wanted[pf.address]) if pf.address in wanted else pf for pf in after.pfs or ())
    return replace(after, pfs=after.pfs and tuple(pfs))


def _values(card: Card) -> dict[str, str]:
    name = "PF_NUM_OF_VF" if _number(card.first.setting("PF_NUM_OF_VF_VALID"), "next") else "NUM_OF_VFS"
    return {"SRIOV_EN": "True(1)", name: str(card.wish)}


def _with_next(pf: Pf, values: dict[str, str]) -> Pf:
    settings = (replace(one, next=values.get(one.name, one.next)) for one in pf.nvconfig or ())
    return replace(pf, nvconfig=tuple(settings))


def booted(facts: HostFacts) -> HostFacts:
    """What was set for the boot is in force, and the kernel sees the new total; no VF is there yet.

    Where its VFs will stand on the bus, and their room, the card tells only then. A DPU is not reset with its host.
    """
    pfs = (_booted(pf) if pf.nvconfig and not pf.dpu else pf for pf in facts.pfs or ())
    return replace(facts, pfs=facts.pfs and tuple(pfs))


def _booted(pf: Pf) -> Pf:
    total = offered(pf, "next")
    settings = (replace(one, current=one.next if one.current else one.current) for one in pf.nvconfig or ())
    after = replace(pf, nvconfig=tuple(settings))
    if total is None or total == (pf.totalvfs or 0) or _in_vain(pf):
        return after
    seen = {"totalvfs": total, "numvfs": 0, "autoprobe": True} if total else dict.fromkeys(_COUNTS)
    return replace(after, counts_vfs=total > 0, vfs=(), sriov=None, vf_bars=None, vf_msix=None, **seen)


_COUNTS = ("totalvfs", "numvfs", "autoprobe")
"""What sysfs has of a function only while it offers VFs (drivers/pci/iov.c)."""


def _number(setting: NvSetting | None, when: Literal["current", "next"]) -> int | None:
    if setting is None:
        return None
    return nv_number(setting.next if when == "next" or setting.current is None else setting.current)


def _step(card: Card) -> str:
    return f"firmware.vfs:{card.first.card}"


def _operations(facts: HostFacts, card: Card, wish: int) -> tuple[Run, ...]:
    """One `set` for the card; where the ports have numbers of their own, one for each port."""
    own = _number(card.first.setting("PF_NUM_OF_VF_VALID"), "next")
    name = "PF_NUM_OF_VF" if own else "NUM_OF_VFS"
    return tuple(_set(facts, pf, name, wish) for pf in (card.pfs if own else (card.first,)))


def _set(facts: HostFacts, pf: Pf, name: str, wish: int) -> Run:
    before = {setting: _number(pf.setting(setting), "next") or 0 for setting in ("SRIOV_EN", name)}
    start = (facts.firmware_tool or "mstconfig", "-y", "-d", pf.address, "set")
    return Run(
        argv=(*start, "SRIOV_EN=1", f"{name}={wish}"),
        undo=(*start, *(f"{setting}={value}" for setting, value in before.items())),
        timeout=TIMEOUT,
    )


def _refusal(facts: HostFacts, card: Card) -> tuple[Message, Fix] | None:
    """Why the firmware of a card cannot be set, and the way out; None where it can, or nothing is to be set."""
    wish, pf = card.wish, card.first
    if len(card.wishes) > 1:
        numbers = " and ".join(map(str, card.wishes))
        return say(
            "{numbers} VFs are requested on ports of one card, and its firmware has one number for all.",
            numbers=numbers,
        ), Fix(title=say("Request the same number on every port."))
    if wish is None or wish == offered(pf, "next"):
        return None
    if wish > MOST or wish < 1:
        return say("{wish} VFs are requested; a ConnectX offers 1 to {most} on a port.", wish=wish, most=MOST), Fix(
            title=say("Enter 1 to {most}.", most=MOST)
        )
    if pf.dpu:
        return say("The card is a BlueField in DPU mode: its own processor owns the switch and the VFs."), Fix(
            title=say(
                "Set the number on the DPU itself, or switch the card to NIC mode, then power the host off and on."
            )
        )
    if facts.kernel.lockdown in LOCKED:
        return say(
            "The kernel is locked down ({lockdown}): no tool may write to the card.", lockdown=facts.kernel.lockdown
        ), Fix(
            title=say("Switch Secure Boot off for this change, or load the vendor's signed mst driver."),
            manual=verbatim(f"mstconfig -d {pf.address} set SRIOV_EN=1 NUM_OF_VFS={wish}"),
        )
    if facts.firmware_tool == "":
        return say("Neither mstconfig nor mlxconfig is installed, which set the firmware."), Fix(
            title=say("Install the package mstflint."), manual=say("apt install mstflint, or: dnf install mstflint")
        )
    if pf.nvconfig is None or offered(pf, "next") is None:
        shows = say("mstconfig -d {address} -e q SRIOV_EN NUM_OF_VFS shows them, or says why not.", address=pf.address)
        fix = look_again(facts, "mstconfig", "mlxconfig")
        return say("The settings of the firmware could not be read."), replace(fix, manual=lines(fix.manual, shows))
    return None


def _in_vain(pf: Pf) -> bool:
    """Whether firmware and kernel do not agree though nothing waits for a boot: the card itself was not reset."""
    now = offered(pf, "current")
    seen = 0 if pf.counts_vfs is False else pf.totalvfs
    return now is not None and now == offered(pf, "next") and seen is not None and now != seen


def _count(facts: HostFacts, card: Card) -> Finding:
    pf, wish = card.first, card.wish
    now, following = offered(pf, "current"), offered(pf, "next")
    level, title, fix, blocks = Level.OK, say("The firmware offers {now} VFs on each port.", now=now), None, False
    if refused := _refusal(facts, card):
        level, (title, fix), blocks = Level.FAIL, refused, True
    elif wish is not None and following != wish:
        level, title = (
            Level.WARN,
            say(
                "The firmware offers {following} VFs on each port; {wish} are requested.",
                following=following,
                wish=wish,
            ),
        )
        fix = Fix(
            title=say("Set {wish}, then reboot.", wish=wish), steps=(_step(card),), verify=verbatim(f"cat {_total(pf)}")
        )
    elif following is None:
        level, title = Level.INFO, say("What the firmware offers is not known.")
        fix = (
            Fix(title=say("Install the package mstflint, if the number of VFs is to be changed."))
            if facts.firmware_tool == ""
            else look_again(facts, "mstconfig", "mlxconfig")
        )
    elif now != following:
        level, title = (
            Level.WARN,
            say("{following} VFs on each port are set in the firmware and wait for the reboot.", following=following),
        )
        fix = Fix(title=verbatim("Reboot."), verify=verbatim(f"cat {_total(pf)}"))
    elif following == 0:
        level, title, blocks = Level.FAIL, say("The firmware offers no VFs."), True
        fix = Fix(title=say("Enter the number of VFs for each port on the VF screen (16, for example)."))
    elif _in_vain(pf):
        level, blocks = Level.FAIL, True
        title = say(
            "The firmware says {now} VFs, and the kernel sees {totalvfs}: the card was not reset.",
            now=now,
            totalvfs=pf.totalvfs or 0,
        )
        fix = Fix(title=say("Power the host off and on; a warm reboot or kexec does not reset every card."))
    unread = say("absent") if pf.counts_vfs is False else say("unknown")
    evidence = [Evidence(_total(pf), unread if pf.totalvfs is None else str(pf.totalvfs))]
    if pf.nvconfig:
        evidence.append(Evidence(f"{facts.firmware_tool} -d {pf.address} -e q", _settings(pf)))
    return Finding(
        id="firmware.vfs",
        level=level,
        subject=pf.address,
        title=title,
        evidence=tuple(evidence),
        fix=fix,
        blocks=blocks,
    )


def _total(pf: Pf) -> str:
    return f"/sys/bus/pci/devices/{pf.address}/sriov_totalvfs"


def _settings(pf: Pf) -> str:
    names = ("SRIOV_EN", "NUM_OF_VFS", "PF_NUM_OF_VF_VALID", "PF_NUM_OF_VF")
    found = [setting for name in names if (setting := pf.setting(name))]
    rows = (
        say(
            "{name} default {default}, now {current}, next boot {next}",
            name=s.name,
            default=s.default or "?",
            current=s.current or "?",
            next=s.next or "?",
        )
        for s in found
    )
    return "; ".join(rows)


def _cost(card: Card) -> Iterator[Finding]:
    """What a number of VFs takes: address room, interrupts, memory, and the bond in hardware."""
    pf, wish = card.first, card.wish
    if wish is None or wish <= (pf.totalvfs or 0):
        return
    words = []
    size = _number(pf.setting("VF_LOG_BAR_SIZE"), "next")
    if size is not None:
        words.append(
            say("{wish} MiB of address space on each port (VF_LOG_BAR_SIZE {size})", wish=wish << size, size=size)
        )
    vectors = _number(pf.setting("NUM_VF_MSIX"), "next")
    if vectors is not None:
        words.append(
            say("{wish} interrupt vectors on each port (NUM_VF_MSIX {vectors})", wish=wish * vectors, vectors=vectors)
        )
    words.append(say("host memory for each VF, used or not"))
    above = wish > LAG_MOST
    yield Finding(
        id="firmware.cost",
        level=Level.WARN if above else Level.INFO,
        subject=pf.address,
        title=say(
            "{wish} VFs on a port are more than {lag_most}: no bond of its ports in hardware (VF-LAG).",
            wish=wish,
            lag_most=LAG_MOST,
        )
        if above
        else say("{wish} VFs on each port use up resources.", wish=wish),
        detail=say("They take:\n{words}", words="\n".join(words)),
        fix=Fix(title=say("Request {lag_most} or fewer if the ports are to form a bond.", lag_most=LAG_MOST))
        if above
        else None,
    )
