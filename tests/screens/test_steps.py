"""Each of the six steps from a literal State: what it shows, what its keys do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sriov_tui.facts import Iommu, Pf, Source, SshSession
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, Explanation, Finding, Level, NicChoice, Plan, Step, WriteFile
from tests.samples import FIRST, SECOND, igb_host, igb_pf
from tests.screens.driving import opened
from tests.screens.fakes import fake

CHOSEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"))


async def test_hardware_lists_every_pf_and_says_why_one_cannot_be_used() -> None:
    plain = Pf(address="0000:00:03.0", config_bytes=4096, driver="virtio_net", netdevs=("mgmt0",))
    facts = igb_host(source=Source(), pfs=(plain, igb_pf(), igb_pf(SECOND, "enp2s0")))
    async with opened(fake(facts)) as app:
        assert f"[ ]  {FIRST}  enp1s0" in app.picture
        assert "no   0000:00:03.0  mgmt0" in app.picture
        assert "YOUR SSH" in app.picture
        await app.press("down", "down", "space")
        assert "Cannot be used. It has no SR-IOV capability" in app.picture
        assert not app.app.screen.state.choices.chosen  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", ["space", "enter"])
async def test_space_and_enter_choose_a_port_and_leave_it_again(key: str) -> None:
    async with opened(fake()) as app:
        await app.press("down", key)
        assert f"[x]  {SECOND}" in app.picture
        await app.press(key)
        assert f"[ ]  {SECOND}" in app.picture


async def test_f3_on_a_port_shows_all_of_it_and_escape_closes_it() -> None:
    async with opened(fake()) as app:
        await app.press("f3")
        assert "enp1s0, IOMMU group 20" in app.picture
        await app.press("escape")
        assert app.name == "HardwareScreen"


async def test_iommu_shows_the_layers_and_blocks_with_the_reason() -> None:
    facts = igb_host(source=Source(), iommu=Iommu(tables=(), units=(), groups=0))
    async with opened(fake(facts)) as app:
        await app.press("f8")
        assert "BIOS   announces an IOMMU no" in app.picture
        assert "0 groups in /sys/kernel/iommu_groups" in app.picture
        await app.press("down", "down", "space")
        assert "(o) leave" in app.picture
        assert "! FAIL  The IOMMU is not active" in app.picture
        await app.press("f8")
        assert app.name == "IommuScreen"
        assert app.app.screen.focused is not None
        assert app.app.screen.focused.id == "arguments"
        assert "Cannot continue: Let the plan set the kernel" in app.picture
        await app.press("f2")
        assert "ls /sys/class/iommu" in app.picture


async def test_unknown_is_said_as_unknown() -> None:
    async with opened(fake(igb_host(source=Source(), iommu=Iommu()))) as app:
        await app.press("f8")
        assert "BIOS   announces an IOMMU unknown  not readable" in app.picture
        assert "In use active             unknown" in app.picture


async def test_driver_shows_modules_now_and_at_boot() -> None:
    facts = igb_host(source=Source(), modules_load=("vfio",))
    async with opened(fake(facts, CHOSEN)) as app:
        await app.press("f8", "f8")
        assert f"{FIRST}  enp1s0     igb" in app.picture
        assert SECOND not in app.picture
        assert "vfio_pci          yes     yes      no" in app.picture


async def test_the_vf_count_of_igb_is_a_statement() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press("f8", "f8", "f8")
        assert f"{FIRST}  enp1s0     0    7        all" in app.picture
        assert "Will have 7 VFs, as offered (igb offers no other number)." in app.picture
        assert not app.app.screen.query("#body Input")


async def test_the_vf_count_of_a_connectx_is_a_field_and_empty_means_all() -> None:
    pf = replace(igb_pf(), vendor=0x15B3, driver="mlx5_core", totalvfs=16)
    async with opened(fake(igb_host(source=Source(), pfs=(pf,)), CHOSEN)) as app:
        await app.press("f8", "f8", "f8", "8")
        assert "8 instead of 16: the firmware has to offer 8 (NUM_OF_VFS), after a reboot." in app.picture
        assert app.app.screen.state.choices.nic(FIRST).numvfs == 8  # type: ignore[attr-defined]
        await app.press("backspace")
        assert app.app.screen.state.choices.nic(FIRST).numvfs is None  # type: ignore[attr-defined]


async def test_the_card_of_this_session_is_asked_when_its_vfs_shall_be_made() -> None:
    ssh = SshSession(client="10.0.0.1", server="10.0.0.2", links=("enp1s0",), pfs=(FIRST,))
    async with opened(fake(igb_host(source=Source(), ssh=ssh), CHOSEN)) as app:
        await app.press("f8", "f8", "f8")
        assert "[ ] Now instead of at the next boot. It carries your SSH session" in app.picture
        await app.tab_to("when-0")
        await app.press("enter")
        assert "[x] Now instead" in app.picture
        assert app.app.screen.state.choices.nic(FIRST).when == "now"  # type: ignore[attr-defined]
        await app.press("enter")
        assert "[ ] Now instead" in app.picture
        assert app.app.screen.state.choices.nic(FIRST).when == "boot"  # type: ignore[attr-defined]
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press("f8", "f8", "f8")
        assert "SSH session" not in app.picture


async def test_offload_asks_for_the_network_and_says_why_there_is_no_offload() -> None:
    chosen = Choices().with_nic(NicChoice(address=FIRST, use="sriov"))
    async with opened(fake(choices=chosen)) as app:
        await app.press("f8", "f8", "f8", "f8", "f8")
        assert app.name == "OffloadScreen"
        assert "! FAIL" in app.picture
        assert "Offload     It has no eswitch." in app.picture
        await app.tab_to("bridge-0")
        await app.press("b", "r", "1", "tab", "n")
        assert app.app.screen.state.choices.nic(FIRST) == replace(chosen.nics[0], bridge="br1", wire="n")  # type: ignore[attr-defined]
        await app.press("f8")
        assert app.name == "DiffScreen"


async def test_offload_is_a_mark_where_the_card_and_its_driver_can() -> None:
    machine = fake(choices=CHOSEN)
    possible = Finding(id="offload.possible", level=Level.OK, subject=FIRST, title=verbatim("Offload is possible."))
    machine.find = lambda choices: (possible,)
    machine.state = machine.evaluate(CHOSEN)
    async with opened(machine) as app:
        await app.press("f8", "f8", "f8", "f8")
        await app.tab_to("offload-0")
        await app.press("space")
        assert "[x] through Open vSwitch" in app.picture
        assert app.app.screen.state.choices.nic(FIRST).use == "offload"  # type: ignore[attr-defined]


async def test_the_review_shows_diff_plan_and_forecast_word_for_word() -> None:
    async with opened(fake(choices=CHOSEN), size=(120, 60)) as app:
        await app.press(*["f8"] * 5)
        for text in (
            "List enp1s0 in host.conf",
            "1. Set the IOMMU kernel arguments",
            "| GRUB_CMDLINE_LINUX=x",
            "run update-grub",
            "which rewrites /boot/grub/grub.cfg",
            "Undo: restore the files as they were before.",
            "-- reboot, then `sriov-tui resume` --",
            f"write 7 to /sys/bus/pci/devices/{FIRST}/sriov_numvfs",
            "7 VFs of enp1s0 on wire bcast1",
        ):
            assert text in app.picture


async def test_no_line_of_the_review_is_cut() -> None:
    machine = fake(choices=CHOSEN)
    long = WriteFile(path="/etc/x", text=f"{'rule ' * 40}END\n")
    plan = Plan(steps=(Step(id="x", title=verbatim("A step"), why=verbatim("word " * 40), operations=(long,)),))
    async with opened(machine) as app:
        await app.press(*["f8"] * 4)
        app.app.state = replace(machine.state, plan=plan, diff="", forecast=())
        machine.evaluate = lambda choices: app.app.state  # type: ignore[method-assign]
        await app.press("f8", "end")
        review = app.picture.partition("─Findings")[0]
        assert "END" in review
        assert "…" not in review


async def test_review_and_question_begin_with_the_plan_at_a_glance() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press(*["f8"] * 5)
        assert "3 steps, 1 reboot, SSH session safe, the link of enp1s0 drops" in app.words
        assert "! VFs bypass Open vSwitch: security groups have no effect on them." in app.words
        await app.press("f8")
        assert "3 steps, 1 reboot, SSH session safe" in app.words
        assert "! VFs bypass Open vSwitch" in app.words


async def test_the_question_is_made_of_the_steps_and_the_safe_answer_has_the_focus() -> None:
    machine = fake(choices=CHOSEN)
    async with opened(machine) as app:
        await app.press(*["f8"] * 6)
        assert app.name == "ConfirmScreen"
        for text in ("3 steps on kvm07 (REAL):", "2. Make 7 VFs on enp1s0", "goes down for a few seconds"):
            assert text in app.picture
        await app.press("enter")
        assert app.name == "DiffScreen"
        assert "start" not in machine.calls


async def test_a_step_that_cuts_the_session_asks_for_the_host_name() -> None:
    ssh = SshSession(client="10.0.0.1", server="10.0.0.2", links=("enp1s0",), pfs=(FIRST,))
    machine = fake(igb_host(source=Source(), ssh=ssh), CHOSEN)
    async with opened(machine) as app:
        await app.press(*["f8"] * 6)
        assert "Step 2 may cut your SSH session: Make 7 VFs on enp1s0" in app.words
        await app.press("x", "enter")
        assert "That is not it." in app.picture
        assert "start" not in machine.calls
        await app.press("backspace", *"kvm07", "enter")
        await app.until("done     3")
        assert "start" in machine.calls


async def test_f2_tells_what_the_id_is_about_below_the_finding() -> None:
    about = Explanation(
        id="iommu.active", title=verbatim("The IOMMU is active"), means=verbatim("Groups exist."),
        matters=verbatim("No VF without [/] it."),
        mend=verbatim("Switch it on."), source="drivers/iommu.",
    )  # fmt: skip
    machine = fake(igb_host(source=Source()))
    machine.state = replace(machine.state, explain={"iommu.active": about}.get)
    async with opened(machine, size=(100, 50)) as app:
        await app.press("f8", "f2")
        picture = app.picture
        assert picture.index("No VF can be given to a virtual machine.") < picture.index("About iommu.active")
        assert "No VF without [/] it." in picture
        assert "drivers/iommu." in picture
        await app.press("escape", "f9", "f2")
        assert app.name == "ExplainScreen"


async def test_a_text_that_is_longer_than_its_box_scrolls_at_once_and_enter_closes_it() -> None:
    about = Explanation(
        id="iommu.active",
        title=verbatim("t"),
        means=verbatim("m " * 600),
        matters=verbatim("m"),
        mend=verbatim("m"),
        source="the end",
    )
    machine = fake(igb_host(source=Source()))
    machine.state = replace(machine.state, explain={"iommu.active": about}.get)
    async with opened(machine) as app:
        await app.press("f8", "f2")
        assert "the end" not in app.picture
        await app.press("end", "enter")
        assert app.name == "IommuScreen"
        await app.press("f2", "end")
        await app.until("the end")
