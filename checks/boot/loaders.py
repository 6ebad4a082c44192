"""How this host's boot loader is given other kernel arguments: as operations, or as the exact step for a person.

One function for each family that we change. All others, and whatever is not as it should be, get words and no change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from checks.boot import arguments, settings
from checks.boot.arguments import Edit
from checks.boot.by_hand import by_hand
from checks.boot.settings import Refusal
from sriov_tui.facts import Boot, BootEntry, HostFacts, TextFile
from sriov_tui.message import NOTHING, Message, say
from sriov_tui.model import GRUB_DROP_IN, Operation, Run, WriteFile, draft_of

HEADER = "# Written by sriov-tui. Remove this file and run update-grub to undo it.\n"
LINUX, DEFAULT = "GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"
SETTINGS, KERNEL_CMDLINE = "/etc/default/grub", "/etc/kernel/cmdline"
GENERATED = ("root", "rootflags", "rootfstype", "ro", "rw", "LANG", "BOOT_IMAGE", "initrd")  # not from the settings
RECOVERY = ("single", "rescue", "systemd.unit=rescue.target", "systemd.unit=emergency.target", "recovery")


_PLAIN = re.compile(r"[A-Za-z0-9_][\w.-]*(=[\w.,:/@%+=^~-]*)?", re.ASCII)


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
    manual = by_hand(boot, wanted, unwanted)
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


def normal(entries: Iterable[BootEntry]) -> tuple[BootEntry, ...]:
    """The entries that are no rescue: those that a boot without a person at the console may take."""
    return tuple(
        entry
        for entry in entries
        if not set(RECOVERY) & set(arguments.tokens(entry.arguments)) and "rescue" not in entry.kernel
    )


def next_entry(boot: Boot) -> BootEntry | None:
    """The entry that the next boot takes, or None where it is not known."""
    return next((entry for entry in boot.entries or () if entry.title == boot.default_title), None)


# -- Debian and Ubuntu: the settings, a drop-in of our own, update-grub ------------------------------------------------


def _debian(facts: HostFacts, wanted: Sequence[str], unwanted: Sequence[str]) -> Proposal:
    boot, files = facts.boot, _settings(facts)
    settings.check(files, dash=True)
    changes = _all_edits(boot, wanted, unwanted)
    _refuse_unsourced(facts, files, _removed(changes))
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
        warnings=_will_come_too(facts, files),
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
                '{place} assigns {linux} anew, after {path} is read. Write {linux}="${linux} ..." there, '
                "or rename that file so that it is read earlier.",
                place=counting[0].place,
                linux=LINUX,
                path=path,
            )
        )


# -- grub2-mkconfig: EL7, openEuler, Kylin, UOS, SUSE ------------------------------------------------------------------


def _grub2(facts: HostFacts, wanted: Sequence[str], unwanted: Sequence[str]) -> Proposal:
    boot, files = facts.boot, _settings(facts)
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
    changes = _all_edits(boot, wanted, unwanted)
    _refuse_unsourced(facts, files, _removed(changes))
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
        warnings=_will_come_too(facts, files),
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


def _settings(facts: HostFacts) -> list[TextFile]:
    """The settings files that are there, in the order of reading."""
    found = (facts.file(path) for path in facts.boot.settings)
    files = [file for file in found if file is not None and file.state != "absent"]
    for file in files:
        if file.text is None:
            raise Refusal(say("{path} cannot be read. Run sriov-tui as root.", path=file.path))
    return files


def _all_edits(boot: Boot, wanted: Sequence[str], unwanted: Sequence[str]) -> tuple[Edit, ...]:
    """The changes that the default entry needs; where that is not known, the first normal one."""
    entry = next_entry(boot) or next(iter(normal(boot.entries or ())), None)
    return arguments.edits(entry.arguments, wanted, unwanted) if entry else ()


def _removed(changes: Iterable[Edit]) -> list[str]:
    return [change.old for change in changes if change.old]


def _added(changes: Iterable[Edit]) -> tuple[str, ...]:
    return next((change.new for change in changes if not change.old), ())


def _write(facts: HostFacts, file: TextFile) -> WriteFile:
    before = facts.file(file.path)
    expect = (before.sha256 or "") if before else None
    return WriteFile(path=file.path, text=file.text, mode=before.mode or 0o644 if before else 0o644, expect=expect)


def _sourced(facts: HostFacts, files: Sequence[TextFile]) -> set[str] | None:
    """Every token that the settings give; None where shell code has a say in them."""
    found = settings.parts(files)
    values = [settings.value(found, name) for name in (LINUX, DEFAULT)]
    return None if not files or None in values else {t for text in values for t in arguments.tokens(text or "")}


def _refuse_unsourced(facts: HostFacts, files: Sequence[TextFile], removed: Sequence[str]) -> None:
    """A menu that passes what the settings do not have was changed by hand: to write it anew would lose that."""
    entry, sourced = next_entry(facts.boot), _sourced(facts, files)
    if entry is None or sourced is None:
        return
    lost = [
        token
        for token in arguments.tokens(entry.arguments)
        if token not in sourced
        and token.partition("=")[0] not in GENERATED
        and token[0] != "$"
        and token not in removed
    ]
    if lost:
        raise Refusal(
            say(
                "{config} passes {lost}, which {settings} does not have: a new menu would lose it. Write "
                "it into {linux} there first.",
                config=facts.boot.config,
                lost=" ".join(lost),
                settings=SETTINGS,
                linux=LINUX,
            )
        )


def _will_come_too(facts: HostFacts, files: Sequence[TextFile]) -> tuple[str, ...]:
    """What is in the settings and not in the menu yet: it takes effect together with ours."""
    entry, sourced = next_entry(facts.boot), _sourced(facts, files)
    if entry is None or sourced is None:
        return ()
    new = sorted(sourced - set(arguments.tokens(entry.arguments)))
    return (
        (say("The settings also have {new}, which the menu does not pass yet; it will.", new=" ".join(new)),)
        if new
        else ()
    )
