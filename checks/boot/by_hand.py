"""What a person does on a boot loader that sriov-tui does not change: the exact commands, per family."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sriov_tui.facts import Boot
from sriov_tui.message import Message, lines, say, verbatim

REBOOT = say("Then reboot. `cat /proc/cmdline` shows what the kernel was given.")


def by_hand(boot: Boot, wanted: Sequence[str], unwanted: Sequence[str]) -> Message:
    """The commands that add and remove these arguments on this boot loader, or where its arguments stand."""
    words, gone = " ".join(wanted), " ".join(unwanted)
    remove = say("Remove: {gone}.", gone=gone) if gone and boot.loader not in _REMOVES else ""
    return lines(_HOW[boot.loader or ""](boot, words, gone), remove, REBOOT)


def _ostree(boot: Boot, words: str, gone: str) -> Message:
    options = [*(f"--delete-if-present={word}" for word in gone.split()), *(f"--append-if-missing={word}" for word in
                                                                            words.split())]  # fmt: skip
    return verbatim(f"rpm-ostree kargs {' '.join(options)}")


def _kernelstub(boot: Boot, words: str, gone: str) -> Message:
    return lines(f'kernelstub --delete-options "{gone}"' if gone else "", f'kernelstub --add-options "{words}"')


def _grub2(boot: Boot, words: str, gone: str) -> Message:
    config = boot.config or "PATH-OF-THE-GRUB.CFG-THAT-BOOTS"
    return say(
        "Add {words} to {variable} in {settings}, then run:\ngrub2-mkconfig -o {config}\ngrub2-script-check {config}",
        words=words,
        variable=boot.variable,
        settings=(boot.settings or ("/etc/default/grub",))[0],
        config=config,
    )


def _bls(boot: Boot, words: str, gone: str) -> Message:
    remove = f' --remove-args="{gone}"' if gone else ""
    return lines(
        f'grubby --update-kernel=ALL{remove} --args="{words}"',
        "grubby --info=ALL",
        say(
            "If grubby is missing, add them to GRUB_CMDLINE_LINUX in /etc/default/grub, then run (EL 9.3 and newer): "
            "grub2-mkconfig -o /boot/grub2/grub.cfg --update-bls-cmdline"
        ),
    )


_HOW: dict[str, Callable[[Boot, str, str], Message]] = {
    "": lambda boot, words, gone: say(
        "Add {words} to the kernel arguments of this boot loader, as its manual tells.", words=words
    ),
    "grub-debian": lambda boot, words, gone: say(
        "Add {words} to GRUB_CMDLINE_LINUX in /etc/default/grub, then run: update-grub", words=words
    ),
    "grub2": _grub2,
    "grub2-bls": _bls,
    "systemd-boot": lambda boot, words, gone: say(
        "Add {words} to the one line of /etc/kernel/cmdline, then run: kernel-install add "
        "$(uname -r) /lib/modules/$(uname -r)/vmlinuz\n"
        "`bootctl list` shows the entries and their options.",
        words=words,
    ),
    "proxmox": lambda boot, words, gone: say(
        "Add {words} to the one line of /etc/kernel/cmdline (GRUB: to GRUB_CMDLINE_LINUX in "
        "/etc/default/grub), then run: proxmox-boot-tool refresh",
        words=words,
    ),
    "kernelstub": _kernelstub,
    "sdbootutil": lambda boot, words, gone: say(
        "Add {words} to the one line of /etc/kernel/cmdline, then run: sdbootutil update-all-entries", words=words
    ),
    "ostree": _ostree,
    "zipl": lambda boot, words, gone: say(
        "This is an IBM Z: it has neither VT-d nor AMD-Vi, and its network cards are not for this guide."
    ),
}
_REMOVES = ("ostree", "kernelstub", "grub2-bls")
