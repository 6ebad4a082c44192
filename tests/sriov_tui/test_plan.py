"""Order, the reboot, what a plan assumes, and its JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sriov_tui import plan as plans
from sriov_tui.facts import HostFacts, Kernel, TextFile
from sriov_tui.message import verbatim
from sriov_tui.model import (
    HOST_CONF,
    Choices,
    Disrupts,
    Finding,
    Level,
    NicChoice,
    Plan,
    Run,
    SriovError,
    Step,
    WriteFile,
    WriteSysfs,
)
from tests import samples
from tests.samples import FIRST

CHOICES = Choices(nics=(NicChoice(address=FIRST, use="sriov"),))


def step(name: str, *after: str, disrupts: Disrupts = "no") -> Step:
    write = WriteFile(path=f"/etc/{name}", text=f"{name}\n")
    return Step(
        id=name, title=verbatim(name.upper()), why=verbatim(""), operations=(write,), after=after, disrupts=disrupts
    )


def order(*steps: Step) -> tuple[str, int | None]:
    plan = plans.build(samples.igb_host(), Choices(), steps)
    return " ".join(step.id for step in plan.steps), plan.reboot_after


def test_the_given_order_stays_where_nothing_else_is_asked() -> None:
    assert order(step("c"), step("a"), step("b")) == ("c a b", None)
    assert order(step("c", "b"), step("a"), step("b", "not-in-this-plan")) == ("a b c", None)


def test_what_needs_a_reboot_comes_first_and_what_waits_for_it_last() -> None:
    boot = step("boot", "kernel", disrupts="reboot")
    assert order(step("vfs", "boot"), step("conf", "vfs"), step("other"), boot, step("kernel")) == (
        "kernel boot other vfs conf",
        3,
    )


def test_a_reboot_that_nobody_waits_for_is_last() -> None:
    assert order(step("a"), step("boot", disrupts="reboot"), step("b")) == ("boot a b", 3)


def test_two_steps_that_need_a_reboot_share_one() -> None:
    assert order(step("a", disrupts="reboot"), step("b", "a", disrupts="reboot"), step("c", "b")) == ("a b c", 2)


def test_a_step_between_two_reboots_takes_the_second_one_behind_the_first() -> None:
    one, two = step("one", disrupts="reboot"), step("two", "mid", disrupts="reboot")
    assert order(two, step("mid", "one"), one) == ("one mid two", 1)


def test_steps_that_wait_for_each_other_or_share_an_id_are_a_bug() -> None:
    with pytest.raises(ValueError, match="wait for each other"):
        order(step("a", "b"), step("b", "a"))
    with pytest.raises(ValueError, match="two steps with one id"):
        order(step("a"), step("a"))


def test_a_nic_that_is_gone_is_named() -> None:
    facts = samples.igb_host(pfs=())
    with pytest.raises(SriovError, match=FIRST):
        plans.build(facts, CHOICES, ())
    with pytest.raises(SriovError, match="could not be read"):
        plans.build(samples.igb_host(pfs=None), CHOICES, ())


def conf_plan(facts: HostFacts) -> Plan:
    conf = Step(id="conf", title=verbatim(""), why=verbatim(""), operations=(WriteFile(path=HOST_CONF, text="x"),))
    return plans.build(facts, CHOICES, (conf,))


def test_an_unchanged_host_is_unchanged_also_after_a_boot_and_without_ssh() -> None:
    facts = samples.igb_host()
    assert plans.changed(conf_plan(facts), facts) == ()
    assert plans.changed(conf_plan(facts), replace(facts, kernel=Kernel(boot_id="other"), ssh=None)) == ()


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (samples.igb_host(conf="other: 1\n"), f"{HOST_CONF} was changed"),
        (samples.igb_host(files=(TextFile(path=HOST_CONF, state="absent"),)), f"{HOST_CONF} is absent now"),
        (samples.igb_host(hostname="kvm08"), "kvm07 and is now kvm08"),
        (samples.igb_host(pfs=(replace(samples.igb_pf(), device=0x1521),)), "8086:10c9 and is now 8086:1521"),
        (samples.igb_host(pfs=(replace(samples.igb_pf(), driver="vfio-pci"),)), "igb and is now vfio-pci"),
        (samples.igb_host(pfs=(samples.igb_pf(numvfs=7),)), "number of VFs of 0000:01:00.0 was 0 and is now 7"),
        (samples.igb_host(pfs=()), "NIC at 0000:01:00.0 was 8086:10c9 and is now absent"),
    ],
)
def test_a_change_of_the_host_is_told(now: HostFacts, words: str) -> None:
    assert any(words in sentence for sentence in plans.changed(conf_plan(samples.igb_host()), now))


def test_of_a_begun_plan_only_the_identity_counts() -> None:
    plan = conf_plan(samples.igb_host())
    own = samples.igb_host(conf="ours\n", pfs=(samples.igb_pf(numvfs=7),))
    assert plans.changed(plan, own)
    assert plans.changed(plan, own, started=True) == ()
    assert plans.changed(plan, samples.igb_host(hostname="kvm08"), started=True)


def test_json_there_and_back() -> None:
    run = Run(argv=("update-grub",), rewrites=("/boot/grub/grub.cfg",), undo=("x",), no_way_back=verbatim("why"))
    sysfs = WriteSysfs(path="/sys/a", value="7")
    odd = WriteFile(path="/etc/a", text="\udcff\n", expect="")
    given = Step(id="s", title=verbatim("T"), why=verbatim("W"), operations=(run, sysfs, odd), disrupts="reboot")
    plan = plans.build(samples.igb_host(), CHOICES, (given,))
    assert plans.from_json(plans.to_json(plan)) == plan


def broken(path: str, value: object) -> str:
    """A plan's JSON with one value replaced."""
    operations = (WriteSysfs(path="/sys/a", value="7"), Run(argv=("a",)))
    given = Step(id="s", title=verbatim("T"), why=verbatim(""), operations=operations, disrupts="reboot")
    document = json.loads(plans.to_json(plans.build(samples.igb_host(), Choices(), (given,))))
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("/"))
    place = document
    for parent in parents:
        place = place[parent]
    place[last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a plan"),
        ("[]", "expected a table"),
        ("\x00\xff", "not a plan"),
        (broken("steps/0/operations/0/path", "sys/a"), r"steps\[0\].operations\[0\] \(s\): 'sys/a'"),
        (broken("steps/0/operations/0/path", "/sys/../etc/shadow"), "plain absolute path"),
        (broken("steps/0/operations/0/path", "/etc/passwd"), "not in sysfs"),
        (broken("steps/0/operations/1/argv", []), r"operations\[1\] \(s\): the command is empty"),
        (broken("steps/0/operations/1/argv", "rm -rf /"), "expected a list"),
        (broken("steps/0/operations/1/draft", "/etc/passwd"), r"'/etc/passwd' is no draft"),
        (broken("steps/0/disrupts", "maybe"), "not one of"),
        (broken("steps/0/tittle", "x"), "did you mean 'title'"),
        (broken("reboot_after", 9), "reboot_after"),
        (broken("version", 2), "newer"),
        ("[" * 100_000, "not a plan"),
    ],
)
def test_a_bad_document_is_told_with_place_and_reason(text: str, words: str) -> None:
    with pytest.raises(SriovError, match=words):
        plans.from_json(text)


def test_what_a_step_promised_must_be_seen() -> None:
    plan = Plan(steps=(replace(step("s"), resolves=("vfs.count 0000:01:00.0",)),))
    good = Finding(id="vfs.count", subject=FIRST, level=Level.OK, title=verbatim("7 VFs"))
    assert plans.unresolved(plan, (good,)) == ()
    assert "FAIL" in plans.unresolved(plan, (replace(good, level=Level.FAIL),))[0]
    assert "no result" in plans.unresolved(plan, ())[0]
