"""A reset in the middle of writing boot files: the machine boots with a whole menu, and both ways out work.

The work is frozen at the moment, its disk is brought up to date in every second pair, and the machine is reset as by
its button: what was only in its memory is lost.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from tests.lab import cuts, evidence
from tests.lab.conftest import Boot
from tests.lab.machine import LabError, Machine

MENU, DRAFT = "/boot/grub/grub.cfg", "/boot/grub/.grub.cfg.draft.sriov-tui"
WANTED = ("intel_iommu=on", "iommu=pt")
# In bash's own words as far as may be: a process more at each look would come too late.
MOMENTS = {
    "the drop-in under its first name": "there '/etc/default/grub.d/.90-sriov-tui.cfg.*'",
    "the drop-in": "there /etc/default/grub.d/90-sriov-tui.cfg",
    "the old menu in the journal": f'has "$journal" {MENU}',
    "a draft just begun": f"there {DRAFT}.new",
    "a draft with its head": f"has {DRAFT}.new 'END /etc/grub.d/00_header'",
    "a draft with a kernel": f"has {DRAFT}.new menuentry",
    "a draft with its end": f"has {DRAFT}.new 'END /etc/grub.d/41_custom'",
    "a checked draft": f"there {DRAFT}",
    "the new menu under its first name": "there '/boot/grub/.grub.cfg.????????.sriov-tui'",
    "the new menu in its place": f"has {MENU} intel_iommu=on",
    "the new menu in the journal": """has "$journal" '"number": 3'""",
}
HOLD = """\
there() { compgen -G "$1" >/dev/null; }
has() { local text=; read -rd '' text <"$1"; [[ $text == *"$2"* ]]; } 2>/dev/null
newest() { local runs=(/var/lib/sriov-tui/runs/*); run=${runs[-1]}; }
newest; old=$run; journal=
sriov-tui apply --answers /root/answers.toml --yes --new >/root/out.txt 2>&1 </dev/null &
until CONDITION; do
    newest
    if [[ $run != "$old" ]]; then journal=$run/journal.jsonl; fi
    if has "$journal" '"finished"'; then echo "lab: missed: NAME." >/dev/ttyS0; exit; fi
done
for work in /sys/fs/cgroup/system.slice/sriov-tui-*/cgroup.freeze; do echo 1 >$work; done
SYNC
echo "lab: held: NAME." >/dev/ttyS0
echo b >/proc/sysrq-trigger
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """The machine, its tree before the first change, and both versions of its boot menu."""

    machine: Machine
    before: dict[str, str]
    menus: tuple[bytes, bytes]


@pytest.fixture(scope="module")
def ground(boot: Boot) -> Ground:
    """Once there and back without a reset, which tells what the new menu is."""
    machine = boot()
    cuts.prepare(machine, cuts.ANSWERS)
    before, old = evidence.tree(machine), machine.read(MENU)
    assert machine.try_ssh("sriov-tui apply --answers /root/answers.toml --yes").status == 3
    new = machine.read(MENU)
    assert all(new.decode().count(word) >= 2 for word in WANTED)
    machine.ssh("sriov-tui rollback --yes")
    assert evidence.differences(before, evidence.tree(machine)) == {}
    return Ground(machine, before, (old, new))


def reset_at(machine: Machine, name: str, sync: bool) -> None:
    """Apply, and reset the machine at this moment."""
    script = HOLD.replace("CONDITION", MOMENTS[name]).replace("NAME", name).replace("SYNC", "sync" if sync else "")
    earlier = machine.boot_id()
    machine.write("/root/hold.sh", script.encode())
    machine.ssh("sync; setsid bash /root/hold.sh >/root/hold.log 2>&1 </dev/null &")
    deadline = time.monotonic() + cuts.WAIT
    while f"lab: held: {name}." not in (said := machine.console()):
        if f"lab: missed: {name}." in said or time.monotonic() > deadline:
            raise LabError(f"not held: {name}\n{machine.ssh('cat /root/hold.log /root/out.txt')}")
        time.sleep(0.5)
    machine.wait_for_other_boot(earlier)


@pytest.mark.parametrize(("number", "name"), list(enumerate(MOMENTS)), ids=[name.replace(" ", "-") for name in MOMENTS])
def test_a_reset_and_the_way_out(ground: Ground, number: int, name: str) -> None:
    machine, forth, sync = ground.machine, number % 2 == 1, number // 2 % 2 == 0
    try:
        reset_at(machine, name, sync)
    except LabError:
        machine.ssh("sriov-tui rollback --yes")  # the moment was missed, and the next one is not to suffer from it
        raise
    menu = machine.read(MENU)
    assert menu in ground.menus
    booted = set(WANTED) <= set(evidence.kernel_arguments(machine))
    if name == "the new menu in the journal":
        assert booted, "what the journal calls done is not what GRUB found"
    print(
        f"{name}, {'synced' if sync else 'not synced'}: {'booted with' if booted else 'booted without'} the arguments, "
        f"and the {('old', 'new')[ground.menus.index(menu)]} menu is there"
    )
    if forth:
        cuts.resume(machine)
        assert machine.read(MENU) == ground.menus[1]
        cuts.stands(machine)
    machine.ssh("sriov-tui rollback --yes")
    cuts.is_as_before(machine, ground.before)


def test_after_all_that_it_boots_as_it_came(ground: Ground) -> None:
    ground.machine.reboot()
    assert not set(WANTED) & set(evidence.kernel_arguments(ground.machine))
    assert evidence.differences(ground.before, evidence.tree(ground.machine)) == {}
