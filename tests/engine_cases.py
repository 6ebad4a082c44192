"""Plans and a host for the engine's tests, and the walk of a run through its reboots."""

from __future__ import annotations

from pathlib import Path

from sriov_tui.message import verbatim
from sriov_tui.model import Operation, Outcome, Plan, Run, Step, WriteFile, WriteSysfs, draft_of
from sriov_tui.plan import build
from sriov_tui.run import store
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from tests import samples
from tests.fakes import FakeHost, File, Output

CONF, OLD, DROPIN = "/etc/yunion/host.conf", "/etc/old.conf", "/etc/default/grub.d/90-sriov-tui.cfg"
GRUB = "/boot/grub/grub.cfg"
MENU = Run(argv=("grub-mkconfig", "-o", draft_of(GRUB)), rewrites=(GRUB,), draft=draft_of(GRUB))
DEVICE = "/sys/devices/pci0000:00/0000:01:00.0"
NUMVFS, TOTALVFS = f"{DEVICE}/sriov_numvfs", f"{DEVICE}/sriov_totalvfs"


def step(name: str, *operations: Operation, after: tuple[str, ...] = (), reboot: bool = False) -> Step:
    """A step that is only its operations."""
    return Step(
        id=name,
        title=verbatim(f"Do {name}"),
        why=verbatim(""),
        operations=operations,
        after=after,
        disrupts="reboot" if reboot else "no",
    )


def host(numvfs: str = "0") -> FakeHost:
    """Files of several owners and modes, a link, a PF, and a boot loader that generates its configuration."""
    return FakeHost(
        files={
            CONF: File(b"networks:\r\n- eth0/br0/10.0.0.1\nname: \xff\xfe\n", 0o600, (0, 7)),
            OLD: File(b"old\n", 0o640, (5, 5)),
            GRUB: File(b"# generated\nlinux quiet\n", 0o444),
        },
        links={"/etc/grub2.cfg": GRUB},
        attributes={NUMVFS: numvfs, TOTALVFS: "7"},
        commands={
            "update-grub": lambda host, output: make_menu(host, output, GRUB),
            "grub-mkconfig": lambda host, output: make_menu(host, output, draft_of(GRUB)),
            "load": lambda host, output: 0,
            "unload": lambda host, output: 0,
        },
    )


def make_menu(host: FakeHost, output: Output, path: str) -> int:
    """Generate a menu from the drop-in."""
    output("Generating grub configuration file ...")
    extra = host.files[DROPIN].data if DROPIN in host.files else b""
    host.files[path] = File(b"# generated\nlinux quiet " + extra, 0o444 if path == GRUB else 0o600)
    return 0


def _conf() -> WriteFile:
    return WriteFile(path=CONF, text="sriov_nics:\n- eth1\nname: \udcff\udcfe\n", mode=0o644)


def plans() -> dict[str, Plan]:
    """Plans of every kind of operation, without and with a reboot in the middle and at the end."""
    dropin = WriteFile(path=DROPIN, text="intel_iommu=on\n", expect="")
    boot = step("boot", dropin, Run(argv=("update-grub",), rewrites=("/etc/grub2.cfg",)), reboot=True)
    zero, seven = WriteSysfs(path=NUMVFS, value="0"), WriteSysfs(path=NUMVFS, value="7")
    steps = {
        "files": [step("conf", _conf()), step("remove", WriteFile(path=OLD, text=None)), step("new", dropin)],
        "vfs": [step("vfs", seven), step("conf", _conf(), after=("vfs",))],
        "vfs-again": [step("vfs", zero, seven), step("load", Run(argv=("load",), undo=("unload",)))],
        "reboot": [step("vfs", seven, after=("boot",)), step("conf", _conf(), after=("vfs",)), boot],
        "menu": [step("menu", dropin, MENU, reboot=True)],
        "reboot-last": [boot, step("conf", _conf()), step("remove", WriteFile(path=OLD, text=None))],
    }
    return {name: build(samples.igb_host(), Plan().choices, given) for name, given in steps.items()}


def first_host(name: str) -> FakeHost:
    """The host on which a plan of `plans` starts."""
    return host("4" if name == "vfs-again" else "0")


def new_run(plan: Plan, state_dir: Path) -> Path:
    """A run directory below a state directory."""
    return store.create(plan, "fake", state_dir)


def walk(run_dir: Path, host: FakeHost) -> Outcome:
    """Apply and resume, with a reboot wherever one is asked for."""
    outcome = apply(run_dir, host)
    for _ in range(3):
        if outcome == "reboot":
            host.reboot()
            outcome = apply(run_dir, host)
    return outcome


def back(run_dir: Path, host: FakeHost, force: bool = False, step: str = "") -> Outcome:
    """Take a run back, or its steps from one on."""
    return rollback(run_dir, host, force, step)
