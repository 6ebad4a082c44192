"""Which network cards are there, which of them can do SR-IOV, and which one carries this session."""

from __future__ import annotations

from collections.abc import Iterator

from sriov_tui import cards
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import Message, join, plural, say, sentences, verbatim
from sriov_tui.model import HOST_CONF, Choices, Evidence, Finding, Fix, Level, Step

ORDER = 10
LSPCI = say('lspci -vv -s ADDRESS shows "Single Root I/O Virtualization" among the capabilities.')


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """One finding for each PF, and what concerns all of them."""
    yield from _host(facts)
    yield from _session(facts)
    if facts.pfs is None:
        return
    for pf in facts.pfs:
        yield _pf(facts, pf)
        yield from _slow_link(pf, chosen=choices.nic(pf.address).use != "leave")
        if facts.ssh and not facts.ssh.untraced and facts.carries_session(pf.address):
            yield _carries_ssh(facts, pf)
    usable = [pf for pf in facts.pfs if cards.obstacle(facts, pf) is None]
    if not usable and not choices.chosen and any(pf.sriov_capable for pf in facts.pfs):
        yield Finding(
            id="hardware.chosen",
            level=Level.WARN,
            title=say("None of the cards with SR-IOV can provide VFs as it is."),
            fix=Fix(title=say("See hardware.pf: it lists what each of them needs.")),
            blocks=True,
        )
    if usable and not choices.chosen and not choices.bonds:
        yield Finding(
            id="hardware.chosen",
            level=Level.FAIL,
            title=say("No network card is chosen for SR-IOV."),
            detail=say("host.conf cannot be read, so what it asks for is not known.")
            if (conf := facts.file(HOST_CONF)) and conf.state == "unreadable"
            else say("host.conf asks for none yet."),
            fix=Fix(
                title=say("Select the ports that should provide VFs: Space in the wizard."),
                manual=say("Without the wizard: name their interfaces in sriov_nics of /etc/yunion/host.conf."),
            ),
            blocks=True,
        )


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """Hardware is not ours to change."""
    yield from ()


def describe(pf: Pf) -> Message:
    """Address, interface and name of a PF, as far as they are known."""
    return verbatim(" ".join(word for word in (pf.address, pf.netdev, pf.name or "") if word))


def _host(facts: HostFacts) -> Iterator[Finding]:
    if facts.root is False:
        yield Finding(
            id="hardware.root",
            level=Level.WARN,
            title=say("Not run as root: some things cannot be seen, and nothing can be changed."),
            detail=join("\n", (join(": ", (problem.source, problem.reason)) for problem in facts.problems[:20])),
            fix=Fix(title=say("Run it as root."), manual=verbatim("sudo sriov-tui")),
        )
    if facts.container:
        yield Finding(
            id="hardware.container",
            level=Level.WARN,
            title=say(
                "This is a container ({container}): what is read may not be the host.", container=facts.container
            ),
            fix=Fix(title=say("Run sriov-tui on the host itself.")),
        )
    yield _present(facts)


def _present(facts: HostFacts) -> Finding:
    """OK is said of a capability that was read; a card of which it was not read is neither there nor absent."""
    capable = [pf.sriov_capable for pf in facts.pfs or ()]
    if any(capable):
        return Finding(id="hardware.present", level=Level.OK, title=say("A network card that can do SR-IOV is there."))
    if None in capable:
        return Finding(
            id="hardware.present",
            level=Level.SKIP,
            title=say("Whether a network card with SR-IOV is there cannot be seen."),
            fix=Fix(
                title=say("Run sriov-tui as root.") if facts.root is False else say("See hardware.pf."), manual=LSPCI
            ),
            blocks=True,
        )
    return Finding(
        id="hardware.present",
        level=Level.FAIL,
        title=say("No network card with SR-IOV was found.")
        if facts.pfs is not None
        else say("PCI devices could not be read."),
        detail=_problems(facts, "/sys/bus/pci"),
        fix=Fix(
            title=say("Put a card with SR-IOV into a slot, or enable SR-IOV in the BIOS."),
            manual=sentences(say("BIOS: look for SR-IOV, globally and on the card's own page."), LSPCI),
        ),
        blocks=True,
    )


def _problems(facts: HostFacts, prefix: str) -> Message:
    return join("\n", (join(": ", (p.source, p.reason)) for p in facts.problems if p.source.startswith(prefix)))


