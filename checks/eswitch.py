"""The switch inside each card that shall offload: its mode now, at boot and as wanted, and what would bring it there.

The VFs of these cards are made here and not by `checks.vfs`, since they and the mode need one order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from checks import driver_install, firmware, offload
from checks.cards import connectx, eswitch_state, in_use, offload_unit
from checks.cards.eswitch_state import AT_BOOT, in_place
from checks.cards.new_vfs import with_pfs
from sriov_tui.cards import mode_first
from sriov_tui.facts import Eswitch, HostFacts, Pf
from sriov_tui.message import NOTHING, Message, join, say
from sriov_tui.model import (
    Choices,
    Evidence,
    Finding,
    Fix,
    Level,
    Operation,
    Run,
    Step,
    WriteSysfs,
    once_for_choices,
)

ORDER = 52


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Per PF that shall offload: mode, inline mode, steering, tc offload, representors, and the unit for boot."""
    waits = waiting(facts, choices)
    for pf in offload.wanted(facts, choices):
        if not pf.compat_devlink:  # the driver that will have it is installed by this plan
            yield eswitch_state.at_boot(facts, pf)
            continue
        fix = _fix(pf, waits.get(pf, ""))
        yield eswitch_state.mode(facts, pf, fix)
        yield from eswitch_state.inline(pf)
        yield from eswitch_state.steering(pf)
        yield eswitch_state.tc_offload(facts, pf, fix)
        yield eswitch_state.representors(facts, pf, fix)
        yield eswitch_state.at_boot(facts, pf)
    for pf in _unwanted(facts, choices):
        yield Finding(
            id="eswitch.at-boot",
            level=Level.WARN,
            subject=pf.address,
            title=say("It goes to switchdev mode at every boot, though plain SR-IOV is requested."),
            detail=say("In that mode a VF has no network until its representor is in a bridge."),
            evidence=(Evidence(offload_unit.unit(pf).path, "there"),),
            fix=Fix(title=say("Remove the unit, then reboot."), steps=(f"eswitch.no-unit:{pf.address}",)),
        )


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """The unit for every boot; what is safe at once is done at once, the rest waits for the reboot."""
    waits = waiting(facts, choices)
    pfs = [pf for pf in offload.wanted(facts, choices) if _will_have_vfs(facts, choices, pf)]
    yield from _write_units(facts, pfs, waits)
    for pf in pfs:
        if pf not in waits and (operations := tuple(_operations(facts, pf))):
            yield Step(
                id=f"eswitch.now:{pf.address}",
                title=say(
                    "Put {netdev} into switchdev mode, with {totalvfs} VFs", netdev=pf.netdev, totalvfs=pf.totalvfs
                ),
                why=say(
                    "Nothing uses this port now. The VFs get their representors, which Open vSwitch can "
                    "offload. Its link drops for some seconds."
                ),
                operations=operations,
                resolves=tuple(f"{id} {pf.address}" for id in _READY),
                disrupts="link",
                after=("names.rules", "driver.vfio"),
            )
    for pf in _unwanted(facts, choices):
        yield _remove_unit(facts, pf)


def expected(facts: HostFacts, choices: Choices, steps: tuple[Step, ...], after: HostFacts) -> HostFacts:
    """With ports in switchdev mode; with the units that put them there at boot; or without these."""
    now = [pf for step in steps if (pf := after.pf(step.id.removeprefix("eswitch.now:")))]
    after = offload_unit.in_switchdev(after, *now)
    if len(now) < len(steps):
        units = {offload_unit.unit(pf).path: pf for pf in after.pfs or () if pf.mellanox}
        after = offload_unit.as_makers(after, units)
    return after


def booted(facts: HostFacts) -> HostFacts:
    """Each driver starts in legacy mode; the units put their ports into switchdev mode. Other settings show then."""
    running = [pf for pf in facts.pfs or () if pf.eswitch and pf.eswitch.mode]
    started = offload_unit.with_tc_offload(with_pfs(facts, *map(_in_legacy, running)), running, None)
    by_unit = (pf for pf in started.pfs or () if offload_unit.unit(pf).complete(facts))
    return offload_unit.in_switchdev(started, *by_unit)


def _in_legacy(pf: Pf) -> Pf:
    legacy = Eswitch(mode="legacy", source=pf.eswitch.source if pf.eswitch else "devlink")
    return replace(pf, eswitch=legacy, representors=() if pf.representors is not None else None, lag=None)


_READY = ("vfs.count", "eswitch.mode", "eswitch.tc-offload", "eswitch.representors")


