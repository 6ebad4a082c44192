"""How this host's boot loader is given other kernel arguments: as operations, or as the exact step for a person.

One function for each family that we change. All others, and whatever is not as it should be, get words and no change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from checks.boot import arguments, settings, sourced
from checks.boot.arguments import Edit
from checks.boot.by_hand import DEFAULT, LINUX, by_hand
from checks.boot.entries import next_entry as next_entry
from checks.boot.entries import normal
from checks.boot.settings import Refusal
from checks.boot.sourced import SETTINGS
from sriov_tui.facts import Boot, BootEntry, HostFacts, TextFile
from sriov_tui.late import regex
from sriov_tui.message import NOTHING, Message, say
from sriov_tui.model import GRUB_DROP_IN, Operation, Run, WriteFile, draft_of

HEADER = "# Written by sriov-tui. Remove this file and run update-grub to undo it.\n"
KERNEL_CMDLINE = "/etc/kernel/cmdline"


_PLAIN = regex(r"[A-Za-z0-9_][\w.-]*(=[\w.,:/@%+=^~-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """How the wanted arguments get into the next boot: `operations`, or `manual` and the reason in `refusal`.

    Neither where nothing is to be changed.
    """

    operations: tuple[Operation, ...] = ()
    warnings: tuple[str, ...] = ()
    refusal: Message = NOTHING
    manual: Message = NOTHING


def propose(facts: HostFacts, wanted: Sequence[str], unwanted: Sequence[str] = ()) -> Proposal:
    """What would bring these arguments into every normal entry, and take those out of it."""
    boot = facts.boot
    if odd := [token for token in wanted if not _PLAIN.fullmatch(token) or token == "amd_iommu=on"]:
        why = say("the kernel knows no such option; AMD's IOMMU is on where the firmware offers it")
        what = (
            why
            if odd[0] == "amd_iommu=on"
            else say("it has characters that a boot menu or a shell would take otherwise")
        )
        return Proposal(
            refusal=say("{odd} is not written: {what}.", odd=repr(odd[0]), what=what),
            manual=say("Take it out of your choices."),
        )
    if boot.entries and not any(arguments.edits(entry.arguments, wanted, unwanted) for entry in normal(boot.entries)):
        return Proposal()
    manual = hand_advice(facts, wanted, unwanted)
    family = _FAMILIES.get(boot.loader or "")
    if family is None or not boot.entries:
        why = boot.why or (
            say("its menu could not be read") if family else say("this boot loader is not known to sriov-tui")
        )
        return Proposal(refusal=say("{why}.", why=why), manual=manual)
    try:
        return family(facts, wanted, unwanted)
    except Refusal as refusal:
        return Proposal(refusal=refusal.message, manual=manual)


def hand_advice(facts: HostFacts, wanted: Sequence[str], unwanted: Sequence[str] = ()) -> Message:
    """What a person does instead, against the entry that boots."""
    return by_hand(facts, _changed_entry(facts.boot), wanted, unwanted)


# -- Debian and Ubuntu: the settings, a drop-in of our own, update-grub ------------------------------------------------


def _debian(facts: HostFacts, wanted: Sequence[str], unwanted: Sequence[str]) -> Proposal:
    boot, files = facts.boot, sourced.files_of(facts)
    settings.check(files, dash=True)
    changes = _setting_edits(facts, files, wanted, unwanted)
    sourced.refuse_unsourced(facts, files, _removed((*changes, *_all_edits(boot, wanted, unwanted))))
    changed = {file.path: file for file in settings.edit(files, (LINUX, DEFAULT), changes)}
    added = _added(changes)
    if added:
        ours = changed.get(GRUB_DROP_IN) or facts.file(GRUB_DROP_IN)
        changed[GRUB_DROP_IN] = _drop_in(ours, added)
    _refuse_overridden(_merged(files, changed), GRUB_DROP_IN if added else "")
    writes = tuple(_write(facts, file) for file in changed.values())
    checks = tuple(Run(argv=("sh", "-n", path)) for path in changed)
    return Proposal(
        operations=(
            *writes,
            *checks,
            _menu("grub-mkconfig", boot.config),  # what update-grub runs
            Run(argv=("grub-script-check", boot.config)),
        ),
        warnings=sourced.will_come_too(facts, files),
    )


def _drop_in(ours: TextFile | None, added: Sequence[str]) -> TextFile:
    found = settings.parts((ours,)) if ours and ours.state == "present" else ()
    words = [part.text for part in found if part.name == LINUX and not part.opaque and part.text]
    default = [part.text for part in found if part.name == DEFAULT and not part.opaque and part.text]
    text = f'{HEADER}{LINUX}="${LINUX} {" ".join([*words, *added])}"\n'
    if default:
        text += f'{DEFAULT}="${DEFAULT} {" ".join(default)}"\n'
    return TextFile(path=GRUB_DROP_IN, state="present", text=text)


def _merged(files: Sequence[TextFile], changed: dict[str, TextFile]) -> list[TextFile]:
    """The settings in the order of reading, after the change."""
    after = {file.path: changed.get(file.path, file) for file in files} | changed
    first = [path for path in after if not path.startswith("/etc/default/grub.d/")]
    return [after[path] for path in (*first, *sorted(path for path in after if path not in first))]


def _refuse_overridden(files: Sequence[TextFile], path: str) -> None:
    """Refusal where what is in `path` is assigned anew by a file that is read later."""
    counting = settings.effective(settings.parts(files), LINUX)
    if path and path not in [part.path for part in counting]:
        raise Refusal(
            say(
                '{place} assigns {linux} again after {path} is read. Write {linux}="${linux} ..." '
                "there, or rename that file so that it is read earlier.",
                place=counting[0].place,
                linux=LINUX,
                path=path,
            )
        )


# -- grub2-mkconfig: EL7, openEuler, Kylin, UOS, SUSE ------------------------------------------------------------------


def _grub2(facts: HostFacts, wanted: Sequence[str], unwanted: Sequence[str]) -> Proposal:
    boot, files = facts.boot, sourced.files_of(facts)
    if not boot.config:
        raise Refusal(say("{why}.", why=boot.why))
    if not files:
        raise Refusal(
            say(
                "{settings} is missing: grub2-mkconfig would write a menu without this host's arguments.",
                settings=SETTINGS,
            )
        )
    settings.check(files, dash=False)
    changes = _setting_edits(facts, files, wanted, unwanted)
    sourced.refuse_unsourced(facts, files, _removed((*changes, *_all_edits(boot, wanted, unwanted))))
    changed = {file.path: file for file in settings.edit(files, (LINUX, DEFAULT), changes)}
    if added := _added(changes):
        file = settings.append(changed.get(files[0].path, files[0]), boot.variable, added)
        changed[file.path] = file
    return Proposal(
        operations=(
            *(_write(facts, file) for file in changed.values()),
            *(Run(argv=("sh", "-n", path)) for path in changed),
            _menu("grub2-mkconfig", boot.config),
            Run(argv=("grub2-script-check", boot.config)),
        ),
        warnings=sourced.will_come_too(facts, files),
    )


# -- grubby on Boot Loader Specification entries: EL8, EL9, EL10 -------------------------------------------------------


def _bls(facts: HostFacts, wanted: Sequence[str], unwanted: Sequence[str]) -> Proposal:
    boot = facts.boot
    if boot.why:
        raise Refusal(say("{why}.", why=boot.why))
    by_kernel = {
        entry.kernel: _for_grubby(entry.arguments, arguments.edits(entry.arguments, wanted, unwanted))
        for entry in boot.entries or ()
    }
    different = {edit for edit in by_kernel.values() if edit}
    environment = (boot.environment,) if boot.environment else ()
    rewrites = (*boot.entry_files, *environment, *boot.settings, KERNEL_CMDLINE)
    if len(different) == 1:
        commands = [_grubby("ALL", next(iter(different)), rewrites)]
        warnings: tuple[str, ...] = ()
    else:
        commands = [
            _grubby(f"/boot/{kernel.rpartition('/')[2]}", edit, rewrites) for kernel, edit in by_kernel.items() if edit
        ]
        warnings = (
            say("The entries differ, so that each is changed alone; kernels that are installed later get nothing."),
        )
    return Proposal(operations=(*commands, Run(argv=("grubby", "--info=ALL"))), warnings=warnings)


def _for_grubby(line: str, changes: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """grubby keeps one argument of a name: several `pci=` become one with all their words; others are refused."""
    after = arguments.tokens(arguments.apply(line, changes))
    result = {change.old: change.new for change in changes if change.old}
    added = [token for change in changes for token in change.new]
    for key in dict.fromkeys(arguments.key_of(token) for token in added):
        same = [token for token in after if arguments.key_of(token) == key]
        if len(same) < 2:
            continue
        if key != "pci":
            raise Refusal(
                say(
                    "grubby keeps one {key}= only, and {same} are two. Change the entries by hand.",
                    key=key,
                    same=" ".join(same),
                )
            )
        result |= {token: () for token in arguments.tokens(line) if arguments.key_of(token) == key}
        words = list(dict.fromkeys(word for token in same for word in token.partition("=")[2].split(",")))
        added = [token for token in added if arguments.key_of(token) != key] + [f"pci={','.join(words)}"]
    return (*(Edit(old) for old in result), *((Edit("", tuple(added)),) if added else ()))


def _grubby(kernel: str, changes: Sequence[Edit], rewrites: tuple[str, ...]) -> Run:
    """grubby removes first and then adds. Older ones look for keys as substrings, hence the order of both lists:
    an `iommu=` that comes before `intel_iommu=` cannot be taken for it."""
    removed = sorted(_removed(changes), key=len, reverse=True)
    added = sorted(
        (token for change in changes for token in change.new), key=lambda token: len(token.partition("=")[0])
    )
    if odd := [token for token in (*removed, *added) if any(char in token for char in " \"'\\$`*?[")]:
        raise Refusal(say("grubby cannot be handed {odd} without its quotes being changed.", odd=odd[0]))
    options = [f"--remove-args={' '.join(removed)}"] if removed else []
    options += [f"--args={' '.join(added)}"] if added else []
    return Run(argv=("grubby", f"--update-kernel={kernel}", *options), timeout=300, rewrites=rewrites)


_FAMILIES: dict[str, Callable[[HostFacts, Sequence[str], Sequence[str]], Proposal]] = {
    "grub-debian": _debian,
    "grub2": _grub2,
    "grub2-bls": _bls,
}

# -- what the families share -------------------------------------------------------------------------------------------


def _menu(program: str, config: str) -> Run:
    """The menu written anew. The program itself empties the old one before it fills it: a power cut there would
    leave a host that does not boot. So it is given another file, which then takes the place of the old one."""
    draft = draft_of(config)
    return Run(argv=(program, "-o", draft), timeout=300, rewrites=(config,), draft=draft)


def _all_edits(boot: Boot, wanted: Sequence[str], unwanted: Sequence[str]) -> tuple[Edit, ...]:
    """The changes that the default entry needs; where that is not known, the first normal one."""
    entry = _changed_entry(boot)
    return arguments.edits(entry.arguments, wanted, unwanted) if entry else ()


def _setting_edits(
    facts: HostFacts, files: Sequence[TextFile], wanted: Sequence[str], unwanted: Sequence[str]
) -> tuple[Edit, ...]:
    """The changes that the settings need: none where they are right already, and the menu alone is older.

    Refusal where the menu has what the settings do not mention at all: a new menu might have it again.
    """
    line, of_menu = sourced.line_of(files), _all_edits(facts.boot, wanted, unwanted)
    if line is None:
        return of_menu
    keys = {arguments.key_of(token) for token in arguments.tokens(line)}
    for token in _removed(of_menu):
        if arguments.key_of(token) not in keys:
            raise Refusal(
                say("{argument} is in the boot menu but in none of GRUB's settings files. Look for it below "
                    "/etc/grub.d, and whether the menu is older than its settings.", argument=token)
            )  # fmt: skip
    return arguments.edits(line, wanted, unwanted)


def _changed_entry(boot: Boot) -> BootEntry | None:
    return next_entry(boot) or next(iter(normal(boot.entries or ())), None)


def _removed(changes: Iterable[Edit]) -> list[str]:
    return [change.old for change in changes if change.old]


def _added(changes: Iterable[Edit]) -> tuple[str, ...]:
    return next((change.new for change in changes if not change.old), ())


def _write(facts: HostFacts, file: TextFile) -> WriteFile:
    before = facts.file(file.path)
    expect = (before.sha256 or "") if before else None
    return WriteFile(path=file.path, text=file.text, mode=before.mode or 0o644 if before else 0o644, expect=expect)
