"""The correction of a number of VFs that others set at boot, and that would end the host-agent's list: in its own file.

Only the number is replaced, and only where it stands in a file of the operator and concerns chosen cards alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from checks import firmware
from checks.boot import initramfs, makers
from sriov_tui.facts import HostFacts, MakerKind, Pf, VfMaker
from sriov_tui.message import say
from sriov_tui.model import Choices, Operation, Run, Step, WriteFile, once_for_choices

ID = "drift.owner"
PACKAGED = ("/run/", "/usr/lib/", "/lib/")  # what a program writes again, or a package brings
RELOAD = ((".service", ("systemctl", "daemon-reload")), (".rules", ("udevadm", "control", "--reload")))
Around = tuple[tuple[Operation, ...], tuple[Operation, ...]]


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """A step for each file with a number that would end the host-agent's list."""
    after, replaced = _corrections(facts, choices)
    yield from _initramfs(facts, choices)
    paths = dict.fromkeys(maker.path for maker in replaced)
    for path in paths:
        of_file = {maker: count for maker, count in replaced.items() if maker.path == path}
        yield _step(facts, path, of_file, _resolved(facts, after, choices, tuple(of_file)))


def expected(facts: HostFacts, choices: Choices, step: Step, after: HostFacts) -> HostFacts:
    """The host with a step of these done. A rebuilt initramfs has the parameters of the files: no other one is told."""
    if step.id == f"{ID}:initramfs":
        log = tuple(line for line in after.kernel.log or () if makers.PARAMETER not in line)
        return replace(after, kernel=replace(after.kernel, log=log))
    for maker, count in _corrections(facts, choices)[1].items():
        if step.id == f"{ID}:{maker.path}":
            text, start = maker.text, maker.text.find(maker.count, maker.start or 0)
            line = replace(maker, text=text[:start] + count + text[start + len(maker.count) :], count=count)
            makers_then = (line if one == maker else one for one in after.vf_makers or ())
            after = replace(after, vf_makers=tuple(makers_then))
    return after


@once_for_choices
def _corrections(facts: HostFacts, choices: Choices) -> tuple[HostFacts, dict[VfMaker, str]]:
    """The host with every number corrected that can be, and each maker that was, with its new number."""
    after, replaced = facts, dict[VfMaker, str]()
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        total = total_of(facts, choices, pf) if pf else None
        while pf and total and (maker := _culprit(after, choices, pf, total)):
            counts = _corrected(after, choices, maker)
            replaced[_original(facts, maker)] = counts
            after = makers.changed(after, maker, counts)
    return after, replaced


