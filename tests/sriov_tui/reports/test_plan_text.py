"""A plan in words."""

from __future__ import annotations

from sriov_tui.language.layout import printable
from sriov_tui.message import verbatim
from sriov_tui.model import HOST_CONF, Choices, Disrupts, Operation, Plan, Run, Step, WriteFile, WriteSysfs
from sriov_tui.plan import build
from sriov_tui.reports.plan_text import describe
from tests import samples


def plan_of(*operations: Operation, disrupts: Disrupts = "no") -> Plan:
    step = Step(id="s", title=verbatim("A step"), why=verbatim("Because."), operations=operations, disrupts=disrupts)
    return build(samples.igb_host(), Choices(), (step,))


def test_every_operation_is_there_word_for_word() -> None:
    conf = WriteFile(path=HOST_CONF, text=samples.CONF.replace("disable_gpu: false", "disable_gpu: true"))
    new = WriteFile(path="/etc/udev/rules.d/80-sriov-tui.rules", text="RULE\nlast", mode=0o600)
    grub = Run(argv=("update-grub", "a b"), rewrites=("/boot/grub/grub.cfg",))
    menu = Run(argv=("grub-mkconfig",), rewrites=("/boot/grub/grub.cfg",), draft="/boot/grub/new")
    gone = Run(argv=("modprobe", "vfio-pci"), no_way_back=verbatim("a module stays loaded"))
    sysfs = WriteSysfs(path="/sys/bus/pci/devices/x/sriov_numvfs", value="7")
    text = "\n".join(
        describe(plan_of(conf, new, WriteFile(path="/etc/old", text=None), sysfs, grub, menu, gone), samples.igb_host())
    )
    for part in (
        " 1. A step\n    Because.",
        f"change {HOST_CONF} (mode 0644):",
        "-disable_gpu: false",
        "+disable_gpu: true",
        "new file /etc/udev/rules.d/80-sriov-tui.rules (mode 0600):",
        "| RULE",
        "\\ No newline at end of file",
        "remove /etc/old",
        "write 7 to /sys/bus/pci/devices/x/sriov_numvfs",
        "run update-grub 'a b'",
        "which rewrites /boot/grub/grub.cfg",
        "its output replaces /boot/grub/grub.cfg",
        "Undo: impossible: a module stays loaded",
    ):
        assert part in text, part
    assert "   listen_interface: br0" in text
    assert "report_interval" not in text


def test_a_copy_of_a_file_is_told_as_such_and_not_repeated() -> None:
    copy = WriteFile(path=f"{HOST_CONF}.sriov-tui-1", text=samples.CONF, expect="")
    text = "\n".join(describe(plan_of(copy), samples.igb_host()))
    assert f"new file {HOST_CONF}.sriov-tui-1 (mode 0644): a copy of {HOST_CONF} as it is now" in text
    assert "report_interval" not in text


def test_the_place_of_the_reboot() -> None:
    assert "-- reboot --" in describe(plan_of(WriteSysfs(path="/sys/a", value="1"), disrupts="reboot"))[-1]
    boot = Step(id="b", title=verbatim("Boot"), why=verbatim(""), operations=(), disrupts="reboot")
    after = Step(id="a", title=verbatim("After"), why=verbatim(""), operations=(), after=("b",))
    lines = describe(build(samples.igb_host(), Choices(), (after, boot)))
    assert [line.strip() for line in lines if line.strip()] == [
        "1. Boot",
        "Takes effect at the next boot.",
        "-- reboot, then `sriov-tui resume` --",
        "2. After",
    ]


def test_an_empty_plan_says_so() -> None:
    assert describe(Plan()) == ["Nothing to do: this host is already as chosen."]


def test_nothing_reaches_the_terminal_that_it_would_obey() -> None:
    assert printable("a\x1b[2J\udcff\u202eb\tc") == "a\\x1b[2J\\xff\\u202eb\tc"
    assert printable("名称\u3000\u200b\u2028\U000e0001") == "名称\u3000\\u200b\\u2028\\U000e0001"
    nasty = WriteFile(path="/etc/\x1b]0;x", text="\x1b[31m\n")
    assert not any("\x1b" in line for line in describe(plan_of(nasty)))
