"""What the host-agent will report after its next start, and what on this host keeps it from reporting all."""

from __future__ import annotations

from collections.abc import Iterator

import checks
from checks import firmware
from checks.host_agent import designs, kvm, nics, ports
from checks.host_agent.described import lines
from checks.host_agent.forecast import Device, Forecast, ListForecast, forecast
from checks.host_agent.outcome import outcome
from checks.hostconf import proposed
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.hostconf import reading_of
from sriov_tui.message import say
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step, merged, once_for_choices

__all__ = ["Device", "Forecast", "ListForecast", "findings", "forecast", "foreseen", "lines", "steps"]

ORDER = 70


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """The host-agent's rules for every NIC of both lists as they will be, then the prediction itself."""
    yield from merged(_findings(facts, choices))


@once_for_choices
def foreseen(facts: HostFacts, choices: Choices) -> Forecast:
    """What the host-agent will report once these choices are carried out, the reboot included."""
    return forecast(checks.expected(facts, choices))


def _findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    after = checks.expected(facts, choices)
    then, now = foreseen(facts, choices), forecast(facts, proposed(facts, choices))
    if not then.loads or not then.asks:
        return
    if now.idle:
        # It keeps nobody from preparing the host: the BIOS and host_type are fixed beside our plan.
        yield Finding(
            id="agent.kvm",
            level=Level.FAIL,
            title=now.idle,
            fix=Fix(title=say("Switch VT-x or AMD-V on in the BIOS; host_type must be hypervisor.")),
        )
    else:
        yield from _kvm(facts)
    yield from _names(after, then)
    yield from _host(facts)
    asked = _pfs(facts, after, then.sriov.items + then.offload.items)
    for pf in asked:
        if not firmware.after_reboot(facts, choices, pf):
            yield from ports.of_port(facts, pf)
    for pf in _pfs(facts, after, then.offload.items):
        yield from ports.held(facts, pf)
    for name in then.offload.items:
        yield from ports.of_bond(after, name)
    early = [pf for pf in asked if ports.too_early(facts, pf)]
    if reading := reading_of(after):
        yield from designs.findings(after, reading)
    yield outcome(now, tuple(pf.netdev for pf in early))


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """None: the other modules prepare the host, the host-agent does the rest at its start."""
    yield from ()


def _pfs(facts: HostFacts, after: HostFacts, items: tuple[str, ...]) -> list[Pf]:
    """The cards as they are now behind these names as they will be, a bond that is still to be made included."""
    reached = set(items)
    ports = {port for name in reached if (link := after.link(name)) and link.bond for port in link.bond.ports}
    there = {pf.address for pf in after.pfs_of_netdevs(reached | ports)}
    return [pf for pf in facts.pfs or () if pf.address in there]


def _kvm(facts: HostFacts) -> Iterator[Finding]:
    if kvm.works(facts) is None:
        yield Finding(
            id="agent.kvm",
            level=Level.SKIP,
            title=say("Whether KVM works could not be read: without it the host-agent looks for no devices."),
            evidence=(Evidence("/dev/kvm", "not seen"),),
            fix=Fix(title=say("See whether /dev/kvm is there, and whether `modprobe kvm-intel` or kvm-amd succeeds.")),
        )


def _host(facts: HostFacts) -> Iterator[Finding]:
    """Without IOMMU or vfio-pci all VFs vanish; the host-agent itself looks at neither."""
    active, module = facts.iommu.active, facts.module("vfio_pci")
    words = {
        True: say("The IOMMU is active."),
        None: say("Whether the IOMMU is active cannot be seen; see the IOMMU checks."),
    }
    yield Finding(
        id="agent.iommu",
        level={True: Level.OK, False: Level.FAIL, None: Level.SKIP}[active],
        title=words.get(
            active, say("The IOMMU is not active: vfio-pci will refuse the VFs, and no device is reported.")
        ),
        evidence=(Evidence("/sys/kernel/iommu_groups", f"{facts.iommu.groups} groups"),),
        fix=Fix(title=say("Switch the IOMMU on in the BIOS and for the kernel.")) if active is False else None,
    )
    if module is None or (not module.loaded and module.available is None):
        title = say("Whether the kernel has vfio-pci could not be read.")
        yield Finding(id="agent.vfio", level=Level.SKIP, title=title, evidence=(Evidence("/lib/modules", "not read"),))
    else:
        there = bool(module.loaded or module.available)
        yield Finding(
            id="agent.vfio",
            level=Level.OK if there else Level.FAIL,
            title=say("vfio-pci is there.")
            if there
            else say("The kernel has no vfio-pci: no VF can be given to a machine."),
            evidence=(Evidence("/sys/module/vfio_pci", "loaded" if module.loaded else "not loaded"),),
            fix=None
            if there
            else Fix(title=say("Install the kernel's module package, or a kernel with CONFIG_VFIO_PCI.")),
            blocks=not there,
        )


def _names(facts: HostFacts, now: Forecast) -> Iterator[Finding]:
    """Names that the host-agent skips without a word."""
    skipped = [(part.key, *pair) for part in (now.sriov, now.offload) for pair in part.skipped]
    for key, name, why in skipped:
        outside = nics.outside_domain(facts, name)
        yield Finding(
            id="agent.pci-domain" if outside else "agent.nic-name",
            level=Level.FAIL,
            subject=name or "host",
            title=say("{name} in {key} {why}.", name=name, key=key, why=why)
            if name
            else say("An empty name in {key} {why}.", key=key, why=why),
            evidence=(Evidence("/etc/yunion/host.conf", f"{key}: {name}"),),
            fix=Fix(
                title=say("The host-agent cannot use this card: move it to another slot, or take it out of the list.")
                if outside
                else say(
                    "Write the exact name of a card, or of a bond that is in networks, or remove it from {key}.",
                    key=key,
                )
            ),
            blocks=True,
        )
    if not skipped:
        yield Finding(
            id="agent.nic-name", level=Level.OK, title=say("Every name in the lists is a card that it will find.")
        )
