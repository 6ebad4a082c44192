"""Who creates VFs at boot: found, told in the order of the boot, corrected by the plan, all there after the boot."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import checks
from checks import drift
from checks.boot import makers
from checks.cards.vf_rules import rule
from sriov_tui import plan as plans
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.machine import Machine, put_file
from sriov_tui.model import UDEV_RULES_FILE, Choices, Finding, Level, NicChoice
from sriov_tui.probe import gather
from sriov_tui.reports.outlook import outlook
from sriov_tui.run import store
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from sriov_tui.services.evaluation import evaluate
from sriov_tui.simulated import SimulatedHost
from tests import machines
from tests.checks.common import found, with_pf
from tests.checks.test_drift import with_next
from tests.maker_machines import FIRST, INITRAMFS, LEFT, UNIT, leave, with_initramfs

BOTH = Choices(
    nics=(
        NicChoice(address=machines.FIRST, use="sriov", bridge="br1", wire="b1"),
        NicChoice(address=machines.SECOND, use="sriov", bridge="br2", wire="b2"),
    )
)
KEY = f"drift.owner {FIRST}"


def host_with(tmp_path: Path, *kinds: str, number: int = 3, initramfs: bool = False) -> SimulatedHost:
    machine = machines.two_igb()
    for kind in kinds:
        leave(machine, kind, number)
    if initramfs:
        with_initramfs(machine)
    return SimulatedHost.create(machine, tmp_path / "machine")


def owner(facts: HostFacts, choices: Choices = BOTH) -> Finding:
    return found(drift, facts, choices)[KEY]


def numvfs(host: SimulatedHost) -> list[int | None]:
    return [pf.numvfs for pf in gather(host).pfs or ()][1:]


@pytest.mark.parametrize("initramfs", [False, True])
@pytest.mark.parametrize("kind", LEFT)
def test_found_told_corrected_and_all_there_after_the_boot(kind: str, initramfs: bool, tmp_path: Path) -> None:
    host, left = host_with(tmp_path, kind, initramfs=initramfs), LEFT[kind]
    facts = gather(host)
    finding = owner(facts)
    ours_first = kind in ("late rule", "unit", "rc.local")  # the kernel refuses what comes after ours
    assert finding.level is (Level.OK if ours_first else Level.FAIL)
    assert f"{left.path} line {left.line}" in finding.title
    before = {path: data for path, data in host.machine.files.items() if path.startswith("/etc/")}
    _, made = checks.evaluate(facts, BOTH)
    run = store.create(plans.build(facts, BOTH, made), "simulated:.", tmp_path / "state")
    assert apply(run, host, lambda: gather(host)) == "applied"
    host.reboot()
    after = gather(host)
    assert numvfs(host) == [7, 7]
    assert owner(after).level is Level.OK
    assert plans.unresolved(store.read_plan(run), checks.evaluate(after, BOTH)[0]) == ()
    assert rollback(run, host) == "rolled-back"
    assert {path: data for path, data in host.machine.files.items() if path.startswith("/etc/")} == before
    host.reboot()
    assert numvfs(host)[0] == 3


def test_a_plan_that_corrects_it_foretells_a_host_that_is_ready(tmp_path: Path) -> None:
    state = evaluate(gather(host_with(tmp_path, "link", "rc.local")), BOTH)
    assert outlook(state).left == ()
    argument = evaluate(with_next(gather(host_with(tmp_path / "b")), "igb.max_vfs=4"), BOTH)
    left = {finding.id for finding in outlook(argument).left if finding.level is Level.FAIL}
    assert left == {"drift.owner", "drift.vfs"}


def test_without_the_correction_the_boot_leaves_three(tmp_path: Path) -> None:
    for kind in ("modprobe", "link", "early rule", "netplan", "profile"):
        host = host_with(tmp_path / kind, kind)
        host.write(UDEV_RULES_FILE, f"{rule(FIRST)}\n".encode(), 0o644)
        host.reboot()
        assert numvfs(host)[0] == 3, kind
        assert found(drift, gather(host), BOTH)[f"drift.vfs {FIRST}"].level is Level.FAIL


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("kinds", list(itertools.combinations(LEFT, 2)), ids="+".join)
def test_what_is_foretold_is_what_the_boot_leaves(kinds: tuple[str, str], ours: bool, tmp_path: Path) -> None:
    """Two makers with different numbers, with our rule and without."""
    for numbers in ((2, 5), (5, 2), (0, 4), (4, 0), (9, 3)):
        host = host_with(tmp_path / "-".join(map(str, numbers)))
        for kind, number in zip(kinds, numbers, strict=True):
            host.change(lambda machine, kind=kind, number=number: leave(machine, kind, number))  # type: ignore[misc]
        if ours:
            host.write(UDEV_RULES_FILE, f"{rule(FIRST)}\n".encode(), 0o644)
        facts = gather(host)
        pf = facts.pf(FIRST)
        assert pf is not None
        boot = makers.next_boot(facts, pf, 7)
        assert boot is not None
        host.reboot()
        assert boot.count == numvfs(host)[0], (numbers, boot.acts)


def test_udev_creates_no_vfs_where_the_driver_needs_the_link(tmp_path: Path) -> None:
    host = host_with(tmp_path, "link")
    facts = with_pf(gather(host), driver="bnxt_en")
    pf = facts.pf(FIRST)
    assert pf is not None
    boot = makers.next_boot(facts, pf, 7, ours=True)
    assert boot is not None
    assert boot.count == 0
    assert (owner(facts).level, owner(facts).title[:8]) == (Level.INFO, "Nothing ")


def test_the_order_of_the_boot_is_told(tmp_path: Path) -> None:
    host = host_with(tmp_path, "netplan", "early rule")
    host.change(lambda machine: leave(machine, "modprobe", 2))
    told = owner(gather(host)).detail
    places = [told.index(LEFT[kind].path) for kind in ("modprobe", "early rule", "netplan")]
    assert places == sorted(places)
    assert told.index(UDEV_RULES_FILE) < told.index(LEFT["netplan"].path)


def test_what_only_the_initramfs_holds(tmp_path: Path) -> None:
    """The file was removed, and its copy still acts: the kernel's log tells, and the initramfs is built again."""
    host = host_with(tmp_path, "modprobe", initramfs=True)
    host.remove(LEFT["modprobe"].path)
    assert owner(gather(host)).level is Level.OK  # nothing shows it before it acts
    host.reboot()
    facts = gather(host)
    finding = owner(facts)
    assert (finding.level, INITRAMFS in finding.title) == (Level.FAIL, True)
    _, made = checks.evaluate(facts, BOTH)
    run = store.create(plans.build(facts, BOTH, made), "simulated:.", tmp_path / "state")
    assert apply(run, host, lambda: gather(host)) == "reboot"
    host.reboot()
    assert apply(run, host, lambda: gather(host)) == "applied"
    assert numvfs(host) == [7, 7]
    assert plans.unresolved(store.read_plan(run), checks.evaluate(gather(host), BOTH)[0]) == ()


