"""Family and firmware -> files changed, commands run, warnings, and the way back, as golden files word for word.

`python -m tests.checks.test_boot_families` writes them anew; read the difference before it is committed.
"""

from __future__ import annotations

import difflib
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from checks import iommu
from checks.boot import arguments, loaders
from sriov_tui import plan
from sriov_tui.facts import BootEntry, HostFacts
from sriov_tui.model import Choices, Level, Run
from sriov_tui.probe import gather
from sriov_tui.reports import plan_text
from sriov_tui.run import engine, journal, rollback, store, undo
from sriov_tui.simulated import SimulatedHost
from tests import boot_machines
from tests.boot_machines import NAMES
from tests.checks.common import WANT, found

GOLDEN = Path(__file__).parents[1] / "golden" / "boot"
MORE = replace(WANT, kernel_args="set", arguments=("pci=realloc", "igb.max_vfs=7"))
CHOICES = {"the IOMMU": WANT, "the IOMMU, pci=realloc and a module parameter": MORE}
BY_HAND = ("bls-without-grubby", "systemd-boot-uefi", "ostree-uefi", "proxmox-uefi", "unknown-bios")
CHANGED = tuple(name for name in NAMES if name not in BY_HAND)


def host_of(name: str, folder: Path) -> SimulatedHost:
    """The machine of this family in a folder."""
    return SimulatedHost.create(boot_machines.named(name), folder)


def run_of(host: SimulatedHost, folder: Path, choices: Choices) -> Path:
    """The boot part applied to a machine, up to the reboot."""
    facts = gather(host)
    made = plan.build(facts, choices, iommu.steps(facts, choices))
    run = store.create(made, "simulated:.", folder)
    assert engine.apply(run, host) == "reboot"
    return run


def told(name: str, choices: Choices, folder: Path) -> list[str]:
    """All that happens to one machine for these choices."""
    host = host_of(name, folder / "machine")
    before = gather(host)
    steps = tuple(iommu.steps(before, choices))
    if not steps:
        finding = found(iommu, before, choices)["iommu.arguments host"]
        assert finding.fix is not None
        return [f"{finding.level.name}: {finding.title}", f"{finding.fix.title}", *finding.fix.manual.splitlines()]
    lines = plan_text.describe(plan.build(before, choices, steps), before)
    run = run_of(host, folder / "state", choices)
    after = gather(host)
    lines += ["", "Boot entries:"]
    for old, new in zip(before.boot.entries or (), after.boot.entries or (), strict=True):
        mark = " (default)" if new.title == after.boot.default_title else ""
        lines += [f"  {new.title}{mark}", *(f"    {line}" for line in tokens_changed(old, new))]
    events, _ = journal.read(run / journal.NAME)
    return [*lines, "", "Way back:", *rollback.describe(undo.undo_list(events))]


def tokens_changed(old: BootEntry, new: BootEntry) -> list[str]:
    """What of an entry's arguments is new and what is gone, in order, with their neighbours."""
    diff = difflib.ndiff(arguments.tokens(old.arguments), arguments.tokens(new.arguments))
    return [line.rstrip() for line in diff if line[:1] in "+- "]


def golden(name: str, folder: Path) -> str:
    """One golden file."""
    parts = [f"{name}\n"]
    for number, (title, choices) in enumerate(CHOICES.items()):
        parts += [f"\n== {title}\n\n", "\n".join(told(name, choices, folder / str(number))), "\n"]
    return "".join(parts)


@pytest.mark.parametrize("name", NAMES)
def test_the_change_is_as_in_the_golden_file(name: str, tmp_path: Path) -> None:
    assert golden(name, tmp_path) == (GOLDEN / f"{name}.txt").read_text()


@pytest.mark.parametrize("choices", CHOICES.values(), ids=["iommu", "more"])
@pytest.mark.parametrize("name", CHANGED)
def test_applied_rebooted_active_and_taken_back(name: str, choices: Choices, tmp_path: Path) -> None:
    host = host_of(name, tmp_path / "machine")
    first, files = gather(host), dict(host.machine.files)
    run = run_of(host, tmp_path / "state", choices)
    written = gather(host)
    assert kept(first, written), "another token, or the order, changed"
    assert written.boot.default_title == first.boot.default_title
    findings = found(iommu, written, choices)
    assert "reboot" in findings["iommu.arguments host"].title
    for key in ("iommu.boot-entries host", "iommu.default-kernel host", "iommu.arguments-kept host"):
        assert findings[key].level is Level.OK, findings[key]
    host.reboot()
    booted = gather(host)
    assert booted.kernel.release == first.kernel.release
    assert booted.iommu.active
    findings = found(iommu, booted, choices)
    assert all(findings[f"iommu.{word} host"].level is Level.OK for word in ("active", "arguments", "boot-entries"))
    assert not list(iommu.steps(booted, choices))
    assert rollback.rollback(run, host) == "rolled-back"
    now = host.machine.files
    changed = {path for path in {*files, *now} if files.get(path) != now.get(path)}
    assert not [path for path in changed if not path.startswith(("/sys/", "/proc/"))]


