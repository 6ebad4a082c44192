"""The switch inside each card that shall offload: its mode now, at boot and as wanted, and what would bring it there.

The VFs of these cards are made here and not by `checks.vfs`, since they and the mode need one order.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks import driver_install, firmware, offload
from checks.cards import connectx, in_use, offload_unit
from checks.unseen import look_again
from sriov_tui.cards import mode_first
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import NOTHING, Message, join, say, verbatim
from sriov_tui.model import (
    Choices,
    Evidence,
    Finding,
    Fix,
    Level,
    Operation,
    Run,
    Step,
    WriteFile,
    WriteSysfs,
    switchdev_unit,
)

ORDER = 52
AT_BOOT = "eswitch.at-boot"


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Per PF that shall offload: mode, inline mode, steering, tc offload, representors, and the unit for boot."""
    waits = waiting(facts, choices)
    for pf in offload.wanted(facts, choices):
        if not pf.compat_devlink:  # the driver that will have it is installed by this plan
            yield _at_boot(facts, pf)
            continue
        fix = _fix(pf, waits.get(pf, ""))
        yield _mode(facts, pf, fix)
        yield from _inline(pf)
        yield from _steering(pf)
        yield _tc_offload(facts, pf, fix)
        yield _representors(facts, pf, fix)
        yield _at_boot(facts, pf)
    for pf in _unwanted(facts, choices):
        yield Finding(
            id="eswitch.at-boot",
            level=Level.WARN,
            subject=pf.address,
            title=say("It goes to switchdev mode at every boot, though plain SR-IOV is requested."),
            detail=say("In that mode a VF has no network until its representor is in a bridge."),
            evidence=(Evidence(offload_unit.path(pf), "there"),),
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


_READY = ("vfs.count", "eswitch.mode", "eswitch.tc-offload", "eswitch.representors")


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


def in_place(pf: Pf) -> bool:
    """Whether mode and VFs are as wanted."""
    return pf.eswitch is not None and pf.eswitch.mode == "switchdev" and pf.numvfs == pf.totalvfs


def _will_have_vfs(facts: HostFacts, choices: Choices, pf: Pf) -> bool:
    return bool(firmware.after_reboot(facts, choices, pf) or pf.totalvfs)


def _unwanted(facts: HostFacts, choices: Choices) -> list[Pf]:
    pfs = (facts.pf(choice.address) for choice in choices.chosen if choice.use == "sriov")
    return [pf for pf in pfs if pf is not None and offload_unit.there(facts, pf)]


# -- what is done ------------------------------------------------------------------------------------------------------


def _write_units(facts: HostFacts, pfs: list[Pf], waits: dict[Pf, Message]) -> Iterator[Step]:
    missing = [pf for pf in pfs if not offload_unit.complete(facts, pf)]
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
        operations=tuple(operation for pf in missing for operation in _enable(facts, pf)),
        resolves=tuple(f"{AT_BOOT} {pf.address}" for pf in pfs)
        + tuple(f"{id} {pf.address}" for pf in waits for id in _READY),
        disrupts="reboot" if waits else "no",
    )


def _enable(facts: HostFacts, pf: Pf) -> Iterator[Operation]:
    """`systemctl enable` and `disable` read the units anew by themselves; what was enabled stays so."""
    file, name = facts.file(offload_unit.path(pf)), switchdev_unit(pf.address)
    before = (file.sha256 or "") if file else None
    yield WriteFile(path=offload_unit.path(pf), text=offload_unit.text(pf), expect=before)
    undo = ("systemctl", "daemon-reload") if offload_unit.enabled(facts, pf) else ("systemctl", "disable", name)
    yield Run(argv=("systemctl", "enable", name), undo=undo)


