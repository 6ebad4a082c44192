"""Why the IOMMU is not in force, as one word: found layer by layer, firmware first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from checks.boot import arguments
from checks.boot.entries import next_entry
from sriov_tui.facts import HostFacts, Iommu
from sriov_tui.message import NOTHING, Message, say
from sriov_tui.model import Evidence

Word = Literal[
    "active",
    "off in firmware",
    "off by argument",
    "not requested",
    "not built",
    "initialisation failed",
    "pending reboot",
    "not supported",
    "unknown",
]
WORDS: dict[Word, Message] = {
    "active": say("active"),
    "off in firmware": say("off in firmware"),
    "off by argument": say("off by argument"),
    "not requested": say("not requested"),
    "not built": say("not built"),
    "initialisation failed": say("initialisation failed"),
    "pending reboot": say("pending reboot"),
    "not supported": say("not supported"),
    "unknown": say("unknown"),
}
CURED_BY_ARGUMENTS: tuple[Word, ...] = ("off by argument", "not requested", "pending reboot")
FAILED_LINES = (  # drivers/iommu/intel/{dmar,iommu}.c, drivers/iommu/amd/init.c
    "Your BIOS is broken",
    "No DRHD structure",
    "Parse DMAR table failure",
    "No DMAR devices found",
    "Invalid DMAR haw",
    "DMAR: Initialization failed",
    "IVRS table error",
    "IVRS invalid checksum",
    "Disable IOMMU on Stoney Ridge",
    "No supported address widths",
)
INTEL_DEFAULT_ON = ("CONFIG_INTEL_IOMMU_DEFAULT_ON=y", "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y")
BUILT = {  # the options of which one makes the driver of a table
    "DMAR": ("CONFIG_INTEL_IOMMU=",),
    "IVRS": ("CONFIG_AMD_IOMMU=",),
    "IORT": ("CONFIG_ARM_SMMU_V3=", "CONFIG_ARM_SMMU="),
}
TABLES, CMDLINE = "/sys/firmware/acpi/tables", "/proc/cmdline"
STEP = "iommu.arguments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The word, a sentence that ends the words "The IOMMU is not active:", and what shows it.

    `tells` says for "unknown" what a person could look at.
    """

    word: Word
    reason: Message = NOTHING
    evidence: tuple[Evidence, ...] = ()
    tells: Message = NOTHING


def verdict(facts: HostFacts) -> Verdict:
    """The state of the IOMMU. What the log says of an IOMMU that is "enabled" proves nothing and is not looked at."""
    if facts.cpu.kind == "other":
        return Verdict(word="not supported", reason=unsupported(facts))
    active = facts.iommu.active
    if active is None:
        return Verdict(
            word="unknown",
            reason=say("/sys/class/iommu or /sys/kernel/iommu_groups cannot be read."),
            tells=say("ls /sys/class/iommu /sys/kernel/iommu_groups on the host itself, not in a container."),
        )
    if active:
        return Verdict(word="active")
    for layer in (_firmware, _unread, _pending, _switched_off, _failed, _not_built, _not_requested):
        if found := layer(facts):
            return found
    return Verdict(
        word="unknown",
        reason=say("the firmware offers it, the kernel is asked for it, and the log does not say what failed.")
        if facts.kernel.log is not None
        else say("the kernel log cannot be read."),
        tells=say("dmesg | grep -e DMAR -e AMD-Vi -e arm-smmu, right after a boot: the log may have wrapped."),
    )


def after_boot(before: HostFacts, booted: HostFacts) -> Iommu:
    """The IOMMU once the host has started with other arguments, which `booted` has: how many groups shows only then."""
    now, line = before.iommu, booted.kernel.cmdline
    if now.active:
        stays = line is not None and not arguments.off(line, now.tables or ())
        return replace(now, units=now.units if stays else None, groups=None, foreseen=stays or None)
    if now.active is False and now.offered and verdict(booted).word == "unknown":  # nothing keeps it off any more
        return replace(now, units=None, groups=None, foreseen=True)
    return now


def unsupported(facts: HostFacts) -> Message:
    """The sentence about a processor that is neither x86 nor Arm."""
    return say("sriov-tui knows x86-64 and arm64 only, and this processor is {name}.", name=facts.cpu.vendor)


def on_arm(facts: HostFacts) -> bool:
    """Whether the machine is an Arm one, whose IOMMU is an SMMU."""
    return facts.cpu.kind == "arm" or "IORT" in (facts.iommu.tables or ())


