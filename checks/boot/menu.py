"""The boot menu, entry by entry: do the others pass the same, does the default stay, is nothing lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.boot import arguments, sourced
from checks.boot.entries import next_entry, normal
from sriov_tui.facts import BootEntry, HostFacts
from sriov_tui.late import regex
from sriov_tui.message import join, say, verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level

VERSION = regex(r"\d+\.\d+")
NOT_LOST = ("BOOT_IMAGE", "initrd", "vt.handoff")


def findings(facts: HostFacts, wanted: Sequence[str]) -> Iterator[Finding]:
    """One finding each on the entries, the default entry, and the arguments that would be lost; none where unknown."""
    entry = next_entry(facts.boot)
    if entry is None:
        return
    yield _entries(facts, [token for token in wanted if arguments.in_force(entry.arguments, token)])
    same = _same_kernel(facts, entry)
    yield _default_kernel(facts, entry, same)
    if same is not False:
        yield _kept(facts, entry.arguments)
    yield from _settings(facts)


def _same_kernel(facts: HostFacts, entry: BootEntry) -> bool | None:
    """Whether this entry starts the running kernel; None where the image has no version in its name."""
    name, release = (entry.image or entry.kernel).rpartition("/")[2], facts.kernel.release
    if not release or not (VERSION.search(name) or "rescue" in name):
        return None
    return name.endswith(f"-{release}")


def _default_kernel(facts: HostFacts, entry: BootEntry, same: bool | None) -> Finding:
    evidence = (Evidence(facts.boot.config or "the boot menu", f"{entry.title}: {entry.image or entry.kernel}"),)
    if same is None:
        title = say("The next boot starts {title}; its image has no version in its name, so that it is not known "
                    "whether this is the running kernel.", title=entry.title)  # fmt: skip
        return Finding(id="iommu.default-kernel", level=Level.SKIP, title=title, evidence=evidence)
    if same:
        title = say("The next boot starts {title}, the kernel that runs now.", title=entry.title)
        return Finding(id="iommu.default-kernel", level=Level.OK, title=title, evidence=evidence)
    release = facts.kernel.release
    grubby = facts.boot.loader == "grub2-bls"
    return Finding(
        id="iommu.default-kernel",
        level=Level.WARN,
        title=say("The next boot would start {title}; {release} runs now.", title=entry.title, release=release),
        evidence=evidence,
        fix=Fix(
            title=say("If you do not want that, choose the kernel that runs now as the default."),
            manual=verbatim(f"grubby --set-default=/boot/vmlinuz-{release}")
            if grubby
            else say("Name its entry in {setting} in {file}, then recreate the boot menu.",
                     setting="GRUB_DEFAULT", file="/etc/default/grub"),
        ),
    )  # fmt: skip


def _settings(facts: HostFacts) -> Iterator[Finding]:
    """Whether the menu is as grub-mkconfig would make it now of the settings."""
    differ = sourced.differing(facts)
    if differ is None:
        return
    newer, alone = (" ".join(tokens) for tokens in differ)
    command = "update-grub" if facts.boot.loader == "grub-debian" else f"grub2-mkconfig -o {facts.boot.config}"
    remake = Fix(title=say("Recreate the boot menu."), manual=verbatim(command))
    evidence = (Evidence(facts.boot.config, f"without {newer}"),)
    if newer:
        title = say("The boot menu is older than its settings: it does not pass {arguments}.", arguments=newer)
        yield Finding(id="iommu.menu", level=Level.WARN, title=title, evidence=evidence, fix=remake)
    elif alone:
        title = say("The boot menu passes {arguments}, which its settings do not have: the next update of the menu "
                    "ends that.", arguments=alone)  # fmt: skip
        fix = Fix(
            title=say("Write it into the settings to keep it; else recreate the boot menu."), manual=remake.manual
        )
        yield Finding(id="iommu.menu", level=Level.WARN, title=title, evidence=(Evidence(facts.boot.config, alone),),
                      fix=fix)  # fmt: skip
    else:
        title = say("The boot menu passes what its settings have.")
        yield Finding(id="iommu.menu", level=Level.OK, title=title)


def _entries(facts: HostFacts, there: Sequence[str]) -> Finding:
    """What the default entry passes of what is wanted, every other normal entry has to pass too."""
    lacking = [
        (entry.title, missing)
        for entry in normal(facts.boot.entries or ())
        if (missing := arguments.missing(entry.arguments, there))
    ]
    number = len(facts.boot.entries or ())
    if not lacking:
        title = say("The boot menu has {number} entries; all normal ones pass the same for the IOMMU.", number=number)
        return Finding(id="iommu.boot-entries", level=Level.OK, title=title)
    return Finding(
        id="iommu.boot-entries",
        level=Level.WARN,
        title=say(
            "{count_of_lacking} of {number} boot entries lack {lacking}.",
            count_of_lacking=len(lacking),
            number=number,
            lacking=" ".join(lacking[0][1]),
        ),
        detail=join(
            "\n",
            (say("{title}: without {missing}", title=title, missing=" ".join(missing)) for title, missing in lacking),
        ),
        fix=Fix(title=say("Recreate the boot menu, or change these entries by hand.")),
    )


def _kept(facts: HostFacts, following: str) -> Finding:
    """What the running kernel was given and the same kernel would not be given again."""
    after = set(arguments.tokens(following))
    keys = {arguments.key_of(token) for token in after}
    offs = arguments.off(facts.kernel.cmdline or "", arguments.SWITCHES)
    lost = [
        token
        for token in arguments.tokens(facts.kernel.cmdline or "")
        if token not in after
        and token not in offs
        and arguments.key_of(token) not in NOT_LOST
        and not (arguments.key_of(token) in keys and arguments.key_of(token) in arguments.LISTS)
    ]
    if not lost:
        title = say("The next boot passes everything that the running kernel was given.")
        return Finding(id="iommu.arguments-kept", level=Level.OK, title=title)
    return Finding(
        id="iommu.arguments-kept",
        level=Level.WARN,
        title=say("The next boot would no longer pass {lost}.", lost=" ".join(lost)),
        detail=say("The running kernel has it, the default boot entry does not."),
        evidence=(Evidence("/proc/cmdline", facts.kernel.cmdline or ""), Evidence("the boot menu", following)),
        fix=Fix(
            title=say("Add it to the kernel arguments if it is needed."),
            verify=verbatim("cat /proc/cmdline after the reboot"),
        ),
    )