def _remove_unit(facts: HostFacts, pf: Pf) -> Step:
    file, name = facts.file(offload_unit.path(pf)), switchdev_unit(pf.address)
    return Step(
        id=f"eswitch.no-unit:{pf.address}",
        title=say("Leave {netdev} in legacy mode from the next boot on", netdev=pf.netdev or pf.address),
        why=say("Plain SR-IOV is requested, and in switchdev mode a VF has no network of its own."),
        operations=(
            Run(argv=("systemctl", "disable", name), undo=("systemctl", "enable", name)),
            WriteFile(path=offload_unit.path(pf), text=None, expect=file.sha256 if file else None),
        ),
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


def _mode(facts: HostFacts, pf: Pf, fix: Fix) -> Finding:
    now = pf.eswitch.mode if pf.eswitch else None
    evidence = (Evidence(f"devlink dev eswitch show pci/{pf.address}", now or ("no eswitch" if now == "" else "?")),)
    level, title = Level.WARN, say("Its eswitch is in {now} mode; switchdev is requested.", now=now)
    if now == "switchdev":
        level, title = Level.OK, say("Its switch is in switchdev mode.")
    elif now is None:
        level, title = Level.SKIP, say("The mode of its switch cannot be read.")
        fix = look_again(facts, "devlink")
        if facts.root:
            fix = Fix(title=say("See whether devlink is installed (package iproute2 or iproute)."), manual=fix.manual)
    elif not now:
        level, title = Level.FAIL, say("Its driver was built without a switch (eswitch).")
        fix = Fix(title=say("Install the vendor's driver, or a kernel with CONFIG_MLX5_ESWITCH."))
    return Finding(
        id="eswitch.mode",
        level=level,
        subject=pf.address,
        title=title,
        evidence=evidence,
        fix=None if level is Level.OK else fix,
        blocks=level is Level.FAIL,
    )


def _inline(pf: Pf) -> Iterator[Finding]:
    if not connectx.needs_inline(pf) or pf.eswitch is None or pf.eswitch.inline_mode is None:
        return
    right = pf.eswitch.inline_mode == "transport"
    yield Finding(
        id="eswitch.inline",
        level=Level.OK if right else Level.WARN,
        subject=pf.address,
        title=say(
            "Its inline mode is {inline_mode}; this generation offloads with transport.",
            inline_mode=pf.eswitch.inline_mode,
        ),
        fix=None if right else Fix(title=say("Set it before switchdev."), steps=(f"eswitch.now:{pf.address}", AT_BOOT)),
    )


def _steering(pf: Pf) -> Iterator[Finding]:
    mode = pf.eswitch.steering_mode if pf.eswitch else None
    if mode is None:
        return
    slow = mode == "dmfs" and not connectx.needs_inline(pf)
    yield Finding(
        id="eswitch.steering",
        level=Level.INFO if slow else Level.OK,
        subject=pf.address,
        title=say("Its firmware inserts the rules (dmfs): that works, and is slower than smfs with many new flows.")
        if slow
        else say("Its steering mode is {mode}.", mode=mode),
        evidence=(Evidence(offload_unit.compat(pf, "steering_mode"), mode),),
        fix=Fix(
            title=say("Leave it, or let the driver insert them."),
            manual=say(
                "In legacy mode: devlink dev param set pci/{address} name flow_steering_mode value smfs cmode runtime",
                address=pf.address,
            ),
        )
        if slow
        else None,
    )


def _tc_offload(facts: HostFacts, pf: Pf, fix: Fix) -> Finding:
    link = facts.link(pf.netdev)
    feature = link.hw_tc_offload if link else None
    command = f"ethtool -k {pf.netdev}"
    if feature is None:
        title = say("Whether it takes rules of tc (hw-tc-offload) cannot be read.")
        return Finding(
            id="eswitch.tc-offload",
            level=Level.SKIP,
            subject=pf.address,
            title=title,
            fix=Fix(title=say("Install ethtool, then read the machine again.")),
        )
    word = f"hw-tc-offload: {'on' if feature.on else 'off'}{' [fixed]' if feature.fixed else ''}"
    if feature.on:
        return Finding(
            id="eswitch.tc-offload",
            level=Level.OK,
            subject=pf.address,
            title=say("It takes rules of tc."),
            evidence=(Evidence(command, word),),
        )
    return Finding(
        id="eswitch.tc-offload",
        level=Level.FAIL if feature.fixed else Level.WARN,
        subject=pf.address,
        title=say("It cannot take rules of tc: the driver was built without CONFIG_MLX5_CLS_ACT.")
        if feature.fixed
        else say("It takes no rules of tc yet (hw-tc-offload is off)."),
        evidence=(Evidence(command, word),),
        fix=Fix(title=say("Install the vendor's driver, or another kernel.")) if feature.fixed else fix,
        blocks=feature.fixed,
    )


def _representors(facts: HostFacts, pf: Pf, fix: Fix) -> Finding:
    """Each VF needs one; a VF without is handled as plain SR-IOV by the host-agent, without a word."""
    there, wanted = {rep.vf for rep in pf.representors or ()}, {vf.index for vf in pf.vfs}
    title, level = say("Each of its {count_of_wanted} VFs has a representor.", count_of_wanted=len(wanted)), Level.OK
    if pf.representors is None:
        level, title = Level.SKIP, say("Its representors cannot be read.")
    elif not in_place(pf):
        level, title = Level.WARN, say("Its VFs have no representors yet.")
    elif missing := sorted(wanted - there):
        level = Level.FAIL
        title = say(
            "{count_of_missing} of its VFs have no representor: {str}.",
            count_of_missing=len(missing),
            str=", ".join(map(str, missing[:8])),
        )
        fix = Fix(
            title=say("Reboot; the unit recreates the VFs and sets the mode again."),
            manual=verbatim(f"dmesg | grep {pf.address}"),
        )
    return Finding(
        id="eswitch.representors",
        level=level,
        subject=pf.address,
        title=title,
        evidence=(
            Evidence("phys_port_name pf*vf*", " ".join(rep.netdev for rep in pf.representors or ()) or say("none")),
        ),
        fix=None if level is Level.OK else fix,
    )


def _at_boot(facts: HostFacts, pf: Pf) -> Finding:
    ready = offload_unit.complete(facts, pf)
    file = facts.file(offload_unit.path(pf))
    state = (
        (
            say("{state}, enabled", state=file.state)
            if offload_unit.enabled(facts, pf)
            else say("{state}, not enabled", state=file.state)
        )
        if file
        else (say("not read, enabled") if offload_unit.enabled(facts, pf) else say("not read, not enabled"))
    )
    return Finding(
        id="eswitch.at-boot",
        level=Level.OK if ready else Level.WARN,
        subject=pf.address,
        title=say("Its VFs and switchdev mode come back at every boot.")
        if ready
        else say("After a reboot its switch is in legacy mode, without VFs, until the host-agent starts."),
        evidence=(Evidence(offload_unit.path(pf), state),),
        fix=None if ready else Fix(title=say("Write a systemd unit that does it."), steps=(AT_BOOT,)),
    )