def rebooted_in_vain(facts: HostFacts) -> tuple[str, ...]:
    """Arguments that the menu passes by default, that a reboot was made for, and that the kernel still lacks."""
    entry = next_entry(facts.boot)
    if STEP not in facts.rebooted_for or entry is None or facts.kernel.cmdline is None:
        return ()
    running, following = facts.kernel.cmdline, arguments.for_kernel(entry.arguments)
    listed = [token for token in following if arguments.key_of(token) in arguments.LISTS]
    given = set(arguments.for_kernel(running))
    parameters = (token for token in following if "." in arguments.key_of(token) and token not in given)
    return (*arguments.missing(running, listed), *parameters)


def asked(facts: HostFacts) -> bool:
    """Whether the running kernel is asked for the IOMMU, by argument or by how it was built."""
    on = arguments.switch(facts.kernel.cmdline or "", "intel_iommu")
    if "DMAR" not in (facts.iommu.tables or ()):
        return True  # AMD's and Arm's are on where the firmware offers them
    return on if on is not None else any(option in (facts.kernel.config or ()) for option in INTEL_DEFAULT_ON)


def _firmware(facts: HostFacts) -> Verdict | None:
    iommu = facts.iommu
    if iommu.offered:
        return None
    if iommu.tables is None:
        return Verdict(
            word="unknown",
            reason=say("what the firmware offers cannot be seen."),
            tells=say("ls {folder} on the host itself; a machine without ACPI has none.", folder=TABLES),
        )
    if iommu.offered is None:
        return Verdict(
            word="unknown",
            reason=say("whether the firmware's IORT table lists an SMMU cannot be read."),
            tells=say("dmesg | grep -e arm-smmu -e SMMU, and the firmware's own switch for the SMMU."),
        )
    lacks = "no SMMU among its nodes" if iommu.tables else "no DMAR, IVRS or IORT"
    return Verdict(
        word="off in firmware",
        reason=say("off in the firmware: its IORT table lists no SMMU.")
        if iommu.tables
        else say("off in the firmware."),
        evidence=(Evidence(f"{TABLES}/IORT" if iommu.tables else TABLES, lacks),),
    )


def _unread(facts: HostFacts) -> Verdict | None:
    """Of a kernel whose arguments are not known nothing can be said of what they ask."""
    if facts.kernel.cmdline is not None:
        return None
    reason = say("the kernel arguments cannot be read.")
    return Verdict(word="unknown", reason=reason, tells=say("cat {file} on the host itself.", file=CMDLINE))


def _pending(facts: HostFacts) -> Verdict | None:
    """Whether the next boot switches on what this one left off: by an argument of Intel's, or by one less."""
    entry, running, tables = next_entry(facts.boot), facts.kernel.cmdline or "", facts.iommu.tables or ()
    if entry is None or rebooted_in_vain(facts) or arguments.off(entry.arguments, tables):
        return None
    on_now, on_then = (arguments.switch(line, "intel_iommu") for line in (running, entry.arguments))
    asks = "DMAR" in tables and on_then is True and on_now is not True
    if asks or arguments.stuck(running, tables):
        evidence = (Evidence(CMDLINE, running), Evidence(facts.boot.config, entry.arguments))
        reason = say("the arguments are written and wait for the reboot.")
        return Verdict(word="pending reboot", reason=reason, evidence=evidence)
    return None


def _switched_off(facts: HostFacts) -> Verdict | None:
    running = facts.kernel.cmdline or ""
    found = arguments.off(running, facts.iommu.tables or ())
    if not found:
        return None
    reason = say("off by the argument {token}.", token=found[0])
    return Verdict(word="off by argument", reason=reason, evidence=(Evidence(CMDLINE, running),))


def _failed(facts: HostFacts) -> Verdict | None:
    for line in facts.kernel.log or ():
        if any(words in line for words in FAILED_LINES):
            reason = say("its initialisation failed: {line}", line=line)
            return Verdict(word="initialisation failed", reason=reason, evidence=(Evidence("dmesg", line),))
    return None


def _not_built(facts: HostFacts) -> Verdict | None:
    if facts.kernel.config is None:
        return None
    options = [BUILT[table] for table in facts.iommu.tables or ()]
    if not options or any(line.startswith(some) for line in facts.kernel.config for some in options):
        return None
    option = options[0][0].rstrip("=")
    return Verdict(
        word="not built",
        reason=say("the kernel {release} is built without {option}.", release=facts.kernel.release, option=option),
        evidence=(Evidence(facts.kernel.config_path, f"no {option}"),),
    )


def _not_requested(facts: HostFacts) -> Verdict | None:
    if asked(facts):
        return None
    running = facts.kernel.cmdline or ""
    return Verdict(
        word="not requested",
        reason=say("nothing asked the kernel for it.")
        if facts.kernel.config is not None
        else say("nothing asked the kernel for it on its command line; how it was built cannot be read."),
        evidence=(Evidence(CMDLINE, running),),
    )