def _pf(facts: HostFacts, pf: Pf) -> Finding:
    at = f"/sys/bus/pci/devices/{pf.address}"
    capability = _capability(pf)
    found = cards.obstacle(facts, pf)
    total = str(pf.totalvfs) if pf.totalvfs is not None else say("unreadable") if pf.counts_vfs else say("absent")
    evidence = [Evidence(f"{at}/sriov_totalvfs", total), *((capability,) if capability else ())]
    if found is not None and found.evidence[0]:
        evidence = [Evidence(*found.evidence), *(one for one in evidence if one.source != found.evidence[0])]
    title, level, fix = _verdict(facts, pf, found)
    return Finding(
        id="hardware.pf",
        level=level,
        subject=pf.address,
        title=title,
        detail=describe(pf),
        evidence=tuple(evidence),
        fix=fix,
    )


def _capability(pf: Pf) -> Evidence | None:
    source = f"/sys/bus/pci/devices/{pf.address}/config"
    if pf.sriov is None:
        if pf.config_bytes is None:
            return None
        if pf.sriov_capable is None:
            return Evidence(source, f"only {pf.config_bytes} bytes can be read; the capabilities stand behind them")
        return Evidence(source, f"no SR-IOV capability in {pf.config_bytes} bytes")
    cap = pf.sriov
    return Evidence(source, f"SR-IOV capability: TotalVFs {cap.total}, NumVFs {cap.numvfs}, offset {cap.offset}, "
                            f"stride {cap.stride}")  # fmt: skip


def _verdict(facts: HostFacts, pf: Pf, found: cards.Obstacle | None) -> tuple[Message, Level, Fix | None]:
    """Whether this PF can be used, in words, and what to do where it cannot."""
    if found is not None:
        level = {"unseen": Level.SKIP, "no-capability": Level.INFO}.get(found.kind, Level.WARN)
        return found.title, level, Fix(title=found.fix, manual=found.manual) if found.fix else None
    if not pf.totalvfs:
        fix = Fix(
            title=say("Choose it, and set the number of VFs in step 4."),
            manual=say("mstconfig -d {address} set SRIOV_EN=1 NUM_OF_VFS=N, then reboot.", address=pf.address),
        )
        return say("It has SR-IOV, but its firmware offers 0 VFs."), Level.WARN, fix
    if cards.infiniband(facts, pf):
        title = plural(
            "It can offer 1 VF. It is an InfiniBand port.", "It can offer {count} VFs. It is an InfiniBand port.",
            pf.totalvfs,
        )  # fmt: skip
        return title, Level.OK, None
    return plural("It can offer 1 VF.", "It can offer {count} VFs.", pf.totalvfs), Level.OK, None


def _slow_link(pf: Pf, chosen: bool) -> Iterator[Finding]:
    link = pf.pcie
    if link and chosen and (link.speed, link.width) != (link.max_speed, link.max_width):
        yield Finding(
            id="hardware.pcie",
            level=Level.INFO,
            subject=pf.address,
            title=say(
                "The PCIe link runs at {speed} x{width}; the card can do {max_speed} x{max_width}.",
                speed=link.speed,
                width=link.width,
                max_speed=link.max_speed,
                max_width=link.max_width,
            ),
            fix=Fix(title=say("If that is too slow, use a wider or faster slot.")),
        )


_UNTRACED: dict[str, Message] = {
    "unknown": say("Which connection it is cannot be found out: it comes through a container, a web page or a proxy."),
    "elsewhere": say("Its SSH server runs in another network namespace, or does not give its address."),
    "links": say("The links of this host could not be read."),
    "address": say("No link of this host has the address that it is connected to."),
    "route": say("No route of this host leads back to where it comes from."),
    "hardware": say("Below its address there is no network card, but a tunnel or another host's link."),
}


def _session(facts: HostFacts) -> Iterator[Finding]:
    if facts.ssh is None or not facts.ssh.untraced:
        return
    yield Finding(
        id="hardware.session",
        level=Level.WARN,
        title=say("Your SSH session cannot be traced to a network card, so it may run over any of them."),
        detail=sentences(
            _UNTRACED[facts.ssh.untraced],
            say("Every change that drops a link waits for the next boot, or is rolled back unless you confirm it."),
        ),
        evidence=(Evidence("SSH_CONNECTION", f"{facts.ssh.client} -> {facts.ssh.server}"),),
        fix=Fix(
            title=say("Log in over SSH to an address of this host, outside tmux and screen, or work at the console.")
        ),
    )


def _carries_ssh(facts: HostFacts, pf: Pf) -> Finding:
    assert facts.ssh is not None
    return Finding(
        id="hardware.ssh",
        level=Level.INFO,
        subject=pf.address,
        title=say("Your SSH session runs over this card."),
        detail=say(
            "{client} to {server} by {links}. What would drop its link is left to the next boot.",
            client=facts.ssh.client,
            server=facts.ssh.server,
            links=", ".join(facts.ssh.links),
        ),
        evidence=(Evidence("SSH_CONNECTION", f"{facts.ssh.client} -> {facts.ssh.server}"),),
    )
