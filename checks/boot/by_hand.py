"""What a person does on a boot loader that sriov-tui does not change: the exact commands, per family."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from checks.boot import arguments, settings
from sriov_tui.facts import Boot, BootEntry, HostFacts
from sriov_tui.message import Message, lines, say, verbatim

LINUX, DEFAULT = "GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"


def by_hand(facts: HostFacts, entry: BootEntry | None, wanted: Sequence[str], unwanted: Sequence[str]) -> Message:
    """The commands that bring these arguments into force on this boot loader, or where its arguments stand.

    `entry` is the one that boots: what stands against a wanted argument in it is removed, too.
    """
    line = entry.arguments if entry else facts.kernel.cmdline or ""
    add, gone = changes(line, wanted, unwanted)
    how = _HOW[facts.boot.loader or ""](facts.boot, " ".join(add), " ".join(gone))
    reboot = say("Then reboot. `cat /proc/cmdline` shows what the kernel was given.")
    if not gone or facts.boot.loader in _REMOVES:
        return lines(how, reboot)
    remove = say("Remove {arguments}", arguments=" ".join(gone))
    if places := _places(facts, gone):
        remove = say("Remove {arguments} ({places})", arguments=" ".join(gone), places=places)
    return lines(remove, how, reboot)


def changes(line: str, wanted: Sequence[str], unwanted: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is added behind the arguments of this line and what is removed from it, so that all wanted are in force."""
    edits = arguments.edits(line, wanted, unwanted)
    added = tuple(token for edit in edits for token in edit.new)
    return added or tuple(wanted), tuple(edit.old for edit in edits if edit.old)


def _places(facts: HostFacts, gone: Sequence[str]) -> tuple[str, ...]:
    """Where in GRUB's settings these arguments stand, as file and line."""
    files = [file for path in facts.boot.settings if (file := facts.file(path)) and file.text is not None]
    found = [part.place for part in settings.parts(files) if {*arguments.tokens(part.text)} & {*gone}]
    return tuple(dict.fromkeys(found))


def _ostree(boot: Boot, words: str, gone: str) -> Message:
    options = [*(f"--delete-if-present={word}" for word in gone.split()), *(f"--append-if-missing={word}" for word in
                                                                            words.split())]  # fmt: skip
    return verbatim(f"rpm-ostree kargs {' '.join(options)}")


def _kernelstub(boot: Boot, words: str, gone: str) -> Message:
    return lines(f'kernelstub --delete-options "{gone}"' if gone else "", f'kernelstub --add-options "{words}"')


def _grub2(boot: Boot, words: str, gone: str) -> Message:
    config = boot.config or "PATH-OF-THE-GRUB.CFG-THAT-BOOTS"
    file = (boot.settings or ("/etc/default/grub",))[0]
    return lines(
        say("Add {arguments} to {setting} in {file}, then run:", arguments=words, setting=boot.variable, file=file),
        f"grub2-mkconfig -o {config}\ngrub2-script-check {config}",
    )


def _bls(boot: Boot, words: str, gone: str) -> Message:
    remove = f' --remove-args="{gone}"' if gone else ""
    return lines(
        f'grubby --update-kernel=ALL{remove} --args="{words}"\ngrubby --info=ALL',
        say("Where grubby is missing: add them to {setting} in /etc/default/grub, then run (EL 9.3 and newer)",
            setting=LINUX),
        "grub2-mkconfig -o /boot/grub2/grub.cfg --update-bls-cmdline",
    )  # fmt: skip


def _kernel_cmdline(words: str, command: str) -> Message:
    """The families that keep all arguments in one file."""
    return lines(say("Add {arguments} to the one line of /etc/kernel/cmdline, then run:", arguments=words), command)


_HOW: dict[str, Callable[[Boot, str, str], Message]] = {
    "": lambda boot, words, gone: say(
        "Add {arguments} to the kernel arguments of this boot loader, as its manual describes.", arguments=words
    ),
    "grub-debian": lambda boot, words, gone: say(
        "Add {arguments} to {setting} in {file}, then run: {command}",
        arguments=words, setting=LINUX, file="/etc/default/grub", command="update-grub",
    ),
    "grub2": _grub2,
    "grub2-bls": _bls,
    "systemd-boot": lambda boot, words, gone: lines(
        _kernel_cmdline(words, "kernel-install add $(uname -r) /lib/modules/$(uname -r)/vmlinuz"),
        say("`bootctl list` shows the entries and their options."),
    ),
    "proxmox": lambda boot, words, gone: lines(
        _kernel_cmdline(words, "proxmox-boot-tool refresh"),
        say("Where GRUB boots: add them to {setting} in {file} instead.", setting=LINUX, file="/etc/default/grub"),
    ),
    "kernelstub": _kernelstub,
    "sdbootutil": lambda boot, words, gone: _kernel_cmdline(words, "sdbootutil update-all-entries"),
    "ostree": _ostree,
    "zipl": lambda boot, words, gone: say(
        "This is an IBM Z: it has neither VT-d nor AMD-Vi, and its network cards are not supported."
    ),
}  # fmt: skip
_REMOVES = ("ostree", "kernelstub", "grub2-bls")
