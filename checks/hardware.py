"""Which network cards are there, which of them can do SR-IOV, and which one carries this session."""

from __future__ import annotations

from collections.abc import Iterator

from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import Message, join, say, verbatim
from sriov_tui.model import HOST_CONF, Choices, Evidence, Finding, Fix, Level, Step

ORDER = 10
LSPCI = say('lspci -vv -s ADDRESS shows "Single Root I/O Virtualization" among the capabilities.')


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """One finding for each PF, and what concerns all of them."""
    yield from _host(facts)
    if facts.pfs is None:
        return
    for pf in facts.pfs:
        yield _pf(pf)
        yield from _slow_link(pf, chosen=choices.nic(pf.address).use != "leave")
        if facts.ssh and pf.address in facts.ssh.pfs:
            yield _carries_ssh(facts, pf)
    usable = [pf for pf in facts.pfs if pf.totalvfs or pf.nvconfig]
    if usable and not choices.chosen and not choices.bonds:
        yield Finding(
            id="hardware.chosen",
            level=Level.FAIL,
            title=say("No network card is chosen for SR-IOV."),
            detail=say("host.conf cannot be read, so what it asks for is not known.")
            if (conf := facts.file(HOST_CONF)) and conf.state == "unreadable"
            else say("host.conf asks for none yet."),
            fix=Fix(
                title=say("Mark the ports that shall give VFs: Space in the wizard."),
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
    if facts.pfs is None or not any(pf.sriov_capable is not False for pf in facts.pfs):
        known = facts.pfs is not None
        yield Finding(
            id="hardware.present",
            level=Level.FAIL,
            title=say("No network card with SR-IOV was found.") if known else say("PCI devices could not be read."),
            detail=_problems(facts, "/sys/bus/pci"),
            fix=Fix(
                title=say("Put a card with SR-IOV into a slot, or switch SR-IOV on in the BIOS."),
                manual=say("BIOS: look for SR-IOV, globally and on the card's own page. {lspci}", lspci=LSPCI),
            ),
            blocks=True,
        )
    else:
        yield Finding(id="hardware.present", level=Level.OK, title=say("A network card that can do SR-IOV is there."))


def _problems(facts: HostFacts, prefix: str) -> Message:
    return join("\n", (join(": ", (p.source, p.reason)) for p in facts.problems if p.source.startswith(prefix)))


def _pf(pf: Pf) -> Finding:
    at = f"/sys/bus/pci/devices/{pf.address}"
    capability = _capability(pf)
    evidence = (capability,) if capability else ()
    title, level, fix = _verdict(pf)
    return Finding(
        id="hardware.pf",
        level=level,
        subject=pf.address,
        title=title,
        detail=describe(pf),
        evidence=(
            Evidence(f"{at}/sriov_totalvfs", say("absent") if pf.totalvfs is None else str(pf.totalvfs)),
            *evidence,
        ),
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


def _verdict(pf: Pf) -> tuple[Message, Level, Fix | None]:
    """Whether this PF can be used, in words. The causes are those of sriov_init() in drivers/pci/iov.c."""
    if pf.totalvfs:
        return say("It can offer {totalvfs} VFs.", totalvfs=pf.totalvfs), Level.OK, None
    if pf.sriov_capable is None:
        return say("Whether it can do SR-IOV cannot be seen."), Level.SKIP, Fix(title=say("Run sriov-tui as root."))
    if pf.sriov_capable is False:
        fix = Fix(title=say("If the model has SR-IOV, its firmware or the BIOS hides it: switch SR-IOV on there."))
        return say("It has no SR-IOV capability."), Level.INFO, fix
    if (pf.sriov is not None and pf.sriov.total == 0) or pf.totalvfs == 0:
        fix = Fix(
            title=say("Choose it, and give the number of VFs in step 4.")
            if pf.nvconfig
            else say("Let the card's firmware offer VFs."),
            manual=say(
                "ConnectX: mstconfig -d {address} set SRIOV_EN=1 NUM_OF_VFS=N, then reboot. Others: "
                "SR-IOV on the card's own page in the BIOS.",
                address=pf.address,
            ),
        )
        return say("It has SR-IOV, but its firmware offers 0 VFs."), Level.WARN, fix
    if pf.driver == "":
        fix = Fix(
            title=say("Load the card's driver."),
            manual=say("lspci -k -s {address} names the modules that fit.", address=pf.address),
        )
        return say("It has SR-IOV, but no driver is bound to it."), Level.WARN, fix
    fix = Fix(title=say("Read the kernel log."), manual=verbatim(f"dmesg | grep -e {pf.address} -e SR-IOV"))
    return (
        say("It has SR-IOV, but the driver {driver} shows no VFs.", driver=pf.driver or say("unknown")),
        Level.WARN,
        fix,
    )


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
