"""The switch inside a card that shall offload as it is now: a finding for each of its settings."""

from __future__ import annotations

from collections.abc import Iterator

from checks.cards import connectx, offload_unit
from checks.unseen import look_again
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import say, verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level

AT_BOOT = "eswitch.at-boot"


def in_place(pf: Pf) -> bool:
    """Whether mode and VFs are as wanted."""
    return pf.eswitch is not None and pf.eswitch.mode == "switchdev" and pf.numvfs == pf.totalvfs


def mode(facts: HostFacts, pf: Pf, fix: Fix) -> Finding:
    """The mode that it is in, against switchdev."""
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


def inline(pf: Pf) -> Iterator[Finding]:
    """The inline mode, where this generation needs one."""
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


def steering(pf: Pf) -> Iterator[Finding]:
    """Who inserts the rules: the firmware or the driver."""
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


def tc_offload(facts: HostFacts, pf: Pf, fix: Fix) -> Finding:
    """Whether the port takes rules of tc."""
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


def representors(facts: HostFacts, pf: Pf, fix: Fix) -> Finding:
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


def at_boot(facts: HostFacts, pf: Pf) -> Finding:
    """Whether the unit brings VFs and mode back at every boot."""
    unit = offload_unit.unit(pf)
    ready = unit.complete(facts)
    return Finding(
        id="eswitch.at-boot",
        level=Level.OK if ready else Level.WARN,
        subject=pf.address,
        title=say("Its VFs and switchdev mode come back at every boot.")
        if ready
        else say("After a reboot its switch is in legacy mode, without VFs, until the host-agent starts."),
        evidence=(Evidence(unit.path, unit.state(facts)),),
        fix=None if ready else Fix(title=say("Write a systemd unit that does it."), steps=(AT_BOOT,)),
    )