def test_a_card_that_is_not_chosen_keeps_its_number(tmp_path: Path) -> None:
    """A driver's parameter is of every port: it is not changed where one of them is not ours to decide."""
    one = Choices(nics=BOTH.nics[:1])
    facts = gather(host_with(tmp_path, "modprobe"))
    finding = owner(facts, one)
    assert finding.level is Level.FAIL
    assert finding.fix is not None
    assert not finding.fix.steps
    assert not [step for step in drift.steps(facts, one)]
    assert found(drift, facts, Choices())[KEY].level is Level.INFO


@pytest.mark.parametrize(
    ("path", "text", "title"),
    [
        (
            "/etc/rc.local",
            "#!/bin/sh\nN=3\necho $N > /sys/class/net/enp1s0/device/sriov_numvfs\n",
            "not show which number",
        ),
        (
            "/etc/rc.local",
            "#!/bin/sh\nfor n in a b; do echo 3 > /sys/class/net/$n/device/sriov_numvfs; done\n",
            "which",
        ),
        ("/etc/rc.local", "#!/bin/sh\nF=/sys/class/net/enp1s0/device/sriov_numvfs\necho 3 >$F\n", "for which card"),
    ],
)
def test_what_cannot_be_told_is_not_ok(path: str, text: str, title: str, tmp_path: Path) -> None:
    host = host_with(tmp_path)
    host.write(path, text.encode(), 0o755)
    finding = owner(gather(host))
    assert finding.level is Level.SKIP
    assert title in finding.title


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/modprobe.d/igb.conf", "# options igb max_vfs=3\noptions ixgbe max_vfs=3\n"),
        ("/etc/systemd/network/10-a.link", "[Match]\nPath=pci-0000:77:00.0\n[Link]\nSR-IOVVirtualFunctions=3\n"),
        ("/etc/systemd/network/10-a.link", "[Link]\nSR-IOVVirtualFunctions=3\n"),
        ("/etc/udev/rules.d/10-a.rules", 'SUBSYSTEM=="net", KERNEL=="eth9", ATTR{device/sriov_numvfs}="3"\n'),
        ("/etc/udev/rules.d/10-a.rules", 'SUBSYSTEM=="net", ACTION=="remove", ATTR{device/sriov_numvfs}="3"\n'),
        ("/etc/rc.local", "#!/bin/sh\n# echo 3 > /sys/class/net/enp1s0/device/sriov_numvfs\n"),
        ("/etc/rc.local", "#!/bin/sh\necho 3 > /sys/class/net/eth9/device/sriov_numvfs\n"),
        (UNIT, f"[Service]\nExecStart=/bin/sh -c 'echo 3 > /sys/bus/pci/devices/{FIRST}/sriov_numvfs'\n"),
    ],
)
def test_what_does_not_act_is_not_told(path: str, text: str, tmp_path: Path) -> None:
    """A comment, another card, a rule for the end, a unit that is not enabled."""
    host = host_with(tmp_path)
    host.write("/etc/hosts", b"", 0o644)
    host.change(lambda machine: put_file(machine, path, text, 0o755))
    finding = owner(gather(host))
    assert (finding.level, finding.title) == (Level.OK, "Nothing else on this host sets its number of VFs at boot.")


