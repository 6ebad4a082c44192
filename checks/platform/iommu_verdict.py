"""Why the IOMMU is in force or not: one word of seven, by the layers of domain facts 1.1 and the order of 1.3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from checks.boot import arguments, loaders
from sriov_tui.facts import HostFacts
from sriov_tui.message import NOTHING, Message, say
from sriov_tui.model import Evidence

Word = Literal[
    "active",
    "off in firmware",
    "off by argument",
    "not requested",
    "initialisation failed",
    "pending reboot",
    "unknown",
]
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
UNKNOWN_OPTION = ("DMAR: Unknown option", "AMD-Vi: Unknown option")
INTEL_DEFAULT_ON = ("CONFIG_INTEL_IOMMU_DEFAULT_ON=y", "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y")
BUILT = {"DMAR": "CONFIG_INTEL_IOMMU=y", "IVRS": "CONFIG_AMD_IOMMU=y", "IORT": "CONFIG_ARM_SMMU_V3="}
STEP = "iommu.arguments"
WORDS: dict[Word, Message] = {
    "active": say("active"),
    "off in firmware": say("off in firmware"),
    "off by argument": say("off by argument"),
    "not requested": say("not requested"),
    "initialisation failed": say("initialisation failed"),
    "pending reboot": say("pending reboot"),
    "unknown": say("unknown"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The word, a sentence that ends the words "The IOMMU is not active:", and what shows it.

    `tells` says for "unknown" what a person could look at.
    """

    word: Word
    reason: Message = NOTHING
    evidence: tuple[Evidence, ...] = ()
    built: bool = True  # whether the kernel has the driver at all
    tells: Message = NOTHING


def verdict(facts: HostFacts) -> Verdict:
    """The state of the IOMMU. What the log says of an IOMMU that is "enabled" proves nothing and is not looked at."""
    active = facts.iommu.active
    if active is None:
        return Verdict(
            word="unknown",
            reason=say("/sys/class/iommu or /sys/kernel/iommu_groups cannot be read."),
            tells=say("Run sriov-tui as root on the host itself, not in a container."),
        )
    if active:
        return Verdict(word="active")
    for layer in (_firmware, _pending, _switched_off, _failed, _not_built, _not_requested):
        if found := layer(facts):
            return found
    return Verdict(
        word="unknown",
        reason=say("the firmware offers it, the kernel is asked for it, and the log does not say what failed.")
        if facts.kernel.log is not None
        else say("the kernel log cannot be read."),
        tells=say("dmesg | grep -e DMAR -e AMD-Vi -e arm-smmu, right after a boot: the log may have wrapped."),
    )


def rebooted_in_vain(facts: HostFacts) -> tuple[str, ...]:
    """Arguments that the menu passes by default, that a reboot was made for, and that the kernel still lacks."""
    entry = loaders.next_entry(facts.boot)
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
    tables = facts.iommu.tables
    if tables == ():
        return Verdict(
            word="off in firmware",
            reason=say("off in the firmware."),
            evidence=(Evidence("/sys/firmware/acpi/tables", "no DMAR, IVRS or IORT"),),
        )
    if tables is None:
        return Verdict(
            word="unknown",
            reason=say("what the firmware offers cannot be seen."),
            tells=say("ls /sys/firmware/acpi/tables, as root on the host itself; a machine without ACPI has none."),
        )
    return None


def _pending(facts: HostFacts) -> Verdict | None:
    entry, running = loaders.next_entry(facts.boot), facts.kernel.cmdline or ""
    if entry is None or rebooted_in_vain(facts):
        return None
    off = [token for token in arguments.OFF_TOKENS if token in arguments.tokens(entry.arguments)]
    if off and not (off == ["intel_iommu=off"] and arguments.switch(entry.arguments, "intel_iommu")):
        return None
    intel = arguments.switch(running, "intel_iommu") is not True
    asks = intel and arguments.switch(entry.arguments, "intel_iommu") is True
    freed = [token for token in arguments.STUCK_TOKENS if token in arguments.tokens(running)]
    if asks or freed:
        evidence = (Evidence("/proc/cmdline", running), Evidence(facts.boot.config, entry.arguments))
        reason = say("the arguments are written and wait for the reboot.")
        return Verdict(word="pending reboot", reason=reason, evidence=evidence)
    return None


def _switched_off(facts: HostFacts) -> Verdict | None:
    running = facts.kernel.cmdline or ""
    for token in arguments.OFF_TOKENS:
        if token not in arguments.tokens(running):
            continue
        if token == "intel_iommu=off" and arguments.switch(running, "intel_iommu"):
            continue
        evidence = (Evidence("/proc/cmdline", running),)
        return Verdict(
            word="off by argument", reason=say("off by the argument {token}.", token=token), evidence=evidence
        )
    return None


def _failed(facts: HostFacts) -> Verdict | None:
    for line in facts.kernel.log or ():
        if any(words in line for words in FAILED_LINES):
            reason = say("its initialisation failed: {line}", line=line)
            return Verdict(word="initialisation failed", reason=reason, evidence=(Evidence("dmesg", line),))
    return None


def _not_built(facts: HostFacts) -> Verdict | None:
    if facts.kernel.config is None:
        return None
    lacking = [table for table in facts.iommu.tables or () if not _has(facts.kernel.config, BUILT[table])]
    if not lacking or len(lacking) < len(facts.iommu.tables or ()):
        return None
    option = BUILT[lacking[0]].rstrip("=y")
    source = f"/boot/config-{facts.kernel.release}"
    return Verdict(
        word="not requested",
        built=False,
        reason=say("the kernel {release} is built without {option}.", release=facts.kernel.release, option=option),
        evidence=(Evidence(source, f"no {option}"),),
    )


def _has(config: tuple[str, ...], option: str) -> bool:
    return any(line.startswith(option) for line in config)


def _not_requested(facts: HostFacts) -> Verdict | None:
    if asked(facts):
        return None
    return Verdict(
        word="not requested",
        reason=say("nothing asked the kernel for it."),
        evidence=(Evidence("/proc/cmdline", facts.kernel.cmdline or "not readable"),),
    )
