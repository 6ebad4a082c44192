"""Which of the chosen cards can offload Open vSwitch, what stands against it, and what a bond above them means.

Setting it up is the business of `checks.names`, `checks.eswitch` and `checks.ovs`; whether it works, of `checks.flows`.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks import driver_install
from checks.bonding import wish
from checks.cards import connectx, vf_lag
from checks.unseen import look_again
from sriov_tui import cards
from sriov_tui.facts import HostFacts, Link, Pf, once_for_facts
from sriov_tui.hostconf import reading_of
from sriov_tui.late import regex
from sriov_tui.message import NOTHING, Message, say
from sriov_tui.model import (
    HOST_LOCAL_CONF,
    Choices,
    Evidence,
    Finding,
    Fix,
    Level,
    Step,
    once_for_choices,
)

ORDER = 50
SUBFUNCTION = regex(r"(?:c\d+)?pf\d+sf\d+")  # phys_port_name (net/devlink/port.c)
BLUEFIELD = range(0xA2D0, 0xA2E0)  # the network controllers of BlueField DPUs (pci.ids, 15b3)
UNSEEN = say("compat/devlink/mode cannot be read.")
UNSEEN_OWNER = say("Whether the processor of this BlueField owns the switch cannot be read from its firmware.")


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Per chosen PF: is offload possible, and is its bond, there or wished, whole."""
    made = wish.as_made(facts, choices)
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        if pf is None:
            continue
        yield _offload(facts, choices, pf)
        if choice.use == "offload":
            yield from _subfunctions(facts, pf)
            yield from _security_group(facts, pf)
        bond = made.bond_of(pf)
        if bond is not None:
            yield from _bond(facts, choices, pf, bond)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """None: see the modules that set it up."""
    yield from ()


def wanted(facts: HostFacts, choices: Choices) -> tuple[Pf, ...]:
    """The PFs that shall offload, and can, at once or with the driver that this plan brings."""
    return tuple(_wanted(facts, choices))


def is_wanted(facts: HostFacts, choices: Choices, pf: Pf) -> bool:
    """Whether this PF is one of those."""
    return pf in _wanted(facts, choices)


@once_for_choices
def _wanted(facts: HostFacts, choices: Choices) -> dict[Pf, None]:
    pfs = (facts.pf(choice.address) for choice in choices.chosen if choice.use == "offload")
    return {pf: None for pf in pfs if pf is not None and not _why_never(facts, choices, pf)}


def why_not(facts: HostFacts, pf: Pf) -> Message:
    """Why Open vSwitch cannot be offloaded to this PF; "" where nothing speaks against it."""
    if cards.infiniband(facts, pf):
        return say("InfiniBand ports cannot be in a bridge.")
    known, family = cards.driver_of(pf), cards.family_of(pf)
    if known is not None and not known.eswitch:
        name = family.name if family else known.name
        return say("{card} has no switch of its own (no eswitch).", card=name)
    if known is None or not known.offloads:
        return say(
            "The host-agent offloads only to ConnectX cards (mlx5_core); this one has {driver}.",
            driver=pf.driver or say("no driver"),
        )
    if pf.dpu is None and pf.device in BLUEFIELD:
        return UNSEEN_OWNER
    if pf.dpu:
        return say("It is a BlueField in DPU mode: its own processor owns the switch.")
    if pf.compat_devlink is None:
        return UNSEEN
    if not pf.compat_devlink:
        return say("The host-agent needs compat/devlink/mode, which only the vendor driver (MLNX_OFED, DOCA-OFED) has.")
    return NOTHING


def _why_never(facts: HostFacts, choices: Choices, pf: Pf) -> Message:
    """Why Open vSwitch cannot be offloaded to this PF even with the driver that this plan brings; "" where it can."""
    after = driver_install.brought(facts, choices)
    return why_not(after, after.pf(pf.address) or pf)


def _offload(facts: HostFacts, choices: Choices, pf: Pf) -> Finding:
    reason = why_not(facts, pf)
    shall = choices.nic(pf.address).use == "offload"
    path = f"/sys/class/net/{pf.netdev or '?'}/compat/devlink/mode"
    there = {True: say("there"), False: say("absent"), None: say("unknown")}
    evidence = (Evidence(path, there[pf.compat_devlink]),)
    if reason and not _why_never(facts, choices, pf):
        return Finding(
            id="offload.possible",
            level=Level.WARN if shall else Level.OK,
            subject=pf.address,
            title=say("Offload is possible once the vendor's driver is loaded, which this plan installs."),
            evidence=evidence,
            fix=Fix(title=say("Apply the plan, and reboot."), steps=(driver_install.INSTALL,)) if shall else None,
        )
    if reason and driver_install.coming(facts, choices) and _why_never(facts, choices, pf) == UNSEEN:
        return Finding(
            id="offload.possible",
            level=Level.SKIP,
            subject=pf.address,
            title=say("Whether the driver that this plan installs can offload on this kernel shows once it is loaded."),
            evidence=evidence,
            fix=Fix(title=say("Install it with this card set to plain SR-IOV, reboot, then choose offload.")),
            blocks=shall,
        )
    if reason in (UNSEEN, UNSEEN_OWNER) or (reason and pf.driver is None):
        return Finding(
            id="offload.possible",
            level=Level.SKIP,
            subject=pf.address,
            title=say("Whether Open vSwitch can be offloaded to this card cannot be seen."),
            detail=reason,
            evidence=evidence,
            fix=look_again(facts, path, "mstconfig", "mlxconfig"),
            blocks=shall,
        )
    if shall and reason:
        return Finding(
            id="offload.possible",
            level=Level.FAIL,
            subject=pf.address,
            title=say("Offload is not possible on this card. {reason}", reason=reason),
            topic="compat" if not pf.compat_devlink else "",
            evidence=evidence,
            fix=Fix(title=_way_out(pf)),
            blocks=True,
        )
    title = say("Plain SR-IOV only. {reason}", reason=reason) if reason else say("Offload is possible on this card.")
    level = Level.INFO if reason else Level.OK
    return Finding(id="offload.possible", level=level, subject=pf.address, title=title, evidence=evidence)


