"""Which driver each chosen card has, and whether vfio-pci is there for its VFs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from checks.unseen import look_again
from checks.written import one_by_one
from sriov_tui.facts import HostFacts, Module, Pf
from sriov_tui.message import NOTHING, say, verbatim
from sriov_tui.model import MODULES_LOAD_FILE, Choices, Evidence, Finding, Fix, Level, Run, Step, WriteFile

ORDER = 30
VFIO = ("vfio", "vfio_iommu_type1", "vfio_pci")
HEADER = "# Written by sriov-tui: the host-agent binds VFs to vfio-pci.\n"


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """The driver of each chosen PF; vfio now and at boot."""
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        if pf is not None:
            yield _driver(facts, pf)
    if choices.chosen:
        yield _vfio(facts)
        yield from _at_boot(facts)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """Load vfio-pci at boot and now."""
    if not choices.chosen:
        return
    if _missing_at_boot(facts):
        file = facts.file(MODULES_LOAD_FILE)
        text = HEADER + "".join(f"{name.replace('vfio_pci', 'vfio-pci')}\n" for name in VFIO)
        yield Step(
            id="driver.vfio-boot",
            title=say("Load the vfio modules at every boot"),
            why=say("Without them the host-agent cannot bind a VF, and reports none of any card."),
            operations=(WriteFile(path=MODULES_LOAD_FILE, text=text, expect=(file.sha256 or "") if file else None),),
            resolves=("driver.vfio-boot host",),
        )
    module = facts.module("vfio_pci")
    if module is not None and module.loaded is False and module.available:
        yield Step(
            id="driver.vfio",
            title=say("Load vfio-pci now"),
            why=say("The VFs are bound to it for virtual machines."),
            operations=(Run(argv=("modprobe", "vfio-pci"), undo=("modprobe", "-r", "vfio-pci")),),
            resolves=("driver.vfio host",),
        )


@one_by_one
def expected(facts: HostFacts, choices: Choices, step: Step, after: HostFacts) -> HostFacts:
    """With the modules listed for the boot, or loaded; whether vfio allows unsafe interrupts it shows only then."""
    if step.id == "driver.vfio-boot":
        return replace(after, modules_load=(*(after.modules_load or ()), *_missing_at_boot(after)))
    iommu = replace(after.iommu, unsafe_interrupts=None)
    return replace(after, modules=_loaded(after, VFIO), iommu=iommu)


def booted(facts: HostFacts) -> HostFacts:
    """The vfio modules that are listed are loaded; whether something else loads the others shows only then."""
    listed = [name for name in VFIO if name in (facts.modules_load or ())]
    others = (
        replace(module, loaded=None if module.name in VFIO and module.loaded else module.loaded)
        for module in facts.modules
    )
    iommu = replace(facts.iommu, unsafe_interrupts=None)
    return replace(facts, modules=_loaded(replace(facts, modules=tuple(others)), listed), iommu=iommu)


def _loaded(facts: HostFacts, names: Collection[str]) -> tuple[Module, ...]:
    """The modules with those of them loaded that the kernel has."""
    return tuple(
        replace(module, loaded=True, available=True) if module.name in names and module.available else module
        for module in facts.modules
    )


def _driver(facts: HostFacts, pf: Pf) -> Finding:
    version = f" {pf.driver_version}" if pf.driver_version else ""
    firmware = (
        say(", firmware {firmware_version}", firmware_version=pf.firmware_version) if pf.firmware_version else NOTHING
    )
    evidence = (Evidence(f"/sys/bus/pci/devices/{pf.address}/driver", pf.driver or "no driver bound"),)
    if pf.driver is None:
        title = say("Which driver it has cannot be seen.")
        return Finding(id="driver.bound", level=Level.SKIP, subject=pf.address, title=title,
                       fix=look_again(facts, f"/sys/bus/pci/devices/{pf.address}/driver"))  # fmt: skip
    if not pf.driver or pf.driver == "vfio-pci":
        return Finding(
            id="driver.bound",
            level=Level.FAIL,
            subject=pf.address,
            title=say("The whole port is bound to vfio-pci (a virtual machine or DPDK), so it cannot create VFs.")
            if pf.driver
            else say("No driver is bound to it, so it cannot create VFs."),
            evidence=evidence,
            fix=Fix(
                title=say("Bind the card's own driver."),
                manual=say("lspci -k -s {address} names the modules that fit.", address=pf.address),
            ),
            blocks=True,
        )
    title = say("Driver {driver}{version}{firmware}.", driver=pf.driver, version=version, firmware=firmware)
    return Finding(id="driver.bound", level=Level.OK, subject=pf.address, title=title, evidence=evidence)


def _vfio(facts: HostFacts) -> Finding:
    module = facts.module("vfio_pci")
    evidence = (Evidence("/sys/module/vfio_pci", say("there") if module and module.loaded else say("absent")),)
    if module is None or module.loaded is None:
        return Finding(id="driver.vfio", level=Level.SKIP, title=say("Whether vfio-pci is loaded cannot be seen."),
                       fix=look_again(facts, "/sys/module"))  # fmt: skip
    if module.loaded:
        return Finding(id="driver.vfio", level=Level.OK, title=say("vfio-pci is loaded."), evidence=evidence)
    if module.available is False:
        release = facts.kernel.release
        return Finding(
            id="driver.vfio",
            level=Level.FAIL,
            title=say("The kernel {release} has no vfio-pci module.", release=release),
            evidence=(*evidence, Evidence(f"/lib/modules/{release}/modules.dep", "no vfio-pci")),
            fix=Fix(title=say("Install the kernel's extra modules, or a kernel built with CONFIG_VFIO_PCI.")),
            blocks=True,
        )
    if module.available is None:
        return Finding(
            id="driver.vfio",
            level=Level.SKIP,
            title=say(
                "vfio-pci is not loaded, and whether the kernel {release} has it cannot be read.",
                release=facts.kernel.release,
            ),
            evidence=evidence,
            fix=look_again(facts, "/lib/modules", "/proc/sys/kernel/osrelease"),
        )
    fix = Fix(title=say("Load it."), steps=("driver.vfio",), verify=verbatim("ls -d /sys/module/vfio_pci"))
    return Finding(id="driver.vfio", level=Level.WARN, title=say("vfio-pci is not loaded."), evidence=evidence, fix=fix)


def _at_boot(facts: HostFacts) -> Iterator[Finding]:
    if facts.modules_load is None:
        return
    missing = _missing_at_boot(facts)
    evidence = (Evidence("/etc/modules-load.d", " ".join(facts.modules_load) or "no modules"),)
    if missing:
        title = say("Not loaded at boot: {missing}.", missing=", ".join(missing))
        fix = Fix(title=say("List them in a file below /etc/modules-load.d."), steps=("driver.vfio-boot",))
        yield Finding(id="driver.vfio-boot", level=Level.WARN, title=title, evidence=evidence, fix=fix)
    else:
        yield Finding(
            id="driver.vfio-boot", level=Level.OK, title=say("The vfio modules are loaded at boot."), evidence=evidence
        )


def _missing_at_boot(facts: HostFacts) -> tuple[str, ...]:
    return (
        tuple(name for name in VFIO if name not in (facts.modules_load or ())) if facts.modules_load is not None else ()
    )
