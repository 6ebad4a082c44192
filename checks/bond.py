"""Bonds that are wished: may they be made, by which tool, in which order, and what keeps that from being done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from checks import eswitch, firmware, offload
from checks.bonding import BondSpec, Unsupported, switch, wish
from checks.cards import in_use, offload_unit
from checks.cards.eswitch_state import in_place
from checks.cards.new_vfs import with_pfs, with_vfs
from checks.firmware import LAG_MOST
from checks.unseen import look_again
from checks.written import one_by_one
from sriov_tui.cards import infiniband
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.late import regex
from sriov_tui.message import NOTHING, Message, say, sentences, verbatim
from sriov_tui.model import (
    CONFIRM,
    BondChoice,
    Choices,
    Evidence,
    Finding,
    Fix,
    Level,
    Operation,
    Run,
    Step,
    WriteSysfs,
    lag_unit,
)

ORDER = 55
_NAME = regex(r"[A-Za-z][A-Za-z0-9_.-]{0,14}")


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """For each wished bond: what refuses it, or that it is there, or will be."""
    for choice in choices.bonds:
        refused = list(_refusals(facts, choices, choice))
        yield from refused
        if not refused:
            yield _wish(facts, choice)
            yield from _session(facts, choice)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """Make each bond that nothing refuses, after the VFs and the mode of its ports."""
    for choice in choices.bonds:
        made = wish.wanted(facts, choice)
        if made is not None and not any(_refusals(facts, choices, choice)):
            yield _make(facts, choices, choice, made)


@one_by_one
def expected(facts: HostFacts, choices: Choices, step: Step, after: HostFacts) -> HostFacts:
    """With the bond, and what its ports carried on it; the VFs of ports that offload are new then."""
    choice = next(one for one in choices.bonds if step.id == f"bond.make:{one.name}")
    pfs = wish.ports_of(facts, choice)
    for pf in pfs:
        if any(_unbind(facts, choices, (pf,))):
            after = with_vfs(after, {pf.address: pf.totalvfs}, driver="")
        after = with_pfs(after, replace(after.pf(pf.address) or pf, lag=None))
    return wish.as_found(after, choice, tuple(pf.netdev for pf in pfs))


def _make(facts: HostFacts, choices: Choices, choice: BondChoice, made: BondSpec) -> Step:
    tool, recipe = switch.choose(facts, made)
    pfs, cuts = wish.ports_of(facts, choice), wish.cuts_session(facts, choice)
    moves = say(" What {carrier} carries moves over to it.", carrier=made.carrier) if made.carrier else NOTHING
    return Step(
        id=f"bond.make:{choice.name}",
        title=say(
            "Make the bond {name} of {ports}, mode {mode}, with {tool}",
            name=choice.name,
            ports=" and ".join(made.ports),
            mode=choice.mode,
            tool=tool,
        ),
        why=sentences(
            say(
                "The links of both ports drop for some seconds.{moves} It carries your SSH session, as you chose.",
                moves=moves,
            )
            if cuts
            else say("The links of both ports drop for some seconds.{moves}", moves=moves),
            *recipe.told,
        ),
        operations=(
            *_unbind(facts, choices, pfs),
            *switch.operations(facts, made, recipe),
            *_wait(facts, choices, pfs),
        ),
        resolves=(f"bond.wish {choice.name}",),
        disrupts="ssh" if cuts else "link",
        after=(
            "names.rules",
            f"bond.lag-unit:{pfs[0].card}",
            *(f"{before}:{pf.address}" for pf in pfs for before in ("eswitch.now", "vfs.numvfs")),
        ),
        confirm=CONFIRM if cuts else 0.0,
        within=CONFIRM if cuts else 0.0,
    )


def _unbind(facts: HostFacts, choices: Choices, pfs: tuple[Pf, ...]) -> Iterator[Operation]:
    """VFs that a driver has are made anew without: bound ones keep the ports from being joined."""
    for pf in pfs:
        if pf in offload.wanted(facts, choices) and any(vf.driver for vf in pf.vfs) and in_place(pf):
            at = offload_unit.device(pf)
            yield WriteSysfs(path=f"{at}/sriov_drivers_autoprobe", value="0")
            yield WriteSysfs(path=f"{at}/sriov_numvfs", value="0")
            yield WriteSysfs(path=f"{at}/sriov_numvfs", value=str(pf.totalvfs))
            yield WriteSysfs(path=f"{at}/sriov_drivers_autoprobe", value="1")


def _wait(facts: HostFacts, choices: Choices, pfs: tuple[Pf, ...]) -> Iterator[Operation]:
    """The unit of the boot waits here, too, where both ports are in switchdev mode by now."""
    waits, offloads = eswitch.waiting(facts, choices), offload.wanted(facts, choices)
    if all(pf in offloads and pf not in waits for pf in pfs):
        yield Run(argv=("systemctl", "start", lag_unit(pfs[0].card)))


# -- what refuses it ---------------------------------------------------------------------------------------------------


def _refusals(facts: HostFacts, choices: Choices, choice: BondChoice) -> Iterator[Finding]:
    """Everything that stands against a bond; what it is made of first."""
    if why := _shape(facts, choices, choice):
        yield _bad("wish", choice, *why)
        return
    if wish.is_made(facts, choice):
        return
    yield from _offload(facts, choices, choice)
    yield from _ports(facts, choice)
    yield from _config(facts, choice)
    if wish.cuts_session(facts, choice) and not choice.over_session:
        traced = facts.ssh is None or not facts.ssh.untraced
        yield _bad(
            "session",
            choice,
            say("Your SSH session runs over one of its ports.")
            if traced
            else say("Your SSH session cannot be traced, so it may run over one of its ports."),
            say("You can still choose it: it is rolled back automatically unless you confirm from a new login."),
        )


def _bad(topic: str, choice: BondChoice, title: Message, way_out: Message, manual: Message = NOTHING) -> Finding:
    return Finding(id=f"bond.{topic}", level=Level.FAIL, subject=choice.name, title=title, blocks=True,
                   fix=Fix(title=way_out, manual=manual))  # fmt: skip


def _shape(facts: HostFacts, choices: Choices, choice: BondChoice) -> tuple[Message, Message] | None:
    """Why this is no bond that can be made, and the way out."""
    pfs, again = wish.ports_of(facts, choice), say("Choose its ports again.")
    if facts.links is None:
        return say("The links of this host could not be read."), look_again(facts, "netlink").title
    if len(pfs) != 2 or len(choice.ports) != 2 or pfs[0] == pfs[1]:
        return say(
            "It needs two ports with an interface each; {count_of_pfs} of its ports are here.",
            count_of_pfs=len(set(pfs)),
        ), again
    if not _NAME.fullmatch(choice.name):
        return say("{name} is not a valid bond name.", name=repr(choice.name)), say(
            "Give 1 to 15 letters and digits, such as bond0."
        )
    others = [bond for bond in choices.bonds if bond is not choice]
    if any(bond.name == choice.name or set(bond.ports) & set(choice.ports) for bond in others):
        return say("Two bonds of the answers have a name or a port in common."), say(
            "Keep each port and each name once."
        )
    if any(infiniband(facts, pf) for pf in pfs):
        return say("InfiniBand ports cannot form a bond with VFs."), again
    link = facts.link(choice.name)
    if link is not None and not wish.is_made(facts, choice):
        what = (
            say(
                "a bond in mode {mode} of {ports}",
                mode=link.bond.mode,
                ports=", ".join(link.bond.ports) or say("no ports"),
            )
            if link.bond
            else link.kind
        )
        return (
            say("{name} is already there: {what}.", name=choice.name, what=what or say("a network card")),
            say("Choose another name, or remove it first."),
        )
    return None


def _offload(facts: HostFacts, choices: Choices, choice: BondChoice) -> Iterator[Finding]:
    """What the card asks of a bond that it shall forward (mlx5/core/lag)."""
    pfs, wanted = wish.ports_of(facts, choice), offload.wanted(facts, choices)
    if not any(pf in wanted for pf in pfs):
        return
    if len({pf.card for pf in pfs}) > 1:
        yield _bad(
            "card",
            choice,
            say(
                "Its ports are on two cards ({card}), which cannot offload it together.",
                card=", ".join(pf.card for pf in pfs),
            ),
            say("Choose both ports of one card, or plain SR-IOV."),
        )
    if len({pf in wanted for pf in pfs}) > 1:
        yield _bad(
            "card",
            choice,
            say("One of its ports is set to offload and the other is not."),
            say("Choose the same for both."),
        )
    for pf in pfs:
        total = firmware.after_reboot(facts, choices, pf) or pf.totalvfs or 0
        if total > LAG_MOST:
            yield _bad(
                "vfs",
                choice,
                say(
                    "{netdev} has {total} VFs; a card joins its ports with {lag_most} at most.",
                    netdev=pf.netdev,
                    total=total,
                    lag_most=LAG_MOST,
                ),
                say("Request {lag_most} VFs or fewer on the VF screen.", lag_most=LAG_MOST),
            )
        if held := [vf for vf in pf.vfs if vf.holders]:
            who = in_use.on_vfs(facts, pf)[0]
            yield _bad(
                "held",
                choice,
                say(
                    "{count_of_held} VFs of {netdev} are in use, and all must be unbound: {who}.",
                    count_of_held=len(held),
                    netdev=pf.netdev,
                    who=who,
                ),
                say("Stop that virtual machine or detach the VF, then read the machine again."),
            )


def _ports(facts: HostFacts, choice: BondChoice) -> Iterator[Finding]:
    """A port that is in a bridge or another bond, or that something else than a VLAN stands on."""
    made = wish.wanted(facts, choice)
    for pf in wish.ports_of(facts, choice):
        link, bridge = facts.link(pf.netdev), facts.ovs.bridge_of(pf.netdev)
        master = (
            say("the bridge {bridge} of Open vSwitch", bridge=bridge) if bridge else (link.master if link else NOTHING)
        )
        gives_way = made is not None and made.switched is not None and pf.netdev == made.carrier and bool(bridge)
        if master and master != choice.name and not gives_way:
            manual = f"ovs-vsctl del-port {bridge} {pf.netdev}" if bridge else f"ip link set {pf.netdev} nomaster"
            yield _bad(
                "bridge",
                choice,
                say("{netdev} is a port of {master}, which would hold on to it.", netdev=pf.netdev, master=master),
                say("Take it out there, and out of what puts it there at boot; then read the machine again."),
                say("{manual}. Move an address of the bridge back to {netdev} first.", manual=manual, netdev=pf.netdev),
            )
        for other in facts.links or ():
            if other.parent == pf.netdev and other.kind != "vlan":
                yield _bad(
                    "bridge",
                    choice,
                    say(
                        "{name} ({kind}) uses {netdev} and cannot be moved.",
                        name=other.name,
                        kind=other.kind,
                        netdev=pf.netdev,
                    ),
                    say("Remove {name} first.", name=other.name),
                )


def _config(facts: HostFacts, choice: BondChoice) -> Iterator[Finding]:
    both = wish.carriers(facts, choice)
    if len(both) > 1:
        yield _bad(
            "config",
            choice,
            say("Both {both} carry addresses, routes, VLANs or a bridge.", both=" and ".join(both)),
            say("Free one of them: only one port's configuration can move over."),
        )
        return
    made = wish.wanted(facts, choice)
    for name in made.names.values() if made else ():
        if len(name.encode()) > wish.LONGEST:
            yield _bad(
                "config",
                choice,
                say("{name} would be too long a name for a VLAN.", name=name),
                say("Choose a shorter name."),
            )
    try:
        if made is not None:
            switch.choose(facts, made)
    except Unsupported as unclear:
        yield _bad("config", choice, unclear.why, unclear.way_out, unclear.manual)


# -- what is found -----------------------------------------------------------------------------------------------------


def _wish(facts: HostFacts, choice: BondChoice) -> Finding:
    ports = " and ".join(pf.netdev for pf in wish.ports_of(facts, choice))
    there = wish.is_made(facts, choice)
    return Finding(
        id="bond.wish",
        level=Level.OK if there else Level.WARN,
        subject=choice.name,
        title=say("{name} is there: {ports}, mode {mode}.", name=choice.name, ports=ports, mode=choice.mode)
        if there
        else say("{name} will be created from {ports}, mode {mode}.", name=choice.name, ports=ports, mode=choice.mode),
        evidence=(Evidence(f"/sys/class/net/{choice.name}/bonding", say("there") if there else say("absent")),),
        fix=None
        if there
        else Fix(
            title=say("Make it."),
            steps=(f"bond.make:{choice.name}",),
            verify=verbatim(f"cat /proc/net/bonding/{choice.name}"),
        ),
    )


def _session(facts: HostFacts, choice: BondChoice) -> Iterator[Finding]:
    if wish.is_made(facts, choice) or not wish.cuts_session(facts, choice):
        return
    yield Finding(
        id="bond.session",
        level=Level.WARN,
        subject=choice.name,
        title=say(
            "It takes over the link of your SSH session, and is rolled back unless you confirm within {confirm} s.",
            confirm=f"{CONFIRM:.0f}",
        ),
        detail=say(
            "To confirm, log in again in a new connection and run `sriov-tui confirm` there, or press c in the wizard "
            "when its screen answers again. Without that everything is put back as it was by itself, also when this "
            "program is killed. The time begins when the bond is made; the tool has {confirm} s to make it, or else "
            "that is put back, too.",
            confirm=f"{CONFIRM:.0f}",
        ),
        fix=Fix(title=say("Have the console of the host at hand, and the switch ready for the mode.")),
    )