def _way_out(pf: Pf) -> Message:
    plain = say("Use the card for plain SR-IOV")
    known = cards.driver_of(pf)
    could = known is not None and known.offloads and not pf.dpu and not pf.compat_devlink
    return (
        say("{plain}, or choose an image of the vendor's driver in step 3.", plain=plain)
        if could
        else say("{plain}.", plain=plain)
    )


def _subfunctions(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    """The host-agent takes every second interface of the card for the representor of a VF, and gives up at others."""
    links = [link for link in facts.links_of(pf.address) if SUBFUNCTION.match(link.phys_port_name)]
    if links:
        yield Finding(
            id="offload.subfunctions",
            level=Level.FAIL,
            subject=pf.address,
            title=say(
                "It has subfunctions ({name}): the host-agent would report no offload device of any card.",
                name=", ".join(link.name for link in links[:3]),
            ),
            evidence=tuple(
                Evidence(f"/sys/class/net/{link.name}/phys_port_name", link.phys_port_name) for link in links[:3]
            ),
            fix=Fix(
                title=say("Remove them."),
                manual=say("devlink port show lists them; devlink port del PORT removes one."),
            ),
            blocks=True,
        )


def _security_group(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    """Security groups are flows that follow connections, not offloaded here (Cloudpods guide, OVS offload)."""
    generation = connectx.without_connections(pf)
    if not generation:
        return
    reading = reading_of(facts)
    off = bool(reading and reading.options.disable_security_group)
    yield Finding(
        id="offload.security-group",
        level=Level.OK if off else Level.WARN,
        subject=pf.address,
        title=say("Security groups are off on this host, as this card needs it.")
        if off
        else say(
            "A {generation} cannot offload security groups: with them on, the traffic of VFs stays in software.",
            generation=generation,
        ),
        detail=NOTHING
        if off
        else say(
            "Off for this host alone, or off for every host of the cluster: both take the security "
            "groups from all virtual machines there, also from those without VFs. A line in "
            "host.conf itself does nothing on Kubernetes."
        ),
        evidence=(Evidence(HOST_LOCAL_CONF, f"disable_security_group: {str(off).lower()}"),),
        fix=None
        if off
        else Fix(
            title=say("Switch security groups off for this host, or use a ConnectX-6 Dx or later."),
            manual=say(
                "This host: add the line `disable_security_group: true` to {host_local_conf}, then "
                "delete this node's default-host pod. All hosts: set disable_security_group to true in "
                "the ConfigMap (kubectl -n onecloud edit cm default-host).",
                host_local_conf=HOST_LOCAL_CONF,
            ),
        ),
    )


def _bond(facts: HostFacts, choices: Choices, pf: Pf, bond: Link) -> Iterator[Finding]:
    assert bond.bond is not None
    left_out = [name for name in bond.bond.ports if choices.nic(_address(facts, name)).use == "leave"]
    evidence = (Evidence(f"/sys/class/net/{bond.name}/bonding", f"{bond.bond.mode}: {' '.join(bond.bond.ports)}"),)
    if left_out and not _netdevs_known(facts):
        yield Finding(
            id="bond.ports",
            level=Level.SKIP,
            subject=pf.address,
            title=say("Which cards the ports of {bond} belong to cannot be seen.", bond=bond.name),
            evidence=evidence,
            fix=look_again(facts, "/sys/bus/pci/devices"),
            blocks=True,
        )
    elif left_out:
        yield Finding(
            id="bond.ports",
            level=Level.FAIL,
            subject=pf.address,
            title=say(
                "It is a port of {name}; the host-agent takes all ports of a bond, also {left_out}.",
                name=bond.name,
                left_out=", ".join(left_out),
            ),
            evidence=evidence,
            fix=Fix(title=say("Choose every port of {name}, or none.", name=bond.name)),
            blocks=True,
        )
    else:
        yield Finding(
            id="bond.ports",
            level=Level.OK,
            subject=pf.address,
            title=say("Every port of {name} is chosen.", name=bond.name),
            evidence=evidence,
        )
    wrong = vf_lag.wrong_mode(bond)
    if choices.nic(pf.address).use == "offload" and wrong is None:
        yield Finding(
            id="bond.mode",
            level=Level.SKIP,
            subject=pf.address,
            title=say(
                "The mode of {name} could not be read; offload works in {bond_modes} only.",
                name=bond.name,
                bond_modes=", ".join(vf_lag.MODES),
            ),
            evidence=evidence,
        )
    elif choices.nic(pf.address).use == "offload" and wrong:
        yield Finding(
            id="bond.mode",
            level=Level.FAIL,
            subject=pf.address,
            title=say(
                "{name} is in mode {mode}; offload works in {bond_modes} only.",
                name=bond.name,
                mode=bond.bond.mode,
                bond_modes=", ".join(vf_lag.MODES),
            ),
            evidence=evidence,
            fix=Fix(title=say("Change the bond's mode to 1, 2 or 4.")),
            blocks=True,
        )


@once_for_facts
def _netdevs_known(facts: HostFacts) -> bool:
    return facts.pfs is not None and all(pf.netdevs is not None for pf in facts.pfs)


def _address(facts: HostFacts, netdev: str) -> str:
    pf = facts.pf_of_netdev(netdev)
    return pf.address if pf else ""