def _initramfs(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """Build it again where it alone holds a driver's parameter: only the next boot shows that it is gone."""
    held = []
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        total = total_of(facts, choices, pf) if pf else None
        boot = makers.next_boot(facts, pf, total, ours=True) if pf and total else None
        if boot and boot.count != total and any(act.maker.path == facts.initramfs.path for act in boot.foreign):
            held.append(choice.address)
    command = initramfs.rebuild(facts)
    if held and command:
        yield Step(
            id=f"{ID}:initramfs",
            title=say("Rebuild the initramfs"),
            why=say(
                "It holds a driver parameter that is no longer in any file, and that creates only some of the VFs."
            ),
            operations=(Run(argv=command, timeout=initramfs.PATIENCE),),
            resolves=tuple(f"{ID} {address}" for address in held),
            disrupts="reboot",
        )


def total_of(facts: HostFacts, choices: Choices, pf: Pf) -> int | None:
    """How many VFs the card will offer once these choices are carried out."""
    return firmware.after_reboot(facts, choices, pf) or pf.totalvfs


def _culprit(facts: HostFacts, choices: Choices, pf: Pf, total: int) -> VfMaker | None:
    """The maker whose number is to be changed next, so that all VFs are there after a boot; None where none can be."""
    boot = makers.next_boot(facts, pf, total, ours=True)
    if boot is None or boot.count in (None, total):
        return None
    acts = [act for act in boot.foreign if act.counts and act.after == boot.count]
    changeable = (act.maker for act in reversed(acts) if _changeable(facts, choices, act.maker))
    return next(changeable, None)


def _changeable(facts: HostFacts, choices: Choices, maker: VfMaker) -> bool:
    """Whether its number stands in a file of the operator, and concerns chosen cards alone, all with one total."""
    file = facts.file(maker.path)
    if maker.start is None or file is None or file.text is None or maker.path.startswith(PACKAGED):
        return False
    if "," in maker.count:
        return True  # each card has a number of its own
    pfs = [facts.pf(address) for address in maker.pfs or ()]
    totals = {total_of(facts, choices, pf) for pf in pfs if pf}
    return len(totals) == 1 and all(pf and choices.nic(pf.address).use != "leave" for pf in pfs)


def _corrected(facts: HostFacts, choices: Choices, maker: VfMaker) -> str:
    """The number, or the list of them, with the total of every chosen card."""
    pfs = [pf for address in maker.pfs or () if (pf := facts.pf(address))]
    if "," not in maker.count:
        return str(total_of(facts, choices, pfs[0]))
    counts = maker.count.split(",")
    for at, pf in enumerate(sorted(pfs, key=lambda pf: pf.address)[: len(counts)]):
        if choices.nic(pf.address).use != "leave":
            counts[at] = str(total_of(facts, choices, pf))
    return ",".join(counts)


def _original(facts: HostFacts, maker: VfMaker) -> VfMaker:
    """This maker as it stands in the file."""
    same = (one for one in facts.vf_makers or () if replace(one, count="") == replace(maker, count=""))
    return next(same)


def _resolved(facts: HostFacts, after: HostFacts, choices: Choices, changed: tuple[VfMaker, ...]) -> tuple[str, ...]:
    keys = []
    for address in dict.fromkeys(address for maker in changed for address in maker.pfs or ()):
        pf = facts.pf(address)
        total = total_of(facts, choices, pf) if pf else None
        if pf and total and choices.nic(address).use != "leave":
            boot = makers.next_boot(after, pf, total, ours=True)
            if boot and boot.count == total and not boot.possible and not facts.vf_makers_unread:
                keys.append(f"{ID} {address}")
    return tuple(keys)


def _step(facts: HostFacts, path: str, counts: dict[VfMaker, str], resolves: tuple[str, ...]) -> Step:
    file = facts.file(path)
    assert file is not None
    assert file.text is not None
    kinds = {maker.kind for maker in counts}
    before, after = _around(facts, path, kinds)
    write = WriteFile(path=path, text=_edited(file.text, counts), mode=file.mode or 0o644, expect=file.sha256)
    return Step(
        id=f"{ID}:{path}",
        title=say("Request all VFs in {path}", path=path),
        why=say("As it is, only some of the VFs exist after a boot, and the host-agent needs all of them or none."),
        operations=(*before, write, *after),
        resolves=resolves,
    )


def _edited(text: str, counts: dict[VfMaker, str]) -> str:
    """The file with each number replaced, the last one first."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for maker in sorted(counts, key=lambda maker: (maker.line, maker.start or 0), reverse=True):
        at = starts[maker.line - 1] + (maker.start or 0)
        text = text[:at] + counts[maker] + text[at + len(maker.count) :]
    return text


def _around(facts: HostFacts, path: str, kinds: Collection[MakerKind]) -> Around:
    """What has to read the file again, and once more when it is taken back."""
    if {"parameter", "link", "link-implied"} & set(kinds):
        return initramfs.around(facts)
    if "profile" in kinds and "NetworkManager" in (facts.network_managers or ()):
        load = ("nmcli", "connection", "load", path)
        return (Run(argv=("test", "-f", path), undo=load),), (Run(argv=load),)
    reload = next((command for end, command in RELOAD if path.endswith(end)), None)
    return (), (Run(argv=reload, undo=reload),) if reload else ()
