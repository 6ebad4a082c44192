"""The IOMMU by its layers (firmware, kernel, in force) and the kernel arguments that ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from checks.boot import arguments, loaders, menu, module_parameters
from checks.boot.entries import next_entry, normal
from checks.boot.loaders import Proposal
from checks.platform import bios, iommu_arguments, vf_resources
from checks.platform.iommu_verdict import STEP, TABLES, WORDS, Verdict, after_boot, unsupported, verdict
from checks.unseen import look_again
from checks.written import one_by_one
from sriov_tui.cards import obstacle
from sriov_tui.facts import HostFacts
from sriov_tui.message import NOTHING, Message, join, say, sentences, verbatim
from sriov_tui.model import GRUB_DROP_IN, Choices, Evidence, Finding, Fix, Level, Step, WriteFile

ORDER = 20
UNITS, GROUPS = "/sys/class/iommu", "/sys/kernel/iommu_groups"
REMAPS = ("Enabled IRQ remapping", "AMD-Vi: Interrupt remapping enabled")
REMAPS_NOT = ("Not enabling interrupt remapping", "Failed to enable irq remapping", "Disabling interrupt remapping")


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Is it on; if not, which layer is the cause; is that so at the next boot too; and is there room for the VFs."""
    yield _firmware(facts)
    yield _active(facts, choices)
    yield from iommu_arguments.findings(facts, choices)
    yield from menu.findings(facts, iommu_arguments.wanted(facts, choices))
    yield from module_parameters.findings(facts, choices)
    yield from _platform(facts)
    yield from vf_resources.findings(facts, choices, _makes_room(facts, choices))


def _makes_room(facts: HostFacts, choices: Choices) -> bool:
    """Whether the step asks the kernel for the room that VF BARs lack."""
    if not vf_resources.wanted(facts, choices):
        return False
    proposal, add, _ = iommu_arguments.proposal(facts, choices)
    return bool(proposal.operations) and "pci=realloc" in add


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """The arguments for the next boot, in the way of this host's boot loader."""
    proposal, add, remove = iommu_arguments.proposal(facts, choices)
    if not proposal.operations:
        return
    held = [finding.key for finding in menu.findings(facts, ()) if finding.level <= Level.INFO]
    after = ("iommu.active host", "iommu.arguments host", "iommu.boot-entries host", *held)
    yield Step(
        id=STEP,
        title=_does(" ".join(add), " ".join(remove)),
        why=join("\n", (_why(facts, add, remove), *proposal.warnings)),
        operations=proposal.operations,
        resolves=tuple(dict.fromkeys(after)),
        disrupts="reboot",
    )


@one_by_one
def expected(facts: HostFacts, choices: Choices, step: Step, after: HostFacts) -> HostFacts:
    """With the arguments in each entry that a boot may take by itself; their order in a line is the boot loader's."""
    _, add, remove = iommu_arguments.proposal(facts, choices)
    boot = after.boot
    entries = tuple(
        replace(entry, arguments=arguments.apply(entry.arguments, arguments.edits(entry.arguments, add, remove)))
        if entry in normal(boot.entries or ())
        else entry
        for entry in boot.entries or ()
    )
    first, *rest = boot.settings or ("",)
    drop_in = any(isinstance(one, WriteFile) and one.path == GRUB_DROP_IN for one in step.operations)
    settings = (first, *sorted({*rest, GRUB_DROP_IN})) if drop_in else boot.settings
    return replace(after, boot=replace(boot, entries=entries if boot.entries is not None else None, settings=settings))


def booted(facts: HostFacts) -> HostFacts:
    """Started with the arguments of the next entry: what that makes of the IOMMU, and of the groups in it."""
    entry, running = next_entry(facts.boot), facts.kernel.cmdline or ""
    image = [token for token in arguments.tokens(running) if token.startswith("BOOT_IMAGE=")]
    line = " ".join((*image, entry.arguments)) if entry else None
    after = replace(facts, kernel=replace(facts.kernel, cmdline=line, boot_id=None))
    same = line is not None and sorted(arguments.tokens(line)) == sorted(arguments.tokens(running))
    pfs = (
        replace(
            pf,
            iommu_group=None,
            domain_type=pf.domain_type if same else None,
            group_members=pf.group_members if facts.iommu.active else None,
        )
        for pf in facts.pfs or ()
    )
    return replace(after, iommu=after_boot(facts, after), pfs=facts.pfs and tuple(pfs))


def _does(add: str, remove: str) -> Message:
    if add and remove:
        return say("Write {arguments} and remove {others} for the next boot", arguments=add, others=remove)
    if add:
        return say("Write {arguments} for the next boot", arguments=add)
    return say("Remove {arguments} for the next boot", arguments=remove)


def _why(facts: HostFacts, add: Sequence[str], remove: Sequence[str]) -> Message:
    words = []
    if {*add} & {*iommu_arguments.standard(facts)}:
        words.append(say("The IOMMU gives each VF to one virtual machine only; Cloudpods requires these arguments."))
    if remove:
        words.append(say("{arguments} keeps the IOMMU off.", arguments=" ".join(remove)))
    if "pci=realloc" in add:
        words.append(say("The kernel makes room for VF BARs that the BIOS left without addresses."))
    return sentences(*words) if words else say("The kernel arguments of the next boot become what was requested.")


