"""GRUB's menu against the settings that it is made of: what a new menu would have, would lose, or has not got yet."""

from __future__ import annotations

from collections.abc import Sequence

from checks.boot import arguments, settings
from checks.boot.by_hand import DEFAULT, LINUX
from checks.boot.entries import next_entry, normal
from checks.boot.settings import Refusal
from checks.unseen import look_again
from sriov_tui.facts import HostFacts, TextFile
from sriov_tui.message import say, sentences

SETTINGS = "/etc/default/grub"
GENERATED = ("root", "rootflags", "rootfstype", "ro", "rw", "LANG", "BOOT_IMAGE", "initrd")  # not from the settings


def files_of(facts: HostFacts) -> list[TextFile]:
    """The settings files that are there, in the order of reading."""
    found = (facts.file(path) for path in facts.boot.settings)
    files = [file for file in found if file is not None and file.state != "absent"]
    for file in files:
        if file.text is None:
            again = look_again(facts, file.path).title
            raise Refusal(sentences(say("{file} cannot be read.", file=file.path), again))
    return files


def line_of(files: Sequence[TextFile]) -> str | None:
    """The arguments that the settings give, in the menu's order; None where shell code has a say in them."""
    found = settings.parts(files)
    values = [settings.value(found, name) for name in (LINUX, DEFAULT)]
    return None if not files or None in values else " ".join(text for text in values if text)


def _sourced(files: Sequence[TextFile]) -> set[str] | None:
    line = line_of(files)
    return None if line is None else set(arguments.tokens(line))


def differing(facts: HostFacts) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The arguments in the settings that no normal entry passes, and those of the IOMMU or the VFs that only the menu
    has. None where either is not known, or where the menu is not made of settings.
    """
    entry = next_entry(facts.boot)
    if entry is None or facts.boot.loader not in ("grub-debian", "grub2"):
        return None
    try:
        sourced = _sourced(files_of(facts))
    except Refusal:
        return None
    if sourced is None:
        return None
    passed = {t for one in normal(facts.boot.entries or ()) for t in arguments.tokens(one.arguments)}
    alone = [t for t in arguments.for_kernel(entry.arguments) if t not in sourced and _ours(t)]
    return tuple(sorted(sourced - passed)), tuple(alone)


def _ours(token: str) -> bool:
    key = arguments.key_of(token)
    return key in (*arguments.LISTS, "noiommu", "iommu.passthrough") or key.endswith(("max_vfs", "num_vfs"))


def refuse_unsourced(facts: HostFacts, files: Sequence[TextFile], removed: Sequence[str]) -> None:
    """A menu that passes what the settings do not have was changed by hand: to write it anew would lose that."""
    entry, sourced = next_entry(facts.boot), _sourced(files)
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


def will_come_too(facts: HostFacts, files: Sequence[TextFile]) -> tuple[str, ...]:
    """What is in the settings and not in the menu yet: it takes effect together with ours."""
    entry, sourced = next_entry(facts.boot), _sourced(files)
    if entry is None or sourced is None:
        return ()
    new = sorted(sourced - set(arguments.tokens(entry.arguments)))
    return (
        (say("The settings also have {new}, which the menu does not pass yet; it will.", new=" ".join(new)),)
        if new
        else ()
    )
