"""Now, wanted, and at the next boot: each difference is told, and a host without one is quiet."""

from __future__ import annotations

from dataclasses import replace

from checks import drift
from checks.cards.vf_rules import rule
from sriov_tui.facts import HostFacts, Module, TextFile
from sriov_tui.model import UDEV_RULES_FILE, Choices, Level
from tests.checks.common import found, with_pf
from tests.samples import FIRST, igb_host, igb_vfs, text_file

NOBODY = Choices()
KEY = f"drift.vfs {FIRST}"


def with_rules(facts: HostFacts, *lines: str) -> HostFacts:
    """The facts with a rules file of these lines; absent without any."""
    file = (
        text_file(UDEV_RULES_FILE, "".join(f"{line}\n" for line in lines))
        if lines
        else TextFile(path=UDEV_RULES_FILE, state="absent")
    )
    return replace(facts, files=(*(f for f in facts.files if f.path != UDEV_RULES_FILE), file))


def with_vfs(facts: HostFacts, driver: str = "vfio-pci") -> HostFacts:
    """The facts with all seven VFs of the first port made."""
    return with_pf(facts, numvfs=7, vfs=igb_vfs("01", driver))


def with_next(facts: HostFacts, token: str) -> HostFacts:
    """The facts with one more argument in every boot entry."""
    entries = tuple(replace(e, arguments=f"{e.arguments} {token}") for e in facts.boot.entries or ())
    return replace(facts, boot=replace(facts.boot, entries=entries))


def level(facts: HostFacts, choices: Choices | None = None) -> tuple[Level, str]:
    """What drift.vfs says of the first port."""
    finding = found(drift, facts)[KEY] if choices is None else found(drift, facts, choices)[KEY]
    return finding.level, finding.title


def test_without_vfs_there_is_nothing_to_say() -> None:
    assert KEY not in found(drift, with_rules(igb_host()))


def test_the_same_now_and_at_boot_is_good() -> None:
    assert level(with_rules(with_vfs(igb_host()), rule(FIRST))) == (
        Level.OK,
        "7 VFs now, and as many at the next boot.",
    )


def test_wanted_vfs_without_a_rule_wait_for_the_host_agent() -> None:
    said = level(with_rules(with_vfs(igb_host())))
    assert said == (Level.INFO, "7 VFs now; after a reboot none until the host-agent makes them.")


def test_a_rule_that_waits_for_its_boot() -> None:
    assert level(with_rules(igb_host(), rule(FIRST))) == (Level.INFO, "No VFs now; after a reboot 7.")


def test_vfs_that_nothing_asks_for() -> None:
    now = level(with_rules(with_vfs(igb_host())), NOBODY)
    assert now == (Level.INFO, "It has 7 VFs that nothing asks for; after a reboot they are gone.")
    always = level(with_rules(with_vfs(igb_host()), rule(FIRST)), NOBODY)
    assert always == (Level.WARN, "Every boot makes 7 VFs on this card, and nothing asks for them.")


def test_max_vfs_below_the_total_is_seen_before_it_breaks_the_agent() -> None:
    facts = with_next(with_rules(with_vfs(igb_host()), rule(FIRST)), "igb.max_vfs=4")
    assert level(facts)[0] is Level.FAIL
    assert "4 of 7" in level(facts)[1]
    assert level(with_next(with_rules(with_vfs(igb_host())), "igb.max_vfs=7"))[0] is Level.OK
    assert level(with_next(with_rules(with_vfs(igb_host())), "ixgbe.max_vfs=4"))[0] is Level.INFO


def test_unknown_rules_give_no_opinion() -> None:
    facts = with_vfs(igb_host())
    unreadable = TextFile(path=UDEV_RULES_FILE, state="unreadable")
    files = (*(f for f in facts.files if f.path != UDEV_RULES_FILE), unreadable)
    assert KEY not in found(drift, replace(facts, files=files))


def test_what_the_host_agent_has_taken() -> None:
    key = f"drift.taken {FIRST}"
    assert found(drift, with_vfs(igb_host()))[key].level is Level.OK
    loose = found(drift, with_vfs(igb_host(), "igbvf"))[key]
    assert (loose.level, loose.title[:12]) == (Level.INFO, "7 of its 7 V")
    assert found(drift, with_vfs(igb_host()), NOBODY)[key].level is Level.INFO
    assert key not in found(drift, with_vfs(igb_host(), "igbvf"), NOBODY)


def test_modules_now_and_at_boot() -> None:
    loaded = tuple(Module(name=name, loaded=True, available=True) for name in ("vfio", "vfio_pci"))
    facts = igb_host(modules=loaded, modules_load=("vfio",))
    assert found(drift, facts)["drift.modules host"].title == "Loaded now and not listed for the boot: vfio_pci."
    same = found(drift, replace(facts, modules_load=("vfio", "vfio_pci")))["drift.modules host"]
    assert same.level is Level.OK
    off = replace(facts, modules=tuple(replace(module, loaded=False) for module in loaded))
    assert found(drift, off)["drift.modules host"].title == "Listed for the boot and not loaded now: vfio."
    assert "drift.modules host" not in found(drift, replace(facts, modules_load=None))