def kept(before: HostFacts, after: HostFacts) -> bool:
    """Every token that is not about the IOMMU, pci= or igb stands in every entry as before, in the same order."""
    ours = ("intel_iommu", "amd_iommu", "iommu", "pci", "igb.max_vfs")
    entries = zip(before.boot.entries or (), after.boot.entries or (), strict=True)
    return all(
        [t for t in arguments.tokens(old.arguments) if arguments.key_of(t) not in ours]
        == [t for t in arguments.tokens(new.arguments) if arguments.key_of(t) not in ours]
        and set(arguments.values(old.arguments, "pci")) <= set(arguments.values(new.arguments, "pci"))
        for old, new in entries
    )


@pytest.mark.parametrize("name", BY_HAND)
def test_what_is_not_known_is_told_and_not_touched(name: str, tmp_path: Path) -> None:
    facts = gather(host_of(name, tmp_path))
    assert list(iommu.steps(facts, WANT)) == []
    proposal = loaders.propose(facts, ("intel_iommu=on", "iommu=pt"))
    assert proposal.refusal
    assert "intel_iommu=on" in proposal.manual
    assert "cat /proc/cmdline" in proposal.manual


def test_the_menu_is_never_written_where_the_distribution_has_a_wrapper(tmp_path: Path) -> None:
    host = host_of("almalinux9-uefi", tmp_path)
    assert gather(host).boot.config == "/boot/grub2/grub.cfg"
    lines: list[str] = []
    assert host.run(("grub2-mkconfig", "-o", "/boot/efi/EFI/almalinux/grub.cfg"), 60, lines.append) == 1


@pytest.mark.subprocess
@pytest.mark.skipif(not shutil.which("grub-script-check"), reason="grub-script-check is not here (grub-common)")
@pytest.mark.parametrize("name", CHANGED)
def test_grubs_own_check_and_the_real_shell_agree(name: str, tmp_path: Path) -> None:
    host = host_of(name, tmp_path / "machine")
    run_of(host, tmp_path / "state", MORE)
    facts = gather(host)
    config = tmp_path / "grub.cfg"
    config.write_bytes(host.read(facts.boot.config))
    assert subprocess.run(["grub-script-check", str(config)], check=False).returncode == 0
    words = shell_value(host, facts, tmp_path)
    expected = {"intel_iommu=on", "iommu=pt", "igb.max_vfs=7"} if "amd" not in name else {"iommu=pt", "igb.max_vfs=7"}
    assert expected <= set(words)
    assert all(words.count(word) == 1 for word in expected)
    assert arguments.values(" ".join(words), "pci").count("realloc") == 1


def shell_value(host: SimulatedHost, facts: HostFacts, folder: Path) -> list[str]:
    """GRUB_CMDLINE_LINUX and its _DEFAULT as sh reads them out of the settings, in the order of grub-mkconfig."""
    script = ""
    for number, path in enumerate(facts.boot.settings):
        copy = folder / f"{number}.sh"
        copy.write_bytes(host.read(path))
        script += f". {copy}; "
    script += 'printf "%s %s" "$GRUB_CMDLINE_LINUX" "$GRUB_CMDLINE_LINUX_DEFAULT"'
    done = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_commands_of_a_family_are_its_own() -> None:
    seen = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in CHANGED:
            facts = gather(host_of(name, Path(folder) / name))
            (step,) = iommu.steps(facts, WANT)
            seen[name] = [operation.argv[0] for operation in step.operations if isinstance(operation, Run)]
    assert {tuple(dict.fromkeys(commands)) for commands in seen.values()} == {
        ("sh", "grub-mkconfig", "grub-script-check"),
        ("sh", "grub2-mkconfig", "grub2-script-check"),
        ("grubby",),
    }


def main() -> None:
    """Write every golden file."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            (GOLDEN / f"{name}.txt").write_text(golden(name, Path(folder)))


if __name__ == "__main__":
    main()
