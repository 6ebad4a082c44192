"""The kernel arguments for the IOMMU and the VFs: which this machine needs, which the next boot passes, which lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.boot import arguments, loaders, module_parameters
from checks.boot.entries import next_entry
from checks.boot.loaders import Proposal
from checks.platform import vf_resources
from checks.platform.iommu_verdict import CMDLINE, CURED_BY_ARGUMENTS, STEP, rebooted_in_vain, verdict
from checks.unseen import look_again
from sriov_tui.facts import HostFacts
from sriov_tui.message import NOTHING, Message, join, lines, say, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level

SEE_ACTIVE = Fix(title=say("See iommu.active."))


def required(facts: HostFacts) -> tuple[str, ...]:
    """The arguments that can switch this machine's IOMMU on: Intel's has one, those of AMD and Arm are on anyway."""
    return ("intel_iommu=on",) if "DMAR" in (facts.iommu.tables or ()) else ()


def standard(facts: HostFacts) -> tuple[str, ...]:
    """What Cloudpods requires, by the firmware's table, not by the processor: Zhaoxin has Intel's table, Hygon AMD's.

    Nothing where no table is known. Of iommu=pt and its like no IOMMU comes on: they spare the host's own DMA a detour.
    """
    tables = facts.iommu.tables or ()
    if "DMAR" in tables or "IVRS" in tables:
        return (*required(facts), "iommu=pt")
    return ("iommu.passthrough=1",) if facts.iommu.offered else ()


def wanted(facts: HostFacts, choices: Choices) -> tuple[str, ...]:
    """Every argument that the host or the operator asks for, there already or not.

    Where the IOMMU is off, its own only if arguments are the cause: no reboot is planned for what cannot switch it on.
    """
    if choices.kernel_args == "leave":
        return ()
    on_request = choices.kernel_args == "set"
    curable = verdict(facts).word in CURED_BY_ARGUMENTS
    needed = (curable and (on_request or bool(choices.chosen))) or (on_request and facts.iommu.active is True)
    own = (module_parameters.expanded(facts, token) for token in choices.arguments)
    asked = (*(standard(facts) if needed else ()), *vf_resources.wanted(facts, choices), *own)
    return tuple(dict.fromkeys(asked))


def proposal(facts: HostFacts, choices: Choices) -> tuple[Proposal, tuple[str, ...], tuple[str, ...]]:
    """How the boot loader is changed, what is added and what removed; nothing after a reboot that was in vain."""
    add, remove = _to_write(facts, choices)
    if not (add or remove) or rebooted_in_vain(facts):
        return Proposal(), (), ()
    return loaders.propose(facts, add, remove), add, remove


def stuck(facts: HostFacts) -> tuple[str, ...]:
    """The arguments of the next boot that keep the IOMMU off until they are removed."""
    return arguments.stuck(_line(facts), facts.iommu.tables or ())


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """The one finding: what the running kernel was given, what the next boot passes, and what of it is needed."""
    running, pending = facts.kernel.cmdline, _next_boot(facts)
    evidence = () if running is None else (Evidence(CMDLINE, running),)
    if pending is not None:
        evidence = (*evidence, Evidence(facts.boot.config or "the boot menu", pending))
    level, title, detail, fix = _words(facts, choices)
    yield Finding(id="iommu.arguments", level=level, title=title, detail=detail, evidence=evidence, fix=fix)


Words = tuple[Level, Message, Message, Fix | None]


def _words(facts: HostFacts, choices: Choices) -> Words:
    if vain := rebooted_in_vain(facts):
        title = say(
            "{arguments} is still missing after the reboot: the machine does not boot what {menu} says.",
            arguments=" ".join(vain),
            menu=facts.boot.config or say("the boot menu"),
        )
        detail = say("Another reboot would change nothing, so none is proposed.")
        fix = Fix(title=say("Find out which menu it boots."), manual=_other_menu(facts))
        return Level.FAIL, title, detail, fix
    found, add, remove = proposal(facts, choices)
    if add or remove:
        return _to_be_written(found, add, remove)
    if facts.kernel.cmdline is None:
        title = say("The arguments of the running kernel cannot be read.")
        return Level.SKIP, title, NOTHING, look_again(facts, CMDLINE)
    return _given(facts, choices, facts.kernel.cmdline)


def _to_be_written(found: Proposal, add: Sequence[str], remove: Sequence[str]) -> Words:
    title = (
        say("{arguments} is not in the next boot's kernel arguments.", arguments=" ".join(add))
        if add
        else say("{arguments} is among the next boot's kernel arguments.", arguments=" ".join(remove))
    )
    if found.operations:
        return Level.WARN, title, NOTHING, Fix(title=say("Write them."), steps=(STEP,))
    manual = join("\n", (found.refusal, found.manual))
    return Level.WARN, title, found.refusal, Fix(title=say("Write them by hand."), manual=manual)


def _given(facts: HostFacts, choices: Choices, running: str) -> Words:
    pending = _next_boot(facts)
    all_needed = (*standard(facts), *vf_resources.wanted(facts, choices), *choices.arguments)
    kept = [token for token in all_needed if pending is not None and arguments.in_force(pending, token)]
    if waiting := arguments.missing(running, kept):
        title = say("{arguments} is written and waits for the reboot.", arguments=" ".join(waiting))
        return Level.WARN, title, NOTHING, Fix(title=say("Reboot."), verify=verbatim("cat /proc/cmdline"))
    if not facts.iommu.active and (off := arguments.off(running, facts.iommu.tables or ())):
        title = say("{arguments} is among the kernel arguments and keeps the IOMMU off.", arguments=" ".join(off))
        return Level.WARN, title, NOTHING, SEE_ACTIVE
    there = " ".join(token for token in all_needed if arguments.in_force(running, token))
    if facts.iommu.active:
        title = say("Kernel arguments: {arguments}.", arguments=there)
        alone = say("The kernel needs no argument for the IOMMU: it is active without one.")
        return Level.OK, title if there else alone, NOTHING, None
    return _of_no_help(facts, running, there)


def _of_no_help(facts: HostFacts, running: str, there: str) -> Words:
    """The IOMMU is off, or not seen, and no argument is to be written."""
    word = verdict(facts).word
    if word == "not requested":
        lacking = " ".join(arguments.missing(running, required(facts)))
        title = say("The kernel is not asked for the IOMMU: {arguments} is missing.", arguments=lacking)
        return Level.WARN, title, NOTHING, SEE_ACTIVE
    if word == "unknown" and not there:
        title = say("Whether the kernel needs an argument for the IOMMU is not known.")
        return Level.SKIP, title, NOTHING, SEE_ACTIVE
    if there:
        return Level.INFO, say("Kernel arguments: {arguments}.", arguments=there), NOTHING, None
    return Level.INFO, say("No kernel argument switches the IOMMU of this machine on."), NOTHING, SEE_ACTIVE


def _to_write(facts: HostFacts, choices: Choices) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The wanted arguments that the next boot lacks, and those in it that keep the IOMMU or the VFs off."""
    asked = wanted(facts, choices)
    return (arguments.missing(_line(facts), asked), stuck(facts)) if asked else ((), ())


def _next_boot(facts: HostFacts) -> str | None:
    """The arguments of the default boot entry, or None where they are not known."""
    entry = next_entry(facts.boot)
    return entry.arguments if entry else None


def _line(facts: HostFacts) -> str:
    pending = _next_boot(facts)
    return pending if pending is not None else facts.kernel.cmdline or ""


def _other_menu(facts: HostFacts) -> Message:
    menus = say(
        "ls -l /boot/grub*/grub.cfg /boot/efi/EFI/*/grub.cfg shows the menus. Look at the console during a boot: "
        "was another entry chosen, or does another disk boot?"
    )
    return lines(say("efibootmgr -v shows what the firmware starts."), menus) if facts.boot.efi else menus
