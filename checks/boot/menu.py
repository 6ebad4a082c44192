"""The boot menu, entry by entry: do the others pass the same, does the default stay, is nothing lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.boot import arguments, loaders
from checks.boot.arguments import OFF_TOKENS
from sriov_tui.facts import HostFacts
from sriov_tui.message import join, say, verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level

NOT_LOST = ("BOOT_IMAGE", "initrd", "vt.handoff", *OFF_TOKENS)


def findings(facts: HostFacts, wanted: Sequence[str]) -> Iterator[Finding]:
    """One finding each on the entries, the default entry, and the arguments that would be lost; none where unknown."""
    entry = loaders.next_entry(facts.boot)
    if entry is None:
        return
    yield _entries(facts, [token for token in wanted if arguments.in_force(entry.arguments, token)])
    release = facts.kernel.release
    if release:
        same = entry.kernel.endswith(release)
        yield Finding(
            id="iommu.default-kernel",
            level=Level.OK if same else Level.WARN,
            title=say("The next boot starts {title}, the kernel that runs now.", title=entry.title)
            if same
            else say("The next boot would start {title}; {release} runs now.", title=entry.title, release=release),
            evidence=(Evidence(facts.boot.config or "the boot menu", f"{entry.title}: {entry.kernel}"),),
            fix=None
            if same
            else Fix(
                title=say("If that is not wanted, choose the kernel that runs now as the default."),
                manual=say(
                    "grubby --set-default=/boot/vmlinuz-{release}, or GRUB_DEFAULT in /etc/default/grub.",
                    release=release,
                ),
            ),
        )
        if same:
            yield _kept(facts, entry.arguments)


def _entries(facts: HostFacts, there: Sequence[str]) -> Finding:
    """What the default entry passes of what is wanted, every other normal entry has to pass too."""
    lacking = [
        (entry.title, missing)
        for entry in loaders.normal(facts.boot.entries or ())
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
            "{count_of_lacking} of {number} boot entries would not pass {lacking}.",
            count_of_lacking=len(lacking),
            number=number,
            lacking=" ".join(lacking[0][1]),
        ),
        detail=join(
            "\n",
            (say("{title}: without {missing}", title=title, missing=" ".join(missing)) for title, missing in lacking),
        ),
        fix=Fix(title=say("Write the boot menu anew, or change these entries by hand.")),
    )


def _kept(facts: HostFacts, following: str) -> Finding:
    """What the running kernel was given and the same kernel would not be given again."""
    after = set(arguments.tokens(following))
    keys = {arguments.key_of(token) for token in after}
    lost = [
        token
        for token in arguments.tokens(facts.kernel.cmdline or "")
        if token not in after
        and token not in NOT_LOST
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
        detail=say("It stands in the running kernel's arguments and not in the default boot entry."),
        evidence=(Evidence("/proc/cmdline", facts.kernel.cmdline or ""), Evidence("the boot menu", following)),
        fix=Fix(
            title=say("Add it to the kernel arguments if it is needed."),
            verify=verbatim("cat /proc/cmdline after the reboot"),
        ),
    )