@once_for_choices
def waiting(facts: HostFacts, choices: Choices) -> dict[Pf, Message]:
    """The PFs that can only go to switchdev mode at the next boot, with the reason."""
    found = {}
    for pf in offload.wanted(facts, choices):
        if not pf.compat_devlink and driver_install.coming(facts, choices):
            found[pf] = say("until then the vendor's driver is not loaded")
            continue
        if total := firmware.after_reboot(facts, choices, pf):
            found[pf] = say(
                "until then the firmware offers {totalvfs} VFs instead of {total}",
                totalvfs=pf.totalvfs or 0,
                total=total,
            )
        elif not in_place(pf) and pf.totalvfs and (reason := _not_now(facts, pf)):
            found[pf] = reason
    return found


def _not_now(facts: HostFacts, pf: Pf) -> Message:
    """What would suffer if the mode, or the VFs, were changed at once; "" where nothing would."""
    if facts.links is None or pf.eswitch is None:
        return say("how it is used, or its mode, could not be read")
    if used := in_use.on_port(facts, pf):
        return say("it carries {used}", used=used[0])
    if used := in_use.on_vfs(facts, pf):
        return used[0]
    return NOTHING


def _will_have_vfs(facts: HostFacts, choices: Choices, pf: Pf) -> bool:
    return bool(firmware.after_reboot(facts, choices, pf) or pf.totalvfs)


def _unwanted(facts: HostFacts, choices: Choices) -> list[Pf]:
    pfs = (facts.pf(choice.address) for choice in choices.chosen if choice.use == "sriov")
    return [pf for pf in pfs if pf is not None and offload_unit.unit(pf).there(facts)]


# -- what is done ------------------------------------------------------------------------------------------------------


def _write_units(facts: HostFacts, pfs: list[Pf], waits: dict[Pf, Message]) -> Iterator[Step]:
    missing = [pf for pf in pfs if not offload_unit.unit(pf).complete(facts)]
    if not missing:
        return
    yield Step(
        id=AT_BOOT,
        title=say("Make the VFs and set switchdev mode at every boot"),
        why=say(
            "Both are gone after a reboot. A systemd unit for each port restores them before the "
            "network and Open vSwitch start; it consists of plain commands and does not need "
            "sriov-tui.{value}",
            value=join(
                "",
                (
                    say(
                        " {netdev} ({address}) waits for the reboot: {why}.",
                        netdev=pf.netdev,
                        address=pf.address,
                        why=why,
                    )
                    for pf, why in waits.items()
                ),
            ),
        ),
        operations=tuple(operation for pf in missing for operation in offload_unit.unit(pf).write(facts)),
        resolves=tuple(f"{AT_BOOT} {pf.address}" for pf in pfs)
        + tuple(f"{id} {pf.address}" for pf in waits for id in _READY),
        disrupts="reboot" if waits else "no",
    )


def _remove_unit(facts: HostFacts, pf: Pf) -> Step:
    return Step(
        id=f"eswitch.no-unit:{pf.address}",
        title=say("Leave {netdev} in legacy mode from the next boot on", netdev=pf.netdev or pf.address),
        why=say("Plain SR-IOV is requested, and in switchdev mode a VF has no network of its own."),
        operations=tuple(offload_unit.unit(pf).remove(facts)),
        disrupts="reboot",
    )


def _operations(facts: HostFacts, pf: Pf) -> Iterator[Operation]:
    """The same order as the unit's. The vendor driver's file is written, for it can be read back and put back."""
    at, total = offload_unit.device(pf), str(pf.totalvfs)
    if not in_place(pf):
        vfs = (
            WriteSysfs(path=f"{at}/sriov_drivers_autoprobe", value="0"),
            WriteSysfs(path=f"{at}/sriov_numvfs", value=total),
            WriteSysfs(path=f"{at}/sriov_drivers_autoprobe", value="1"),
        )
        if pf.numvfs:
            yield WriteSysfs(path=f"{at}/sriov_numvfs", value="0")  # so that they are made anew, without driver
        yield from () if mode_first(pf) else vfs
        if connectx.needs_inline(pf) and pf.eswitch and pf.eswitch.inline_mode != "transport":
            yield WriteSysfs(path=offload_unit.compat(pf, "inline"), value="transport")
        yield WriteSysfs(path=offload_unit.compat(pf, "mode"), value="switchdev")
        yield from vfs if mode_first(pf) else ()
    link = facts.link(pf.netdev)
    if link and link.hw_tc_offload and not link.hw_tc_offload.on and not link.hw_tc_offload.fixed:
        words = ("ethtool", "-K", pf.netdev, "hw-tc-offload")
        yield Run(argv=(*words, "on"), undo=(*words, "off"))


# -- what is found -----------------------------------------------------------------------------------------------------


def _fix(pf: Pf, wait: str) -> Fix:
    if wait:
        return Fix(title=say("It is done at the next boot: {wait}.", wait=wait), steps=(AT_BOOT,))
    return Fix(title=say("It can be done now: nothing uses this port."), steps=(f"eswitch.now:{pf.address}",))
