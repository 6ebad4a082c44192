"""The IOMMU by its layers (firmware, kernel, in force) and the kernel arguments that ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.boot import arguments, loaders, menu, module_parameters
from checks.boot.arguments import OFF_TOKENS, STUCK_TOKENS
from checks.boot.by_hand import by_hand
from checks.boot.loaders import Proposal
from checks.platform import bios, vf_resources
from checks.platform.iommu_verdict import STEP, WORDS, Verdict, rebooted_in_vain, verdict
from sriov_tui.facts import HostFacts
from sriov_tui.message import NOTHING, Message, join, lines, say, sentences, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step

ORDER = 20
REMAPS = ("Enabled IRQ remapping", "AMD-Vi: Interrupt remapping enabled")
REMAPS_NOT = ("Not enabling interrupt remapping", "Failed to enable irq remapping", "Disabling interrupt remapping")
ON_HOST = Fix(title=say("Run sriov-tui as root on the host itself."))


def iommu_arguments(facts: HostFacts) -> tuple[str, ...]:
    """What the guide asks for. AMD and Arm have no "on": theirs is on where the firmware offers it."""
    if "IORT" in (facts.iommu.tables or ()):
        return ("iommu.passthrough=1",)
    return ("intel_iommu=on", "iommu=pt") if facts.cpu.vendor == "GenuineIntel" else ("iommu=pt",)


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Is it on; if not, which layer is the cause; is that so at the next boot too; and is there room for the VFs."""
    yield _firmware(facts)
    yield _active(facts, choices)
    yield from _arguments(facts, choices)
    yield from menu.findings(facts, _all_wanted(facts, choices))
    yield from module_parameters.findings(facts, choices)
    yield from _platform(facts)
    yield from vf_resources.findings(facts, choices, _makes_room(facts, choices))


def _makes_room(facts: HostFacts, choices: Choices) -> bool:
    """Whether the step asks the kernel for the room that VF BARs lack."""
    if not vf_resources.wanted(facts, choices):
        return False
    proposal, add, _ = _proposal(facts, choices)
    return bool(proposal.operations) and "pci=realloc" in add


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """The arguments for the next boot, in the way of this host's boot loader."""
    proposal, add, remove = _proposal(facts, choices)
    if not proposal.operations:
        return
    does = [say("write {add}", add=" ".join(add))] if add else []
    does += [say("remove {remove}", remove=" ".join(remove))] if remove else []
    held = [finding.key for finding in menu.findings(facts, ()) if finding.level <= Level.INFO]
    after = ("iommu.active host", "iommu.arguments host", "iommu.boot-entries host", *held)
    yield Step(
        id=STEP,
        title=say("{Does} for the next boot", Does=join(" and ", does)) if does else say("Write the boot menu anew"),
        why=lines(_why(add), *proposal.warnings),
        operations=proposal.operations,
        resolves=tuple(dict.fromkeys(after)),
        disrupts="reboot",
    )


def _why(add: Sequence[str]) -> Message:
    words = []
    if any(arguments.key_of(token) in ("intel_iommu", "iommu", "iommu.passthrough") for token in add):
        words.append(say("The IOMMU gives each VF to one virtual machine only; the guide asks for these arguments."))
    if "pci=realloc" in add:
        words.append(say("The kernel makes room for VF BARs that the BIOS left without addresses."))
    return sentences(*words) if words else say("The kernel arguments of the next boot become what was asked for.")


def _proposal(facts: HostFacts, choices: Choices) -> tuple[Proposal, tuple[str, ...], tuple[str, ...]]:
    """How the boot loader is changed, what is added and what removed; nothing after a reboot that was in vain."""
    wanted, unwanted = _to_write(facts, choices)
    if not (wanted or unwanted) or rebooted_in_vain(facts):
        return Proposal(), (), ()
    return loaders.propose(facts, wanted, unwanted), wanted, unwanted


def _next_boot(facts: HostFacts) -> str | None:
    """The arguments of the default boot entry, or None where they are not known."""
    entry = loaders.next_entry(facts.boot)
    return entry.arguments if entry else None


def _all_wanted(facts: HostFacts, choices: Choices) -> tuple[str, ...]:
    """Every argument that the host or the operator asks for, there already or not."""
    if choices.kernel_args == "leave":
        return ()
    needed = facts.iommu.tables != () and (
        choices.kernel_args == "set" or (facts.iommu.active is False and bool(choices.chosen))
    )
    own = (module_parameters.expanded(facts, token) for token in choices.arguments)
    asked = (*(iommu_arguments(facts) if needed else ()), *vf_resources.wanted(facts, choices), *own)
    return tuple(dict.fromkeys(asked))


