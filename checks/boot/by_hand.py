"""What a person does on a boot loader that sriov-tui does not change: the exact commands, per family."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sriov_tui.facts import Boot

REBOOT = "Then reboot. `cat /proc/cmdline` shows what the kernel was given."


def by_hand(boot: Boot, wanted: Sequence[str], unwanted: Sequence[str]) -> str:
    """The commands that add and remove these arguments on this boot loader, or where its arguments stand."""
    words, gone = " ".join(wanted), " ".join(unwanted)
    remove = f" Remove: {gone}." if gone else ""
    return f"{_HOW[boot.loader or ''](boot, words, gone)}{remove if boot.loader not in _REMOVES else ''}\n{REBOOT}"


def _ostree(boot: Boot, words: str, gone: str) -> str:
    options = [*(f"--delete-if-present={word}" for word in gone.split()), *(f"--append-if-missing={word}" for word in
                                                                            words.split())]  # fmt: skip
    return f"rpm-ostree kargs {' '.join(options)}"


def _kernelstub(boot: Boot, words: str, gone: str) -> str:
    lines = [f'kernelstub --delete-options "{gone}"'] if gone else []
    return "\n".join([*lines, f'kernelstub --add-options "{words}"'])


def _grub2(boot: Boot, words: str, gone: str) -> str:
    config = boot.config or "PATH-OF-THE-GRUB.CFG-THAT-BOOTS"
    return (
        f"Add {words} to {boot.variable} in {(boot.settings or ('/etc/default/grub',))[0]}, then run:\n"
        f"grub2-mkconfig -o {config}\ngrub2-script-check {config}"
    )


def _bls(boot: Boot, words: str, gone: str) -> str:
    remove = f' --remove-args="{gone}"' if gone else ""
    return (
        f'grubby --update-kernel=ALL{remove} --args="{words}"\ngrubby --info=ALL\n'
        "Where grubby is missing: add them to GRUB_CMDLINE_LINUX in /etc/default/grub, then run (EL 9.3 and newer) "
        "grub2-mkconfig -o /boot/grub2/grub.cfg --update-bls-cmdline"
    )


_HOW: dict[str, Callable[[Boot, str, str], str]] = {
    "": lambda boot, words, gone: f"Add {words} to the kernel arguments of this boot loader, as its manual tells.",
    "grub-debian": lambda boot, words, gone: (
        f"Add {words} to GRUB_CMDLINE_LINUX in /etc/default/grub, then run: update-grub"
    ),
    "grub2": _grub2,
    "grub2-bls": _bls,
    "systemd-boot": lambda boot, words, gone: (
        f"Add {words} to the one line of /etc/kernel/cmdline, then run: kernel-install add $(uname -r) "
        "/lib/modules/$(uname -r)/vmlinuz\n`bootctl list` shows the entries and their options."
    ),
    "proxmox": lambda boot, words, gone: (
        f"Add {words} to the one line of /etc/kernel/cmdline (GRUB: to GRUB_CMDLINE_LINUX in /etc/default/grub), "
        "then run: proxmox-boot-tool refresh"
    ),
    "kernelstub": _kernelstub,
    "sdbootutil": lambda boot, words, gone: (
        f"Add {words} to the one line of /etc/kernel/cmdline, then run: sdbootutil update-all-entries"
    ),
    "ostree": _ostree,
    "zipl": lambda boot, words, gone: (
        "This is an IBM Z: it has neither VT-d nor AMD-Vi, and its network cards are not for this guide."
    ),
}
_REMOVES = ("ostree", "kernelstub", "grub2-bls")