def _firmware(facts: HostFacts) -> Finding:
    iommu = facts.iommu
    tables = ", ".join(iommu.tables or ())
    where = f"{TABLES}/IORT" if "IORT" in (iommu.tables or ()) else TABLES
    evidence = (Evidence(where, tables or "no DMAR, IVRS or IORT"),) if iommu.tables is not None else ()
    if facts.cpu.kind == "other":
        processor = (Evidence("/proc/cpuinfo", facts.cpu.vendor),)
        title, fix = say("Not supported: {reason}", reason=unsupported(facts)), Fix(title=say("Use another host."))
        return Finding(id="iommu.firmware", level=Level.FAIL, title=title, evidence=processor, fix=fix, blocks=True)
    if iommu.active:
        title = say("The firmware offers the IOMMU ({tables}).", tables=tables or say("the kernel uses it"))
        evidence = (*evidence, Evidence(UNITS, " ".join(iommu.units or ())))
        return Finding(id="iommu.firmware", level=Level.OK, title=title, evidence=evidence)
    if iommu.offered is None:
        title = (
            say("What the firmware offers for an IOMMU cannot be seen here.")
            if iommu.tables is None
            else say("The firmware has an IORT table; whether it lists an SMMU, Arm's IOMMU, cannot be read.")
        )
        return Finding(id="iommu.firmware", level=Level.SKIP, title=title, fix=look_again(facts, where))
    if iommu.offered:
        title = say("The firmware offers the IOMMU ({tables}).", tables=tables)
        return Finding(id="iommu.firmware", level=Level.OK, title=title, evidence=evidence)
    return _not_offered(facts)


def _not_offered(facts: HostFacts) -> Finding:
    smmu = bool(facts.iommu.tables)  # an IORT without one
    return Finding(
        id="iommu.firmware",
        level=Level.FAIL,
        title=say("The firmware does not offer the IOMMU: its IORT table lists no SMMU.")
        if smmu
        else say("The firmware does not offer the IOMMU: it is off in the BIOS, or the machine has none."),
        evidence=verdict(facts).evidence,
        fix=Fix(
            title=say("Switch {name} on in the BIOS.", name=bios.iommu_name(facts)),
            manual=bios.guidance(facts),
            verify=say("iommu.firmware is OK after the reboot."),
        ),
        blocks=True,
    )


def _active(facts: HostFacts, choices: Choices) -> Finding:
    iommu, found = facts.iommu, verdict(facts)
    units = "unknown" if iommu.units is None else " ".join(iommu.units) or "empty"
    groups = "unknown" if iommu.groups is None else f"{iommu.groups} groups"
    evidence = [Evidence(UNITS, units), Evidence(GROUPS, groups)]
    if facts.kernel.cmdline is not None:
        evidence.append(Evidence("/proc/cmdline", facts.kernel.cmdline))
    evidence += [item for item in found.evidence if item not in evidence]
    if iommu.active is None or found.word == "not supported":
        title = say("Whether the IOMMU is active cannot be seen here.")
        fix = look_again(facts, UNITS, GROUPS) if iommu.active is None else Fix(title=say("See iommu.firmware."))
        return Finding(id="iommu.active", level=Level.SKIP, title=title, evidence=tuple(evidence), fix=fix)
    if iommu.active:
        title = say(
            "The IOMMU is active ({groups} groups, {type}).",
            groups=iommu.groups or 0,
            type=_domain_types(facts, choices) or say("type unknown"),
        )
        return Finding(id="iommu.active", level=Level.OK, title=title, evidence=tuple(evidence))
    fix, curable = _cure(facts, choices, found)
    word = say("Verdict: {word}.", word=WORDS[found.word])
    return Finding(
        id="iommu.active",
        level=Level.FAIL,
        title=say("The IOMMU is not active: {reason}", reason=found.reason),
        detail=sentences(word, say("What would show it: {tells}", tells=found.tells)) if found.tells else word,
        evidence=tuple(evidence),
        fix=fix,
        blocks=not curable,
    )


def _domain_types(facts: HostFacts, choices: Choices) -> str:
    """How the groups of the chosen cards are mapped, else of all cards: by its own group each, once each kind."""
    chosen = {choice.address for choice in choices.chosen}
    pfs = [pf for pf in facts.pfs or () if pf.address in chosen] or list(facts.pfs or ())
    return ", ".join(dict.fromkeys(pf.domain_type for pf in pfs if pf.domain_type))