def _to_write(facts: HostFacts, choices: Choices) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The wanted arguments that the next boot lacks, and those in it that keep the IOMMU or the VFs off."""
    wanted = _all_wanted(facts, choices)
    if not wanted:
        return (), ()
    pending = _next_boot(facts)
    line = pending if pending is not None else facts.kernel.cmdline or ""
    unwanted = tuple(token for token in STUCK_TOKENS if token in arguments.tokens(line))
    return arguments.missing(line, wanted), unwanted


def _firmware(facts: HostFacts) -> Finding:
    tables = facts.iommu.tables
    evidence = (Evidence("/sys/firmware/acpi/tables", " ".join(tables or ()) or "no DMAR, IVRS or IORT"),)
    if tables is None:
        title = say("What the firmware says of the IOMMU cannot be seen here.")
        return Finding(id="iommu.firmware", level=Level.SKIP, title=title, fix=ON_HOST)
    if tables:
        title = say("The firmware offers the IOMMU ({tables}).", tables=", ".join(tables))
        return Finding(id="iommu.firmware", level=Level.OK, title=title, evidence=evidence)
    return Finding(
        id="iommu.firmware",
        level=Level.FAIL,
        title=say("The firmware does not offer the IOMMU: it is off in the BIOS, or the machine has none."),
        evidence=evidence,
        fix=Fix(
            title=say("Switch {facts} on in the BIOS.", facts=bios.iommu_name(facts)),
            manual=bios.guidance(facts),
            verify=say("ls /sys/firmware/acpi/tables shows DMAR (Intel), IVRS (AMD) or IORT (Arm)."),
        ),
        blocks=not facts.iommu.active,
    )


def _active(facts: HostFacts, choices: Choices) -> Finding:
    iommu, found = facts.iommu, verdict(facts)
    units = say("unknown") if iommu.units is None else verbatim(" ".join(iommu.units)) if iommu.units else say("empty")
    groups = say("unknown") if iommu.groups is None else say("{groups} groups", groups=iommu.groups)
    evidence = [Evidence("/sys/class/iommu", units), Evidence("/sys/kernel/iommu_groups", groups)]
    if facts.kernel.cmdline is not None:
        evidence.append(Evidence("/proc/cmdline", facts.kernel.cmdline))
    evidence += [item for item in found.evidence if item not in evidence]
    if iommu.active is None:
        title = say("Whether the IOMMU is active cannot be seen here.")
        return Finding(id="iommu.active", level=Level.SKIP, title=title, evidence=tuple(evidence), fix=ON_HOST)
    if iommu.active:
        title = say(
            "The IOMMU is active ({groups} groups, {domain_type}).",
            groups=iommu.groups,
            domain_type=iommu.domain_type or say("type unknown"),
        )
        return Finding(id="iommu.active", level=Level.OK, title=title, evidence=tuple(evidence))
    fix, mended = _mend(facts, choices, found)
    return Finding(
        id="iommu.active",
        level=Level.FAIL,
        title=say("The IOMMU is not active: {reason}", reason=found.reason),
        detail=say("Verdict: {word}. What would tell: {tells}", word=WORDS[found.word], tells=found.tells)
        if found.tells
        else say("Verdict: {word}.", word=WORDS[found.word]),
        evidence=tuple(evidence),
        fix=fix,
        blocks=not mended,
    )


def _mend(facts: HostFacts, choices: Choices, found: Verdict) -> tuple[Fix, bool]:
    """How this verdict is mended, and whether a step or the reboot does it."""
    match found.word:
        case "off in firmware":
            return Fix(title=say("Mend iommu.firmware first.")), False
        case "pending reboot":
            return Fix(title=verbatim("Reboot."), verify=verbatim("cat /proc/cmdline")), True
        case "initialisation failed":
            return Fix(title=say("Update the BIOS, or ask its maker: the line above is the kernel's.")), False
        case "unknown" if not _proposal(facts, choices)[0].operations:
            return Fix(title=say("Find out more."), manual=found.tells), False
        case _ if not found.built:
            return Fix(title=say("Install a kernel that has it.")), False
        case _:
            proposal, add, _ = _proposal(facts, choices)
            return _write_fix(facts, proposal, add or iommu_arguments(facts)), bool(proposal.operations)


def _write_fix(facts: HostFacts, proposal: Proposal, add: Sequence[str]) -> Fix:
    if proposal.operations:
        return Fix(title=say("Write the arguments for the next boot, then reboot."), steps=(STEP,))
    line = _next_boot(facts) or facts.kernel.cmdline or ""
    stuck = [token for token in STUCK_TOKENS if token in arguments.tokens(line)]
    possible = loaders.propose(facts, add, stuck)
    if possible.operations and not proposal.refusal:
        return Fix(
            title=say("Choose a card in the wizard: its plan writes {add}; then reboot.", add=" ".join(add)),
            manual=say("By hand: {boot}", boot=by_hand(facts.boot, add, stuck)),
            verify=verbatim("cat /proc/cmdline"),
        )
    manual = proposal.manual or possible.manual
    remove = say("Remove {stuck} from the kernel arguments and add", stuck=" ".join(stuck)) if stuck else say("Add")
    title = say("{remove} {add} by hand, then reboot.", remove=remove, add=" ".join(add))
    return Fix(title=title, manual=lines(proposal.refusal, manual), verify=verbatim("cat /proc/cmdline"))


def _arguments(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    if facts.kernel.cmdline is None:
        return
    running, pending = facts.kernel.cmdline, _next_boot(facts)
    evidence = [Evidence("/proc/cmdline", running)]
    if pending is not None:
        evidence.append(Evidence(facts.boot.config or "the boot menu", pending))
    level, title, detail, fix = _argument_words(facts, choices)
    yield Finding(id="iommu.arguments", level=level, title=title, detail=detail, evidence=tuple(evidence), fix=fix)


def _argument_words(facts: HostFacts, choices: Choices) -> tuple[Level, Message, Message, Fix | None]:
    running, pending = facts.kernel.cmdline or "", _next_boot(facts)
    if vain := rebooted_in_vain(facts):
        title = say(
            "The reboot did not bring {vain}: the machine does not boot what {config} says.",
            vain=" ".join(vain),
            config=facts.boot.config,
        )
        detail = say("Another reboot would change nothing, so none is proposed.")
        return Level.FAIL, title, detail, Fix(title=say("Find out which menu it boots."), manual=_other_menu(facts))
    proposal, add, remove = _proposal(facts, choices)
    if add or remove:
        title = (
            say("The next boot would not pass {add}.", add=" ".join(add))
            if add
            else say("It would pass {remove}.", remove=" ".join(remove))
        )
        if proposal.operations:
            return Level.WARN, title, NOTHING, Fix(title=say("Write them."), steps=(STEP,))
        manual = lines(proposal.refusal, proposal.manual)
        return Level.WARN, title, proposal.refusal, Fix(title=say("Write them by hand."), manual=manual)
    standard = (*iommu_arguments(facts), *vf_resources.wanted(facts, choices), *choices.arguments)
    kept = [token for token in standard if pending is not None and arguments.in_force(pending, token)]
    if waiting := arguments.missing(running, kept):
        title = say("{waiting} is written and waits for the reboot.", waiting=" ".join(waiting))
        return Level.WARN, title, NOTHING, Fix(title=verbatim("Reboot."), verify=verbatim("cat /proc/cmdline"))
    there = [token for token in standard if arguments.in_force(running, token)]
    if off := [token for token in OFF_TOKENS if not facts.iommu.active and token in arguments.tokens(running)]:
        title = say("{off} is among the kernel arguments and keeps the IOMMU off.", off=" ".join(off))
        return Level.WARN, title, NOTHING, Fix(title=say("See iommu.active."))
    title = (
        say("Kernel arguments: {there}.", there=" ".join(there))
        if there
        else say("The kernel needs no argument for the IOMMU.")
    )
    return Level.OK, title, NOTHING, None


def _other_menu(facts: HostFacts) -> Message:
    efi = say("efibootmgr -v shows what the firmware starts; ") if facts.boot.efi else NOTHING
    return say(
        "{efi}ls -l /boot/grub*/grub.cfg /boot/efi/EFI/*/grub.cfg shows the menus. Look at the "
        "console during a boot: was another entry chosen, or does another disk boot?",
        efi=efi,
    )


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
        say(" vfio was told to do without it (allow_unsafe_interrupts).") if facts.iommu.unsafe_interrupts else NOTHING
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