FORMS = [
    ("/etc/modprobe.d/a.conf", "install igb /sbin/modprobe --ignore-install igb max_vfs=3\n"),
    ("/etc/systemd/network/10-a.link", "[Match]\nMACAddress=52:54:00:BB:00:01\n[Link]\nSR-IOVVirtualFunctions = 3\n"),
    ("/run/systemd/network/10-a.link", "[Match]\nDriver=igb\n[SR-IOV]\nVirtualFunction=2\nTrust=yes\n"),
    ("/etc/udev/rules.d/10-a.rules", 'ACTION=="add|change", SUBSYSTEM=="net", ENV{ID_NET_DRIVER}=="igb", '
     'ATTR{device/sriov_totalvfs}=="7", RUN+="/bin/sh -c \'echo 3 > /sys/class/net/enp1s0/device/sriov_numvfs\'"\n'),
    ("/etc/udev/rules.d/10-a.rules", 'ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:01:00.0", \\\n'
     '  ATTR{sriov_numvfs}="3"\n'),
    ("/etc/netplan/a.yaml", "network:\n  ethernets:\n    lan:\n      match: {macaddress: '52:54:00:bb:00:01'}\n"
     "      virtual-function-count: 3 # a part\n"),
    ("/etc/sysconfig/network-scripts/ifcfg-enp1s0", "DEVICE=enp1s0\nONBOOT=yes\nSRIOV_TOTAL_VFS=3\n"),
    ("/etc/cron.d/vfs", "@reboot root echo 3 > /sys/class/net/enp1s0/device/sriov_numvfs\n"),
    ("/etc/tmpfiles.d/vfs.conf", "w /sys/class/net/enp1s0/device/sriov_numvfs - - - - 3\n"),
    ("/etc/sysfs.d/vfs.conf", "class/net/enp1s0/device/sriov_numvfs = 3\n"),
    ("/etc/infiniband/post-start-hook.sh", "#!/bin/bash\necho 3 > /sys/class/net/enp1s0/device/mlx5_num_vfs\n"),
    ("/etc/network/interfaces", "auto enp1s0\niface enp1s0 inet manual\n"
     "  pre-up echo 3 > /sys/class/net/enp1s0/device/sriov_numvfs\n"),
    ("/etc/NetworkManager/dispatcher.d/50-vfs", "#!/bin/sh\necho 3 | tee /sys/class/net/enp1s0/device/sriov_numvfs\n"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text"), FORMS)
def test_every_form_is_read(path: str, text: str, tmp_path: Path) -> None:
    host = host_with(tmp_path)
    host.change(lambda machine: put_file(machine, path, text, 0o755))
    facts = gather(host)
    assert [(maker.path, FIRST in (maker.pfs or ())) for maker in facts.vf_makers or ()] == [(path, True)]
    pf = facts.pf(FIRST)
    assert pf is not None
    assert makers.number(facts, pf, (facts.vf_makers or ())[0], 7) == 3
    assert facts.problems == ()


def test_an_old_systemd_does_not_know_it(tmp_path: Path) -> None:
    host = host_with(tmp_path, "link")
    for version, level in ((249, Level.OK), (252, Level.FAIL)):
        library = f"/usr/lib/systemd/libsystemd-shared-{version}.so"
        host.change(lambda machine, library=library: put_file(machine, library, b""))  # type: ignore[misc]
        assert owner(gather(host)).level is level


def test_a_drop_in_of_a_link_file(tmp_path: Path) -> None:
    def edit(machine: Machine) -> None:
        put_file(machine, "/usr/lib/systemd/network/50-a.link", "[Match]\nDriver=igb\n")
        put_file(machine, "/etc/systemd/network/50-a.link.d/vfs.conf", "[Link]\nSR-IOVVirtualFunctions=3\n")

    host = host_with(tmp_path)
    host.change(edit)
    maker = (gather(host).vf_makers or ())[0]
    assert (maker.path, maker.line, maker.count) == ("/etc/systemd/network/50-a.link.d/vfs.conf", 2, "3")


def test_a_script_that_a_unit_starts(tmp_path: Path) -> None:
    def edit(machine: Machine) -> None:
        leave(machine, "unit", 3)
        put_file(machine, UNIT, "[Service]\nType=oneshot\nExecStart=/opt/site/vfs.sh\n")
        put_file(machine, "/opt/site/vfs.sh", "#!/bin/bash\nset -e\necho 3 > /sys/class/net/*/device/sriov_numvfs\n")

    host = host_with(tmp_path)
    host.change(edit)
    maker = (gather(host).vf_makers or ())[0]
    assert (maker.path, maker.line, maker.runs, maker.count) == ("/opt/site/vfs.sh", 3, UNIT, "3")
    assert set(maker.pfs or ()) == {machines.FIRST, machines.SECOND}


def test_a_folder_among_the_words_of_a_command_is_no_script(tmp_path: Path) -> None:
    def edit(machine: Machine) -> None:
        leave(machine, "unit", 3)
        put_file(machine, UNIT, "[Service]\nExecStart=/usr/bin/mount -o x /opt/site /srv\n")
        put_file(machine, "/opt/site/vfs.txt", "echo 3 > /sys/class/net/enp1s0/device/sriov_numvfs\n")

    host = host_with(tmp_path)
    host.change(edit)
    facts = gather(host)
    assert (facts.vf_makers, facts.vf_makers_unread, facts.problems) == ((), (), ())


def test_what_could_not_be_read_is_not_ok(tmp_path: Path) -> None:
    host = host_with(tmp_path)

    def edit(machine: Machine) -> None:
        put_file(machine, "/etc/modprobe.d/secret.conf", "")
        machine.files.pop("/etc/modprobe.d/secret.conf")
        machine.errors["/etc/modprobe.d/secret.conf"] = "EACCES"

    host.change(edit)
    finding = owner(gather(host))
    assert finding.level is Level.SKIP
    assert finding.evidence[0].source == "/etc/modprobe.d/secret.conf"