def _cure(facts: HostFacts, choices: Choices, found: Verdict) -> tuple[Fix, bool]:
    """How this verdict is cured, and whether a step or the reboot does it."""
    match found.word:
        case "off in firmware":
            return Fix(title=say("Fix iommu.firmware first.")), False
        case "pending reboot":
            return Fix(title=say("Reboot."), verify=verbatim("cat /proc/cmdline")), True
        case "initialisation failed":
            return Fix(title=say("Update the BIOS, or ask its maker: the line above is the kernel's.")), False
        case "not built":
            return Fix(title=say("Install a kernel that has it.")), False
        case "off by argument" | "not requested":
            proposal, add, _ = iommu_arguments.proposal(facts, choices)
            return _write_fix(facts, proposal, add or iommu_arguments.standard(facts)), bool(proposal.operations)
        case _:
            return Fix(title=say("Find out more."), manual=found.tells), False


def _write_fix(facts: HostFacts, proposal: Proposal, add: Sequence[str]) -> Fix:
    if proposal.operations:
        return Fix(title=say("Write the arguments for the next boot, then reboot."), steps=(STEP,))
    stuck, words = iommu_arguments.stuck(facts), " ".join(add)
    possible = loaders.propose(facts, add, stuck)
    if possible.operations and not proposal.refusal:
        usable = any(obstacle(facts, pf) is None for pf in facts.pfs or ())
        hand = loaders.hand_advice(facts, add, stuck)
        return Fix(
            title=say("Choose a card in the wizard: its plan writes {arguments}; then reboot.", arguments=words)
            if usable
            else say("Pass {arguments} to the kernel, then reboot.", arguments=words),
            manual=say("By hand: {hand}", hand=hand) if usable else hand,
            verify=verbatim("cat /proc/cmdline"),
        )
    title = (
        say("Remove {others} from the kernel arguments and add {arguments} by hand, then reboot.",
            others=" ".join(stuck), arguments=words)
        if stuck
        else say("Add {arguments} by hand, then reboot.", arguments=words)
    )  # fmt: skip
    manual = join("\n", (proposal.refusal, proposal.manual or possible.manual))
    return Fix(title=title, manual=manual, verify=verbatim("cat /proc/cmdline"))


def _platform(facts: HostFacts) -> Iterator[Finding]:
    """Interrupt remapping, the processor, Secure Boot and lockdown."""
    yield from _remapping(facts)
    if facts.cpu.virtualization is not None:
        yes = facts.cpu.virtualization
        title = (
            say("The processor's virtualization is on.")
            if yes
            else say("The processor shows no virtualization (vmx, svm).")
        )
        fix = Fix(title=say("Switch Intel VT-x or AMD SVM on in the BIOS."), manual=bios.guidance(facts, ("CPU",)))
        yield Finding(
            id="iommu.cpu",
            level=Level.OK if yes else Level.WARN,
            title=title,
            evidence=(Evidence("/proc/cpuinfo", "flags: vmx or svm " + ("found" if yes else "not found")),),
            fix=None if yes else fix,
        )
    if facts.kernel.lockdown in ("integrity", "confidentiality"):
        signed = say("Secure Boot is on. ") if facts.kernel.secure_boot else NOTHING
        yield Finding(
            id="iommu.lockdown",
            level=Level.INFO,
            title=say(
                "{signed}The kernel is locked down ({lockdown}): unsigned modules and firmware tools "
                "(mstconfig set) do not work.",
                signed=signed,
                lockdown=facts.kernel.lockdown,
            ),
            evidence=(Evidence("/sys/kernel/security/lockdown", facts.kernel.lockdown),),
            fix=Fix(title=say("Enrol the key of the vendor driver, or do without Secure Boot.")),
        )


def _remapping(facts: HostFacts) -> Iterator[Finding]:
    """Whether interrupts are remapped, by the kernel's own lines; else by what the firmware offers."""
    if not facts.iommu.active:
        return
    lines = [line for line in facts.kernel.log or () if any(words in line for words in (*REMAPS, *REMAPS_NOT))]
    said = not any(words in lines[-1] for words in REMAPS_NOT) if lines else facts.iommu.interrupt_remapping
    flags = Evidence("/sys/firmware/acpi/tables/DMAR", "flags at 0x25: bit 0 is " + ("1" if said else "0"))
    evidence = (Evidence("dmesg", lines[-1]),) if lines else (flags,)
    if said is None:
        return
    if said:
        title = say("Interrupts are remapped.") if lines else say("The firmware offers interrupt remapping.")
        yield Finding(id="iommu.interrupt-remapping", level=Level.OK, title=title, evidence=evidence)
        return
    who = (
        say("The kernel does not remap interrupts") if lines else say("The firmware does not offer interrupt remapping")
    )
    unsafe = (
        say(" vfio is set to do without it (allow_unsafe_interrupts).") if facts.iommu.unsafe_interrupts else NOTHING
    )
    yield Finding(
        id="iommu.interrupt-remapping",
        level=Level.WARN,
        title=say("{who}; VFs may not attach to virtual machines.{unsafe}", who=who, unsafe=unsafe),
        evidence=evidence,
        fix=Fix(
            title=say("Switch Interrupt Remapping on in the BIOS."),
            manual=bios.guidance(facts, ("Interrupt remapping",)),
            verify=verbatim("dmesg | grep -i 'remapping'"),
        ),
    )
